"""What operators decide: approve, decline, short list, publish; each decision is a revision."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.services.dataset_version import Dataset, lock_version
from bot.services.honours import votes
from bot.services.honours.nominations import NUMBER, PREFIX
from bot.services.honours.photos import read_photo
from bot.services.honours.statuses import HonourRefusal, HonourRefused, NominationStatus
from bot.services.honours.votes import Tally
from bot.services.operators import access_log, revisions
from bot.services.operators.access_log import AccessAction
from bot.services.operators.revisions import Origin, Record, RevisionAction, RevisionKind
from bot.store.encryption import Keyring
from bot.store.models.honours import CampaignRow, NominationPhotoRow, NominationRow

FROM: Final = {
    RevisionAction.APPROVE: frozenset({NominationStatus.NEW, NominationStatus.DECLINED}),
    RevisionAction.DECLINE: frozenset(
        {NominationStatus.NEW, NominationStatus.APPROVED, NominationStatus.SHORTLISTED}
    ),
    RevisionAction.SHORTLIST: frozenset({NominationStatus.APPROVED}),
}
"""The statuses in which each decision can be taken."""
TO: Final = {
    RevisionAction.APPROVE: NominationStatus.APPROVED,
    RevisionAction.DECLINE: NominationStatus.DECLINED,
    RevisionAction.SHORTLIST: NominationStatus.SHORTLISTED,
}
CERTIFICATE_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@value
class Listed:
    """A nomination as operators see it in lists."""

    id: int
    number: str
    name: str
    firm: str
    league: str
    status: NominationStatus
    has_photo: bool
    tally: Tally


async def listed(
    db: AsyncSession,
    keys: Keyring,
    campaign: CampaignRow,
    actor: str,
    now: datetime,
    *,
    leagues: Collection[str] | None = None,
) -> list[Listed]:
    """All that nominees agreed to, entered in the access log; the most votes first.

    `leagues`: the adcodes of those that are wanted, None: all.
    """
    wanted = [NominationRow.status != NominationStatus.ASKED]
    if leagues is not None:
        wanted.append(NominationRow.league.in_(leagues))
    tallied = await votes.tallies(db, campaign.id)
    return await some(db, keys, campaign, actor, now, wanted, tallied)


async def some(
    db: AsyncSession,
    keys: Keyring,
    campaign: CampaignRow,
    actor: str,
    now: datetime,
    wanted: Sequence[ColumnElement[bool]],
    tallied: Mapping[int, Tally],
    most: int | None = None,
) -> list[Listed]:
    """Those that meet the conditions, entered in the access log, the most votes first; at most
    `most`, the first by number. `tallied`: the votes by nomination."""
    photo = select(NominationPhotoRow.nomination_id)
    photo = photo.where(NominationPhotoRow.nomination_id == NominationRow.id)
    rows = select(NominationRow, photo.exists()).where(
        NominationRow.campaign_id == campaign.id, *wanted
    )
    found = (await db.execute(rows.order_by(NominationRow.id).limit(most))).all()
    seen = [("nomination.name", row.id) for row, _ in found]
    await access_log.record(db, keys, actor, AccessAction.READ, seen, "honours", now)
    entries = [
        Listed(
            row.id,
            keys.open(row.number, NUMBER),
            keys.open(row.name, "nomination.name"),
            keys.open(row.firm, "nomination.firm"),
            row.league,
            NominationStatus(row.status),
            has_photo,
            tallied.get(row.id, Tally()),
        )
        for row, has_photo in found
    ]
    return sorted(entries, key=lambda one: (-one.tally.counted, one.id))


async def ranked(
    db: AsyncSession, keys: Keyring, campaign: CampaignRow, actor: str, now: datetime
) -> list[Listed]:
    """Who would be honoured now, the first place first. Raises `HonourRefused`."""
    places = [row.id for row, _ in await winners_of(db, campaign, now)]
    found = {one.id: one for one in await listed(db, keys, campaign, actor, now)}
    return [found[number] for number in places]


@value
class Opened:
    """A nomination in full, and its photo if that was asked for."""

    number: str
    name: str
    firm: str
    league: str
    story: str
    status: NominationStatus
    photo: bytes | None


async def opened(
    db: AsyncSession, keys: Keyring, number: str, actor: str, now: datetime, *, photo: bool
) -> Opened:
    """The nomination of that number; what is opened is entered in the access log.

    Raises `HonourRefused`.
    """
    row = await nomination_with(db, keys, number)
    seen = [("nomination.story", row.id)]
    if photo:
        seen.append(("nomination_photo.photo", row.id))
    await access_log.record(db, keys, actor, AccessAction.READ, seen, "honours", now)
    return Opened(
        keys.open(row.number, NUMBER),
        keys.open(row.name, "nomination.name"),
        keys.open(row.firm, "nomination.firm"),
        row.league,
        keys.open(row.story, "nomination.story"),
        NominationStatus(row.status),
        await read_photo(db, keys, row.id) if photo else None,
    )


async def campaign_with(db: AsyncSession, code: str) -> CampaignRow:
    """The campaign of that code. Raises `HonourRefused`."""
    row = (await db.scalars(select(CampaignRow).where(CampaignRow.code == code))).first()
    if row is None:
        raise HonourRefused(HonourRefusal.UNKNOWN)
    return row


async def nomination_with(db: AsyncSession, keys: Keyring, number: str) -> NominationRow:
    """The nomination of that number, which its nominee agreed to. Raises `HonourRefused`."""
    whole = PREFIX + number.upper().strip().removeprefix(PREFIX)
    found = select(NominationRow).where(
        NominationRow.number_index.in_(keys.indexes(whole, NUMBER)),
        NominationRow.status != NominationStatus.ASKED,
    )
    row = (await db.scalars(found.with_for_update())).first()
    if row is None:
        raise HonourRefused(HonourRefusal.UNKNOWN)
    return row


async def decide(
    db: AsyncSession,
    keys: Keyring,
    numbers: Sequence[str],
    origin: Origin,
    now: datetime,
) -> int:
    """Approves, declines or short-lists nominations, all or none; the number of the revision.

    `origin.action` is the decision. Raises `HonourRefused`: `UNKNOWN`, or `STATUS` where one is not
    in a status for it.
    """
    await lock_version(db, Dataset.HONOURS)
    action, records = origin.action, []
    for number in dict.fromkeys(numbers):
        row = await nomination_with(db, keys, number)
        if row.status not in FROM[action]:
            raise HonourRefused(HonourRefusal.STATUS)
        code = keys.open(row.number, NUMBER)
        records.append(Record(code, {"status": row.status}, {"status": str(TO[action])}))
        row.status = TO[action]
    return await revisions.record(db, RevisionKind.HONOURS, origin, records, now)


async def review_votes(
    db: AsyncSession,
    keys: Keyring,
    campaign_id: int,
    number: str,
    origin: Origin,
    now: datetime,
    *,
    counted: bool,
) -> int:
    """Lets the held votes of a nomination count, or drops them; how many they were.

    Raises `HonourRefused`.
    """
    row = await nomination_with(db, keys, number)
    if row.campaign_id != campaign_id:
        raise HonourRefused(HonourRefusal.UNKNOWN)
    reviewed = await votes.review(db, row.id, counted=counted)
    if reviewed:
        field = "votes_counted" if counted else "votes_dropped"
        record = Record(keys.open(row.number, NUMBER), {field: 0}, {field: reviewed})
        await revisions.record(db, RevisionKind.HONOURS, origin, [record], now)
    return reviewed


async def winners_of(
    db: AsyncSession, campaign: CampaignRow, now: datetime
) -> list[tuple[NominationRow, int]]:
    """Who would be honoured now, each with the counted votes, the most first.

    Equal numbers stand in the order of the nominations. Raises `HonourRefused`: `PUBLISHED`,
    `VOTING` before the last day is over, `HELD` while votes wait for a review.
    """
    if campaign.published_at is not None:
        raise HonourRefused(HonourRefusal.PUBLISHED)
    if now.astimezone(CHINA).date() <= campaign.vote_until:
        raise HonourRefused(HonourRefusal.VOTING)
    if await votes.bursts(db, campaign.id):
        raise HonourRefused(HonourRefusal.HELD)
    tallied = await votes.tallies(db, campaign.id)
    rows = await db.scalars(
        select(NominationRow).where(
            NominationRow.campaign_id == campaign.id,
            NominationRow.status == NominationStatus.SHORTLISTED,
        )
    )
    ranked = [(row, tallied.get(row.id, Tally()).counted) for row in rows]
    ranked.sort(key=lambda one: (-one[1], one[0].id))
    return ranked[: campaign.winners]


async def publish(db: AsyncSession, keys: Keyring, code: str, origin: Origin, now: datetime) -> int:
    """Publishes the result: winners get their place and a certificate. Raises `HonourRefused`.

    The number of the revision.
    """
    await lock_version(db, Dataset.HONOURS)
    campaign = await campaign_with(db, code)
    records = [Record(campaign.code, {"published": False}, {"published": True})]
    for place, (row, counted) in enumerate(await winners_of(db, campaign, now), 1):
        drawn = "".join(secrets.choice(CERTIFICATE_ALPHABET) for _ in range(10))
        year = now.astimezone(CHINA).year
        records.append(
            Record(
                keys.open(row.number, NUMBER),
                {"status": row.status, "place": None},
                {"status": str(NominationStatus.WINNER), "place": place},
            )
        )
        won = {
            "status": NominationStatus.WINNER,
            "place": place,
            "votes": counted,
            "certificate": f"RY-{year}-{drawn}",
        }
        await db.execute(update(NominationRow).where(NominationRow.id == row.id).values(won))
    campaign.published_at = now
    return await revisions.record(db, RevisionKind.HONOURS, origin, records, now)
