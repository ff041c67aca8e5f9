"""What couriers do with their places: register, withdraw, take or pass an offer, check in."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.trainings import notifications as say
from bot.services.trainings.catalogue import DOORS_OPEN
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import (
    HOLDING,
    LIVE,
    Registration,
    live_row,
    rows_of,
    stand,
)
from bot.services.trainings.seating import Waitlist, teams_of
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow, TrainingRow
from bot.store.upsert import upsert


class Registrations(Waitlist):
    """Each raises `TrainingRefused` with the reason why not."""

    __slots__ = ()

    async def register(
        self,
        db: AsyncSession,
        training_id: int,
        courier_id: int,
        now: datetime,
        *,
        team: TeamRow | None = None,
    ) -> Registration:
        """A seat while there is one, else a place in the line. Raises `TrainingRefused`.

        A member of a team that has reserved places takes one of those; `team` was read after the
        session was locked.
        """
        training = await self.lock(db, training_id, now)
        reserved = team is not None and team.reserved > 0
        _check_open(training, now, invited=reserved)
        await _check_eligible(db, training, courier_id)
        await check_overlap(db, training, courier_id)
        row = upsert(db, RegistrationRow).values(
            training_id=training_id,
            courier_id=courier_id,
            team_id=team.id if team else None,
            status="waitlist",
            created_at=now,
            updated_at=now,
        )
        added = await db.execute(row.on_conflict_do_nothing().returning(RegistrationRow.id))
        registration_id = added.scalar_one_or_none()
        if registration_id is None:
            raise TrainingRefused("already", training_id)
        mine = await live_row(db, training_id, courier_id)
        if reserved and team is not None:
            team.reserved -= 1
            await self.seat(db, mine, training, now)
        elif training.taken < training.capacity:
            training.taken += 1
            await self.seat(db, mine, training, now)
        await db.flush()
        return await stand(db, mine)

    async def withdraw(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """Gives up a seat, an offer or a place in the line; what it was before.

        Whoever checked in is there: their stamp and certificate hang on the seat.
        """
        training = await self.lock(db, training_id, now)
        mine = await live_row(db, training_id, courier_id)
        before = await stand(db, mine)
        if training.starts_at <= now or mine.attended_at is not None:
            raise TrainingRefused("started", training_id)
        await self.end(db, mine, training, "withdrawn", now)
        await self.fill(db, training, now)
        return before

    async def accept(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """Takes the seat that is held. Raises `TrainingRefused` when it is not held any more."""
        training = await self.lock(db, training_id, now)
        mine = await live_row(db, training_id, courier_id, missing="no_offer")
        if mine.status == "waitlist":
            raise TrainingRefused("no_offer", training_id)
        if mine.status == "offered":
            await check_overlap(db, training, courier_id)
            await self.seat(db, mine, training, now)
            await say.drop_offer(db, mine, now)
            await db.flush()
        return await stand(db, mine)

    async def decline(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> None:
        """Passes the held seat on to the next in line."""
        training = await self.lock(db, training_id, now)
        mine = await live_row(db, training_id, courier_id, missing="no_offer")
        if mine.status != "offered":
            raise TrainingRefused("no_offer", training_id)
        await self.end(db, mine, training, "passed", now)
        await self.fill(db, training, now)

    async def confirm(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """我会来. Raises `TrainingRefused` without a seat."""
        await self.lock(db, training_id, now)
        mine = await live_row(db, training_id, courier_id)
        if mine.status != "seat":
            raise TrainingRefused("no_offer", training_id)
        mine.confirmed_at = mine.updated_at = now
        await db.flush()
        return await stand(db, mine)

    async def check_in(
        self, db: AsyncSession, training_id: int, courier_id: int, now: datetime
    ) -> Registration:
        """Attendance, once, only about the time of the session and only with a seat."""
        training = await self.lock(db, training_id, now)
        if not (training.starts_at - DOORS_OPEN <= now <= training.ends_at + DOORS_OPEN):
            raise TrainingRefused("not_open", training_id)
        mine = await live_row(db, training_id, courier_id)
        if mine.status != "seat":
            raise TrainingRefused("not_registered", training_id)
        if mine.attended_at is None:
            mine.attended_at = mine.updated_at = now
            await say.plan_question(db, mine, training, now)
            await db.flush()
        return await stand(db, mine)

    async def forget(self, db: AsyncSession, courier_id: int, now: datetime) -> None:
        """Gives up all that a courier still has, before their data is erased: the line moves.

        What leaders wrote down of them goes too.
        """
        mine = select(RegistrationRow.training_id).where(
            RegistrationRow.courier_id == courier_id, RegistrationRow.status.in_(LIVE)
        )
        led = select(TeamRow.training_id).where(
            TeamRow.leader_id == courier_id, TeamRow.reserved > 0
        )
        phone = await _own_phone(db, courier_id)
        listed = _named(phone).with_only_columns(TeamRow.training_id)
        sessions = {*await db.scalars(mine), *await db.scalars(led), *await db.scalars(listed)}
        for training_id in sorted(sessions):
            training = await self.lock(db, training_id, now)
            for row in await rows_of(db, training_id, LIVE):
                if row.courier_id == courier_id:
                    await self.end(db, row, training, "withdrawn", now)
            for team in await teams_of(db, training_id):
                if team.leader_id == courier_id:
                    training.taken -= team.reserved
                    team.reserved = 0
            here = await db.execute(_named(phone).where(TeamRow.training_id == training_id))
            for team, member in here.all():
                if member.status == "invited" and team.reserved:
                    training.taken -= 1
                    team.reserved -= 1
                await db.delete(member)
            await db.flush()
            await self.fill(db, training, now)

    async def join(self, db: AsyncSession, old: int, into: int, now: datetime) -> None:
        """Before `old` becomes one with `into`: of two places in one session the lesser goes."""
        both = select(RegistrationRow.training_id).where(
            RegistrationRow.courier_id == old, RegistrationRow.status.in_(LIVE)
        )
        theirs = select(RegistrationRow.training_id).where(
            RegistrationRow.courier_id == into, RegistrationRow.status.in_(LIVE)
        )
        for training_id in sorted({*await db.scalars(both)} & {*await db.scalars(theirs)}):
            training = await self.lock(db, training_id, now)
            rows = await rows_of(db, training_id, LIVE)
            held = [row for row in rows if row.courier_id in (old, into)]
            if len(held) < 2:
                continue  # an offer was over by now
            lesser, better = sorted(held, key=_worth)
            if lesser.attended_at is None:
                await self.end(db, lesser, training, "withdrawn", now)
            else:  # they checked in twice: one person, one chair, one stamp
                better.score = better.score or lesser.score
                better.comment = better.comment or lesser.comment
                training.taken -= 1
                await db.delete(lesser)
            await self.fill(db, training, now)


async def _own_phone(db: AsyncSession, courier_id: int) -> bytes | None:
    """The index of a courier's phone, None where somebody else says that it is theirs."""
    mine = select(ProfileRow.phone_index).where(ProfileRow.courier_id == courier_id)
    phone = await db.scalar(mine)
    others = select(ProfileRow.courier_id).where(
        ProfileRow.phone_index == phone, ProfileRow.courier_id != courier_id
    )
    return None if phone is None or await db.scalar(others.limit(1)) else phone


