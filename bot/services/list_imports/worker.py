"""Plans, writes and undoes imports: the long work, in a process of its own.

A list of 180,000 rows takes many seconds and much memory, which other requests must not wait for.
What is written is planned once more, and only if that has the very effect that was confirmed.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from bot.common.clock import CHINA
from bot.common.redaction import error_fields
from bot.geo.places import Places
from bot.services.list_imports import imports, previews, station_lists
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.league_scope import leagues_of
from bot.services.list_imports.previews import JsonRow, Summary
from bot.services.list_imports.states import ImportChanged, ImportState, Tab
from bot.services.operators import audit, revisions
from bot.services.operators.audit import SubjectKind
from bot.services.operators.revisions import (
    Origin,
    RevisionAction,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.operators.roles import Operator, Right
from bot.services.spreadsheets import mappings
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.tables import Table
from bot.services.stations.editing import undo
from bot.services.stations.editing.edits import keepers
from bot.services.stations.errors import StationsChanged
from bot.services.stations.importing.apply import apply
from bot.services.stations.importing.plan import Plan
from bot.services.storage import Database, Keys
from bot.store.engine import open_store

log = structlog.get_logger()
MEANWHILE: Final = 10
CONFLICTS: Final = 20
"""Stations that are named where an undo is refused."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, by its state, for whom and when: the import `number` at `now`."""

    number: int
    operator: Operator
    now: datetime


def address_of(store: Database) -> str:
    """Where another process finds the database: it holds a password, so pass it to that only."""
    return store.writer.url.render_as_string(hide_password=False)


def run(address: str, keys: Keys, task: Task) -> None:
    """Carries a task out, in a process or thread that may take its time."""
    asyncio.run(_run(address, keys, task))


async def _run(address: str, keys: Keys, task: Task) -> None:
    store = await open_store(address)
    try:
        await carry_out(store, keys, task)
    finally:
        await store.close()


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
            await imports.give_up(db, one.id, one.begun_at)


class _Work:
    """One import at one state."""

    def __init__(self, store: Database, keys: Keys, task: Task, one: ListImport) -> None:
        self._store = store
        self._keys = keys
        self._task = task
        self._one = one
        self._places = Places.load()
        self._today = task.now.astimezone(CHINA).date()

    async def plan(self, meanwhile: list[JsonRow] | None = None) -> None:
        """Reads the file, asks what has to be asked, else compares it with the stations."""
        try:
            table = await self._read()
        except FileRefused as refused:
            summary = Summary(refused=refused.code.value, params=dict(refused.params))
            await self._planned(ImportState.REFUSED, summary)
            return
        summary = station_lists.about(table, self._today)
        answers = self._one.answers
        if table.questions or (summary.needs_datum and answers.datum is None):
            await self._planned(ImportState.ASKING, summary)
            return
        plan, told = await self._compared(table)
        previews.count(summary, plan, table, told, self._today)
        rows = previews.rows(plan, table)
        summary.tabs = {tab.value: len(found) for tab, found in rows.items()}
        if meanwhile is not None:
            summary.meanwhile = meanwhile
            was = self._one.summary
            summary.before = {"new": was.new, "changed": was.changed, "left": was.left_rows}
        await self._planned(ImportState.READY, summary, previews.effect(plan), rows)

    async def apply(self) -> None:
        """Writes what was confirmed; a preview that says what changed where it would be other."""
        one, task = self._one, self._task
        table = await self._read()
        plan, _ = await self._compared(table)
        if previews.effect(plan) != one.effect:
            await self.plan(await self._meanwhile())
            return
        try:
            async with self._store.writing() as db:
                origin = Origin(task.operator.name, RevisionAction.IMPORT, one.name)
                task.operator.require(Right.STATIONS)
                number = await apply(
                    db, plan, task.now, allow_moves=True, allow_removals=True, origin=origin
                )
                if number is None:
                    raise ImportChanged(str(one.id))
                await mappings.remember(db, one.kind, table.sheets, task.now)
                await imports.settled(db, one, ImportState.APPLIED, revision=number)
                leagues = list(leagues_of(self._places, plan))
                await audit.record(
                    db, task.operator.name, "import.apply", SubjectKind.IMPORT, str(one.id),
                    task.now, league=leagues[0] if len(leagues) == 1 else "",
                    after={
                        "file": one.name, "revision": number,
                        "new": len(plan.new), "changed": len(plan.changed),
                    },
                )  # fmt: skip
        except StationsChanged:
            await self.plan(await self._meanwhile())

    async def undo(self) -> None:
        """Takes back what was written; where that is not possible it stays, and says why."""
        one, task = self._one, self._task
        try:
            async with self._store.writing() as db:
                task.operator.require(Right.STATIONS)
                number = await undo.undo_revision(
                    db, one.revision or 0, task.operator.name, task.now
                )
                await imports.settled(db, one, ImportState.UNDONE, undone=number)
                await audit.record(
                    db, task.operator.name, "import.undo", SubjectKind.IMPORT, str(one.id),
                    task.now, after={"revision": number},
                )  # fmt: skip
        except UndoRefused as refused:
            await self._keep(refused)

    async def _keep(self, refused: UndoRefused) -> None:
        one, conflicts = self._one, []
        if refused.reason is UndoRefusal.CONFLICTS:
            async with self._store.reading() as db:
                found = await undo.plan_undo(db, one.revision or 0, self._task.now)
            conflicts = list(dict.fromkeys(of.code for of in found.conflicts))[:CONFLICTS]
        summary = replace(one.summary, undo_refused=refused.reason.value, conflicts=conflicts)
        async with self._store.writing() as db:
            await imports.kept(db, self._keys, one, summary)

    async def _read(self) -> Table:
        one = self._one
        async with self._store.reading() as db:
            data = await imports.file(db, self._keys, one.digest)
            remembered = await mappings.remembered(db, one.kind)
        return await asyncio.to_thread(station_lists.read, data, one.name, one.answers, remembered)

    async def _compared(self, table: Table) -> tuple[Plan, int]:
        """The plan, and how many couriers it would tell of."""
        one, operator = self._one, self._task.operator
        async with self._store.reading() as db:
            plan = await station_lists.plan(
                db, table, one.answers, self._today, self._places, operator
            )
            return plan, await keepers(db, plan.changed)

    async def _planned(
        self,
        state: ImportState,
        summary: Summary,
        effect: str = "",
        rows: dict[Tab, list[JsonRow]] | None = None,
    ) -> None:
        async with self._store.writing() as db:
            await imports.planned(db, self._keys, self._one, state, summary, effect, rows)

    async def _meanwhile(self) -> list[JsonRow]:
        """Who changed stations since the preview."""
        async with self._store.reading() as db:
            found = await revisions.latest(db, RevisionKind.STATIONS, MEANWHILE)
        since = self._one.summary.version
        return [
            {"at": one.at.isoformat(), "actor": one.actor, "source": one.source, "n": one.records}
            for one in found
            if one.version > since
        ]
