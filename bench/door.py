"""Wasted trips to stations that cannot be used: `python -m bench.door`, about three minutes.

In the simulated cities of `bench.city` couriers ask for a station, ride there, and go on to another
one if the door is locked or the kettle dry. Compared on the questions of the fifth week:

- nearest pin: the nearest station whose list names what they want, whatever the hours;
- listed hours: the nearest of those that will be open by the list;
- ours: of the nearest six of those, the one with the fewest expected minutes, with the functions of
  `bot.belief`, from what was observed in the last 0, 1 or 4 weeks.

After each visit a courier says with a probability of 2, 10 or 30 % what they found; one answer in
fifty is wrong, one in four comes with a location at the door.

`--quick`: three cities, 10 % only. `--passing 2`: twice the errors that nobody can learn in time.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from bench.city import ASKS, STATIONS, city
from bench.knowledge import nothing_known
from bench.trips import Outcome, learned, listed_hours, nearest_pin, ours, week

SEEDS: Final = range(101, 131)
RATES: Final = (0.02, 0.10, 0.30)
TARGET_RATE: Final = 0.10
WEEKS: Final = {1: "ours, 1 week", 4: "ours, 4 weeks"}
TARGETS: Final = {False: (1 / 4, 1 / 2), True: (1 / 3, 2 / 3)}
"""Of wasted trips after four weeks, against nearest pin and listed hours; by whether attacked."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a strategy, the share of visits reported, and whether attacked."""

    name: str
    rate: float | None = None
    is_attacked: bool = False


PIN: Final = Row("nearest pin")
LISTED: Final = Row("listed hours")


def rows_of(seed: int, rates: Sequence[float], passing: float) -> dict[Row, Outcome]:
    """All that is compared, in the city of that seed."""
    town = city(seed, passing)
    rows = {
        PIN: week(town, nearest_pin(town)),
        LISTED: week(town, listed_hours(town)),
        Row("ours, 0 weeks"): week(town, ours(town, nothing_known())),
    }
    for rate in rates:
        for attacked in (False, True):
            for weeks, name in WEEKS.items():
                row = Row(name, rate, attacked)
                rows[row] = learned(town, seed, rate, weeks, attacked=attacked)
    return rows


def interval(values: Sequence[float], digits: int = 0) -> str:
    """The mean and half of the 95 % interval, by Student's t."""
    half = stats.sem(values) * stats.t.ppf(0.975, len(values) - 1)
    return f"{np.mean(values):.{digits}f} ± {half:.{digits}f}"


def ratio(found: Sequence[float], reference: Sequence[float]) -> tuple[float, float]:
    """Of two means over the same seeds, with half of its 95 % interval (delta method)."""
    ours_, theirs = np.array(found), np.array(reference)
    value = float(ours_.mean() / theirs.mean())
    error = stats.sem(ours_ - value * theirs) / theirs.mean()
    return value, float(error * stats.t.ppf(0.975, len(found) - 1))


def main() -> None:
    """Prints the table and whether the targets are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three cities, 10 %% reports only")
    parser.add_argument("--passing", type=float, default=1.0, help="times the passing errors")
    asked = parser.parse_args()
    seeds, rates = (SEEDS[:3], (TARGET_RATE,)) if asked.quick else (SEEDS, RATES)
    began = time.process_time()
    cities = [rows_of(seed, rates, asked.passing) for seed in seeds]
    print(
        f"{STATIONS} stations, {ASKS} questions a day, seeds {seeds[0]}-{seeds[-1]}, fifth week;"
        " ± is half of the 95 % interval over seeds\n"
    )
    print("| strategy | report | attackers | wasted per 1,000 | minutes | / pin | / listed |")
    print("|---|---|---|---|---|---|---|")
    wasted = {row: [one[row].wasted for one in cities] for row in cities[0]}
    verdicts = []
    for row, values in wasted.items():
        ratios = [ratio(values, wasted[other]) for other in (PIN, LISTED)]
        print(
            f"| {row.name} | {'' if row.rate is None else f'{row.rate:.0%}'}"
            f" | {'yes' if row.is_attacked else ''} | {interval(values)}"
            f" | {interval([one[row].minutes for one in cities], 2)}"
            f" | {' | '.join(f'{value:.3f} ± {half:.3f}' for value, half in ratios)} |",
        )
        if row.rate == TARGET_RATE and row.name == WEEKS[4]:
            for (value, _), target, other in zip(
                ratios, TARGETS[row.is_attacked], (PIN, LISTED), strict=True
            ):
                verdict = "met" if value <= target else f"missed by {value - target:.3f}"
                whether = "with" if row.is_attacked else "without"
                verdicts.append(
                    f"{whether} attackers, against {other.name}: {value:.3f}, at most"
                    f" {target:.3f} wanted: {verdict}"
                )
    print(f"\nOurs after four weeks at {TARGET_RATE:.0%}:")
    print("\n".join(f"- {verdict}" for verdict in verdicts))
    print(f"\n{time.process_time() - began:.0f} s of one processor")


if __name__ == "__main__":
    main()
