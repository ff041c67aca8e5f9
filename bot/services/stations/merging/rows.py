"""What hangs on a station besides its own fields: counted, moved to another one, and moved back."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import Table, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.common.values import value
from bot.services.dataset_version import Dataset, raise_version
from bot.services.stations.evidence import beliefs
from bot.services.stations.photos.shown import MOST
from bot.services.stations.statuses import StationStatus
from bot.store.models.appointments import AppointmentRow
from bot.store.models.cards import CardRequestRow
from bot.store.models.keepers import KeeperLinkRow
from bot.store.models.merging import PossibleDuplicateRow, StationMergeMoveRow, StationMergeRow
from bot.store.models.observations import ObservationRow, VisitRow
from bot.store.models.stations import FavouriteRow, LeftOutStationRow, StationPhotoRow, StationRow


class Moved(StrEnum):
    """Rows that a merge moves one by one, so that an undo knows them; the values are stored."""

    OBSERVATIONS = "observation"
    VISITS = "visit"
    APPOINTMENTS = "appointment"
    PRE_APPLICATIONS = "card_request"
    KEEPER_LINK = "keeper_link"
    PHOTOS = "station_photo"
    MERGES = "merge"
    """Stations that were merged into the one that is merged now."""


Column = InstrumentedAttribute[Any]
COLUMNS: Final[Mapping[Moved, tuple[Column, Column]]] = {
    Moved.OBSERVATIONS: (ObservationRow.id, ObservationRow.station_id),
    Moved.VISITS: (VisitRow.id, VisitRow.station_id),
    Moved.APPOINTMENTS: (AppointmentRow.id, AppointmentRow.outlet_id),
    Moved.PRE_APPLICATIONS: (CardRequestRow.id, CardRequestRow.outlet_id),
    Moved.MERGES: (StationMergeRow.station_id, StationMergeRow.into_id),
}
"""The key of each kind, and its column that names the station."""


@value
class Belongings:
    """How many rows a merge would move. `favourites_of_both`: couriers who keep both stations.

    `keeper_link`: it has a link that works; `both_have_links`: so has the other, whose one stays.
    """

    favourites: int
    favourites_of_both: int
    observations: int
    visits: int
    appointments: int
    pre_applications: int
    keeper_link: bool
    both_have_links: bool


async def belongings(db: AsyncSession, from_id: int, into_id: int, now: datetime) -> Belongings:
    """What merging the first into the second would move."""

    async def rows(kind: Moved) -> int:
        column = COLUMNS[kind][1]
        return await db.scalar(select(func.count()).where(column == from_id)) or 0

    kept = select(func.count()).where(FavouriteRow.station_id == from_id)
    links = set(await db.scalars(_working_links(from_id, into_id, now)))
    return Belongings(
        favourites=await db.scalar(kept) or 0,
        favourites_of_both=await db.scalar(kept.where(_keeps(into_id))) or 0,
        observations=await rows(Moved.OBSERVATIONS),
        visits=await rows(Moved.VISITS),
        appointments=await rows(Moved.APPOINTMENTS),
        pre_applications=await rows(Moved.PRE_APPLICATIONS),
        keeper_link=from_id in links,
        both_have_links=links == {from_id, into_id},
    )


async def move(db: AsyncSession, from_id: int, into_id: int, revision: int, now: datetime) -> None:
    """Closes the first station and makes all that belongs to it the second one's.

    The caller has locked the version of the stations, and raises it.
    """
    version = await raise_version(db, Dataset.BELIEFS)  # before all row locks, as others do
    held = await db.scalar(select(StationRow.status).where(StationRow.id == from_id))
    merge = {
        "station_id": from_id,
        "into_id": into_id,
        "status": held,
        "revision_id": revision,
        "at": now,
    }
    await db.execute(insert(StationMergeRow).values(merge))
    shut = update(StationRow).where(StationRow.id == from_id)
    await db.execute(shut.values(status=StationStatus.CLOSED, updated_at=now))
    facts = await _facts(db, from_id)
    for kind, (key, column) in COLUMNS.items():
        theirs = select(literal(from_id), literal(kind.value), key).where(column == from_id)
        if kind is Moved.MERGES:
            theirs = theirs.where(key != from_id)
        await db.execute(_INSERT_MOVES.from_select(["station_id", "kind", "row_id"], theirs))
        await db.execute(update(column.class_).where(column == from_id).values({column: into_id}))
    await _move_keeper_link(db, from_id, into_id, now)
    await _move_photos(db, from_id, into_id)
    await _move_favourites(db, from_id, into_id)
    await _move_left_out(db, from_id, into_id)
    pair = PossibleDuplicateRow
    mine = or_(pair.first_id == from_id, pair.second_id == from_id)
    await db.execute(delete(pair).where(mine))
    await _recompute(db, (from_id, into_id), facts, version, now)


async def give_back(db: AsyncSession, from_id: int, now: datetime) -> None:
    """Makes the merged station one of its own again, with those of its rows that are known."""
    version = await raise_version(db, Dataset.BELIEFS)
    merge = await db.get_one(StationMergeRow, from_id)
    into_id, status = merge.into_id, merge.status
    move_row = StationMergeMoveRow
    for kind, (key, column) in COLUMNS.items():
        ids = select(move_row.row_id).where(
            move_row.station_id == from_id, move_row.kind == kind.value
        )
        back = update(column.class_).where(key.in_(ids), column == into_id)
        await db.execute(back.values({column: from_id}))
    link = exists().where(move_row.station_id == from_id, move_row.kind == Moved.KEEPER_LINK.value)
    returned = update(KeeperLinkRow).where(
        KeeperLinkRow.station_id == into_id, KeeperLinkRow.made_at <= merge.at, link
    )
    await db.execute(returned.values(station_id=from_id))
    await _return_photos(db, from_id, into_id)
    await _return_favourites(db, from_id, into_id)
    await db.execute(delete(StationMergeRow).where(StationMergeRow.station_id == from_id))
    opened = update(StationRow).where(StationRow.id == from_id)
    await db.execute(opened.values(status=status, updated_at=now))
    await _recompute(db, (from_id, into_id), await _facts(db, from_id), version, now)


async def _facts(db: AsyncSession, station_id: int) -> list[str]:
    observed = select(ObservationRow.fact).where(ObservationRow.station_id == station_id)
    return sorted(set(await db.scalars(observed.distinct())))


async def _recompute(
    db: AsyncSession, ids: tuple[int, int], facts: list[str], version: int, now: datetime
) -> None:
    for station_id in ids:
        for fact in facts:
            await beliefs.recompute(db, station_id, fact, version, now)


async def _move_keeper_link(db: AsyncSession, from_id: int, into_id: int, now: datetime) -> None:
    """The keeper's link, unless the other station has one that works: a station has one."""
    row = KeeperLinkRow
    if set(await db.scalars(_working_links(from_id, into_id, now))) != {from_id}:
        return
    await db.execute(delete(row).where(row.station_id == into_id))
    moved = {"station_id": from_id, "kind": Moved.KEEPER_LINK.value, "row_id": from_id}
    await db.execute(_INSERT_MOVES.values(moved))
    await db.execute(update(row).where(row.station_id == from_id).values(station_id=into_id))


