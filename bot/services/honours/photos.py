"""Photos of nominees: decoded, made small and encoded anew without metadata, sealed.

What is stored was encoded by us: no place and no serial number of a camera, no hidden payload.
"""

import base64
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.errors import DomainError
from bot.services.honours.statuses import NominationStatus
from bot.services.pictures import PictureRefused, decode, to_jpeg
from bot.store.encryption import Keyring
from bot.store.models.honours import CampaignRow, NominationPhotoRow, NominationRow
from bot.store.upsert import upsert

MAX_BYTES: Final = 12_000_000
MAX_PIXELS: Final = 50_000_000
MAX_SIDE: Final = 1600
"""Pixels: what is larger is made smaller."""
_LABEL: Final = "nomination_photo.photo"


class NotAPhoto(DomainError):
    """The file is no picture of a known format, or has too many bytes or pixels."""


def encode(data: bytes) -> bytes:
    """The picture as a JPEG without metadata. Raises `NotAPhoto`.

    Slow (up to some 100 ms): run it in a thread.
    """
    try:
        return to_jpeg(decode(data, most_bytes=MAX_BYTES, most_pixels=MAX_PIXELS, side=MAX_SIDE))
    except PictureRefused:
        raise NotAPhoto from None


async def store_photo(
    db: AsyncSession, keys: Keyring, nomination_id: int, jpeg: bytes, now: datetime
) -> bool:
    """Keeps what `encode` made, in place of an earlier one; False where nobody has agreed.

    An approved nomination is looked at again: what was approved is not what is shown then. From
    the short list on the photo stays as it was approved.
    """
    row = await db.get(NominationRow, nomination_id, with_for_update=True)
    if row is None or row.courier_id is None or row.status not in CHANGEABLE:
        return False
    values = {"photo": keys.seal(base64.b64encode(jpeg).decode(), _LABEL), "at": now}
    insert = upsert(db, NominationPhotoRow).values(
        nomination_id=nomination_id, courier_id=row.courier_id, **values
    )
    key = [NominationPhotoRow.nomination_id]
    await db.execute(insert.on_conflict_do_update(index_elements=key, set_=values))
    row.status = NominationStatus.NEW
    return True


CHANGEABLE: Final = frozenset({NominationStatus.NEW, NominationStatus.APPROVED})
"""Statuses in which a nominee may still give a photo."""


async def read_photo(db: AsyncSession, keys: Keyring, nomination_id: int) -> bytes | None:
    """The photo of a nomination, for its owner and operators; None without one."""
    found = select(NominationPhotoRow.photo).where(
        NominationPhotoRow.nomination_id == nomination_id
    )
    sealed = await db.scalar(found)
    return None if sealed is None else base64.b64decode(keys.open(sealed, _LABEL))


async def published_photo(
    db: AsyncSession, keys: Keyring, nomination_id: int, *, demo: bool = False
) -> bytes | None:
    """The photo of a winner whose campaign is published, None for all others."""
    found = (
        select(NominationRow.id)
        .join(CampaignRow)
        .where(
            NominationRow.id == nomination_id,
            NominationRow.status == NominationStatus.WINNER,
            CampaignRow.published_at.is_not(None),
        )
    )
    if not demo:
        found = found.where(CampaignRow.is_sample.is_(False))
    if await db.scalar(found) is None:
        return None
    return await read_photo(db, keys, nomination_id)
