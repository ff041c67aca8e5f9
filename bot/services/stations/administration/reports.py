"""What couriers reported of stations: shown to the operators of the league, and dealt with."""

from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services.operators import access_log, audit, notes
from bot.services.operators.access_log import AccessAction
from bot.services.operators.audit import SubjectKind
from bot.services.operators.notes import DETAIL, Note, NoteKind
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.leagues import league_of, visible
from bot.services.stations.feedback.operator_checks import confirm_in_order
from bot.services.stations.observations import Observer
from bot.store.encryption import Keyring
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.stations import StationRow

KINDS: Final = (NoteKind.STATION_PROBLEM, NoteKind.STATION_CHECK)
PAGE: Final = 50


@value
class ReportPage:
    """Open reports; `next`: the last one, where others come after it."""

    notes: tuple[Note, ...]
    next: int | None


async def waiting(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    now: datetime,
    after: int | None = None,
) -> ReportPage:
    """Open reports, what is to be checked first, then the oldest; what is opened is logged.

    `after`: the last one of the page before. Raises `NotAllowed`.
    """
    operator.require(Right.STATIONS)
    kind, number = OperatorNoteRow.kind, OperatorNoteRow.id
    found = _open(places, operator).order_by(kind, number).limit(PAGE + 1)
    if after is not None and (last := await db.get(OperatorNoteRow, after)) is not None:
        found = found.where(or_(kind > last.kind, and_(kind == last.kind, number > after)))
    every = list(await db.scalars(found))
    rows = every[:PAGE]
    seen = [(DETAIL, row.id) for row in rows if row.detail]
    await access_log.record(db, keys, operator.name, AccessAction.READ, seen, "reports", now)
    notes_shown = tuple(
        Note(
            row.id,
            NoteKind(row.kind),
            row.at,
            row.params,
            keys.open(row.detail, DETAIL) if row.detail else "",
        )
        for row in rows
    )
    return ReportPage(notes_shown, rows[-1].id if len(every) > PAGE else None)


async def close(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    number: int,
    now: datetime,
    *,
    in_order: bool,
) -> bool:
    """Marks a report as dealt with; `in_order`: its couriers are told. False: it is closed already.

    Raises `NotAllowed` for a station of another league.
    """
    operator.require(Right.STATIONS)
    note = await db.get(OperatorNoteRow, number)
    if note is None or note.kind not in KINDS or note.done_at is not None:
        return False
    code = str(note.params["code"])
    columns = select(StationRow.adcode, StationRow.league).where(StationRow.code == code)
    row = (await db.execute(columns)).first()
    league = "" if row is None else league_of(places, row.adcode, row.league)
    operator.require(Right.STATIONS, league)
    if in_order:
        await confirm_in_order(db, Observer(keys), [number], now)
    await notes.close(db, [number], now)
    after: audit.Fields = {"kind": note.kind, "in_order": in_order}
    await audit.record(
        db, operator.name, "report.done", SubjectKind.STATION, code, now, league=league, after=after
    )
    return True


def _open(places: Places, operator: Operator) -> Select[OperatorNoteRow]:
    code = OperatorNoteRow.params["code"].as_string()
    return (
        select(OperatorNoteRow)
        .join(StationRow, StationRow.code == code)
        .where(OperatorNoteRow.done_at.is_(None), OperatorNoteRow.kind.in_(KINDS))
        .where(visible(places, operator))
    )
