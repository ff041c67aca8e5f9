"""会话: queue, taking, answering, closing, leagues, conflicts, masking, ready answers."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.console.parts import Parts
from bot.services.conversations.courier_side import PersonConversations
from bot.services.conversations.statuses import PersonReason
from bot.services.operators import audit
from bot.services.operators.audit import Query
from bot.services.operators.roles import Role
from bot.services.privacy.erasure import ErasureReason, erase
from bot.store.models.administration.accounts import AuditRow
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.conversations import PersonConversationRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.profiles import ProfileRow
from tests.conftest import ManualClock
from tests.support.console import KEYS, OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS
from tests.support.trainings import create_couriers

PHONE = "13812345678"
IDLE = timedelta(minutes=30)


async def ask(console: Parts, clock: ManualClock, league: str = "", *texts: str) -> int:
    """A courier of that league who waits, and what they wrote; the conversation's number."""
    service = PersonConversations(KEYS, IDLE)
    async with console.store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        if league:
            sealed = KEYS.seal("王强", "profile.name")
            db.add(ProfileRow(courier_id=courier, name=sealed, league=league, updated_at=clock()))
            await db.flush()
        await service.open(db, courier, "web", PersonReason.ASKED, clock())
        found = await service.current(db, courier, clock())
        assert found is not None
        for text in texts:
            await service.write(db, courier, found, text, clock())
    return found.id


def listed(html: str) -> list[int]:
    return [int(one) for one in re.findall(r'href="/conversations/(\d+)"><b>', html)]


async def take(client: OperatorClient, number: int) -> None:
    await client.sends(f"/conversations/{number}/take")


async def test_the_queue_is_of_ones_leagues_and_of_no_known_one(
    console: Parts, clock: ManualClock
) -> None:
    here, there, nowhere = [await ask(console, clock, one) for one in (HOHHOT, BAOTOU, "")]
    duty = await add_operator(console.store, clock, Role.DUTY, [HOHHOT])
    async with signed_in(console, duty) as client:
        assert "骑手在等人工 2" in text_of(await client.get("/"))
        assert listed((await client.get("/conversations")).text) == [here, nowhere]
        assert (await client.get(f"/conversations/{there}")).status_code == 403
        assert (await client.post(f"/conversations/{there}/take")).status_code == 403
        assert (await client.get("/conversations", league=BAOTOU)).status_code == 403
        assert (await client.get("/conversations/999")).status_code == 404
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(console, reader) as client:
        assert (await client.get("/conversations")).status_code == 403


async def test_taken_answered_and_closed_with_an_audit_row_each(
    console: Parts, clock: ManualClock
) -> None:
    number = await ask(console, clock, HOHHOT, f"我的电话{PHONE}", XSS)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        clock.forward(minutes=3)
        taken = await client.sends("/conversations/next")
        assert taken.url.path == f"/conversations/{number}"
        assert "138****78" in taken.text
        assert PHONE not in taken.text
        assert "<script>alert" not in taken.text
        said = await client.sends(f"/conversations/{number}/answer", {"text": "马上看"})
        assert "【工作人员】马上看" in text_of(said)
        assert "3分钟后首次答复" in text_of(said)
        assert "3分钟" in text_of(await client.get("/conversations"))
        closed = await client.sends(f"/conversations/{number}/close")
        assert "会话已结束" in text_of(closed)
        again = await client.sends(f"/conversations/{number}/reopen")
        assert "已重新打开" in text_of(again)
    async with console.store.reading() as db:
        rows = list(await db.scalars(select(AuditRow).order_by(AuditRow.id)))
        kinds = list(await db.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))
    mine = [one for one in rows if one.subject_kind == "conversation"]
    assert [one.action.partition(".")[2] for one in mine] == ["take", "answer", "close", "reopen"]
    assert "马上看" not in repr([(one.before, one.after, one.subject) for one in rows])
    assert kinds == ["person.answer", "person.state", "person.state"]
    async with console.store.reading() as db:
        assert len(await audit.find(db, admin, Query(action="conversation.take"))) == 1


async def test_the_second_of_two_operators_is_told_who_has_it(
    console: Parts, clock: ManualClock
) -> None:
    number = await ask(console, clock)
    first = await add_operator(console.store, clock, Role.DUTY, name="first")
    second = await add_operator(console.store, clock, Role.DUTY, name="second")
    async with signed_in(console, first) as one, signed_in(console, second) as two:
        await take(one, number)
        lost = await two.post(f"/conversations/{number}/take")
        assert lost.status_code == 409
        assert "first 先接入" in text_of(lost)
        kept = await two.post(f"/conversations/{number}/answer", {"text": "我来回"})
        assert kept.status_code == 409
        assert "我来回" in text_of(kept)
        assert text_of(await two.sends("/conversations/next")).count("没有人在等") >= 1