def _working_links(from_id: int, into_id: int, now: datetime) -> Any:
    row = KeeperLinkRow
    works = row.revoked_at.is_(None) & (row.expires_at > now)
    return select(row.station_id).where(row.station_id.in_((from_id, into_id)), works)


async def _move_photos(db: AsyncSession, from_id: int, into_id: int) -> None:
    """Photos that the other station has room for and does not have; the rest stay."""
    row = StationPhotoRow
    found = select(row.id, row.name, row.position).where(row.removed_at.is_(None))
    known = select(row.name).where(row.station_id == into_id)
    names = set(await db.scalars(known))
    shown = (await db.execute(found.where(row.station_id == into_id))).all()
    last, room = max((one.position for one in shown), default=0), MOST - len(shown)
    theirs = found.where(row.station_id == from_id).order_by(row.position, row.id)
    fitting = [one.id for one in await db.execute(theirs) if one.name not in names]
    for position, photo_id in enumerate(fitting[: max(room, 0)], last + 1):
        moved = {"station_id": from_id, "kind": Moved.PHOTOS.value, "row_id": photo_id}
        await db.execute(_INSERT_MOVES.values(moved))
        place = update(row).where(row.id == photo_id)
        await db.execute(place.values(station_id=into_id, position=position))


async def _return_photos(db: AsyncSession, from_id: int, into_id: int) -> None:
    """Those that came with the merge, removed ones too, unless the station has got them anew."""
    row, move_row = StationPhotoRow, StationMergeMoveRow
    came = select(move_row.row_id).where(
        move_row.station_id == from_id, move_row.kind == Moved.PHOTOS.value
    )
    known = select(row.name).where(row.station_id == from_id)
    names = set(await db.scalars(known))
    of_them = select(row.id, row.name).where(row.id.in_(came), row.station_id == into_id)
    back = [one.id for one in await db.execute(of_them) if one.name not in names]
    await db.execute(update(row).where(row.id.in_(back)).values(station_id=from_id))


