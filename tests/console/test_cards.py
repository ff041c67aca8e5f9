"""Card staff: pre-applications, what is late, lists, labels, pushes; values masked and recorded."""

import asyncio
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select

from bot.console.parts import Parts
from bot.services.card_administration.requests import RevealReason
from bot.services.cards.ingest import take
from bot.services.cards.pre_applications import Draft, PreApplications
from bot.services.cards.records import RecordSource
from bot.services.notifications.statuses import OutboxStatus
from bot.services.operators.notes import NoteKind, write
from bot.services.operators.roles import Role
from bot.store.models.administration.accounts import AuditRow
from bot.store.models.administration.card_lists import BankPushRow, CardListPartRow
from bot.store.models.administration.operators import AccessLogRow, OperatorNoteRow
from bot.store.models.cards import CardApplicationRow, CardBindingRow, CardRequestRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.cards import NUMBER, RECORD, report_history
from tests.support.console import KEYS, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS, add_stations
from tests.support.trainings import create_couriers

NAME, PHONE = "李二梅", "13900001111"
LIST = """申请编号,姓名,手机号,状态,状态时间,领取网点编号
NM20260815,王小强,13812345678,已激活,2026-11-22 10:00,H1
NM20260816,张三丰,13700002222,待领取,2026-11-21,H1
"""


@pytest.fixture
def console(console: Parts) -> Parts:
    """With the long work in threads of this process."""
    return replace(console, work=asyncio.to_thread)


async def pre_application(console: Parts, outlet: str = "", name: str = NAME) -> int:
    """A courier's, for a station of that code or for a typed outlet; its row."""
    now = console.clock()
    async with console.store.writing() as db:
        (courier,) = await create_couriers(db, 1, now)
        station = None
        if outlet:
            station = await db.scalar(select(StationRow.id).where(StationRow.code == outlet))
        draft = Draft(name, PHONE, "中通", station, "新城支行")
        await PreApplications(KEYS).submit(db, courier, draft, now)
        found = select(CardRequestRow.id).order_by(CardRequestRow.id.desc())
        return await db.scalar(found) or 0


async def audited(console: Parts) -> list[tuple[str, str]]:
    """Actions on cards with all that was recorded of each, oldest first."""
    async with console.store.reading() as db:
        rows = await db.scalars(select(AuditRow).order_by(AuditRow.id))
        return [
            (row.action, json.dumps([row.subject, row.before, row.after], ensure_ascii=False))
            for row in rows
            if row.action.startswith("card.")
        ]


async def test_pre_applications_are_masked_handed_on_and_taken_back(
    console: Parts, clock: ManualClock
) -> None:
    number = await pre_application(console)
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        page = await client.get("/cards")
        assert "李*" in page.text
        assert "139****1111" in page.text
        assert NAME not in page.text
        assert PHONE not in page.text
        change = f"/cards/requests/{number}"
        done = text_of(await client.sends(change, {"does": "pass", "was": "new"}))
        assert "已转网点" in done
        late = await client.post(change, {"does": "close", "was": "new"})
        assert late.status_code == 409
        assert "李*" in text_of(await client.get("/cards", state="passed"))
        await client.sends(change, {"does": "reopen", "was": "passed"})
        assert "李*" in text_of(await client.get("/cards"))
        assert (await client.post(change, {"does": "eat", "was": "new"})).status_code == 404
    async with console.store.reading() as db:
        note = (await db.scalars(select(OperatorNoteRow))).one()
        assert note.done_at is not None
    assert [action for action, _ in await audited(console)] == ["card.request"] * 2


async def test_whole_values_are_shown_once_for_a_reason_that_is_recorded(
    console: Parts, clock: ManualClock
) -> None:
    number = await pre_application(console)
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        address = f"/cards/requests/{number}/reveal"
        for reason in ("", "weil", PHONE):
            answer = await client.post(address, {"reason": reason})
            assert answer.status_code == 422
            assert PHONE not in answer.text
        shown = await client.post(address, {"reason": RevealReason.CALL.value})
        assert NAME in shown.text
        assert PHONE in shown.text
        assert shown.headers["cache-control"] == "no-store"
        assert PHONE not in (await client.get("/cards")).text
        assert (
            await client.post("/cards/requests/999/reveal", {"reason": "call"})
        ).status_code == 404
    ((action, recorded),) = await audited(console)
    assert action == "card.reveal"
    assert "call" in recorded
    assert NAME not in recorded
    assert PHONE not in recorded
    async with console.store.reading() as db:
        purposes = set(await db.scalars(select(AccessLogRow.purpose)))
    assert purposes == {"pre-applications", "reveal:call"}


