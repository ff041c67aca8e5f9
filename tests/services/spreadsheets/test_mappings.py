"""Answers about headings, kept by the headings of the list, on both databases."""

from datetime import timedelta

from bot.services.spreadsheets.mappings import ListKind, forget, remember, remembered
from bot.services.spreadsheets.tables import Sheet
from bot.store.engine import Store
from tests.conftest import ManualClock


def sheet(source: str, answers: dict[str, str | None]) -> Sheet:
    return Sheet("s", (), {}, (), fingerprint=source, answers=answers)


async def test_answers_are_kept_by_kind_and_headings_and_the_last_ones_hold(
    store: Store, clock: ManualClock
) -> None:
    now = clock()
    async with store.writing() as db:
        await remember(db, ListKind.STATIONS, [sheet("a", {"定位": "lng", "备注": None})], now)
        await remember(db, ListKind.STATIONS, [sheet("b", {"x" * 300: "lng"}), sheet("c", {})], now)
        await remember(db, ListKind.CARDS, [sheet("a", {"进展": "label"})], now)
    async with store.writing() as db:
        later = now + timedelta(days=1)
        await remember(db, ListKind.STATIONS, [sheet("a", {"定位": "lat"})], later)
    async with store.reading() as db:
        assert await remembered(db, ListKind.STATIONS) == {"a": {"定位": "lat"}}
        assert await remembered(db, ListKind.CARDS) == {"a": {"进展": "label"}}
    async with store.writing() as db:
        await forget(db, ListKind.STATIONS, ["a", "b"])
    async with store.reading() as db:
        assert await remembered(db, ListKind.STATIONS) == {}
        assert await remembered(db, ListKind.CARDS) == {"a": {"进展": "label"}}
