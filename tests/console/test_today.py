"""The first page counts what waits, within the operator's leagues, and reports are dealt with."""

import re
from datetime import timedelta

from sqlalchemy import select

from bot.console.parts import Parts
from bot.services.appointments.requests import Appointments, Draft
from bot.services.appointments.wishes import CallWish, Part
from bot.services.honours.statuses import NominationStatus
from bot.services.operators import audit, notes
from bot.services.operators.audit import SubjectKind
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Role
from bot.store.models.administration.list_imports import ListImportRow
from bot.store.models.content import ContentRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.console import KEYS, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, add_stations
from tests.support.honours import nominate, open_campaign
from tests.support.trainings import create_couriers, create_training


async def report(console: Parts, clock: ManualClock, code: str) -> None:
    params = {"code": code, "name": "某驿站", "problem": "closed"}
    async with console.store.writing() as db:
        await notes.write(
            db, KEYS, NoteKind.STATION_PROBLEM, code, params, clock(), f"{code} 门锁着"
        )


async def fill(console: Parts, clock: ManualClock) -> None:
    """Something of each kind: in 呼和浩特, and a nomination in 包头."""
    now = clock()
    await add_stations(console.store, clock)
    campaign = await open_campaign(console.store, now)
    await nominate(console.store, now, campaign, "本地人", NominationStatus.NEW)
    await nominate(console.store, now, campaign, "包头人", NominationStatus.NEW, league=BAOTOU)
    async with console.store.writing() as db:
        first, second = await create_couriers(db, 2, now)
        h1 = await db.scalar(select(StationRow.id).where(StationRow.code == "H1"))
        for courier, ago in ((first, timedelta(hours=30)), (second, timedelta(hours=2))):
            draft = Draft("payroll", "张三", "13800001111", "", h1, "H1", CallWish(Part.MORNING))
            await Appointments(KEYS).submit(db, courier, draft, now - ago)
        tomorrow, later = now + timedelta(days=1), now + timedelta(days=5)
        await create_training(db, tomorrow, title="无处", place="", now=now)
        await create_training(db, tomorrow, title="满座", place="职工之家", taken=2, now=now)
        await create_training(db, later, title="以后", place="", now=now)
        due = {"review_on": now.date() - timedelta(days=1), "updated_at": now}
        db.add(ContentRow(code="old", kind="article", title="旧文", text="文", source="源", **due))
        started = {"created_at": now, "begun_at": now, "answers": {}}
        for actor, state in (("a", "failed"), ("a", "applied"), ("b", "refused")):
            db.add(ListImportRow(
                kind="stations", actor=actor, name="名单.xlsx", digest="0", state=state, **started
            ))  # fmt: skip
            await db.flush()


async def test_an_editor_counts_sees_and_closes_reports_of_their_league_only(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    await report(console, clock, "H1")
    await report(console, clock, "B1")
    async with signed_in(console, editor) as client:
        said = text_of(await client.get("/"))
        assert "骑手反映 1" in said
        assert "设施故障或缺货 1" in said
        assert "服务时间不详 1" in said
        assert "银行" not in said
        reports = text_of(await client.get("/reports"))
        assert "H1 门锁着" in reports
        assert "B1" not in reports
        assert (await client.post("/reports/2", {"does": "done"})).status_code == 403
        assert "已办结" in text_of(await client.sends("/reports/1", {"does": "in_order"}))
        assert "已经办结" in text_of(await client.sends("/reports/1", {"does": "done"}))
    async with console.store.reading() as db:
        (entry,) = await audit.of_subject(db, SubjectKind.STATION, "H1")
    assert (entry.action, entry.actor, entry.league) == ("report.done", "editor", HOHHOT)


async def test_each_role_counts_what_it_can_do_something_about(
    console: Parts, clock: ManualClock
) -> None:
    await fill(console, clock)
    said: dict[Role, str] = {}
    for role in Role:
        operator = await add_operator(console.store, clock, role)
        async with signed_in(console, operator) as client:
            said[role] = text_of(await client.get("/"))
    call_backs = "等了一天以上还没联系 1"
    of_trainings = "今明两天开课，还没填地点或链接 1"
    content, nominations, lists = "内容该复核了 1", "新的最美快递员提名 2", "名单没能导入 1"
    stations = "服务时间不详 1"
    everything = (call_backs, of_trainings, content, nominations, lists, stations)
    seen = {role: [one for one in everything if one in text] for role, text in said.items()}
    assert seen == {
        Role.ADMINISTRATOR: list(everything),
        Role.EDITOR: [content, nominations, lists, stations],
        Role.CARDS: [call_backs],
        Role.TRAINER: [of_trainings],
        Role.DUTY: [call_backs],
        Role.READER: [],
    }
    assert "骑手想约电话或上门 2" in said[Role.CARDS]
    assert "今明两天的培训 2" in said[Role.TRAINER]
    assert "其中还有空位，可现场来人 1" in said[Role.TRAINER]


async def test_what_waits_in_other_leagues_is_not_counted(
    console: Parts, clock: ManualClock
) -> None:
    await fill(console, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    trainer = await add_operator(console.store, clock, Role.TRAINER, [BAOTOU])
    staff = await add_operator(console.store, clock, Role.CARDS, [BAOTOU])
    async with signed_in(console, editor) as client:
        said = text_of(await client.get("/"))
        assert "新的最美快递员提名 1" in said
        assert "内容该复核了" not in said  # it is for all leagues
        assert "名单没能导入" not in said  # somebody else's
    async with signed_in(console, trainer) as client:
        assert "今明两天" not in text_of(await client.get("/"))
    async with signed_in(console, staff) as client:
        assert "骑手想约电话或上门" not in text_of(await client.get("/"))


async def test_every_item_leads_to_a_page_that_the_role_may_open(
    console: Parts, clock: ManualClock
) -> None:
    await fill(console, clock)
    for role, leagues in ((Role.ADMINISTRATOR, []), (Role.EDITOR, [HOHHOT])):
        operator = await add_operator(console.store, clock, role, leagues)
        async with signed_in(console, operator) as client:
            page = await client.get("/")
            todo = page.text.partition('<ul class="todo">')[2]
            links = re.findall(r'href="([^"]+)"', todo)
            assert links
            for link in links:
                assert (await client.get(link.replace("&amp;", "&"))).status_code == 200, link
