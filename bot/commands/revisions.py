"""`history` and `undo` of the data that operators keep: who changed what, taken back.

Exit codes: 0 done, 1 nothing undone because of what was changed since, 2 wrongly called.
"""

import argparse
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import imports, output
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator
from bot.common.values import value

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.config.settings import Settings
    from bot.services.operators.revisions import RevisionKind
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"


def add_parsers(what: SubParsers, command: str, t: Translator) -> None:
    """Adds `history` and `undo` to the commands of one kind of data."""
    past = add_history(what, command, t)
    back = what.add_parser("undo", help=t("take a revision back, within 30 days"))
    back.add_argument("revision", metavar="REVISION", type=int, help=t("its number: see history"))
    imports.add_apply(back, t)
    for parser in (past, back):
        parser.set_defaults(run=partial(run, command))


def add_history(what: SubParsers, command: str, t: Translator) -> argparse.ArgumentParser:
    """Adds `history` alone, where what was done is not undone as a whole."""
    past: argparse.ArgumentParser = what.add_parser(
        "history", help=t("who changed what, when and from which file")
    )
    past.add_argument(
        "code", metavar="CODE", nargs="?", help=t("of one record; absent: the latest revisions")
    )
    past.set_defaults(run=partial(run, command))
    return past


async def run(command: str, args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and chooses the command; its exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(command, args, store, settings, t)


async def run_in(
    command: str,
    args: argparse.Namespace,
    store: "Store",
    settings: "Settings",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """The command on an open database."""
    from bot.services.operators.revisions import RevisionKind

    kind = RevisionKind(command)
    if args.what == "history":
        return await _history(kind, args.code, store, t)
    return await _undo(_undoing(kind, settings), args, store, clock(), t)


async def _history(kind: "RevisionKind", code: str | None, store: "Store", t: Translator) -> int:
    from bot.operator_wording import revision_words
    from bot.services.operators import revisions

    async with store.reading() as db:
        if code is None:
            newest = await revisions.latest(db, kind)
            for revision in newest:
                print(revision_words.heading(revision, t), t("{n} records", n=revision.records))
            if not newest:
                print(t("No changes are recorded."))
            return 0
        found = await revisions.history(db, kind, code)
    for revision, record in found:
        print(revision_words.heading(revision, t))
        for line in revision_words.lines(kind, record, t):
            print(f"  {line}")
    if not found:
        print(t("No changes of {code} are recorded.", code=code))
    return 0


@value
class _Undoing:
    """How revisions of one kind are undone: looked at and worded, then done."""

    kind: "RevisionKind"
    plan: "Callable[[AsyncSession, int, datetime], Any]"
    undo: "Callable[[AsyncSession, int, str, datetime], Any]"
    lines: Callable[[Any, Translator], Iterator[str]]


def _undoing(kind: "RevisionKind", settings: "Settings") -> _Undoing:
    from bot.operator_wording import undo_words
    from bot.services.content.importing import undo as content
    from bot.services.operators.revisions import RevisionKind
    from bot.services.stations.editing import holidays
    from bot.services.stations.editing import undo as stations
    from bot.services.trainings.administration import TrainingAdministration
    from bot.services.trainings.importing import undo as trainings
    from bot.services.trainings.seating import Seating

    match kind:
        case RevisionKind.STATIONS:
            return _Undoing(
                kind, stations.plan_undo, stations.undo_revision, undo_words.stations_undo
            )
        case RevisionKind.HOLIDAYS:
            return _Undoing(
                kind, holidays.plan_undo, holidays.undo_revision, undo_words.holidays_undo
            )
        case RevisionKind.CONTENT:
            return _Undoing(kind, content.plan_undo, content.undo_revision, undo_words.content_undo)
        case RevisionKind.HONOURS:
            raise ValueError("a decision about nominations is changed by another decision")
        case RevisionKind.TRAININGS:
            seating = Seating(timedelta(minutes=settings.hold_minutes))
            administration = TrainingAdministration(seating)
            undo = partial(trainings.undo_revision, trainings=administration)
            return _Undoing(
                kind,
                trainings.plan_undo,
                lambda db, number, actor, now: undo(db, number, actor=actor, now=now),
                undo_words.trainings_undo,
            )


async def _undo(
    undoing: _Undoing,
    args: argparse.Namespace,
    store: "Store",
    now: datetime,
    t: Translator,
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.operator_wording import revision_words, undo_words
    from bot.services.operators.revisions import UndoRefused
    from bot.services.trainings.errors import TrainingRefused, TrainingsChanged

    number: int = args.revision
    try:
        async with store.reading() as db:
            found = await undoing.plan(db, number, now)
        print(revision_words.heading(found.revision, t))
        for line in undoing.lines(found, t):
            print(line)
        if found.conflicts or getattr(found, "obstacles", None):
            for line in undo_words.conflicts(undoing.kind, found.conflicts, t):
                print(line)
            print(t("Nothing was undone."))
            return 1
        if not args.apply:
            print(t("Dry run: nothing was written. Add --apply to write."))
            return 0
        async with store.writing() as db:
            done = await undoing.undo(db, number, actor(), now)
    except UndoRefused as refused:
        return output.refuse(undo_words.refused(number, refused, t))
    except (TrainingRefused, TrainingsChanged):
        print(t("Nothing was undone: a session was changed meanwhile. Try again."))
        return 1
    print(t("Undone; this is revision {n}.", n=done))
    return 0


def written(number: int | None, command: str, t: Translator) -> str:
    """What a command says of the revision that it wrote."""
    if number is None:
        return t("Nothing changed, so nothing was written.")
    return t(
        "Written as revision {n}; to take it back: yizhan {command} undo {n}",
        n=number,
        command=command,
    )
