"""Hours written from a grammar of their own, whose meaning is known: read right, or refused."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from bot.hours.calendar import Holidays
from bot.hours.errors import HoursError
from bot.hours.parser import read
from bot.hours.weekly import Hours, parse
from tests.hours.written import Meaning, Row, Week, Written, written

SEED, COUNT = 20261126, 8_500


NONE = Holidays({})


def merged(row: Row) -> Row:
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(row):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def week_on(meaning: Meaning, day: date) -> Week | None:
    at = (day.month, day.day)
    for first, last, week in meaning.seasons:
        if (first <= at <= last) if first <= last else (at >= first or at <= last):
            return week
    return meaning.usual


def days_to_compare(meaning: Meaning) -> Iterator[date]:
    """A week of each part of the year, and the days around each date that is meant."""
    edges = [edge for closure in meaning.closed for edge in closure]
    edges += [date(2026, *at) for first, last, _ in meaning.seasons for at in (first, last)]
    for edge in edges:
        yield from (edge + timedelta(days=n) for n in range(-2, 3))
    for start in (date(2026, 1, 5), date(2026, 7, 6), *(closed[0] for closed in meaning.closed)):
        yield from (start + timedelta(days=n) for n in range(7))


def is_right(one: Written, hours: Hours) -> bool:
    """Whether each day compared is as meant, and what is said of public holidays."""
    for day in days_to_compare(one.meaning):
        week = week_on(one.meaning, day)
        assert week is not None
        closed = any(first <= day <= last for first, last in one.meaning.closed)
        meant = () if closed else merged(week.rows[day.weekday()])
        if merged(NONE.row(hours, day)) != meant:
            return False
        said = hours.on(day).holiday
        expected = None if week.holiday is None else merged(week.holiday)
        if (None if said is None else merged(said)) != expected:
            return False
    return True


def test_they_are_read_right_or_refused() -> None:
    outcomes: Counter[str] = Counter()
    shapes: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    for one in written(SEED, COUNT):
        try:
            hours = read(one.text)
        except HoursError:
            outcome = "right" if one.meaning.usual is None else "refused"
        else:
            right = hours is not None and one.meaning.usual is not None and is_right(one, hours)
            outcome = "right" if right else "wrong"
            if not right:
                wrong.append(f"{one.text!r}: {hours}")
        outcomes[outcome] += 1
        shapes.setdefault(one.shape, Counter())[outcome] += 1
    assert not wrong, wrong[:20]
    assert outcomes["right"] >= 0.97 * COUNT, shapes
    for shape, found in shapes.items():
        assert found["right"] >= 0.9 * found.total(), (shape, found)


def test_the_texts_have_every_shape_and_differ() -> None:
    texts = written(SEED, 2_000)
    assert len({one.text for one in texts}) == 2_000
    assert len({one.shape for one in texts}) == 8


def test_what_is_read_is_stored_and_read_again() -> None:
    for one in written(SEED + 1, 1_500):
        try:
            hours = read(one.text)
        except HoursError:
            continue
        assert hours is not None
        assert parse(str(hours)) == hours
        assert read(str(hours)) == hours
