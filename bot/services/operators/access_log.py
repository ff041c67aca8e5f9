"""Who looked at personal data: one row for each sealed value that a person of the staff saw.

Written in the transaction that reads, before anything is shown: what cannot be recorded is not
shown.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.encryption import Keyring
from bot.store.models.operators import AccessLogRow

PIECE: Final = 1000
ACTOR: Final = 40


async def record(
    db: AsyncSession,
    keys: Keyring,
    actor: str,
    action: str,
    seen: Iterable[tuple[str, int]],
    purpose: str,
    now: datetime,
) -> None:
    """`seen` are pairs of `table.column` and the row's id; `action` is read or export."""
    rows = [
        {
            "at": now,
            "actor": actor[:ACTOR],
            "action": action,
            "field": field,
            "subject": subject(keys, field, number),
            "purpose": purpose,
        }
        for field, number in seen
    ]
    for start in range(0, len(rows), PIECE):
        await db.execute(insert(AccessLogRow), rows[start : start + PIECE])


def subject(keys: Keyring, field: str, number: int) -> bytes:
    """The hash under which a row stands in the log: equal for all columns of one row."""
    return keys.index(f"{field.partition('.')[0]}:{number}", "access_log.subject")
