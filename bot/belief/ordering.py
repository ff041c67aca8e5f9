"""The order in which to try stations: by expected minutes until one is in a usable one."""

from collections.abc import Sequence

from bot.belief.model import expected_minutes


def order(
    rides: Sequence[float], chances: Sequence[float], between: Sequence[Sequence[float]]
) -> list[int]:
    """Positions of the candidates, by expected minutes; ties keep the order given.

    `rides`: minutes to each. `chances`: that each is usable. `between[i][j]`: minutes from one to
    another. Who finds a station unusable rides on to the one of fewest minutes from there, its own
    chance of failing included.
    """
    count = range(len(rides))
    minutes = [
        expected_minutes(
            rides[i],
            chances[i],
            min(
                (
                    expected_minutes(between[i][j], chances[j], between[i][j])
                    for j in count
                    if j != i
                ),
                default=rides[i],
            ),
        )
        for i in count
    ]
    return sorted(count, key=minutes.__getitem__)
