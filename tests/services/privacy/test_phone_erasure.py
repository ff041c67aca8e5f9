"""An operator erases a phone number wherever couriers or leaders typed it."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.events import Address, Event, Text
from bot.conversation.replies import Answer
from bot.conversation.repository import TurnRepository
from bot.conversation.state import PUSHED
from bot.services.cards.pre_applications import Draft, PreApplications
from bot.services.couriers.profiles import Profiles
from bot.services.privacy import phone_erasure
from bot.services.privacy.phone_erasure import PhoneRows
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import TeamMemberStatus, TeamMode
from bot.services.trainings.team_limits import KNOWN_FOR, TeamLimits
from bot.services.trainings.teams import Invitee, Teams
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.administration.operators import AccessLogRow, OperatorNoteRow
from bot.store.models.cards import CardApplicationRow, CardRequestRow
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import TeamMemberRow, TeamRow, TrainingRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS, PHONE, RECORD, report
from tests.support.trainings import broken_rules, create_couriers, create_training

SEATING = Seating(timedelta(hours=2))
LEADER, OTHER = "13900000001", "13900000002"
DRAFT = Draft("王强", PHONE, "中通", None, "新城支行")


async def named_team(db: AsyncSession, now: datetime) -> tuple[int, int]:
    """A team of two reserved seats, one of them for `PHONE`; ids of training and leader."""
    profiles = Profiles(KEYS)
    training = await create_training(db, now + timedelta(days=3), now=now, capacity=4)
    (leader,) = await create_couriers(db, 1, now - KNOWN_FOR)
    await profiles.remember(db, leader, "李四", LEADER, now, "web")
    teams = Teams(SEATING, profiles, TeamLimits(100))
    invited = [Invitee("王强", PHONE), Invitee("", OTHER)]
    await teams.create(db, training, leader, TeamMode.ALL, invited, now)
    return training, leader


async def erase(store: Store, now: datetime, keys: Keyring = KEYS) -> PhoneRows:
    async with store.writing() as db:
        return await phone_erasure.erase_phone(db, keys, SEATING, PHONE, "cli:wang", now)


async def holding(store: Store, keys: Keyring = KEYS) -> PhoneRows:
    async with store.reading() as db:
        return await phone_erasure.find(db, keys, PHONE)


async def test_every_row_with_the_phone_goes_and_no_other(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        training, leader = await named_team(db, clock())
        owner, liar = await create_couriers(db, 2, clock())
        for courier in (owner, liar):  # nobody proves a phone: two may claim the same one
            await Profiles(KEYS).remember(db, courier, "王强", PHONE, clock(), "web")
        await Profiles(KEYS).belong(db, liar, clock(), firm="中通")
        await PreApplications(KEYS).submit(db, owner, DRAFT, clock())
        await PreApplications(KEYS).submit(db, liar, replace(DRAFT, phone=OTHER), clock())
        before = (await db.get_one(TrainingRow, training)).taken
    found = await holding(store)
    assert (len(found.profiles), len(found.members), len(found.requests)) == (2, 1, 1)
    erased = await erase(store, clock())
    assert erased == found
    assert (await holding(store)).erasable == 0
    async with store.reading() as db:
        members = list(await db.scalars(select(TeamMemberRow)))
        assert [KEYS.open(one.phone, "team_member.phone") for one in members] == [OTHER]
        assert (await db.scalars(select(TeamRow.reserved))).one() == 1
        assert (await db.get_one(TrainingRow, training)).taken == before - 1
        assert await broken_rules(db, [training]) == []
        assert (await Profiles(KEYS).read(db, leader)).phone == LEADER
        kept = await Profiles(KEYS).read(db, liar)
        assert (kept.name, kept.phone, kept.firm) == ("", "", "中通")
        assert await db.scalar(select(func.count()).select_from(CardRequestRow)) == 1
        assert await db.scalar(select(func.count()).select_from(OperatorNoteRow)) == 1


async def test_each_erased_row_is_in_the_access_log_without_the_phone(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        await named_team(db, clock())
        (owner,) = await create_couriers(db, 1, clock())
        await Profiles(KEYS).remember(db, owner, "王强", PHONE, clock(), "web")
        await PreApplications(KEYS).submit(db, owner, DRAFT, clock())
    await erase(store, clock())
    async with store.reading() as db:
        logged = list(await db.scalars(select(AccessLogRow)))
    assert {(one.actor, one.action, one.purpose) for one in logged} == {
        ("cli:wang", "erase", "phone")
    }
    assert sorted(one.field for one in logged) == [
        "card_request.phone",
        "chat.state",
        "profile.phone",
        "team_member.phone",
    ]
    assert all(PHONE.encode() not in one.subject for one in logged)


async def test_a_member_who_declined_gives_back_no_seat(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        training, _ = await named_team(db, clock())
        (owner,) = await create_couriers(db, 1, clock())
        await Profiles(KEYS).remember(db, owner, "王强", PHONE, clock(), "web")
        member = (await db.scalars(select(TeamMemberRow).order_by(TeamMemberRow.id))).first()
        assert member is not None
        member.status = TeamMemberStatus.DECLINED
        team = (await db.scalars(select(TeamRow))).one()
        await SEATING.release(db, await db.get_one(TrainingRow, training), team, 1, clock())
    await erase(store, clock())
    async with store.reading() as db:
        assert (await db.scalars(select(TeamRow.reserved))).one() == 1
        assert await broken_rules(db, [training]) == []


async def test_rows_under_an_older_key_are_found(store: Store, clock: ManualClock) -> None:
    newer = Keyring(2, {**KEYS.keys, 2: b"2" * 32})
    async with store.writing() as db:
        await named_team(db, clock())
        (owner,) = await create_couriers(db, 1, clock())
        await Profiles(KEYS).remember(db, owner, "王强", PHONE, clock(), "web")
        await PreApplications(KEYS).submit(db, owner, DRAFT, clock())
    assert (await holding(store, newer)).erasable == 3
    await erase(store, clock(), newer)
    assert (await holding(store)).erasable == 0


async def test_the_banks_applications_are_counted_and_stay(
    store: Store, clock: ManualClock
) -> None:
    await report(store, clock(), RECORD, replace(RECORD, number="NM20260001", phone=OTHER))
    found = await holding(store)
    assert (len(found.applications), found.erasable) == (1, 0)
    await erase(store, clock())
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardApplicationRow)) == 2
        assert await db.scalar(select(func.count()).select_from(ProfileRow)) == 0


async def answered_chat(store: Store, courier: int, external_id: str, now: datetime) -> int:
    """A chat of the courier with a half-filled form, a notice's choices and a stored answer."""
    async with store.writing() as db:
        chat = ChatRow(
            channel="web", external_id=external_id, courier_id=courier, state_at=now, awaits=True,
            state=KEYS.seal(PHONE, "chat.state"), pushed=KEYS.seal("[]", PUSHED), pushed_at=now,
        )  # fmt: skip
        db.add(chat)
        await db.flush()
        said = {"channel": "web", "sender": external_id, "received_at": now, "chat_id": chat.id}
        db.add(InboxRow(**said, event_id="1", answer=KEYS.seal(PHONE, "inbox.answer")))
        return chat.id


