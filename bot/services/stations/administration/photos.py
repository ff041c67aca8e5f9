"""Photos of a station's door, added, ordered and removed by an operator of its league.

Each change locks the station, so that two operators at once never leave more than `MOST`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services.errors import DomainError
from bot.services.operators import audit
from bot.services.operators.audit import Fields, SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.services.spreadsheets.cells import clean_prose
from bot.services.stations.administration.access import require
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.photos.encoding import EncodedPhoto
from bot.services.stations.photos.shown import MOST, Photo
from bot.store.models.stations import StationPhotoRow, StationRow

DESCRIPTION_LENGTH: Final = 60
"""Characters; the width of the column."""
KEPT: Final = timedelta(days=7)
"""So long a removed photo can be restored."""


class PhotosFull(DomainError):
    """The station shows as many photos as it may."""


class PhotoKnown(DomainError):
    """The station shows the very same photo already."""


class PhotoGone(DomainError):
    """Somebody removed the photo, or restored it, meanwhile."""


class DescriptionTooLong(DomainError):
    """It has more than `DESCRIPTION_LENGTH` characters."""


class PhotoDescribed(DomainError):
    """Somebody else described the photo meanwhile, as `description`."""

    def __init__(self, description: str) -> None:
        super().__init__()
        self.description = description


@value
class RemovedPhoto:
    """A photo that can be restored `until` then."""

    photo: Photo
    until: datetime


@value
class StationPhotos:
    """The photos that couriers see, in their order, and those that can be restored."""

    shown: tuple[Photo, ...]
    removed: tuple[RemovedPhoto, ...]


async def of_station(
    db: AsyncSession, places: Places, operator: Operator, code: str, now: datetime
) -> StationPhotos:
    """Raises `StationUnknown`, and `NotAllowed` for another league's."""
    station_id, _ = await require(db, places, operator, code, Right.READ)
    rows = await _rows(db, station_id)
    removed = (one for one in rows if one.removed_at is not None and one.removed_at > now - KEPT)
    newest = sorted(removed, key=lambda one: one.removed_at or now, reverse=True)
    return StationPhotos(
        tuple(_photo(one) for one in _shown(rows)),
        tuple(RemovedPhoto(_photo(one), (one.removed_at or now) + KEPT) for one in newest),
    )


async def small(
    db: AsyncSession, places: Places, operator: Operator, code: str, photo_id: int
) -> bytes:
    """The small JPEG of a photo, a removed one too. Raises as `of_station`, and `PhotoGone`."""
    station_id, _ = await require(db, places, operator, code, Right.READ)
    row = StationPhotoRow
    found = select(row.small).where(row.id == photo_id, row.station_id == station_id)
    data = await db.scalar(found)
    if data is None:
        raise PhotoGone
    return data


async def add(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    code: str,
    photo: EncodedPhoto,
    description: str,
    now: datetime,
) -> None:
    """Shows the photo to couriers, as the last of the station; one that was removed comes back.

    Raises as `of_station`, `PhotosFull`, `PhotoKnown` and `DescriptionTooLong`.
    """
    said = _description(description)
    station_id, league, rows = await _locked(db, places, operator, code)
    shown = _shown(rows)
    if any(one.name == photo.name for one in shown):
        raise PhotoKnown
    if len(shown) >= MOST:
        raise PhotosFull
    known = next((one for one in rows if one.name == photo.name), None)
    if known is None:
        known = StationPhotoRow(
            station_id=station_id,
            name=photo.name,
            width=photo.width,
            height=photo.height,
            data=photo.data,
            small=photo.small,
            added_at=now,
        )
        db.add(known)
    known.position = len(shown) + 1
    known.description, known.removed_at = said, None
    after = {"photo": photo.name, "description": said}
    await _record(db, operator, "photo_add", code, league, now, after=after)


async def remove(
    db: AsyncSession, places: Places, operator: Operator, code: str, photo_id: int, now: datetime
) -> None:
    """Couriers do not see it any more. Raises as `of_station`, and `PhotoGone`."""
    _, league, rows = await _locked(db, places, operator, code)
    row = _find(_shown(rows), photo_id)
    row.removed_at = now
    _number([one for one in _shown(rows) if one is not row])
    before = {"photo": row.name, "description": row.description}
    await _record(db, operator, "photo_remove", code, league, now, before=before)


