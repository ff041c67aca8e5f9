"""Campaigns: which there are, and what each takes today."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.store.models.honours import CampaignRow


@value
class Campaign:
    """One campaign in one language; the last day of each period belongs to it.

    `leagues`: the adcodes of those that take part, empty: all.
    """

    id: int
    code: str
    title: str
    rules: str
    leagues: tuple[str, ...]
    nominate_from: date
    nominate_until: date
    vote_from: date
    vote_until: date
    winners: int
    published_at: datetime | None
    is_sample: bool

    def takes_nominations(self, now: datetime) -> bool:
        """Whether couriers can be nominated at that moment."""
        return self._is_on(self.nominate_from, self.nominate_until, now)

    def takes_votes(self, now: datetime) -> bool:
        """Whether votes can be cast and moved at that moment."""
        return self._is_on(self.vote_from, self.vote_until, now)

    def _is_on(self, first: date, last: date, now: datetime) -> bool:
        return self.published_at is None and first <= now.astimezone(CHINA).date() <= last


async def current(
    db: AsyncSession, language: str, now: datetime, *, demo: bool = False
) -> list[Campaign]:
    """Those that are announced and not over, the first to end first. `demo`: samples, too."""
    today = now.astimezone(CHINA).date()
    not_over = (CampaignRow.vote_until >= today) | (CampaignRow.nominate_until >= today)
    wanted = (CampaignRow.published_at.is_(None), not_over)
    return await _find(db, wanted, language, demo=demo)


async def by_id(
    db: AsyncSession, campaign_id: int, language: str, *, demo: bool = False
) -> Campaign | None:
    """The campaign, None without one."""
    found = await _find(db, (CampaignRow.id == campaign_id,), language, demo=demo)
    return found[0] if found else None


async def _find(
    db: AsyncSession, wanted: tuple[ColumnElement[bool], ...], language: str, *, demo: bool
) -> list[Campaign]:
    rows = select(CampaignRow).where(*wanted)
    if not demo:
        rows = rows.where(CampaignRow.is_sample.is_(False))
    ordered = rows.order_by(CampaignRow.vote_until, CampaignRow.code)
    return [campaign_of(row, language) for row in await db.scalars(ordered)]


def campaign_of(row: CampaignRow, language: str) -> Campaign:
    """A stored row in one language, in Chinese where there is no other."""
    english = not language.replace("-", "_").startswith("zh")
    return Campaign(
        id=row.id,
        code=row.code,
        title=(english and row.title_en) or row.title,
        rules=(english and row.rules_en) or row.rules,
        leagues=tuple(one for one in row.leagues.split(",") if one),
        nominate_from=row.nominate_from,
        nominate_until=row.nominate_until,
        vote_from=row.vote_from,
        vote_until=row.vote_until,
        winners=row.winners,
        published_at=row.published_at,
        is_sample=row.is_sample,
    )
