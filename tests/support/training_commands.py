"""`yizhan trainings …` run on an open database, and what it is run on."""

import argparse
from datetime import timedelta
from functools import partial
from gettext import NullTranslations
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.commands import revisions
from bot.commands.trainings.trainings import add_parser, run_in
from bot.common.i18n import Translator
from bot.config.settings import Settings, read_settings
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.support.trainings import create_couriers

KEYS = "1:" + "A" * 43 + "="
ENGLISH = Translator("en", NullTranslations())


def arguments(*words: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(dest="command"), ENGLISH)
    return parser.parse_args(["trainings", *map(str, words)])


class CommandLine:
    """Runs commands and keeps what they print."""

    def __init__(
        self, store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str], **more: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._capsys = capsys
        self.settings: Settings = read_settings({"YIZHAN_SECRET_KEYS": KEYS, **more})

    async def __call__(self, code: int, *words: str | Path) -> str:
        """What was printed; the exit code must be this one."""
        self._capsys.readouterr()
        args = arguments(*words)
        run = partial(revisions.run_in, "trainings") if args.what in {"history", "undo"} else run_in
        given = await run(args, self._store, self.settings, ENGLISH, clock=self._clock)
        captured = self._capsys.readouterr()
        assert given == code, captured
        return captured.out + captured.err


async def stored_training(store: Store, code: str = "T1") -> TrainingRow:
    """The training with that code."""
    async with store.reading() as db:
        found = await db.scalars(select(TrainingRow).where(TrainingRow.code == code))
        return found.one()


async def register(store: Store, clock: ManualClock, training_id: int, count: int) -> list[int]:
    """`count` couriers with a name and a phone, registered in order."""
    profiles = Profiles(parse_keys(KEYS))
    async with store.writing() as db:
        couriers = await create_couriers(db, count, clock())
        for number, courier in enumerate(couriers):
            name, phone = f"张{'一二三四五'[number]}", f"1380000000{number}"
            await profiles.remember(db, courier, name, phone, clock(), "web")
            doing = Registrations(Seating(timedelta(hours=2)))
            await doing.register(db, training_id, courier, clock())
    return couriers


async def notification_kinds(store: Store) -> list[str]:
    """The kinds of all notifications that are not cancelled, sorted."""
    async with store.reading() as db:
        open_ = OutboxRow.status != "cancelled"
        return sorted(await db.scalars(select(OutboxRow.kind).where(open_)))
