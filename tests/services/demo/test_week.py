"""The demo's week: there once, marked, harmless, and gone without a trace."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.geo.places import Places
from bot.hours.calendar import Holidays
from bot.services.appointments import operations as appointments
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.broadcasts import administration as broadcasts
from bot.services.broadcasts.fan_out import fan_out
from bot.services.broadcasts.statuses import BroadcastStatus
from bot.services.card_administration import overdue, pushes, requests
from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.cards.statuses import CardStatus
from bot.services.conversations import desk, queue
from bot.services.conversations.queue import Tab
from bot.services.conversations.statuses import Author
from bot.services.conversations.timeouts import close_idle
from bot.services.demo import week_cards, week_conversations, week_messages
from bot.services.demo.cards import seed_demo_cards
from bot.services.demo.honours import seed_demo_honours
from bot.services.demo.stations import seed_demo
from bot.services.demo.week import MARK, remove_week, tell_week
from bot.services.demo.week_stations import SPARED
from bot.services.list_imports import imports
from bot.services.list_imports.states import ImportState
from bot.services.notifications.statuses import OutboxStatus
from bot.services.operators.access_log import AccessAction
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Operator, Role
from bot.services.overview.dashboard import stored
from bot.services.overview.dashboard.figures import Figure
from bot.services.overview.today import CARD_NOTES, STATION_NOTES, today
from bot.services.stations import visits
from bot.store.engine import Store
from bot.store.models.administration.accounts import AuditRow
from bot.store.models.administration.card_lists import BankPushRow
from bot.store.models.administration.list_imports import ListFileRow, ListImportRow
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.appointments import AppointmentRow
from bot.store.models.broadcasts import BroadcastPartRow, BroadcastRow
from bot.store.models.cards import CardApplicationRow, CardRequestRow
from bot.store.models.content import ContentRow
from bot.store.models.conversation import ChatRow
from bot.store.models.conversations import PersonConversationRow, PersonMessageRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.observations import ObservationRow
from bot.store.models.stations import DemandRow, StationPhotoRow, StationRow
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS

TOLD = (
    CourierRow, ChatRow, DemandRow, ObservationRow, OutboxRow, OperatorNoteRow, TrainingRow,
    CardApplicationRow, PersonConversationRow, PersonMessageRow, CardRequestRow, AppointmentRow,
    BroadcastRow, BroadcastPartRow, BankPushRow, ListImportRow, ListFileRow, ContentRow,
)  # fmt: skip
ADMINISTRATOR = Operator(1, "admin", Role.ADMINISTRATOR)


async def counts(store: Store) -> list[int]:
    async with store.reading() as db:
        return [await db.scalar(select(func.count()).select_from(row)) or 0 for row in TOLD]


@pytest.fixture
async def demo(store: Store, clock: ManualClock) -> Store:
    async with store.writing() as db:
        await seed_demo(db, clock())
        await seed_demo_cards(db, KEYS, clock())
    return store


async def test_it_fills_every_figure_is_told_once_a_day_and_removed(
    demo: Store, clock: ManualClock
) -> None:
    before, places = await counts(demo), Places.load()
    assert await tell_week(demo, KEYS, places, clock())
    told = await counts(demo)
    assert all(after > was for after, was in zip(told, before, strict=True))
    await stored.refresh(demo, places, clock(), always=True)
    async with demo.reading() as db:
        found = await stored.figures(db, Operator(1, "a", Role.READER), 7, "")
    assert found is not None
    for figure in Figure:
        assert any(any(row.counts) for row in found.tables[figure]), figure
    assert len(found.cells) > 20
    assert not await tell_week(demo, KEYS, places, clock())
    clock.forward(days=2)
    assert await tell_week(demo, KEYS, places, clock())
    assert (await counts(demo))[:2] == told[:2]
    async with demo.writing() as db:
        await remove_week(db, KEYS)
    assert await counts(demo) == before


async def test_nothing_is_sent_or_asked_because_of_it(demo: Store, clock: ManualClock) -> None:
    await tell_week(demo, KEYS, Places.load(), clock())
    over = (OutboxStatus.SENT, OutboxStatus.SHOWN, OutboxStatus.DEAD, OutboxStatus.EXPIRED)
    async with demo.writing() as db:
        open_rows = select(func.count()).select_from(OutboxRow).where(OutboxRow.status.not_in(over))
        assert await db.scalar(open_rows) == 0
        reachable = select(func.count()).select_from(ChatRow).where(ChatRow.reachable)
        assert await db.scalar(reachable) == 0
        assert await visits.due(db, clock(), 10) == []
        assert all(one.startswith(MARK) for one in await db.scalars(select(ChatRow.external_id)))
        assert await db.scalar(select(func.count()).select_from(AuditRow)) == 0
    assert await fan_out(demo, clock()) == 0
    assert await close_idle(demo, timedelta(minutes=30), clock()) == 0


async def test_among_stations_of_ones_own_nothing_is_told(store: Store, clock: ManualClock) -> None:
    assert not await tell_week(store, KEYS, Places.load(), clock())
    assert (await counts(store))[0] == 0


async def test_two_couriers_wait_and_one_was_answered(demo: Store, clock: ManualClock) -> None:
    await tell_week(demo, KEYS, Places.load(), clock())
    async with demo.writing() as db:
        waiting = await queue.find(db, ADMINISTRATOR, queue.Query(Tab.WAITING), clock())
        closed = await queue.find(db, ADMINISTRATOR, queue.Query(Tab.CLOSED), clock())
        said = [
            await desk.messages(db, KEYS, ADMINISTRATOR, one, clock())
            for one in (*waiting.talks, *closed.talks)
        ]
    assert [one.league for one in waiting.talks] == ["150400", "150700"]
    assert all(one.awaits_answer for one in waiting.talks)
    assert [one.operator for one in closed.talks] == [week_conversations.OPERATOR]
    assert waiting.first_answer == timedelta(minutes=4)
    authors = [[one.author for one in messages] for messages in said]
    assert authors == [
        [Author.COURIER] * 2, [Author.COURIER], [Author.COURIER, Author.OPERATOR] * 2,
    ]  # fmt: skip
    assert all(one.text.startswith("示例") for messages in said for one in messages)


async def test_requests_of_couriers_are_in_different_states(
    demo: Store, clock: ManualClock
) -> None:
    places = Places.load()
    await tell_week(demo, KEYS, places, clock())
    async with demo.writing() as db:
        counted = await requests.counts(db, places, ADMINISTRATOR)
        asked = await requests.page(db, KEYS, places, ADMINISTRATOR, None, None, clock())
        booked = await appointments.listed(
            db, KEYS, "admin", AccessAction.READ, clock(), statuses=tuple(AppointmentStatus)
        )
    assert counted == dict.fromkeys(PreApplicationStatus, 1)
    assert all(one.firm.startswith("示例") for one in asked)
    assert {one.status for one in booked} == {AppointmentStatus.NEW, AppointmentStatus.CONTACTED}
    assert all(one.name.startswith("示例") for one in booked)


async def test_one_application_that_is_being_checked_is_late(
    demo: Store, clock: ManualClock
) -> None:
    places = Places.load()
    await tell_week(demo, KEYS, places, clock())
    usual = (await overdue.usual_days(demo, clock())).days
    async with demo.writing() as db:
        found = await overdue.page(db, KEYS, places, ADMINISTRATOR, usual, None, None, clock())
    (late,) = (one for one in found if one.about.code is CardStatus.REVIEWING)
    assert late.about.days == pytest.approx(week_cards.LATE_DAYS)


async def test_a_message_was_sent_and_another_is_a_draft(demo: Store, clock: ManualClock) -> None:
    await tell_week(demo, KEYS, Places.load(), clock())
    async with demo.reading() as db:
        draft, sent = await broadcasts.listed(db, ADMINISTRATOR)
        look = await broadcasts.look(db, ADMINISTRATOR, sent.id)
    assert (draft.status, sent.status) == (BroadcastStatus.DRAFT, BroadcastStatus.DONE)
    assert sent.done == sent.total == sum(look.one.counts.values()) > 200
    assert draft.text.startswith("示例")
    assert sent.text.startswith("示例")


async def test_a_draft_that_an_operator_changed_is_not_removed(
    demo: Store, clock: ManualClock
) -> None:
    await tell_week(demo, KEYS, Places.load(), clock())
    async with demo.writing() as db:
        draft, _ = await broadcasts.listed(db, ADMINISTRATOR)
        await broadcasts.save_draft(
            db, ADMINISTRATOR, {"zh_CN": "改过"}, draft.audience, clock(), draft.id
        )
        await remove_week(db, KEYS)
        assert [one.text for one in await broadcasts.listed(db, ADMINISTRATOR)] == ["改过"]


async def test_a_week_that_was_broken_off_is_told_anew(
    demo: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places.load()
    with monkeypatch.context() as broken:
        broken.setattr(week_messages, "SHOWN", None)  # the last part fails
        with pytest.raises(TypeError):
            await tell_week(demo, KEYS, places, clock())
    assert await tell_week(demo, KEYS, places, clock())
    async with demo.reading() as db:
        for row, expected in (
            (PersonConversationRow, 3), (CardRequestRow, 3), (AppointmentRow, 3), (BroadcastRow, 2),
        ):  # fmt: skip
            assert await db.scalar(select(func.count()).select_from(row)) == expected, row


async def test_some_stations_have_a_photo_that_goes_with_the_week(
    demo: Store, clock: ManualClock
) -> None:
    await tell_week(demo, KEYS, Places.load(), clock())
    async with demo.reading() as db:
        rows = select(StationRow.adcode, StationPhotoRow.description).join(StationPhotoRow)
        found = (await db.execute(rows)).all()
    assert len(found) > 5
    assert not any(one.adcode.startswith(SPARED) for one in found)
    assert {one.description[:3] for one in found} == {"示例："}
    async with demo.writing() as db:
        await remove_week(db, KEYS)
        assert await db.scalar(select(func.count()).select_from(StationPhotoRow)) == 0


async def test_no_item_of_the_consoles_first_page_is_empty(demo: Store, clock: ManualClock) -> None:
    places = Places.load()
    async with demo.writing() as db:
        await seed_demo_honours(db, KEYS, clock())
    await tell_week(demo, KEYS, places, clock())
    async with demo.reading() as db:
        found = await today(db, places, Holidays.from_csv(), ADMINISTRATOR, clock())
    assert found.last_push is not None
    assert found.call_backs.number > found.call_backs_overdue.number > 0
    assert found.trainings.nowhere == 1
    kinds = {*STATION_NOTES, *CARD_NOTES} - {NoteKind.CARD_LOCKED}
    assert kinds <= {kind for kind, count in found.notes.items() if count}
    assert found.nominations == {"sample": 2}
    waits = (found.people, found.content_overdue, found.imports_failed)
    assert all(waits), waits


async def test_lists_and_pushes_of_the_week_stand_in_their_pages(
    demo: Store, clock: ManualClock
) -> None:
    await tell_week(demo, KEYS, Places.load(), clock())
    async with demo.reading() as db:
        lists = await imports.latest(db, ADMINISTRATOR)
        sent = await pushes.page(db, ADMINISTRATOR, None)
        files = [await imports.file(db, KEYS, one.digest) for one in lists]
    assert [one.state for one in lists] == [ImportState.REFUSED, ImportState.UNDONE]
    assert all(one.name.startswith("示例") for one in lists)
    assert all(files)
    assert len(sent) >= 18
    assert all(one.counts["sample"] for one in sent)
