"""The counts of a campaign's votes for its page: of a million votes counting takes seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services import bounded
from bot.services.honours import votes
from bot.services.honours.votes import Tally
from bot.services.kept_counts import KeptCounts
from bot.services.storage import Database
from bot.store.models.honours import HonourVoteRow


@value
class VoteCounts:
    """As of `at`, None: not counted yet. `by_firm`: nomination, firm and votes.

    `is_due`: somebody should `count_again`.
    """

    at: datetime | None = None
    tallies: Mapping[int, Tally] = field(default_factory=lambda: MappingProxyType({}))
    by_firm: Sequence[tuple[int, str, int]] = ()
    is_due: bool = False


async def look(store: Database, campaign_id: int, now: datetime) -> VoteCounts:
    """The counts, of many votes those that are kept."""
    async with store.reading() as db:
        mine = HonourVoteRow.campaign_id == campaign_id
        if await bounded.count(db, HonourVoteRow, mine) <= bounded.COUNTED:
            return VoteCounts(now, *await _counted(campaign_id, db))
    kept = _KEPT.look(store, campaign_id, now)
    return (
        VoteCounts(is_due=True) if kept is None else VoteCounts(kept.at, *kept.value, kept.is_due)
    )


async def count_again(store: Database, campaign_id: int, now: datetime) -> None:
    """Counts many votes and keeps that, unless somebody is at it."""
    await _KEPT.renew(store, campaign_id, now, partial(_counted, campaign_id))


_Counted = tuple[Mapping[int, Tally], Sequence[tuple[int, str, int]]]
_KEPT: Final = KeptCounts[_Counted](timedelta(minutes=1))


async def _counted(campaign_id: int, db: AsyncSession) -> _Counted:
    return await votes.tallies(db, campaign_id), await votes.by_firm(db, campaign_id)