async def test_the_export_holds_whole_values_and_marks_them_as_handed_on(
    console: Parts, clock: ManualClock
) -> None:
    await pre_application(console)
    await pre_application(console, name="=cmd()")
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        form = {"state": "new", "passed": "yes"}
        answer = await client.post("/cards/export", form)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
        table = rows.to_python()
        assert table[0][1:3] == ["姓名", "手机号"]
        assert table[1][1:3] == [NAME, PHONE]
        assert not str(table[2][1]).startswith("=")
        assert "李*" not in text_of(await client.get("/cards"))
        assert "李*" in text_of(await client.get("/cards", state="passed"))
    ((action, recorded),) = await audited(console)
    assert action == "card.export"
    assert '"rows": 2' in recorded
    async with console.store.reading() as db:
        logged = set(await db.scalars(select(AccessLogRow.action)))
    assert "export" in logged


async def test_staff_of_a_league_see_what_is_for_its_outlets(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    theirs = await pre_application(console, "B1", "包头人")
    await pre_application(console, "H1", "呼市人")
    typed = await pre_application(console, "", "没选网点")
    staff = await add_operator(console.store, clock, Role.CARDS, [HOHHOT])
    async with signed_in(console, staff) as client:
        page = text_of(await client.get("/cards"))
        assert "呼*" in page
        assert "包*" not in page
        assert "没*" not in page
        assert "待处理 1" in page
        for number in (theirs, typed):
            change = f"/cards/requests/{number}"
            assert (await client.post(change, {"does": "pass", "was": "new"})).status_code == 403
            answer = await client.post(f"{change}/reveal", {"reason": "call"})
            assert answer.status_code == 403
        answer = await client.post("/cards/export", {"state": "new"})
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
        assert [row[1] for row in rows.to_python()[1:]] == ["呼市人"]
        for path in ("/cards/lists", "/cards/labels"):
            assert (await client.get(path)).status_code == 403


async def test_who_is_no_card_staff_is_refused(console: Parts, clock: ManualClock) -> None:
    editor = await add_operator(console.store, clock, Role.EDITOR)
    async with signed_in(console, editor) as client:
        for path in ("", "/late", "/lists", "/labels", "/pushes"):
            assert (await client.get(f"/cards{path}")).status_code == 403
        for path in ("/export", "/requests/1", "/requests/1/reveal", "/late/1", "/labels"):
            assert (await client.post(f"/cards{path}", {"reason": "call"})).status_code == 403


async def test_a_list_is_checked_imported_and_forgotten(console: Parts, clock: ManualClock) -> None:
    await add_stations(console.store, clock)
    async with console.store.writing() as db:
        await take(db, KEYS, [RECORD], clock(), RecordSource.API)
        (courier,) = await create_couriers(db, 1, clock())
        mine = await db.scalar(select(CardApplicationRow.id))
        bound = {"courier_id": courier, "application_id": mine, "at": clock()}
        await db.execute(insert(CardBindingRow).values(bound))
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        answer = await client.post("/cards/lists", files={"list": ("名单.csv", LIST.encode())})
        assert answer.status_code == 303
        address = answer.headers["location"]
        page = await client.get(address)
        said = text_of(page)
        assert "写入2行" in said
        assert "卡到网点了，来领吧 → 已激活" in said
        for value in ("王小强", "13812345678", "张三丰", "13700002222", NUMBER):
            assert value not in page.text
        async with console.store.reading() as db:
            assert len(list(await db.scalars(select(CardApplicationRow.id)))) == 1
            (part,) = await db.scalars(select(CardListPartRow.part))
            assert "张三丰".encode() not in part
        assert "已导入" in text_of(await client.sends(address, {"does": "import"}))
        for does in ("import", "drop", "answer"):
            assert (await client.post(address, {"does": does})).status_code == 409
        assert (await client.post(f"{address}/marked")).status_code == 404
    async with console.store.reading() as db:
        assert len(list(await db.scalars(select(CardApplicationRow.id)))) == 2
        assert list(await db.scalars(select(CardListPartRow.number))) == []
        told = (await db.scalars(select(OutboxRow))).one()
        assert (told.courier_id, told.status) == (courier, OutboxStatus.READY)
    recorded = await audited(console)
    assert [action for action, _ in recorded] == ["card.upload", "card.import"]
    assert "13812345678" not in str(recorded)


async def test_a_faulty_list_comes_back_with_its_faults_marked(
    console: Parts, clock: ManualClock
) -> None:
    staff = await add_operator(console.store, clock, Role.CARDS)
    broken = LIST.replace("13700002222", "12").replace("2026-11-21", "gestern") + XSS
    async with signed_in(console, staff) as client:
        answer = await client.post("/cards/lists", files={"list": ("a.csv", broken.encode())})
        address = answer.headers["location"]
        page = await client.get(address)
        assert "一行也不会写入" in text_of(page)
        assert "<script>alert" not in page.text
        assert (await client.post(address, {"does": "import"})).status_code == 409
        back = await client.post(f"{address}/marked")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(back.content)).get_sheet_by_index(0)
        assert "手机号" in str(rows.to_python()[2][-1]) or "后4位" in str(rows.to_python()[2])
        await client.sends(address, {"does": "drop"})
        for data in (b"", b"%PDF-1.7", b"PK\x03\x04"):
            refused = await client.post("/cards/lists", files={"list": ("a.xlsx", data)})
            assert refused.status_code == 422, data
        assert (await client.post("/cards/lists", files={})).status_code == 422
    async with console.store.reading() as db:
        assert list(await db.scalars(select(CardApplicationRow.id))) == []
        assert list(await db.scalars(select(CardListPartRow.number))) == []


