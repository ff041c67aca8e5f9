"""Duplicate stations as operators see them: within their leagues, each deed in the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, literal_column, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services.operators import audit, revisions
from bot.services.operators.access_log import ACTOR_LENGTH
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.access import require
from bot.services.stations.administration.leagues import league_of, visible
from bot.services.stations.editing import edits
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.importing.recorded import whole
from bot.services.stations.importing.stored import Stored
from bot.services.stations.merging import duplicates, merge
from bot.services.stations.merging.duplicates import SERVED, Candidate
from bot.services.stations.merging.merge import Merge, Pick
from bot.store.literals import all_in_sql
from bot.store.models.merging import PossibleDuplicateRow
from bot.store.models.stations import StationRow

PAGE: Final = 50
COUNTED: Final = 1000
"""More pairs than these are not counted."""


@value
class PairedStation:
    """A station of a pair."""

    code: str
    name: str
    address: str
    league: str


@value
class Pair:
    """Two stations that may be one; `key` names the pair in forms and addresses."""

    key: str
    first: PairedStation
    second: PairedStation
    metres: int


@value
class PairPage:
    """`total` at most `COUNTED` + 1; `next`: the key `after` which the next page begins, or ""."""

    pairs: tuple[Pair, ...]
    total: int
    next: str


async def candidates(
    db: AsyncSession, places: Places, operator: Operator, code: str
) -> tuple[Stored, list[Candidate]]:
    """The station, and what may be the same one, of the operator's leagues.

    Raises `StationUnknown`, `NotAllowed` and `StationMerged`.
    """
    await require(db, places, operator, code, Right.STATIONS)
    found = await edits.find(db, code)
    if found is None:
        raise StationUnknown(code)
    near = await duplicates.around(db, found.id, found.entry.name, found.point)
    theirs = [one for one in near if operator.covers(league_of(places, one.adcode, one.league))]
    return found, theirs


async def preview(
    db: AsyncSession, places: Places, operator: Operator, kept: str, other: str, now: datetime
) -> Merge:
    """What merging the second into the first would do.

    Raises as `merge.preview`, and `NotAllowed` where either is another league's.
    """
    await _require_both(db, places, operator, kept, other)
    return await merge.preview(db, kept, other, now)


async def merge_stations(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    kept: str,
    other: str,
    picks: Mapping[str, Pick],
    now: datetime,
    *,
    version: int,
) -> int:
    """Does it and enters it in the audit log; the number of its revision. Raises as `merge.merge`.

    Also `NotAllowed` where either is, or the merged one would be, of another league.
    """
    leagues = await _require_both(db, places, operator, kept, other)
    old = await edits.find(db, other)
    number = await merge.merge(db, kept, other, picks, operator.name, now, version=version)
    _, league = await require(db, places, operator, kept, Right.STATIONS)
    (_, done), *_ = await revisions.history(db, revisions.RevisionKind.STATIONS, kept, 1)
    removed = {} if old is None else whole(old.entry)
    for code, of, before, after in (
        (kept, league, done.before or {}, {**(done.after or {}), "merged": other}),
        (other, leagues[1], removed, {"merged_into": kept}),
    ):
        await audit.record(
            db,
            operator.name,
            "station.merge",
            SubjectKind.STATION,
            code,
            now,
            league=of,
            before=before,
            after=after,
        )
    return number


async def pairs(db: AsyncSession, places: Places, operator: Operator, after: str = "") -> PairPage:
    """A page of the pairs of which both are the operator's. Raises `NotAllowed`."""
    operator.require(Right.STATIONS)
    row = PossibleDuplicateRow
    rows = _open(places, operator, select(row.first_id, row.second_id, row.metres))
    if (key := _ids(after)) is not None:
        rows = rows.where(tuple_(row.first_id, row.second_id) > key)
    found = (await db.execute(rows.order_by(row.first_id, row.second_id).limit(PAGE + 1))).all()
    shown = found[:PAGE]
    known = await _stations(db, places, {one for pair in shown for one in pair[:2]})
    listed = tuple(
        Pair(f"{first}-{second}", known[first], known[second], metres)
        for first, second, metres in shown
    )
    total = await count(db, places, operator)
    return PairPage(listed, total, listed[-1].key if len(found) > PAGE else "")


async def count(db: AsyncSession, places: Places, operator: Operator) -> int:
    """How many pairs there are, at most `COUNTED` + 1; none for who may not merge them."""
    if not operator.may(Right.STATIONS):
        return 0
    rows = _open(places, operator, select(literal_column("1").label("one")))
    some = rows.select_from(PossibleDuplicateRow).limit(COUNTED + 1).subquery()
    return await db.scalar(select(func.count()).select_from(some)) or 0


async def keep_apart(
    db: AsyncSession, places: Places, operator: Operator, key: str, now: datetime
) -> bool:
    """These are two stations: the pair is not listed any more. False: it is not listed now.

    Raises `NotAllowed` where either is another league's.
    """
    ids = _ids(key)
    if ids is None:
        return False
    known = await _stations(db, places, set(ids))
    if len(known) != len(ids):
        return False
    for one in known.values():
        operator.require(Right.STATIONS, one.league)
    row = PossibleDuplicateRow
    mine = (row.first_id == ids[0]) & (row.second_id == ids[1]) & row.distinct_at.is_(None)
    said = {"distinct_at": now, "distinct_by": operator.name[:ACTOR_LENGTH]}
    done = await db.execute(update(row).where(mine).values(said).returning(row.first_id))
    if done.first() is None:
        return False
    for own, other in (ids, ids[::-1]):
        await audit.record(
            db,
            operator.name,
            "station.distinct",
            SubjectKind.STATION,
            known[own].code,
            now,
            league=known[own].league,
            after={"distinct_from": known[other].code},
        )
    return True


async def _require_both(
    db: AsyncSession, places: Places, operator: Operator, kept: str, other: str
) -> tuple[str, str]:
    _, own = await require(db, places, operator, kept, Right.STATIONS)
    _, others = await require(db, places, operator, other, Right.STATIONS)
    return own, others


def _open(
    places: Places, operator: Operator, rows: Select[*tuple[Any, ...]]
) -> Select[*tuple[Any, ...]]:
    """Pairs that are still to be looked at, both of them in service and the operator's."""
    row = PossibleDuplicateRow

    def theirs(station_id: ColumnElement[int]) -> ColumnElement[bool]:
        served = (StationRow.status + "").in_(all_in_sql(SERVED))
        return exists().where(StationRow.id == station_id, served, visible(places, operator))

    return rows.where(
        row.distinct_at.is_(None),
        theirs(row.first_id.expression),
        theirs(row.second_id.expression),
    )


async def _stations(db: AsyncSession, places: Places, ids: set[int]) -> dict[int, PairedStation]:
    row = StationRow
    rows = select(row.id, row.code, row.name, row.address, row.adcode, row.league)
    return {
        one.id: PairedStation(
            one.code, one.name, one.address, league_of(places, one.adcode, one.league)
        )
        for one in await db.execute(rows.where(row.id.in_(ids)))
    }


def _ids(key: str) -> tuple[int, int] | None:
    """The ids of a pair's key; None for what is none."""
    first, _, second = key.partition("-")
    if all(one.isascii() and one.isdecimal() and len(one) < 18 for one in (first, second)):
        return int(first), int(second)
    return None
