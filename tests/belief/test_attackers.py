"""People who want to sink or lift a station; each test prints how far they moved it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.belief.model import ENTER, Belief, chance, components, prior, update
from bot.belief.reporters import Reporter, Source, needs_check, weight

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LISTED = prior(ENTER, 60.0, has_hours=True)
MINUTE = timedelta(minutes=1)

Report = tuple[datetime, bool, float]


def after(reports: Iterable[Report]) -> dict[str, Belief]:
    """The beliefs about entry that these reports leave."""
    beliefs: dict[str, Belief] = {}
    for at, positive, heaviness in reports:
        for name in components(ENTER, at):
            beliefs[name] = update(beliefs.get(name), name, positive, heaviness, at)
    return beliefs


def moved(who: str, reports: list[Report], at: datetime, earlier: list[Report]) -> float:
    """By how much the reports change the chance that one can enter, after these earlier ones."""
    before = chance(LISTED, after(earlier), ENTER, at)
    now = chance(LISTED, after([*earlier, *reports]), ENTER, at)
    print(f"{who}: {before:.3f} → {now:.3f}")  # noqa: T201 - shown by pytest -s
    return now - before


def strangers(positive: bool, start: datetime, *, like_me: bool) -> list[Report]:
    """Fifty accounts made today that were never shown the station."""
    return [
        (
            start + number * MINUTE,
            positive,
            weight(
                Source.COURIER,
                Reporter(False, False, False, 0.1, number if like_me else 0),
            ),
        )
        for number in range(50)
    ]


def firm(positive: bool, start: datetime) -> list[Report]:
    """Eight couriers of one firm and network who were shown the way and could have arrived."""
    return [
        (
            start + 10 * number * MINUTE,
            positive,
            weight(Source.COURIER, Reporter(True, True, False, 200.0, number)),
        )
        for number in range(8)
    ]


def honest(positive: bool, days: range, count: int = 1) -> list[Report]:
    """So many couriers a day, in the hour before noon, each of a group of their own."""
    usual = weight(Source.COURIER, Reporter(True, True, False, 90.0, 0))
    return [
        (NOON + timedelta(days=day, minutes=number), positive, usual)
        for day in days
        for number in range(count)
    ]


def test_fifty_new_accounts_that_never_asked_hardly_move_a_station() -> None:
    at = NOON + 50 * MINUTE
    for positive in (False, True):
        for like_me in (True, False):
            who = f"50 new accounts, {'of one firm' if like_me else 'of many firms'}, {positive=}"
            by = moved(who, strangers(positive, NOON, like_me=like_me), at, [])
            assert abs(by) <= 0.06


def test_new_accounts_hardly_move_a_station_even_after_four_weeks_of_every_day() -> None:
    daily = [
        report
        for day in range(28)
        for report in strangers(False, NOON + timedelta(days=day), like_me=False)
    ]
    by = moved("50 new accounts on 28 days", daily, NOON + timedelta(days=27, hours=1), [])
    assert abs(by) <= 0.06


def test_new_accounts_get_no_station_checked() -> None:
    reports = strangers(False, NOON, like_me=True)
    assert not needs_check([(one, at) for at, _, one in reports], NOON + 50 * MINUTE)


def test_new_accounts_that_asked_first_get_no_station_checked() -> None:
    asked = [
        (weight(Source.COURIER, Reporter(True, True, False, 0.1, number)), NOON + number * MINUTE)
        for number in range(50)
    ]
    assert not needs_check(asked, NOON + 50 * MINUTE)


def test_a_group_of_one_firm_moves_a_station_no_further_than_two_couriers_do() -> None:
    at = NOON + timedelta(minutes=70)
    known = honest(True, range(-14, 0))
    two = moved("two independent couriers", honest(False, range(1), 2), at, known)
    group = moved("eight of one firm", firm(False, NOON), at, known)
    assert two <= group < 0.0


def test_what_a_group_of_one_firm_did_passes_by_itself() -> None:
    known = honest(True, range(-14, 0))
    tomorrow = NOON + timedelta(days=1)
    by = moved("eight of one firm, a day later", firm(False, NOON), tomorrow, known)
    assert by >= -0.2


def test_a_keeper_who_praises_a_locked_station_does_not_outweigh_couriers() -> None:
    locked = honest(False, range(-7, 0))
    praise = [
        (NOON + timedelta(days=day, hours=-3), True, weight(Source.KEEPER, None))
        for day in range(-7, 1)
    ]
    mixed = sorted([*locked, *praise])
    by = chance(LISTED, after(mixed), ENTER, NOON) - chance(LISTED, after(locked), ENTER, NOON)
    print(f"a keeper's praise on eight days: {by:+.3f}")  # noqa: T201 - shown by pytest -s
    assert chance(LISTED, after(mixed), ENTER, NOON) < 0.5


def test_two_couriers_at_the_door_outweigh_the_praise_of_a_keeper() -> None:
    praise = [
        (NOON + timedelta(days=day, hours=-1), True, weight(Source.KEEPER, None))
        for day in range(-28, 1)
    ]
    new = [weight(Source.COURIER, Reporter(False, False, True, 0.0, n)) for n in range(2)]
    reports = [(NOON + number * MINUTE, False, one) for number, one in enumerate(new)]
    moved("two at the door, after 29 days of praise", reports, NOON + 2 * MINUTE, praise)
    assert chance(LISTED, after([*praise, *reports]), ENTER, NOON + 2 * MINUTE) < 0.5
    assert needs_check([(one, at) for at, _, one in reports], NOON + 2 * MINUTE)