async def test_a_list_is_not_imported_once_it_would_do_something_else(
    console: Parts, clock: ManualClock
) -> None:
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        answer = await client.post("/cards/lists", files={"list": ("a.csv", LIST.encode())})
        address = answer.headers["location"]
        async with console.store.writing() as db:
            await take(db, KEYS, [RECORD], clock(), RecordSource.API)
        late = await client.post(address, {"does": "import"})
        assert late.status_code == 409
        assert "卡到网点了，来领吧 → 已激活" in text_of(late)
        await client.sends(address, {"does": "import"})


async def test_a_step_back_is_allowed_by_a_tick(console: Parts, clock: ManualClock) -> None:
    async with console.store.writing() as db:
        done = replace(RECORD, label="已激活")
        await take(db, KEYS, [done], clock(), RecordSource.API)
    back = LIST.replace("已激活,2026-11-22 10:00", "审核中,2026-11-22 23:00")
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        answer = await client.post("/cards/lists", files={"list": ("a.csv", back.encode())})
        address = answer.headers["location"]
        assert 'name="backwards"' in (await client.get(address)).text
        page = await client.sends(address, {"does": "answer", "backwards": "yes"})
        assert "写入2行" in text_of(page)
        await client.sends(address, {"does": "import"})


async def test_unknown_labels_get_a_stage_and_lose_it_again(
    console: Parts, clock: ManualClock
) -> None:
    strange = replace(RECORD, label="卡片已出库")
    async with console.store.writing() as db:
        await take(db, KEYS, [strange], clock(), RecordSource.API)
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        assert "卡片已出库" in text_of(await client.get("/cards/labels"))
        form = {"label": "卡片已出库", "stage": "shipped"}
        for stage in ("", "unknown", "eaten"):
            answer = await client.post("/cards/labels", {**form, "stage": stage})
            assert answer.status_code == 422
        assert "1笔" in text_of(await client.sends("/cards/labels", form))
        async with console.store.reading() as db:
            assert await db.scalar(select(CardApplicationRow.status)) == "shipped"
        await client.sends("/cards/labels", {"label": "卡片已出库", "does": "remove"})
        again = await client.post("/cards/labels", {"label": "卡片已出库", "does": "remove"})
        assert again.status_code == 409
    recorded = await audited(console)
    assert [action for action, _ in recorded] == ["card.label"] * 2
    assert "shipped" in recorded[0][1]


async def test_late_applications_by_outlet(console: Parts, clock: ManualClock) -> None:
    await add_stations(console.store, clock)
    await report_history(console.store, clock(), [3, 3, 4, 4, 5, 5], "待领取")
    waiting = replace(RECORD, at=clock() - timedelta(days=40), as_of=clock(), outlet_code="H1")
    other = replace(waiting, number="NM20260999", outlet_code="B1", outlet_name="昆区支行")
    fresh = replace(waiting, number="NM20261000", at=clock() - timedelta(days=1))
    async with console.store.writing() as db:
        await take(db, KEYS, [waiting, other, fresh], clock(), RecordSource.API)
    staff = await add_operator(console.store, clock, Role.CARDS)
    league = await add_operator(console.store, clock, Role.CARDS, [HOHHOT], "league")
    async with signed_in(console, staff) as client:
        assert "2笔申请逾期" in text_of(await client.get("/cards/late"))
        page = await client.get("/cards/late", outlet="H1")
        assert "****0815" in page.text
        assert NUMBER not in page.text
        assert "40天" in page.text
        assert "****0999" not in page.text
        numbers = re.findall(r'action="/cards/late/(\d+)"', page.text)
        assert len(numbers) == 1
        shown = await client.post(f"/cards/late/{numbers[0]}", {"reason": "outlet", "outlet": "H1"})
        assert NUMBER in shown.text
        both = await client.get("/cards/late", outlet="*")
        others = set(re.findall(r'action="/cards/late/(\d+)"', both.text)) - set(numbers)
    async with signed_in(console, league) as client:
        assert "1笔申请逾期" in text_of(await client.get("/cards/late"))
        answer = await client.post(f"/cards/late/{others.pop()}", {"reason": "outlet"})
        assert answer.status_code == 404
    recorded = await audited(console)
    assert [action for action, _ in recorded] == ["card.reveal"]
    assert NUMBER not in str(recorded)


