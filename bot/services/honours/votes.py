"""Votes: one for each courier who writes from an account, moved as they like until the end.

A vote counts while its courier has a chat on a channel where an account stands for a person. So
there are never more counted votes than accounts: unlinking an account and linking it to another
page leaves the first vote without one.

Bursts are held: many votes for one nominee within an hour from one network, from one firm, or of
couriers whom nobody knew a day before. All votes of the burst are held, those before its limit too,
and the voter is told nothing of it; an operator decides which of them count.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.honours.campaigns import Campaign
from bot.services.honours.statuses import (
    HoldReason,
    HonourRefusal,
    HonourRefused,
    NominationStatus,
    VoteReview,
)
from bot.store.encryption import Keyring
from bot.store.literals import in_sql
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.honours import HonourVoteRow, NominationRow
from bot.store.models.profiles import ProfileRow
from bot.store.upsert import upsert

ACCOUNT_CHANNELS: Final = ("telegram", "wechat")
"""Channels where a new address is an account, which costs a phone number."""
WINDOW: Final = timedelta(hours=1)
FRESH_FOR: Final = timedelta(days=1)
MOST: Final = {HoldReason.NETWORK: 5, HoldReason.FIRM: 20, HoldReason.FRESH: 10}
"""Votes for one nominee within `WINDOW`; one more, and all of them are held."""
NETWORK_LABEL: Final = "honour_vote.network"


class VoteOutcome(StrEnum):
    """What became of a vote."""

    CAST = "cast"
    MOVED = "moved"
    SAME = "same"
    """The courier had voted for this nominee before."""


async def cast(
    db: AsyncSession,
    keys: Keyring,
    courier_id: int,
    campaign: Campaign,
    nomination_id: int,
    network: str,
    now: datetime,
) -> VoteOutcome:
    """Votes, or moves the vote. `network`: as in `Event`. Raises `HonourRefused`."""
    if not campaign.takes_votes(now):
        raise HonourRefused(HonourRefusal.CLOSED)
    if not await db.scalar(select(_has_account(courier_id))):
        raise HonourRefused(HonourRefusal.NOT_LINKED)
    listed = select(NominationRow.id).where(
        NominationRow.id == nomination_id,
        NominationRow.campaign_id == campaign.id,
        NominationRow.status == NominationStatus.SHORTLISTED,
    )
    if await db.scalar(listed) is None:
        raise HonourRefused(HonourRefusal.UNKNOWN)
    before = await own_vote(db, courier_id, campaign.id)
    if before == nomination_id:
        return VoteOutcome.SAME
    firm = await db.scalar(select(ProfileRow.firm).where(ProfileRow.courier_id == courier_id))
    known_since = await db.scalar(select(CourierRow.created_at).where(CourierRow.id == courier_id))
    values = {
        "nomination_id": nomination_id,
        "at": now,
        "firm": firm or "",
        "network": keys.index(network, NETWORK_LABEL) if network else None,
        "is_fresh": known_since is None or known_since > now - FRESH_FOR,
        "hold": HoldReason.NONE,
        "review": VoteReview.NONE,
    }
    row = upsert(db, HonourVoteRow).values(campaign_id=campaign.id, courier_id=courier_id, **values)
    key = [HonourVoteRow.campaign_id, HonourVoteRow.courier_id]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_=values))
    await _hold_bursts(db, nomination_id, values, now)
    return VoteOutcome.CAST if before is None else VoteOutcome.MOVED


async def own_vote(db: AsyncSession, courier_id: int, campaign_id: int) -> int | None:
    """The nomination that the courier votes for, None without a vote."""
    mine = select(HonourVoteRow.nomination_id).where(
        HonourVoteRow.courier_id == courier_id, HonourVoteRow.campaign_id == campaign_id
    )
    return await db.scalar(mine)


@value
class Tally:
    """The votes for one nomination: those that count, those that wait for a review, the rest.

    `without_account`: their couriers have no account any more.
    """

    counted: int = 0
    held: int = 0
    dropped: int = 0
    without_account: int = 0


async def tallies(db: AsyncSession, campaign_id: int) -> dict[int, Tally]:
    """By nomination; those without a vote are left out."""
    mine = HonourVoteRow.campaign_id == campaign_id
    # Joined once: a million votes are not looked up one by one.
    linked = (
        select(ChatRow.courier_id)
        .where(ChatRow.channel.in_(ACCOUNT_CHANNELS))
        .where(ChatRow.courier_id.in_(select(HonourVoteRow.courier_id).where(mine)))
        .distinct()
        .subquery()
    )
    account = linked.c.courier_id.is_not(None)
    rows = select(
        HonourVoteRow.nomination_id,
        _count(and_(account, _COUNTS)),
        _count(and_(account, _WAITS)),
        _count(and_(account, HonourVoteRow.review == VoteReview.DROPPED)),
        _count(~account),
    ).outerjoin(linked, linked.c.courier_id == HonourVoteRow.courier_id)
    grouped = rows.where(mine).group_by(HonourVoteRow.nomination_id)
    return {one[0]: Tally(*(int(n) for n in one[1:])) for one in await db.execute(grouped)}


@value
class Burst:
    """Votes of one nomination that are held for one reason, and their firm if that is it."""

    nomination_id: int
    reason: HoldReason
    firm: str
    votes: int
    first: datetime
    last: datetime


async def bursts(db: AsyncSession, campaign_id: int) -> list[Burst]:
    """What waits for a review."""
    columns = (HonourVoteRow.nomination_id, HonourVoteRow.hold, HonourVoteRow.firm)
    at = HonourVoteRow.at
    rows = select(*columns, func.count(), func.min(at), func.max(at))
    rows = rows.where(HonourVoteRow.campaign_id == campaign_id, _WAITS)
    found = await db.execute(rows.group_by(*columns).order_by(*columns))
    return [Burst(one[0], HoldReason(one[1]), *one[2:]) for one in found]


async def review(db: AsyncSession, nomination_id: int, *, counted: bool) -> int:
    """Decides on the held votes of a nomination; how many they were."""
    decision = VoteReview.COUNTED if counted else VoteReview.DROPPED
    held = update(HonourVoteRow).where(HonourVoteRow.nomination_id == nomination_id, _WAITS)
    done = await db.scalars(held.values(review=decision).returning(HonourVoteRow.courier_id))
    return len(done.all())


async def by_firm(db: AsyncSession, campaign_id: int) -> list[tuple[int, str, int]]:
    """Nomination, firm and number of votes, the most first; "" for couriers without a firm."""
    columns = (HonourVoteRow.nomination_id, HonourVoteRow.firm)
    rows = select(*columns, func.count()).where(HonourVoteRow.campaign_id == campaign_id)
    ordered = rows.group_by(*columns).order_by(func.count().desc(), *columns)
    return [(one[0], one[1], one[2]) for one in await db.execute(ordered)]


async def _hold_bursts(
    db: AsyncSession, nomination_id: int, vote: dict[str, object], now: datetime
) -> None:
    """Holds the votes of each group that this vote makes too large."""
    recent = and_(HonourVoteRow.nomination_id == nomination_id, HonourVoteRow.at > now - WINDOW)
    for reason, belongs in _groups(vote):
        group = and_(recent, belongs)
        size = select(func.count()).select_from(HonourVoteRow).where(group)
        if (await db.scalar(size) or 0) > MOST[reason]:
            open_ones = update(HonourVoteRow).where(group, HonourVoteRow.hold == HoldReason.NONE)
            await db.execute(open_ones.values(hold=reason))


def _groups(vote: dict[str, object]) -> Iterable[tuple[HoldReason, ColumnElement[bool]]]:
    if vote["network"] is not None:
        yield HoldReason.NETWORK, HonourVoteRow.network == vote["network"]
    if vote["firm"]:
        yield HoldReason.FIRM, HonourVoteRow.firm == vote["firm"]
    if vote["is_fresh"]:
        yield HoldReason.FRESH, HonourVoteRow.is_fresh.is_(True)


def _has_account(courier: object) -> ColumnElement[bool]:
    return exists().where(ChatRow.courier_id == courier, ChatRow.channel.in_(ACCOUNT_CHANNELS))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


_WAITS: Final = and_(
    HonourVoteRow.hold != in_sql(HoldReason.NONE), HonourVoteRow.review == in_sql(VoteReview.NONE)
)
"""By the index of the held votes, of which there are few."""
_COUNTS: Final = or_(
    HonourVoteRow.hold == HoldReason.NONE, HonourVoteRow.review == VoteReview.COUNTED
)
