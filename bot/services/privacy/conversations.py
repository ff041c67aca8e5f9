"""Which conversations are still stored, for pages that may show one that was deleted."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select

from bot.common.chunks import pieces
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow

ADDRESSES: Final = 5_000
"""Of one statement: databases take some 32,000 parameters."""


async def answered_by_address(
    store: Store, channel: str, addresses: Collection[str]
) -> Mapping[str, bool]:
    """By address of that channel, whether a message was answered there since the chat was added or
    last cleared; an address without a chat is left out."""
    known: dict[str, bool] = {}
    row = ChatRow
    async with store.reading() as db:
        for some in pieces(addresses, ADDRESSES):
            at = (row.channel == channel) & row.external_id.in_(some)
            found = await db.execute(select(row.external_id, row.turns).where(at))
            known |= {one.external_id: one.turns > 0 for one in found}
    return known
