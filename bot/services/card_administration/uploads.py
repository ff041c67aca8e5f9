"""A bank's list in the console: uploaded, compared as a dry run, imported or dropped.

The file is kept sealed from the upload until it is imported or dropped, a day at most. Every
comparison is made by the core of `yizhan cards import`, so both say the same.
"""

import asyncio
from base64 import b85decode, b85encode
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.card_administration.summaries import Summary, summarised
from bot.services.cards import file_import
from bot.services.cards.errors import CardsChanged
from bot.services.cards.file_import import FilePlan, plan_import
from bot.services.cards.ingest import apply
from bot.services.cards.records import RecordSource
from bot.services.operators import audit
from bot.services.operators.audit import Fields, SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.services.spreadsheets import mappings
from bot.services.spreadsheets.mappings import ListKind
from bot.services.spreadsheets.tables import Answers, Table
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.administration.card_lists import CardListPartRow, CardListRow

PAGE: Final = 20
REGION: Final = ""
"""A list holds applications of the whole region, and so does the right to import one."""
NAME_LENGTH: Final = 120
PART: Final = 256 * 1024
"""Bytes of a part, so that a key rotation holds few at a time."""
PLACE: Final = "card_list_part.part"


class ListState(StrEnum):
    """ready | faulty → applied | dropped; the values are stored."""

    READY = "ready"
    FAULTY = "faulty"
    """Problems or open questions forbid importing it."""
    APPLIED = "applied"
    DROPPED = "dropped"


OPEN: Final = (ListState.READY, ListState.FAULTY)


class ListGone(Exception):
    """There is no such list, or it was imported or dropped already."""


@value
class CardList:
    """One uploaded list."""

    id: int
    actor: str
    name: str
    answers: Answers
    backwards: bool
    as_of: datetime
    state: ListState
    summary: Summary
    created_at: datetime
    applied_at: datetime | None


@value
class _Compared:
    table: Table
    plan: FilePlan
    summary: Summary

    @property
    def state(self) -> ListState:
        wrong = self.plan.problems or self.table.questions
        return ListState.FAULTY if wrong else ListState.READY


async def listed(db: AsyncSession, operator: Operator, before: int | None) -> list[CardList]:
    """A page, the newest first. Raises `NotAllowed`."""
    operator.require(Right.CARDS, REGION)
    rows = select(CardListRow).order_by(CardListRow.id.desc()).limit(PAGE)
    if before is not None:
        rows = rows.where(CardListRow.id < before)
    return [_list(row) for row in await db.scalars(rows)]


async def view(db: AsyncSession, operator: Operator, number: int) -> CardList:
    """One list. Raises `ListGone`, `NotAllowed`."""
    operator.require(Right.CARDS, REGION)
    row = await db.get(CardListRow, number)
    if row is None:
        raise ListGone
    return _list(row)


async def add(
    store: Store,
    keys: Keyring,
    operator: Operator,
    name: str,
    data: bytes,
    as_of: datetime,
    now: datetime,
) -> int:
    """Compares an uploaded list and keeps it; its number. `as_of`: the moment that it describes.

    Raises `FileRefused`, `NotAllowed`.
    """
    operator.require(Right.CARDS, REGION)
    found = await _compare(store, keys, name, data, {}, as_of, now, backwards=False)
    async with store.writing() as db:
        values = {
            "actor": operator.name,
            "name": name[:NAME_LENGTH],
            "answers": {},
            "backwards": False,
            "as_of": as_of,
            "state": found.state,
            "summary": found.summary.as_json(),
            "created_at": now,
        }
        added = insert(CardListRow).values(values).returning(CardListRow.id)
        number = (await db.execute(added)).scalar_one()
        for place, first in enumerate(range(0, len(data), PART)):
            sealed = keys.seal(b85encode(data[first : first + PART]).decode(), PLACE)
            row = {"list_id": number, "number": place, "part": sealed}
            await db.execute(insert(CardListPartRow).values(row))
        await _record(db, operator, "card.upload", number, now)
    return number


async def answer(
    store: Store,
    keys: Keyring,
    operator: Operator,
    number: int,
    answers: Answers,
    now: datetime,
    *,
    backwards: bool,
) -> None:
    """Compares it again by other answers. Raises `ListGone`, `FileRefused`, `NotAllowed`."""
    async with store.reading() as db:
        one, data = await _opened(db, keys, operator, number)
    both = {**one.answers, **answers}
    found = await _compare(store, keys, one.name, data, both, one.as_of, now, backwards=backwards)
    async with store.writing() as db:
        values = {
            "answers": both,
            "backwards": backwards,
            "state": found.state,
            "summary": found.summary.as_json(),
        }
        await _change(db, number, OPEN, values)


