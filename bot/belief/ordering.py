"""The order in which to try stations: by expected minutes until one is in a usable one."""

import math
from collections.abc import Sequence

from bot.belief.model import WASTED, expected_minutes


def order(
    rides: Sequence[float], chances: Sequence[float], between: Sequence[Sequence[float]]
) -> list[int]:
    """Positions of the candidates, by expected minutes; ties keep the order given.

    `rides`: minutes to each. `chances`: that each is usable. `between[i][j]`, j < i: minutes from
    one to another, and as many back. Who finds a station unusable rides on to the one of fewest
    minutes from there, its own chance of failing included.
    """
    # of each as a second try `expected_minutes(ride, chance, ride)`, a straight line in its ride
    slopes = [2.0 - chance for chance in chances]
    least = [(1.0 - chance) * WASTED for chance in chances]
    onward = [math.inf] * len(chances)
    for one, row in enumerate(between):
        slope, further, fewest = slopes[one], least[one], math.inf
        for other in range(one):
            away = row[other]
            minutes = away * slopes[other] + least[other]
            if minutes < fewest:
                fewest = minutes
            minutes = away * slope + further
            if minutes < onward[other]:
                onward[other] = minutes
        onward[one] = fewest
    expected = list(map(expected_minutes, rides, chances, onward))
    return sorted(range(len(expected)), key=expected.__getitem__)
