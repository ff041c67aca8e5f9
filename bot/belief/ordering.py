"""The order in which to try stations: by expected minutes until one is in a usable one."""

import math
from collections.abc import Sequence

from bot.belief.model import WASTED, expected_minutes


def order(
    rides: Sequence[float], chances: Sequence[float], between: Sequence[Sequence[float]]
) -> list[int]:
    """Positions of the candidates, by expected minutes; ties keep the order given.

    `rides`: minutes to each. `chances`: that each is usable. `between[i][j]`: minutes from one to
    another. Who finds a station unusable rides on to the one of fewest minutes from there, its own
    chance of failing included.
    """
    # of each as a second try `expected_minutes(ride, chance, ride)`, a straight line in its ride
    slopes = [2.0 - chance for chance in chances]
    least = [(1.0 - chance) * WASTED for chance in chances]
    minutes = []
    for first, ride in enumerate(rides):
        away, onward = between[first], math.inf
        for second, slope in enumerate(slopes):
            if second != first:
                further = away[second] * slope + least[second]
                if further < onward:
                    onward = further
        minutes.append(expected_minutes(ride, chances[first], onward))
    return sorted(range(len(rides)), key=minutes.__getitem__)
