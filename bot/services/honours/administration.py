"""The honour in the console: nominations of the operator's leagues, votes and the result.

Whoever sees the whole region decides on held votes and publishes; the others decide on the
nominations of their leagues. Each decision is in the audit log, by the nomination's row.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services import bounded
from bot.services.honours import review, votes
from bot.services.honours import vote_counts as counting
from bot.services.honours.campaigns import Campaign, campaign_of
from bot.services.honours.nominations import NUMBER
from bot.services.honours.review import Listed, Opened
from bot.services.honours.statuses import HonourRefusal, HonourRefused, NominationStatus
from bot.services.honours.vote_counts import VoteCounts
from bot.services.honours.votes import Burst
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.revisions import Origin, RevisionAction
from bot.services.operators.roles import Operator, Right
from bot.services.storage import Database
from bot.store.encryption import Keyring
from bot.store.models.honours import CampaignRow, NominationRow

PAGE: Final = 30
LONGEST: Final = 300
"""Nominations of a page of those that are voted for."""
ORDER: Final = (
    NominationStatus.NEW,
    NominationStatus.APPROVED,
    NominationStatus.SHORTLISTED,
    NominationStatus.WINNER,
    NominationStatus.DECLINED,
)
"""What waits for a decision first."""
VOTED: Final = frozenset({NominationStatus.SHORTLISTED, NominationStatus.WINNER})
REGION = ""
"""Votes and the result are of all leagues that take part."""


@value
class Group:
    """Nominations of one status, `total` counted to `COUNTED` + 1. `next` None: these are all."""

    status: NominationStatus
    nominations: tuple[Listed, ...]
    total: int
    next: int | None


@value
class Overview:
    """One campaign. Without the whole region neither bursts nor votes by firm."""

    campaign: Campaign
    groups: tuple[Group, ...]
    bursts: tuple[Burst, ...]
    counts: VoteCounts


@value
class Shown:
    """Nominations of which status are shown, None: of all; `after`: the last number before."""

    status: NominationStatus | None = None
    after: int = 0


async def campaigns(db: AsyncSession, operator: Operator, language: str) -> list[Campaign]:
    """All, the last to end first. Raises `NotAllowed`."""
    operator.require(Right.HONOURS)
    rows = await db.scalars(select(CampaignRow).order_by(CampaignRow.vote_until.desc()))
    return [campaign_of(row, language) for row in rows]


async def new_nominations(db: AsyncSession, operator: Operator) -> dict[str, int]:
    """By the code of the campaign, nominations of the operator's leagues that wait for a decision;
    none without the right."""
    if not operator.may(Right.HONOURS):
        return {}
    campaigns = select(CampaignRow.id, CampaignRow.code).where(CampaignRow.published_at.is_(None))
    codes: dict[int, str] = {row.id: row.code for row in await db.execute(campaigns)}
    rows = (
        select(NominationRow.campaign_id, func.count())
        .where(
            NominationRow.campaign_id.in_(codes),
            NominationRow.status == NominationStatus.NEW,
        )
        .group_by(NominationRow.campaign_id)
    )
    if operator.leagues:
        rows = rows.where(NominationRow.league.in_(operator.leagues))
    return {codes[row[0]]: row[1] for row in await db.execute(rows)}


async def overview(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    code: str,
    language: str,
    counts: VoteCounts,
    shown: Shown,
    now: datetime,
) -> Overview:
    """What nominees agreed to, entered in the access log, a page of each status; those that are
    voted for together. Raises `HonourRefused`, `NotAllowed`."""
    operator.require(Right.HONOURS)
    row = await review.campaign_with(db, code)
    groups = []
    for status in ORDER if shown.status is None else (shown.status,):
        wanted = [NominationRow.status == status]
        if operator.leagues:
            wanted.append(NominationRow.league.in_(operator.leagues))
        of_campaign = NominationRow.campaign_id == row.id
        total = await bounded.count(db, NominationRow, of_campaign, *wanted)
        page = LONGEST if status in VOTED else PAGE
        found = await review.some(
            db, keys, row, operator.name, now, [*wanted, NominationRow.id > shown.after],
            counts.tallies, page,
        )  # fmt: skip
        last = max((one.id for one in found), default=0) if len(found) == page else None
        groups.append(Group(status, tuple(found), total, last))
    filled = tuple(one for one in groups if one.nominations)
    if operator.leagues:
        return Overview(campaign_of(row, language), filled, (), replace(counts, by_firm=()))
    bursts = await votes.bursts(db, row.id)
    return Overview(campaign_of(row, language), filled, tuple(bursts), counts)


async def vote_counts(
    store: Database, operator: Operator, code: str, now: datetime
) -> tuple[int, VoteCounts]:
    """The campaign's number, and its votes. Raises `HonourRefused`, `NotAllowed`."""
    operator.require(Right.HONOURS)
    async with store.reading() as db:
        campaign_id = (await review.campaign_with(db, code)).id
    return campaign_id, await counting.look(store, campaign_id, now)