async def import_list(
    store: Store, keys: Keyring, operator: Operator, number: int, now: datetime
) -> None:
    """Writes what the dry run said, and deletes the file.

    Raises `CardsChanged` where it would now do something else: the list then shows that. Also
    `ListGone`, `NotAllowed`.
    """
    async with store.reading() as db:
        one, data = await _opened(db, keys, operator, number)
    found = await _compare(
        store, keys, one.name, data, one.answers, one.as_of, now, backwards=one.backwards
    )
    if found.summary != one.summary or found.state is not ListState.READY:
        async with store.writing() as db:
            values = {"state": found.state, "summary": found.summary.as_json()}
            await _change(db, number, OPEN, values)
        raise CardsChanged
    async with store.writing() as db:
        await _change(db, number, OPEN, {"state": ListState.APPLIED, "applied_at": now})
        await apply(db, keys, found.plan.plan, now, RecordSource.IMPORT)
        await mappings.remember(db, ListKind.CARDS, found.table.sheets, now)
        await _forget(db, number)
        after: Fields = {kind: count for kind, count in found.summary.counts.items() if count}
        await _record(db, operator, "card.import", number, now, after)


async def drop(db: AsyncSession, operator: Operator, number: int, now: datetime) -> None:
    """Deletes the file without importing it. Raises `ListGone`, `NotAllowed`."""
    operator.require(Right.CARDS, REGION)
    await _change(db, number, OPEN, {"state": ListState.DROPPED})
    await _forget(db, number)
    await _record(db, operator, "card.drop", number, now)


async def to_mark(
    db: AsyncSession, keys: Keyring, operator: Operator, number: int, now: datetime
) -> tuple[CardList, bytes]:
    """The list with its file, of which a copy with its faults marked is given out.

    Raises `ListGone`, `NotAllowed`.
    """
    one, data = await _opened(db, keys, operator, number)
    await _record(db, operator, "card.marked", number, now)
    return one, data


async def _compare(
    store: Store,
    keys: Keyring,
    name: str,
    data: bytes,
    answers: Answers,
    as_of: datetime,
    now: datetime,
    *,
    backwards: bool,
) -> _Compared:
    async with store.reading() as db:
        remembered = await mappings.remembered(db, ListKind.CARDS)
    table = await asyncio.to_thread(
        file_import.read, data, name, mapping=answers, remembered=remembered
    )
    async with store.reading() as db:
        plan = await plan_import(db, keys, table, as_of, now, allow_backwards=backwards)
    return _Compared(table, plan, summarised(table, plan))


async def _opened(
    db: AsyncSession, keys: Keyring, operator: Operator, number: int
) -> tuple[CardList, bytes]:
    one = await view(db, operator, number)
    parts = select(CardListPartRow.part).where(CardListPartRow.list_id == number)
    found = list(await db.scalars(parts.order_by(CardListPartRow.number)))
    if one.state not in OPEN or not found:
        raise ListGone
    return one, b"".join(b85decode(keys.open(part, PLACE)) for part in found)


async def _change(
    db: AsyncSession, number: int, states: tuple[ListState, ...], values: dict[str, Any]
) -> None:
    mine = (CardListRow.id == number) & CardListRow.state.in_(states)
    changed = update(CardListRow).where(mine).values(values).returning(CardListRow.id)
    if await db.scalar(changed) is None:
        raise ListGone


async def _forget(db: AsyncSession, number: int) -> None:
    await db.execute(delete(CardListPartRow).where(CardListPartRow.list_id == number))


async def _record(
    db: AsyncSession,
    operator: Operator,
    action: str,
    number: int,
    now: datetime,
    after: Fields | None = None,
) -> None:
    await audit.record(
        db, operator.name, action, SubjectKind.CARD, f"list {number}", now, after=after
    )


def _list(row: CardListRow) -> CardList:
    return CardList(
        row.id,
        row.actor,
        row.name,
        row.answers,
        row.backwards,
        row.as_of,
        ListState(row.state),
        Summary.of_json(row.summary),
        row.created_at,
        row.applied_at,
    )
