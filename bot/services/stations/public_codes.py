"""The code of a station as links and QR codes carry it: `/s/CODE`, `start=st-CODE`.

Telegram's `start` and WeChat's scenes take 64 characters of `A-Za-z0-9_-`, of which `st-` are
three. A code of a list that does not fit is replaced by a digest of it, so that a printed poster
stays right when the list is imported into another database.
"""

from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.lazy_pattern import LazyPattern
from bot.services.stations.catalogue import with_code
from bot.store.models.stations import StationRow

ARRIVAL: Final = "st"
"""The word before the hyphen in a deep link's code."""
FITS: Final = LazyPattern(r"[A-Za-z0-9_-]{1,61}")
_DIGEST: Final = LazyPattern(r"x-[0-9a-f]{12}")


def public_code(code: str) -> str:
    """The code itself where links can carry it, else `x-` and twelve hexadecimal digits."""
    return code if FITS.fullmatch(code) else f"x-{sha256(code.encode()).hexdigest()[:12]}"


def arrival_code(code: str) -> str:
    """What a deep link to the station starts the chat with: `st-CODE`."""
    return f"{ARRIVAL}-{public_code(code)}"


async def with_public_code(db: AsyncSession, public: str) -> int | None:
    """The id of the station that links call so; None for one that no list has."""
    if not FITS.fullmatch(public):
        return None
    if (found := await with_code(db, public)) is not None or not _DIGEST.fullmatch(public):
        return found
    rows = await db.execute(select(StationRow.code))
    code = next((row.code for row in rows if public_code(row.code) == public), None)
    return None if code is None else await with_code(db, code)
