"""Pre-applications as card staff work on them: masked, revealed for a reason, exported, handled.

An operator of single leagues sees those for whose outlet a station of these was picked; those with
a typed outlet belong to whoever sees the whole region.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, FromClause, join, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services import bounded
from bot.services.cards import pre_application_export
from bot.services.cards.pre_application_export import ExportedPreApplication
from bot.services.cards.pre_applications import PreApplicationStatus, note_key
from bot.services.operators import audit, notes
from bot.services.operators.access_log import AccessAction
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import NotAllowed, Operator, Right
from bot.services.stations.administration import station_texts
from bot.services.stations.administration.leagues import visible
from bot.store.encryption import Keyring
from bot.store.models.cards import CardRequestRow
from bot.store.models.stations import StationRow

PAGE: Final = 30
EVERY: Final = tuple(PreApplicationStatus)


class RevealReason(StrEnum):
    """Why somebody needs the whole values; stored in the audit log. No free text, which could
    hold such values itself."""

    CALL = "call"
    """The courier calls or stands at the counter."""
    OUTLET = "outlet"
    """The outlet asks."""
    CORRECT = "correct"
    """Something in it is wrong."""
    COMPLAINT = "complaint"


async def counts(
    db: AsyncSession, places: Places, operator: Operator, outlet: str = ""
) -> dict[PreApplicationStatus, int]:
    """How many there are by state, of outlets in whose name, code or address `outlet` stands; each
    counted to `COUNTED` + 1. Raises `NotAllowed`."""
    operator.require(Right.CARDS)
    rows: FromClause = CardRequestRow.__table__
    if operator.leagues or outlet:
        rows = join(CardRequestRow, StationRow, StationRow.id == CardRequestRow.outlet_id)
    only = visible(places, operator) & _named(outlet)
    counted = {
        one: await bounded.count(db, rows, CardRequestRow.status == one, only)
        for one in PreApplicationStatus
    }
    return {one: number for one, number in counted.items() if number}


async def page(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    status: PreApplicationStatus | None,
    before: int | None,
    now: datetime,
    outlet: str = "",
) -> list[ExportedPreApplication]:
    """A page, the newest first, values masked; each that was opened for it is in the access log.
    `outlet`: as in `counts`.

    Raises `NotAllowed`.
    """
    operator.require(Right.CARDS)
    only = visible(places, operator) & _named(outlet)
    if before is not None:
        only &= CardRequestRow.id < before
    found = await pre_application_export.export(
        db, keys, operator.name, AccessAction.READ, now,
        statuses=EVERY if status is None else (status,), only=only, newest=PAGE,
    )  # fmt: skip
    return [one.masked() for one in found]


async def reveal(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    number: int,
    reason: RevealReason,
    now: datetime,
) -> ExportedPreApplication | None:
    """One with its whole values; None if there is none. The audit log says who and why, never
    what was seen. Raises `NotAllowed`."""
    operator.require(Right.CARDS)
    found = await pre_application_export.export(
        db, keys, operator.name, AccessAction.READ, now, statuses=EVERY,
        only=visible(places, operator) & (CardRequestRow.id == number),
        purpose=f"reveal:{reason}",
    )  # fmt: skip
    if not found:
        await _require_theirs(db, places, operator, number)
        return None
    await audit.record(
        db, operator.name, "card.reveal", SubjectKind.CARD, f"request {number}", now,
        after={"reason": reason.value},
    )  # fmt: skip
    return found[0]


async def export(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    status: PreApplicationStatus,
    now: datetime,
    *,
    mark_passed: bool,
) -> list[ExportedPreApplication]:
    """All in that state, whole, for a file; `mark_passed`: new ones count as handed on.

    Raises `NotAllowed`.
    """
    operator.require(Right.CARDS)
    found = await pre_application_export.export(
        db, keys, operator.name, AccessAction.EXPORT, now,
        statuses=(status,), only=visible(places, operator),
    )  # fmt: skip
    if mark_passed:
        ids = [one.id for one in found if one.status is PreApplicationStatus.NEW]
        await pre_application_export.mark_passed(db, ids)
        await _close_notes(db, ids, now)
    await audit.record(
        db, operator.name, "card.export", SubjectKind.CARD, "requests", now,
        after={"rows": len(found), "state": status.value, "passed": mark_passed},
    )  # fmt: skip
    return found


async def set_status(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    number: int,
    before: PreApplicationStatus,
    after: PreApplicationStatus,
    now: datetime,
) -> bool:
    """Handed on, done or open again; False if somebody else changed it meanwhile.

    Raises `NotAllowed`.
    """
    operator.require(Right.CARDS)
    mine = CardRequestRow.id == number
    if operator.leagues:
        stations = select(StationRow.id).where(visible(places, operator))
        mine &= CardRequestRow.outlet_id.in_(stations)
    changed = update(CardRequestRow).where(mine, CardRequestRow.status == before)
    changed = changed.values(status=after)
    if await db.scalar(changed.returning(CardRequestRow.id)) is None:
        await _require_theirs(db, places, operator, number)
        return False
    if after is not PreApplicationStatus.NEW:
        await _close_notes(db, [number], now)
    await audit.record(
        db, operator.name, "card.request", SubjectKind.CARD, f"request {number}", now,
        before={"state": before.value}, after={"state": after.value},
    )  # fmt: skip
    return True


async def _require_theirs(
    db: AsyncSession, places: Places, operator: Operator, number: int
) -> None:
    """Raises `NotAllowed` where there is one of that number which the operator does not see."""
    rows = select(CardRequestRow.id).where(CardRequestRow.id == number)
    seen = rows.outerjoin(StationRow, StationRow.id == CardRequestRow.outlet_id)
    seen = seen.where(visible(places, operator))
    if await db.scalar(rows) is not None and await db.scalar(seen) is None:
        raise NotAllowed(Right.CARDS)


def _named(outlet: str) -> ColumnElement[bool]:
    """The condition for outlets in whose name, code or address the text stands; "" all. A typed
    outlet is sealed: it is found by no text."""
    if not outlet:
        return true()
    return station_texts.hold(outlet)


async def _close_notes(db: AsyncSession, ids: Sequence[int], now: datetime) -> None:
    indexes = select(CardRequestRow.number_index).where(CardRequestRow.id.in_(ids))
    await notes.close_marked(db, [note_key(one) for one in await db.scalars(indexes)], now)
