"""Plans, writes and undoes imports: the long work, in a process of its own.

A list of 180,000 rows takes many seconds and much memory, which other requests must not wait for.
What is written is planned once more, and only if that has the very effect that was confirmed.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

import structlog

from bot.common.redaction import error_fields
from bot.common.values import value
from bot.geo.places import Places
from bot.services.list_imports import (
    honour_lists,
    imports,
    kinds,
    progress,
    station_lists,
    training_lists,
)
from bot.services.list_imports.comparison import Comparison, Hindrances, Situation, Subject
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.recognition import recognise
from bot.services.list_imports.states import ImportChanged, ImportState, ListChanged
from bot.services.list_imports.summaries import JsonRow, Summary
from bot.services.operators import audit, revisions
from bot.services.operators.audit import SubjectKind
from bot.services.operators.revisions import (
    Origin,
    RevisionAction,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.operators.roles import Operator
from bot.services.spreadsheets import mappings
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.mappings import ListKind
from bot.services.spreadsheets.tables import Table
from bot.services.stations.errors import StationsChanged
from bot.services.storage import Database, Keys, opened
from bot.services.trainings.errors import TrainingRefused, TrainingsChanged

log = structlog.get_logger()
CHANGED_MEANWHILE: Final = (StationsChanged, TrainingsChanged, TrainingRefused, ListChanged)
"""What says that the data are not as they were compared."""
MEANWHILE: Final = 10
CONFLICTS: Final = 20
"""Records that are named where an undo is refused."""


@value
class Task:
    """What is to be done, by its state, for whom and when: the import `number` at `now`.

    `hold`: so long a seat in a training that is offered is kept.
    """

    number: int
    operator: Operator
    now: datetime
    hold: timedelta


def run(address: str, keys: Keys, task: Task) -> None:
    """Carries a task out, in a process or thread that may take its time."""
    asyncio.run(_run(address, keys, task))


async def _run(address: str, keys: Keys, task: Task) -> None:
    async with opened(address) as store:
        await carry_out(store, keys, task)


async def carry_out(store: Database, keys: Keys, task: Task) -> None:
    """Does what the state of the import says; whatever fails leaves it in a state that says so."""
    async with store.reading() as db:
        one = await imports.view(db, keys, task.operator, task.number)
    work = _Work(store, keys, task, one)
    try:
        match one.state:
            case ImportState.PLANNING:
                await work.plan()
            case ImportState.APPLYING:
                await work.apply()
            case ImportState.UNDOING:
                await work.undo()
            case _:  # another worker was first
                return
    except ImportChanged:
        log.info("list_import.superseded", number=task.number)
    except Exception as error:
        log.exception("list_import.failed", number=task.number, **error_fields(error))
        async with store.writing() as db:
            await progress.give_up(db, one.id, one.begun_at)


class _Work:
    """One import at one state."""

    def __init__(self, store: Database, keys: Keys, task: Task, one: ListImport) -> None:
        self._store = store
        self._keys = keys
        self._one = one
        self._now = task.now
        self._operator = task.operator
        self._situation = Situation(task.operator, task.now, Places.load(), task.hold)

    async def plan(self, meanwhile: list[JsonRow] | None = None) -> None:
        """Reads the file, asks what has to be asked, else compares it with what is stored."""
        try:
            if self._one.kind is None:
                await self._recognise()
            if (subject := self._subject()) is None:
                return
            table = await self._read(subject)
        except FileRefused as refused:
            summary = Summary(refused=refused.code.value, params=dict(refused.params))
            await self._planned(ImportState.REFUSED, summary)
            return
        summary = subject.about(table, self._situation.today)
        if table.questions or (summary.needs_datum and self._one.answers.datum is None):
            await self._planned(ImportState.ASKING, summary)
            return
        found = await self._compared(subject, table, summary)
        summary.tabs = {tab.value: len(rows) for tab, rows in found.rows.items()}
        if meanwhile is not None:
            summary.meanwhile = meanwhile
            was = self._one.summary
            summary.before = {"new": was.new, "changed": was.changed, "left": was.left_rows}
        await self._planned(ImportState.READY, summary, found)

    async def apply(self) -> None:
        """Writes what was confirmed; a preview that says what changed where it would be other."""
        one, operator, subject = self._one, self._operator, self._needed_subject()
        table, summary = await self._read(subject), Summary()
        found = await self._compared(subject, table, summary)
        if found.effect != one.effect:
            await self.plan(await self._meanwhile())
            return
        try:
            async with self._store.writing() as db:
                kinds.require(operator, one.kind)
                origin = Origin(operator.name, RevisionAction.IMPORT, one.name)
                number = await found.write(db, origin)
                if number is None or one.kind is None:
                    raise ImportChanged(str(one.id))
                await mappings.remember(db, one.kind, table.sheets, self._now)
                await progress.settled(db, one, ImportState.APPLIED, revision=number)
                leagues = found.leagues
                await audit.record(
                    db, operator.name, "import.apply", SubjectKind.IMPORT, str(one.id), self._now,
                    league=leagues[0] if len(leagues) == 1 else "",
                    after={
                        "kind": one.kind.value, "file": one.name, "revision": number,
                        "new": summary.new, "changed": summary.changed,
                    },
                )  # fmt: skip
        except CHANGED_MEANWHILE:
            await self.plan(await self._meanwhile())

    async def undo(self) -> None:
        """Takes back what was written; where that is not possible it stays, and says why."""
        one, operator, subject = self._one, self._operator, self._needed_subject()
        try:
            async with self._store.writing() as db:
                kinds.require(operator, one.kind)
                number = await subject.undo(db, one.revision or 0, self._situation)
                await progress.settled(db, one, ImportState.UNDONE, undone=number)
                await audit.record(
                    db, operator.name, "import.undo", SubjectKind.IMPORT, str(one.id), self._now,
                    after={"revision": number},
                )  # fmt: skip
        except UndoRefused as refused:
            await self._keep(subject, refused.reason)
        except CHANGED_MEANWHILE:
            await self._keep(subject, UndoRefusal.CONFLICTS)

    async def _keep(self, subject: Subject, reason: UndoRefusal) -> None:
        one, why = self._one, Hindrances(())
        if reason is UndoRefusal.CONFLICTS:
            async with self._store.reading() as db:
                why = await subject.hindrances(db, one.revision or 0, self._now)
        summary = replace(
            one.summary,
            undo_refused=reason.value,
            conflicts=list(why.conflicts[:CONFLICTS]),
            obstacles=list(why.obstacles[:CONFLICTS]),
        )
        async with self._store.writing() as db:
            await progress.kept(db, self._keys, one, summary)

    async def _recognise(self) -> None:
        """Which kind of list it is; the operator is asked where that is open, or not theirs."""
        one, allowed = self._one, kinds.importable(self._operator)
        found = await asyncio.to_thread(recognise, await self._file(), one.name)
        if found is None and len(allowed) == 1:
            found = allowed[0]
        is_clear = found in allowed and found is not ListKind.CARDS
        state = ImportState.PLANNING if is_clear else ImportState.ASKING
        async with self._store.writing() as db:
            await progress.recognised(db, one, found, state)
        self._one = replace(one, kind=found, state=state)

    def _subject(self) -> Subject | None:
        """What reads such lists; None where that is asked, or elsewhere (cards)."""
        if self._one.state is ImportState.ASKING or self._one.kind is None:
            return None
        return subject_of(self._one.kind)

    def _needed_subject(self) -> Subject:
        subject = self._subject()
        if subject is None:
            raise ImportChanged(str(self._one.id))
        return subject

    async def _file(self) -> bytes:
        async with self._store.reading() as db:
            return await imports.file(db, self._keys, self._one.digest)

    async def _read(self, subject: Subject) -> Table:
        one, data = self._one, await self._file()
        remembered = {}
        if one.kind is not None:
            async with self._store.reading() as db:
                remembered = await mappings.remembered(db, one.kind)
        return await asyncio.to_thread(subject.read, data, one.name, one.answers, remembered)

    async def _compared(self, subject: Subject, table: Table, summary: Summary) -> Comparison:
        async with self._store.reading() as db:
            newest = await revisions.latest(db, self._revision_kind(), 1)
            summary.version = newest[0].id if newest else 0
            answers = self._one.answers
            return await subject.compare(db, table, answers, summary, self._situation)

    async def _planned(
        self, state: ImportState, summary: Summary, found: Comparison | None = None
    ) -> None:
        effect, rows = (found.effect, found.rows) if found else ("", None)
        async with self._store.writing() as db:
            await progress.planned(db, self._keys, self._one, state, summary, effect, rows)

    async def _meanwhile(self) -> list[JsonRow]:
        """Who changed the same data since the preview."""
        async with self._store.reading() as db:
            found = await revisions.latest(db, self._revision_kind(), MEANWHILE)
        since = self._one.summary.version
        return [
            {"at": one.at.isoformat(), "actor": one.actor, "source": one.source, "n": one.records}
            for one in found
            if one.id > since
        ]

    def _revision_kind(self) -> RevisionKind:
        return RevisionKind(self._one.kind or ListKind.STATIONS)


def subject_of(kind: ListKind) -> Subject | None:
    """What reads, compares and undoes lists of that kind; None: that is done elsewhere."""
    match kind:
        case ListKind.STATIONS:
            return station_lists
        case ListKind.TRAININGS:
            return training_lists
        case ListKind.HONOURS:
            return honour_lists
        case ListKind.CARDS | ListKind.HOLIDAYS:
            return None
        case _:
            assert_never(kind)