def _keeps(into_id: int) -> Any:
    """Whether the courier of a favourite keeps that station too."""
    other = aliased(FavouriteRow)
    return exists().where(other.courier_id == FavouriteRow.courier_id, other.station_id == into_id)


async def _move_favourites(db: AsyncSession, from_id: int, into_id: int) -> None:
    """A courier who keeps both keeps one: what was saved first is kept in `merged_added_at`."""
    row, other = FavouriteRow, aliased(FavouriteRow)
    saved = (
        select(other.added_at)
        .where(other.courier_id == row.courier_id, other.station_id == from_id)
        .scalar_subquery()
    )
    of_both = select(other.courier_id).where(other.station_id == from_id)
    both = update(row).where(row.station_id == into_id, row.courier_id.in_(of_both))
    await db.execute(
        both.values(merged_from=from_id, merged_added_at=saved).execution_options(
            synchronize_session=False
        )
    )
    mine = (row.station_id == from_id) & _keeps(into_id)
    gone = delete(row).where(mine).execution_options(synchronize_session=False)
    await db.execute(gone)
    moved = update(row).where(row.station_id == from_id)
    await db.execute(moved.values(station_id=into_id, merged_from=from_id, merged_added_at=None))


async def _return_favourites(db: AsyncSession, from_id: int, into_id: int) -> None:
    """Those that are still kept; one who kept both keeps both again."""
    row = FavouriteRow
    mine = (row.station_id == into_id) & (row.merged_from == from_id)
    both = mine & row.merged_added_at.is_not(None)
    again = select(row.courier_id, literal(from_id), row.merged_added_at).where(both)
    columns = ["courier_id", "station_id", "added_at"]
    await db.execute(insert(_FAVOURITE).from_select(columns, again))
    await db.execute(update(row).where(both).values(merged_from=None, merged_added_at=None))
    await db.execute(update(row).where(mine).values(station_id=from_id, merged_from=None))


async def _move_left_out(db: AsyncSession, from_id: int, into_id: int) -> None:
    """Who is not sent to the one today is not sent to the other; an undo leaves it so."""
    row, other = LeftOutStationRow, aliased(LeftOutStationRow)
    of_both = exists().where(other.courier_id == row.courier_id, other.station_id == into_id)
    gone = delete(row).where(row.station_id == from_id, of_both)
    await db.execute(gone.execution_options(synchronize_session=False))
    await db.execute(update(row).where(row.station_id == from_id).values(station_id=into_id))


_INSERT_MOVES: Final = insert(cast(Table, StationMergeMoveRow.__table__))
_FAVOURITE: Final = cast(Table, FavouriteRow.__table__)