def _named(phone: bytes | None) -> Select[TeamRow, TeamMemberRow]:
    """Where leaders wrote that phone down."""
    found = select(TeamRow, TeamMemberRow).join(TeamMemberRow, TeamMemberRow.team_id == TeamRow.id)
    return found.where(TeamMemberRow.phone_index == phone).execution_options(populate_existing=True)


def _worth(row: RegistrationRow) -> tuple[bool, int, int]:
    """Attendance before a seat, a seat before an offer, and who came first before who came last."""
    return row.attended_at is not None, LIVE.index(row.status), -row.id


def _check_open(training: TrainingRow, now: datetime, *, invited: bool) -> None:
    if training.status != "planned":
        raise TrainingRefused("cancelled" if training.status == "cancelled" else "started")
    if training.starts_at <= now:
        raise TrainingRefused("started", training.id)
    if training.deadline <= now and not invited:
        raise TrainingRefused("deadline", training.id)


async def _check_eligible(db: AsyncSession, training: TrainingRow, courier_id: int) -> None:
    if not (training.only_firm or training.only_league):
        return
    found = select(ProfileRow.firm, ProfileRow.league).where(ProfileRow.courier_id == courier_id)
    row = (await db.execute(found)).one_or_none()
    if training.only_firm and (row is None or row.firm != training.only_firm):
        raise TrainingRefused("firm", training.id)
    if training.only_league and (row is None or row.league != training.only_league):
        raise TrainingRefused("league", training.id)


async def check_overlap(db: AsyncSession, training: TrainingRow, courier_id: int) -> None:
    """A seat, or the hope of one, in another session at the same time."""
    same_time = (
        select(TrainingRow.id)
        .join(RegistrationRow, RegistrationRow.training_id == TrainingRow.id)
        .where(
            RegistrationRow.courier_id == courier_id,
            RegistrationRow.status.in_(HOLDING),
            TrainingRow.id != training.id,
            TrainingRow.status == "planned",
            TrainingRow.starts_at < training.ends_at,
            TrainingRow.ends_at > training.starts_at,
        )
    )
    other = await db.scalar(same_time.limit(1))
    if other is not None:
        raise TrainingRefused("overlap", other)