async def opened(
    db: AsyncSession, keys: Keyring, operator: Operator, number: int, now: datetime, *, photo: bool
) -> Opened:
    """One with its story, entered in the access log. Raises `HonourRefused`, `NotAllowed`."""
    row = await _nomination(db, operator, number)
    return await review.opened(
        db, keys, keys.open(row.number, NUMBER), operator.name, now, photo=photo
    )


async def decide(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    number: int,
    action: RevisionAction,
    now: datetime,
) -> None:
    """Approves, declines or short-lists one. Raises `HonourRefused`, `NotAllowed`."""
    row = await _nomination(db, operator, number)
    before = row.status
    origin = Origin(operator.name, action)
    await review.decide(db, keys, [keys.open(row.number, NUMBER)], origin, now)
    await audit.record(
        db, operator.name, f"honour.{action}", SubjectKind.HONOUR, f"nomination {number}", now,
        league=row.league, before={"state": before}, after={"state": review.TO[action].value},
    )  # fmt: skip


async def review_votes(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    number: int,
    now: datetime,
    *,
    counted: bool,
) -> int:
    """Lets the held votes of one count or drops them; how many they were.

    Raises `HonourRefused`, `NotAllowed`.
    """
    operator.require(Right.HONOURS, REGION)
    row = await _nomination(db, operator, number)
    origin = Origin(operator.name, RevisionAction.REVIEW)
    done = await review.review_votes(
        db, keys, row.campaign_id, keys.open(row.number, NUMBER), origin, now, counted=counted
    )
    await audit.record(
        db, operator.name, "honour.votes", SubjectKind.HONOUR, f"nomination {number}", now,
        league=row.league, after={"votes": done, "counted": counted},
    )  # fmt: skip
    return done


async def result(
    db: AsyncSession, keys: Keyring, operator: Operator, code: str, now: datetime
) -> Sequence[Listed]:
    """Who would be honoured now, the first place first. Raises `HonourRefused`, `NotAllowed`."""
    operator.require(Right.HONOURS, REGION)
    row = await review.campaign_with(db, code)
    return await review.ranked(db, keys, row, operator.name, now)


async def publish(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    code: str,
    shown: Sequence[int],
    now: datetime,
) -> None:
    """Publishes the result that was shown. Raises `NotAllowed`, and `HonourRefused`: `STATUS` where
    it is another one now."""
    if [one.id for one in await result(db, keys, operator, code, now)] != list(shown):
        raise HonourRefused(HonourRefusal.STATUS)
    await review.publish(db, keys, code, Origin(operator.name, RevisionAction.PUBLISH), now)
    await audit.record(
        db, operator.name, "honour.publish", SubjectKind.HONOUR, code, now,
        after={"winners": len(shown)},
    )  # fmt: skip


async def _nomination(db: AsyncSession, operator: Operator, number: int) -> NominationRow:
    """One that its nominee agreed to, of the operator's leagues."""
    operator.require(Right.HONOURS)
    agreed = NominationRow.status != NominationStatus.ASKED
    row = (
        await db.scalars(select(NominationRow).where(NominationRow.id == number, agreed))
    ).first()
    if row is None:
        raise HonourRefused(HonourRefusal.UNKNOWN)
    operator.require(Right.HONOURS, row.league)
    return row
