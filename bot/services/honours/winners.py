"""Winners as everybody may see them, once their campaign is published and while they agree.

Whoever withdraws the consent withdraws the nomination, whose row is deleted: so all who stand here
agree.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.honours.campaigns import Campaign, campaign_of
from bot.services.honours.statuses import NominationStatus
from bot.store.encryption import Keyring
from bot.store.models.honours import CampaignRow, NominationPhotoRow, NominationRow


@value
class Winner:
    """One winner. `certificate` is its number; `published_at` of the result."""

    id: int
    name: str
    firm: str
    league: str
    story: str
    place: int
    votes: int
    certificate: str
    has_photo: bool
    is_sample: bool
    courier_id: int | None
    campaign: Campaign
    published_at: datetime


async def all_winners(
    db: AsyncSession, keys: Keyring, language: str, *, demo: bool = False
) -> list[Winner]:
    """The latest campaign first, in each by their places. `demo`: samples, too."""
    conditions = () if demo else (CampaignRow.is_sample.is_(False),)
    return await _find(db, keys, language, *conditions)


async def winner_with(
    db: AsyncSession, keys: Keyring, language: str, nomination_id: int, *, demo: bool = False
) -> Winner | None:
    """The winner, None without one."""
    found = await all_winners(db, keys, language, demo=demo)
    return next((one for one in found if one.id == nomination_id), None)


async def with_certificate(
    db: AsyncSession, keys: Keyring, language: str, number: str, *, demo: bool = False
) -> Winner | None:
    """The winner with a certificate of that number, None where it is not genuine."""
    conditions = [NominationRow.certificate == number.upper().strip()[:24]]
    if not demo:
        conditions.append(CampaignRow.is_sample.is_(False))
    found = await _find(db, keys, language, *conditions)
    return found[0] if found else None


async def _find(
    db: AsyncSession, keys: Keyring, language: str, *conditions: ColumnElement[bool]
) -> list[Winner]:
    photo = select(NominationPhotoRow.nomination_id)
    photo = photo.where(NominationPhotoRow.nomination_id == NominationRow.id)
    rows = (
        select(NominationRow, CampaignRow, photo.exists())
        .join(CampaignRow, CampaignRow.id == NominationRow.campaign_id)
        .where(NominationRow.status == NominationStatus.WINNER, *conditions)
        .where(CampaignRow.published_at.is_not(None))
        .order_by(CampaignRow.published_at.desc(), CampaignRow.id, NominationRow.place)
    )
    return [
        Winner(
            id=row.id,
            name=keys.open(row.name, "nomination.name"),
            firm=keys.open(row.firm, "nomination.firm"),
            league=row.league,
            story=keys.open(row.story, "nomination.story"),
            place=row.place or 0,
            votes=row.votes,
            certificate=row.certificate or "",
            has_photo=has_photo,
            is_sample=row.is_sample,
            courier_id=row.courier_id,
            campaign=campaign_of(campaign, language),
            published_at=campaign.published_at or row.created_at,  # never None: see above
        )
        for row, campaign, has_photo in await db.execute(rows)
    ]