@pytest.mark.parametrize("text", ["", "长" * 501])
async def test_an_answer_that_is_refused_is_kept_in_the_form(
    console: Parts, clock: ManualClock, text: str
) -> None:
    number = await ask(console, clock)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        await take(client, number)
        refused = await client.post(f"/conversations/{number}/answer", {"text": text})
        assert refused.status_code == 422
        assert "1到500" in text_of(refused)
        assert text in refused.text


async def test_numbers_are_shown_for_a_reason_only_which_is_recorded(
    console: Parts, clock: ManualClock
) -> None:
    number = await ask(console, clock, "", f"电话 {PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}")
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        await take(client, number)
        assert PHONE[3:7] not in (await client.get(f"/conversations/{number}")).text
        silent = await client.post(f"/conversations/{number}/unmask", {"purpose": ""})
        assert silent.status_code == 422
        shown = await client.post(f"/conversations/{number}/unmask", {"purpose": "回电话"})
        assert PHONE[3:7] in shown.text
        await client.get(f"/conversations/{number}")
    async with console.store.reading() as db:
        purposes = list(await db.scalars(select(AccessLogRow.purpose).order_by(AccessLogRow.id)))
    assert purposes == ["conversation", "回电话"]  # each message once


async def test_what_is_polled_is_empty_until_there_is_something_new(
    console: Parts, clock: ManualClock
) -> None:
    number = await ask(console, clock, "", "在吗")
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        await take(client, number)
        page = await client.get(f"/conversations/{number}")
        found = re.search(r'hx-get="(/conversations/\d+/thread[^"]*)"', page.text)
        assert found is not None
        address = found[1].replace("&amp;", "&")
        assert (await client.http.get(address)).status_code == 204
        await client.sends(f"/conversations/{number}/answer", {"text": "在"})
        fresh = await client.http.get(address)
        assert "【工作人员】在" in fresh.text
        assert "<html" not in fresh.text


async def test_ready_answers_are_added_used_and_taken_out(
    console: Parts, clock: ManualClock
) -> None:
    number = await ask(console, clock)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        await client.get("/conversations/ready")
        refused = await client.post("/conversations/ready", {"title": "", "text": "x"})
        assert refused.status_code == 422
        await client.sends("/conversations/ready", {"title": "稍等", "text": "请稍等片刻。"})
        await take(client, number)
        filled = await client.get(f"/conversations/{number}", ready="1")
        assert ">请稍等片刻。</textarea>" in filled.text
        assert "正在和站里核实" in (await client.get(f"/conversations/{number}", ready="b1")).text
        gone = await client.sends("/conversations/ready/1")
        assert "请稍等片刻" not in text_of(gone)
        back = await client.sends("/conversations/ready/1", {"does": "undo"})
        assert "请稍等片刻" in text_of(back)


async def test_a_page_whose_courier_was_erased_meanwhile_goes_to_the_list(
    console: Parts, clock: ManualClock
) -> None:
    number = await ask(console, clock, "", "删了吧")
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        await take(client, number)
        async with console.store.writing() as db:
            courier = await db.scalar(select(PersonConversationRow.courier_id))
            assert courier is not None
            await erase(db, courier, clock(), ErasureReason.REQUESTED)
        polled = await client.http.get(f"/conversations/{number}/thread")
        assert (polled.status_code, polled.headers["HX-Redirect"]) == (200, "/conversations")
        assert (await client.get(f"/conversations/{number}")).status_code == 404
        sent = await client.post(f"/conversations/{number}/answer", {"text": "在"})
        assert sent.status_code == 404


async def test_an_emergency_is_marked_and_the_time_runs_since_the_courier_wrote(
    console: Parts, clock: ManualClock
) -> None:
    number = await ask(console, clock, "", "门锁着", "我被车撞了")
    duty = await add_operator(console.store, clock, Role.DUTY)
    clock.forward(minutes=7)
    async with signed_in(console, duty) as client:
        await take(client, number)
        page = text_of(await client.get(f"/conversations/{number}"))
        assert page.count("紧急 · 机器人已告知求助电话") == 1
        assert "紧急 · 机器人已告知求助电话 我被车撞了" in page
        assert "骑手在等回复：7分钟" in page