async def restore(
    db: AsyncSession, places: Places, operator: Operator, code: str, photo_id: int, now: datetime
) -> None:
    """Shows a removed photo again, as the last. Raises as `remove`, and `PhotosFull`."""
    _, league, rows = await _locked(db, places, operator, code)
    shown = _shown(rows)
    gone = [one for one in rows if one.removed_at is not None and one.removed_at > now - KEPT]
    row = _find(gone, photo_id)
    if len(shown) >= MOST:
        raise PhotosFull
    row.removed_at, row.position = None, len(shown) + 1
    after = {"photo": row.name, "description": row.description}
    await _record(db, operator, "photo_restore", code, league, now, after=after)


async def describe(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    code: str,
    photo_id: int,
    was: str,
    description: str,
    now: datetime,
) -> bool:
    """What one sees on it; False where it is so already. `was`: what the operator saw there.

    Raises as `remove`, `DescriptionTooLong`, and `PhotoDescribed` where `was` holds no more.
    """
    said = _description(description)
    _, league, rows = await _locked(db, places, operator, code)
    row = _find(_shown(rows), photo_id)
    if row.description == said:
        return False
    if row.description != was:
        raise PhotoDescribed(row.description)
    row.description = said
    before: Fields = {"photo": row.name, "description": was}
    after: Fields = {"photo": row.name, "description": said}
    await _record(db, operator, "photo_describe", code, league, now, before=before, after=after)
    return True


async def move_forward(
    db: AsyncSession, places: Places, operator: Operator, code: str, photo_id: int, now: datetime
) -> None:
    """Shows it one place earlier; the first stays. Raises as `remove`."""
    _, league, rows = await _locked(db, places, operator, code)
    shown = _shown(rows)
    row = _find(shown, photo_id)
    at = shown.index(row)
    if at == 0:
        return
    shown[at - 1 : at + 1] = [row, shown[at - 1]]
    _number(shown)
    before: Fields = {"photo": row.name, "position": at + 1}
    after: Fields = {"photo": row.name, "position": at}
    await _record(db, operator, "photo_order", code, league, now, before=before, after=after)


async def _locked(
    db: AsyncSession, places: Places, operator: Operator, code: str
) -> tuple[int, str, Sequence[StationPhotoRow]]:
    """Id and league of the station, which nobody else changes until the end, and its photos."""
    station_id, league = await require(db, places, operator, code, Right.STATIONS)
    held = select(StationRow.id).where(StationRow.id == station_id)
    if await db.scalar(held.with_for_update(key_share=True)) is None:
        raise StationUnknown(code)
    return station_id, league, await _rows(db, station_id)


async def _rows(db: AsyncSession, station_id: int) -> Sequence[StationPhotoRow]:
    row = StationPhotoRow
    found = select(row).where(row.station_id == station_id).order_by(row.position, row.id)
    return (await db.scalars(found)).all()


def _shown(rows: Sequence[StationPhotoRow]) -> list[StationPhotoRow]:
    return [one for one in rows if one.removed_at is None]


def _find(rows: Sequence[StationPhotoRow], photo_id: int) -> StationPhotoRow:
    found = next((one for one in rows if one.id == photo_id), None)
    if found is None:
        raise PhotoGone
    return found


def _number(rows: Sequence[StationPhotoRow]) -> None:
    for position, one in enumerate(rows, 1):
        one.position = position


def _photo(row: StationPhotoRow) -> Photo:
    return Photo(row.id, row.name, row.description, row.width, row.height)


def _description(text: str) -> str:
    said = clean_prose(text)
    if len(said) > DESCRIPTION_LENGTH:
        raise DescriptionTooLong
    return said


async def _record(
    db: AsyncSession,
    operator: Operator,
    verb: str,
    code: str,
    league: str,
    now: datetime,
    *,
    before: Fields | None = None,
    after: Fields | None = None,
) -> None:
    await audit.record(
        db,
        operator.name,
        f"station.{verb}",
        SubjectKind.STATION,
        code,
        now,
        league=league,
        before=before,
        after=after,
    )
