"""The audit log: who changed what and when, and what was refused.

Written in the transaction of the change. The database refuses to change or delete a row. Values of
couriers never stand in it: of what concerns a courier only the row's number does.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.operators.access_log import ACTOR_LENGTH
from bot.services.operators.roles import Operator, Right
from bot.store.models.administration.accounts import AuditRow
from bot.store.prefixes import begins_with

PAGE: Final = 50
SUBJECT_LENGTH: Final = 80
"""Characters; the width of the column."""
NUMBERED: Final = ("request", "application", "nomination")
"""Words that stand before the number of a row in a subject."""
Plain = str | int | float | bool | None
Fields = Mapping[str, Plain]


class SubjectKind(StrEnum):
    """What a change is about; the values are stored."""

    ACCOUNT = "account"
    STATION = "station"
    HOLIDAY = "holiday"
    TRAINING = "training"
    BROADCAST = "broadcast"
    CARD = "card"
    APPOINTMENT = "appointment"
    CONVERSATION = "conversation"
    CONTENT = "content"
    HONOUR = "honour"
    NOTE = "note"
    IMPORT = "import"
    PAGE = "page"
    """An address that was refused."""


@value
class Entry:
    """One row of the log; `before` and `after` hold the fields that differ."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: SubjectKind
    subject: str
    league: str
    before: Fields
    after: Fields


@value
class Query:
    """What is looked for; "" everything. A subject begins with `text`, or is one of a courier's
    rows of that number; `before`: a row's number."""

    actor: str = ""
    action: str = ""
    subject_kind: str = ""
    text: str = ""
    before: int | None = None


async def record(
    db: AsyncSession,
    actor: str,
    action: str,
    subject_kind: SubjectKind,
    subject: str,
    now: datetime,
    *,
    league: str = "",
    before: Fields | None = None,
    after: Fields | None = None,
) -> None:
    """Adds a row in the caller's transaction. `action`: `subject.verb`, such as `station.close`."""
    row = {
        "at": now,
        "actor": actor[:ACTOR_LENGTH],
        "action": action,
        "subject_kind": subject_kind,
        "subject": subject[:SUBJECT_LENGTH],
        "league": league,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
    }
    await db.execute(insert(AuditRow).values(row))


async def find(db: AsyncSession, operator: Operator, query: Query) -> list[Entry]:
    """A page of the log, the newest first; of their leagues only, unless theirs is the region.

    Raises `NotAllowed`.
    """
    operator.require(Right.AUDIT)
    rows = await db.scalars(_select(operator, query).order_by(AuditRow.id.desc()).limit(PAGE))
    return [_entry(row) for row in rows]


async def of_subject(
    db: AsyncSession, subject_kind: SubjectKind, subject: str, most: int = 20
) -> list[Entry]:
    """What was done to one subject, the newest first."""
    mine = (AuditRow.subject_kind == subject_kind) & (AuditRow.subject == subject)
    rows = await db.scalars(select(AuditRow).where(mine).order_by(AuditRow.id.desc()).limit(most))
    return [_entry(row) for row in rows]


def _select(operator: Operator, query: Query) -> Select[AuditRow]:
    rows = select(AuditRow)
    if operator.leagues:
        theirs = AuditRow.league.in_(operator.leagues)
        rows = rows.where(or_(theirs, AuditRow.actor == operator.name))
    if query.actor:
        rows = rows.where(AuditRow.actor == query.actor)
    if query.action:
        rows = rows.where(AuditRow.action == query.action)
    if query.subject_kind:
        rows = rows.where(AuditRow.subject_kind == query.subject_kind)
    if query.text:
        rows = rows.where(_is_about(query.text))
    if query.before is not None:
        rows = rows.where(AuditRow.id < query.before)
    return rows


def _is_about(text: str) -> ColumnElement[bool]:
    """By the index of the subject: a part from its middle would read the whole log."""
    starts = begins_with(AuditRow.subject, text)
    if not (text.isascii() and text.isdecimal()):
        return starts
    numbered = [f"{kind} {text}" for kind in NUMBERED]
    return or_(starts, AuditRow.subject.in_(numbered))


def _entry(row: AuditRow) -> Entry:
    return Entry(
        row.id,
        row.at,
        row.actor,
        row.action,
        SubjectKind(row.subject_kind),
        row.subject,
        row.league,
        row.before or {},
        row.after or {},
    )
