"""Nominations of one status in pages by key, as the console lists them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.honours import votes
from bot.services.honours.review import Listed, listed
from bot.services.honours.statuses import NominationStatus
from bot.services.honours.votes import Tally
from bot.store.encryption import Keyring
from bot.store.models.honours import CampaignRow, NominationRow

RANKED: Final = frozenset({NominationStatus.SHORTLISTED, NominationStatus.WINNER})
"""The statuses in which votes make the order; these are few."""
PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class NominationPage:
    """Nominations of one status; `next`: the last one, where others come after it."""

    nominations: tuple[Listed, ...]
    next: int | None


async def page(
    db: AsyncSession,
    keys: Keyring,
    campaign: CampaignRow,
    actor: str,
    now: datetime,
    *,
    status: NominationStatus,
    after: int | None = None,
    leagues: Collection[str] | None = None,
) -> NominationPage:
    """A page of those of one status, entered in the access log: in the order of the nominations,
    on the short list and among winners the most votes first. `after`: the last one of the page
    before. `leagues`: as in `listed`."""
    of_status = [NominationRow.campaign_id == campaign.id, NominationRow.status == status]
    if leagues is not None:
        of_status.append(NominationRow.league.in_(leagues))
    ids = select(NominationRow.id).where(*of_status).order_by(NominationRow.id)
    if status in RANKED:
        tallied = await votes.tallies(db, campaign.id)
        every = sorted(
            await db.scalars(ids), key=lambda one: (-tallied.get(one, Tally()).counted, one)
        )
        begin = every.index(after) + 1 if after in every else 0
        some = every[begin : begin + PAGE + 1]
    else:
        if after is not None:
            ids = ids.where(NominationRow.id > after)
        some = list(await db.scalars(ids.limit(PAGE + 1)))
    shown = some[:PAGE]
    found = await listed(db, keys, campaign, actor, now, only=shown)
    by_id = {one.id: one for one in found}
    return NominationPage(
        tuple(by_id[one] for one in shown if one in by_id),
        shown[-1] if len(some) > PAGE else None,
    )
