"""The access log: one row for each sealed value that an operator saw, released or erased.

Written in the transaction that reads, before anything is shown: what cannot be recorded is not
shown.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.store.encryption import Keyring
from bot.store.models.administration.operators import AccessLogRow

PIECE: Final = 1000
"""Rows of one statement."""
ACTOR_LENGTH: Final = 40
"""Characters; the width of the column."""


class AccessAction(StrEnum):
    """What was done with the value; the values are stored."""

    READ = "read"
    EXPORT = "export"
    ERASE = "erase"
    RELEASE = "release"
    """A code that binds an application was issued."""


async def record(
    db: AsyncSession,
    keys: Keyring,
    actor: str,
    action: AccessAction,
    seen: Iterable[tuple[str, int]],
    purpose: str,
    now: datetime,
) -> None:
    """Enters one row for each of `seen`: pairs of `table.column` and the row's id."""
    rows = [
        {
            "at": now,
            "actor": actor[:ACTOR_LENGTH],
            "action": action,
            "field": field,
            "subject": subject(keys, field, number),
            "purpose": purpose,
        }
        for field, number in seen
    ]
    for piece in pieces(rows, PIECE):
        await db.execute(insert(AccessLogRow), piece)


def subject(keys: Keyring, field: str, number: int) -> bytes:
    """The hash under which a row stands in the log: equal for all columns of one row."""
    return keys.index(f"{field.partition('.')[0]}:{number}", "access_log.subject")
