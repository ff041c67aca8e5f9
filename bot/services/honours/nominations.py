"""Nominations: given in, answered by the nominee, withdrawn, and deleted without an answer.

Nobody but the nominator and whoever has the code sees a nomination before the nominee has agreed.
From then on it is the nominee's: they alone can withdraw it, and it goes with their data.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.couriers import consents
from bot.services.couriers.consents import Purpose
from bot.services.honours.campaigns import Campaign
from bot.services.honours.statuses import HonourRefusal, HonourRefused, NominationStatus
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.store.encryption import Keyring
from bot.store.models.honours import NominationPhotoRow, NominationRow
from bot.store.upsert import upsert

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
LENGTH: Final = 10
PREFIX: Final = "ZM-"
NUMBER: Final = "nomination.number"
UNANSWERED_FOR: Final = timedelta(days=14)
MOST_OPEN: Final = 3
"""Nominations of others that one courier may have in a campaign."""
LIMIT: Final = Limit(10, timedelta(hours=1), timedelta(hours=1))


@value
class Draft:
    """What was filled in; `own`: the courier nominates themselves. `league`: an adcode."""

    own: bool
    name: str
    firm: str
    league: str
    story: str


@value
class Nomination:
    """One nomination in plain text, for those who may see it."""

    id: int
    campaign_id: int
    number: str
    name: str
    firm: str
    league: str
    story: str
    status: NominationStatus
    courier_id: int | None
    nominator_id: int | None
    certificate: str | None
    place: int | None
    votes: int
    has_photo: bool
    is_sample: bool
    answered_at: datetime | None


class Nominations:
    """Nominations, sealed with these keys."""

    def __init__(self, keys: Keyring) -> None:
        self.keys = keys

    async def submit(
        self,
        db: AsyncSession,
        courier_id: int,
        campaign: Campaign,
        draft: Draft,
        channel: str,
        now: datetime,
    ) -> str:
        """Stores it; the code with which the nominee answers. Raises `HonourRefused`.

        Whoever nominates themselves has agreed by that.
        """
        if not campaign.takes_nominations(now):
            raise HonourRefused(HonourRefusal.CLOSED)
        who = NominationRow.courier_id if draft.own else NominationRow.nominator_id
        of_campaign = NominationRow.campaign_id == campaign.id
        there = select(func.count()).select_from(NominationRow).where(who == courier_id)
        if (await db.scalar(there.where(of_campaign)) or 0) >= (1 if draft.own else MOST_OPEN):
            raise HonourRefused(HonourRefusal.TOO_MANY)
        keys, new_id = self.keys, None
        while new_id is None:  # a number in use is drawn again
            number = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            row = upsert(db, NominationRow).values(
                campaign_id=campaign.id,
                number=keys.seal(number, NUMBER),
                number_index=keys.index(number, NUMBER),
                courier_id=courier_id if draft.own else None,
                nominator_id=None if draft.own else courier_id,
                **sealed(keys, draft.name, draft.firm, draft.story),
                league=draft.league,
                status=NominationStatus.NEW if draft.own else NominationStatus.ASKED,
                created_at=now,
                answered_at=now if draft.own else None,
                votes=0,
                is_sample=False,
            )
            fresh = row.on_conflict_do_nothing().returning(NominationRow.id)
            new_id = (await db.execute(fresh)).scalar_one_or_none()
        if draft.own:
            await consents.record(db, courier_id, Purpose.HONOUR, channel, now, yes=True)
        return number

    async def by_code(
        self, db: AsyncSession, code: str, charged: Sequence[Counter], now: datetime
    ) -> Nomination:
        """The nomination that waits for an answer, or was answered, under that code.

        `charged`: of `lookup_counters`; a code that does not exist is counted. Raises
        `HonourRefused`.
        """
        if await counters.admit(db, charged, now):
            raise HonourRefused(HonourRefusal.USED_UP)
        found = await self.find(db, self._has_code(code))
        if not found:
            await counters.count_wrong(db, charged, now)
            raise HonourRefused(HonourRefusal.UNKNOWN)
        return found[0]

    def lookup_counters(self, chat: str, network: str) -> Sequence[Counter]:
        """What a look-up is charged to; `chat` is a channel's name and the address there."""
        label, keys = "attempt.nomination", self.keys
        counted = counters.of_subject(keys, Scope.CHAT, chat, label, LIMIT)
        if network:
            label = "attempt.nomination.network"
            counted += counters.of_subject(keys, Scope.NETWORK, network, label, LIMIT)
        return counted

    async def agree(
        self, db: AsyncSession, courier_id: int, code: str, channel: str, now: datetime
    ) -> Nomination:
        """The nominee agrees, and the nomination is theirs. Raises `HonourRefused`."""
        one = await self._unanswered(db, courier_id, code)
        if one.status is NominationStatus.ASKED:
            mine = update(NominationRow).where(
                NominationRow.id == one.id, NominationRow.status == NominationStatus.ASKED
            )
            values = {
                "status": NominationStatus.NEW,
                "courier_id": courier_id,
                "answered_at": now,
            }
            taken = await db.scalar(mine.values(values).returning(NominationRow.id))
            if taken is None:
                raise HonourRefused(HonourRefusal.ANSWERED)
            await consents.record(db, courier_id, Purpose.HONOUR, channel, now, yes=True)
        return (await self.find(db, NominationRow.id == one.id))[0]

    async def refuse(self, db: AsyncSession, courier_id: int, code: str) -> None:
        """The nominee does not agree: the nomination is deleted. Raises `HonourRefused`."""
        one = await self._unanswered(db, courier_id, code)
        await db.execute(delete(NominationRow).where(NominationRow.id == one.id))

    async def mine(self, db: AsyncSession, courier_id: int) -> list[Nomination]:
        """Those that the courier can withdraw, the latest first."""
        return await self.find(db, _can_withdraw(courier_id))

    async def withdraw(
        self, db: AsyncSession, courier_id: int, nomination_id: int, channel: str, now: datetime
    ) -> bool:
        """Deletes one with its photo and votes, a winner's too; False if it is not theirs."""
        gone = delete(NominationRow).where(
            NominationRow.id == nomination_id, _can_withdraw(courier_id)
        )
        nominee = (await db.execute(gone.returning(NominationRow.courier_id))).one_or_none()
        if nominee is not None and nominee.courier_id == courier_id:
            await consents.record(db, courier_id, Purpose.HONOUR, channel, now, yes=False)
        return nominee is not None

    async def short_list(self, db: AsyncSession, campaign_id: int) -> list[Nomination]:
        """Whom couriers can vote for, in the order in which they were nominated."""
        listed = NominationRow.status == NominationStatus.SHORTLISTED
        found = await self.find(db, listed & (NominationRow.campaign_id == campaign_id))
        return found[::-1]

    async def candidate(self, db: AsyncSession, nomination_id: int) -> Nomination | None:
        """One of a short list, None without one."""
        listed = NominationRow.status == NominationStatus.SHORTLISTED
        found = await self.find(db, listed & (NominationRow.id == nomination_id))
        return found[0] if found else None

    async def find(self, db: AsyncSession, condition: ColumnElement[bool]) -> list[Nomination]:
        """Those for which the condition holds, the latest first."""
        photo = select(NominationPhotoRow.nomination_id)
        photo = photo.where(NominationPhotoRow.nomination_id == NominationRow.id)
        rows = select(NominationRow, photo.exists()).where(condition)
        rows = rows.order_by(NominationRow.id.desc()).execution_options(populate_existing=True)
        return [self._opened(row, has_photo=has_photo) for row, has_photo in await db.execute(rows)]

    async def _unanswered(self, db: AsyncSession, courier_id: int, code: str) -> Nomination:
        """One that this courier may answer, or has agreed to."""
        found = await self.find(db, self._has_code(code))
        if not found:
            raise HonourRefused(HonourRefusal.UNKNOWN)
        one = found[0]
        if one.nominator_id == courier_id:
            raise HonourRefused(HonourRefusal.OWN)
        if one.courier_id not in {None, courier_id}:
            raise HonourRefused(HonourRefusal.ANSWERED)
        return one

    def _has_code(self, code: str) -> ColumnElement[bool]:
        whole = PREFIX + code.upper().replace(" ", "").removeprefix(PREFIX)
        return NominationRow.number_index.in_(self.keys.indexes(whole, NUMBER))

    def _opened(self, row: NominationRow, *, has_photo: bool) -> Nomination:
        keys = self.keys
        return Nomination(
            id=row.id,
            campaign_id=row.campaign_id,
            number=keys.open(row.number, NUMBER),
            name=keys.open(row.name, "nomination.name"),
            firm=keys.open(row.firm, "nomination.firm"),
            league=row.league,
            story=keys.open(row.story, "nomination.story"),
            status=NominationStatus(row.status),
            courier_id=row.courier_id,
            nominator_id=row.nominator_id,
            certificate=row.certificate,
            place=row.place,
            votes=row.votes,
            has_photo=has_photo,
            is_sample=row.is_sample,
            answered_at=row.answered_at,
        )


def sealed(keys: Keyring, name: str, firm: str, story: str) -> dict[str, bytes]:
    """The personal columns of a nomination."""
    values = {"name": name, "firm": firm, "story": story}
    return {column: keys.seal(text, f"nomination.{column}") for column, text in values.items()}


async def withdraw_unanswered(db: AsyncSession, courier_id: int) -> None:
    """Deletes what a courier gave in of others who have not agreed."""
    theirs = NominationRow.nominator_id == courier_id
    unanswered = NominationRow.status == NominationStatus.ASKED
    await db.execute(delete(NominationRow).where(theirs, unanswered))


def _can_withdraw(courier_id: int) -> ColumnElement[bool]:
    asked = NominationRow.status == NominationStatus.ASKED
    return or_(
        NominationRow.courier_id == courier_id, (NominationRow.nominator_id == courier_id) & asked
    )