async def chats_with_words(store: Store) -> set[int | None]:
    """The chats in which anything is still kept of what was said."""
    async with store.reading() as db:
        waiting = select(ChatRow.id).where(
            ChatRow.state.is_not(None) | ChatRow.pushed.is_not(None) | ChatRow.awaits
        )
        answered = select(InboxRow.chat_id).where(InboxRow.answer.is_not(None))
        return {*await db.scalars(waiting), *await db.scalars(answered)}


async def test_forms_and_answers_in_the_chats_of_who_gave_the_phone_go_too(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        _, leader = await named_team(db, clock())
        owner, applicant, stranger = await create_couriers(db, 3, clock())
        await Profiles(KEYS).remember(db, owner, "王强", PHONE, clock(), "web")
        await PreApplications(KEYS).submit(db, applicant, DRAFT, clock())
    own = [await answered_chat(store, owner, name, clock()) for name in ("a", "b")]
    own.append(await answered_chat(store, applicant, "c", clock()))
    others = {await answered_chat(store, one, f"of {one}", clock()) for one in (leader, stranger)}
    found = (await holding(store)).chats
    assert len(found) == len(own) + 2  # each of the two has one more, where nothing was said
    assert set(own) < set(found)
    assert (await erase(store, clock())).chats == found
    assert await chats_with_words(store) == others
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(InboxRow)) == 5  # keys of events
        logged = select(func.count()).where(AccessLogRow.field == "chat.state")
        assert await db.scalar(logged) == len(found)


async def test_a_message_that_comes_again_after_the_erasure_is_not_taken_for_a_new_one(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        (owner,) = await create_couriers(db, 1, clock())
        await Profiles(KEYS).remember(db, owner, "王强", PHONE, clock(), "web")
    await answered_chat(store, owner, "a", clock())
    await erase(store, clock())
    again = Event("1", Address("web", "a"), clock(), Text(PHONE))
    rows = TurnRepository(KEYS, is_sqlite=store.is_sqlite)
    async with store.writing() as db:
        assert await rows.begin(db, again, clock(), pushable=True) is None
        assert await rows.stored_answer(db, again) == Answer(())