async def test_pushes_of_the_bank_and_notes_about_them(console: Parts, clock: ManualClock) -> None:
    async with console.store.writing() as db:
        push = {"at": clock(), "records": 7, "counts": {"new": 5, "refused": 2}}
        await db.execute(insert(BankPushRow).values(push))
        await write(db, KEYS, NoteKind.BANK_PUSH, "push:1", {"reason": "forged"}, clock())
        await write(db, KEYS, NoteKind.CARD_LABEL, "label:1", {}, clock(), "不该在这里")
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        page = text_of(await client.get("/cards/pushes"))
        assert "新增 5" in page
        assert "未采纳 2" in page
        assert "签名" in page
        assert "不该在这里" not in page
        async with console.store.reading() as db:
            found = select(OperatorNoteRow.id, OperatorNoteRow.kind)
            ids = {kind: number for number, kind in await db.execute(found)}
        done = await client.sends(f"/cards/notes/{ids['bank.push']}")
        assert "签名" not in text_of(done)
        await client.sends(f"/cards/notes/{ids['card.label']}")
    async with console.store.reading() as db:
        done_at = select(OperatorNoteRow.done_at).where(OperatorNoteRow.kind == "card.label")
        assert await db.scalar(done_at) is None


@pytest.mark.parametrize("path", ["/cards/requests/x", "/cards/late/9" + "9" * 20])
async def test_numbers_that_are_none_are_404(console: Parts, clock: ManualClock, path: str) -> None:
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        form = {"reason": "call", "does": "pass", "was": "new"}
        assert (await client.post(path, form)).status_code == 404


async def test_pre_applications_are_found_by_outlet_and_done_after_they_were_handed_on(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    number = await pre_application(console, "H1", "呼市人")
    await pre_application(console, "B1", "包头人")
    await pre_application(console, "", "没选网点")
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        assert "待处理 3" in text_of(await client.get("/cards"))
        for outlet in ("新城区", "H1"):
            page = text_of(await client.get("/cards", outlet=outlet))
            assert "待处理 1" in page
            assert "呼*" in page
            assert "包*" not in page
        for outlet in ("%", "_", "没选", XSS):
            assert "这里没有预申请" in text_of(await client.get("/cards", outlet=outlet))
        change, form = f"/cards/requests/{number}", {"was": "new", "outlet": "H1"}
        page = text_of(await client.sends(change, {**form, "does": "pass"}))
        assert "待处理 0 已转网点 1" in page  # of this outlet still
        page = text_of(await client.sends(change, {**form, "was": "passed", "does": "close"}))
        assert "已办完 1" in page
        exported = await client.post("/cards/export", {"state": "closed"})
        book = CalamineWorkbook.from_filelike(io.BytesIO(exported.content))
        assert "已办完" in book.get_sheet_by_index(0).to_python()[1]


async def test_the_first_page_counts_what_is_for_outlets_of_ones_leagues(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    await pre_application(console, "B1")
    there = await add_operator(console.store, clock, Role.CARDS, [BAOTOU], "there")
    elsewhere = await add_operator(console.store, clock, Role.CARDS, [HOHHOT], "elsewhere")
    async with signed_in(console, there) as client:
        assert "待处理的预申请 1" in text_of(await client.get("/"))
    async with signed_in(console, elsewhere) as client:
        assert "待处理的预申请" not in text_of(await client.get("/"))


async def test_the_log_names_states_and_reasons_in_words(
    console: Parts, clock: ManualClock
) -> None:
    number = await pre_application(console)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        await client.get("/cards")
        await client.sends(f"/cards/requests/{number}", {"was": "new", "does": "pass"})
        await client.post(f"/cards/requests/{number}/reveal", {"reason": "outlet"})
        await client.post("/cards/export", {"state": "passed"})
        said = text_of(await client.get("/records", kind="card"))
    assert "状态 待处理 → 已转网点" in said
    assert "网点询问" in said
    assert "标为已转网点 否" in said
