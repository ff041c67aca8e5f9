"""`yizhan notes` shows what waits for a check, and closes nothing but the note."""

import argparse

import pytest

from bot.commands.messages.notes import add_parser, run_in
from bot.common.i18n import Translator, load_languages
from bot.services.stations.statuses import StationStatus
from bot.store.engine import Store
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS
from tests.support.observations import create_couriers, ride_and_tell
from tests.support.stations import create_stations


def arguments(t: Translator, *typed: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(), t)
    return parser.parse_args(["notes", *typed])


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        ("enter", "closed at a time when the list says open"),
        ("exists", "the station is no longer there"),
        ("water", "a facility does not work: "),
    ],
)
async def test_a_station_that_waits_for_a_check_is_shown_with_what_is_wrong(
    store: Store,
    clock: ManualClock,
    capsys: pytest.CaptureFixture[str],
    fact: str,
    problem: str,
) -> None:
    await create_stations(store, clock)
    async with store.writing() as db:
        await create_couriers(db, (1, 2), clock())
    for courier_id in (1, 2):
        await ride_and_tell(store, courier_id, 1, [(fact, False)], clock())
    t = load_languages().of("en", None)
    await run_in(arguments(t), store, KEYS, t, clock=clock)
    shown = capsys.readouterr().out
    assert "S1 新城支行驿站: to be checked" in shown
    assert problem in shown
    assert await run_in(arguments(t, "1"), store, KEYS, t, clock=clock) == 0
    async with store.reading() as db:
        assert (await db.get_one(StationRow, 1)).status == StationStatus.OPEN
