"""Deletes nominations without an answer, those that were not honoured, and votes, in time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from bot.services.honours.nominations import UNANSWERED_FOR
from bot.services.honours.statuses import NominationStatus
from bot.store.batches import delete_in_batches
from bot.store.engine import Store
from bot.store.models.honours import CampaignRow, HonourVoteRow, NominationRow

VOTES_KEPT: Final = timedelta(days=30)
"""After the result was published: so long it can be contested."""
NOT_HONOURED_KEPT: Final = timedelta(days=90)
"""After the result was published, or after the last day of the voting where none was."""


async def delete_expired(store: Store, now: datetime) -> Mapping[str, int]:
    """Deletes what is past its time, in small transactions; rows by kind."""
    asked = NominationRow.status == NominationStatus.ASKED
    unanswered = asked & (NominationRow.created_at < now - UNANSWERED_FOR)
    over = select(CampaignRow.id).where(
        (CampaignRow.published_at < now - NOT_HONOURED_KEPT)
        | (
            CampaignRow.published_at.is_(None)
            & (CampaignRow.vote_until < (now - NOT_HONOURED_KEPT).date())
        )
    )
    lost = NominationRow.campaign_id.in_(over) & (NominationRow.status != NominationStatus.WINNER)
    counted = select(CampaignRow.id).where(CampaignRow.published_at < now - VOTES_KEPT)
    old_votes = HonourVoteRow.campaign_id.in_(counted)
    return {
        "nominations": await delete_in_batches(
            store, NominationRow, unanswered | lost, NominationRow.id
        ),
        "votes": await delete_in_batches(store, HonourVoteRow, old_votes, HonourVoteRow.at),
    }
