"""Importing lists of trainings in the console: from a broken row to undo, within leagues."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
import python_calamine
from sqlalchemy import select

from bot.console.parts import Parts
from bot.services.operators import audit
from bot.services.operators.audit import Query
from bot.services.operators.roles import Operator, Role
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.console.test_imports import effect, sent, shown, uploaded, written
from tests.console.test_trainings import sent_text
from tests.support.console import KEYS, OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS
from tests.support.console_trainings import Trainings, add_trainings

HEADINGS = "编号,主题,开始时间,结束时间,名额,地点,盟市"


def row(code: str, title: str, *, start: str = "2026-12-05 09:00", end: str = "11:00",
        seats: str = "30", place: str = "文化宫", league: str = "呼和浩特市") -> str:  # fmt: skip
    return f"{code},{title},{start},{end},{seats},{place},{league}"


def list_of(*rows: str) -> bytes:
    return "\n".join([HEADINGS, *rows]).encode()


MOVED = row(
    "T1", "冬季骑行安全", start="2026-11-28 14:00", end="16:00", place="新城区工会", seats="2"
)
BROKEN = list_of(
    row("N1", "电动车电池安全"), row("N2", "交通安全", start="下周六上午"), row("N3", "急救"), MOVED
)


@pytest.fixture
def console(console: Parts) -> Parts:
    """With the long work in threads of this process."""
    return replace(console, work=asyncio.to_thread)


async def a_trainer(
    console: Parts, clock: ManualClock, *leagues: str
) -> tuple[Operator, Trainings]:
    trainings = await add_trainings(console.store, KEYS, clock)
    return await add_operator(console.store, clock, Role.TRAINER, leagues), trainings


async def titles(console: Parts) -> dict[str, str]:
    async with console.store.reading() as db:
        return {one.code: one.place for one in await db.scalars(select(TrainingRow))}


async def previewed(client: OperatorClient, data: bytes) -> tuple[str, httpx.Response]:
    path = await uploaded(client, data, "培训.csv")
    return path, await shown(client, path)


async def test_sound_rows_are_written_a_broken_one_is_mended_and_all_is_undone(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await a_trainer(console, clock)
    before = await titles(console)
    async with signed_in(console, trainer) as client:
        path, page = await previewed(client, BROKEN)
        assert "培训清单" in text_of(page)
        assert "写入3场培训" in text_of(page)
        faulty = await client.get(path, tab="faulty")
        assert "下周六上午" in faulty.text
        assert "写成 2026-11-28 09:00" in text_of(faulty)
        changed = text_of(await client.get(path, tab="changed"))
        assert "通知3位骑手" in changed
        assert "新城区工会" in changed
        place = re.search(r'name="at:0" value="(.+?)"', faulty.text)
        assert place is not None
        form = {"at:0": place[1].replace("&#34;", '"'), "cell:0": "2026-12-06 9:00"}
        page = await sent(client, f"{path}/mend", form)
        assert "写入4场培训" in text_of(page)
        assert await titles(console) == before
        done = await written(client, path)
        assert "已写入4场培训" in text_of(done)
        now = await titles(console)
        assert set(now) == {"T1", "T2", "N1", "N2", "N3"}
        assert now["T1"] == "新城区工会"
        async with console.store.reading() as db:
            told = select(OutboxRow.courier_id).where(OutboxRow.kind == "training.changed")
            assert set(await db.scalars(told)) == set(trainings.couriers)
        undone = await sent(client, f"{path}/undo", {})
        assert "已撤销，培训恢复" in text_of(undone)
        assert await titles(console) == before
    admin = await add_operator(console.store, clock)
    async with console.store.reading() as db:
        log = await audit.find(db, admin, Query(subject_kind="import"))
    assert [one.action for one in log] == ["import.undo", "import.apply", "import.upload"]
    assert dict(log[1].after) | {"revision": 0} == {
        "kind": "trainings", "file": "培训.csv", "revision": 0, "new": 3, "changed": 1,
    }  # fmt: skip


async def test_faulty_rows_come_back_marked(console: Parts, clock: ManualClock) -> None:
    trainer, _ = await a_trainer(console, clock)
    async with signed_in(console, trainer) as client:
        path, _ = await previewed(client, BROKEN)
        book = await client.get(f"{path}/marked")
    sheet = python_calamine.CalamineWorkbook.from_filelike(BytesIO(book.content))
    rows = sheet.get_sheet_by_index(0).to_python()
    assert rows[1][-1] == ""
    assert "开始时间" in str(rows[2][-1])


async def test_the_preview_shows_the_notice_that_couriers_get(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await a_trainer(console, clock)
    async with signed_in(console, trainer) as client:
        path, _ = await previewed(client, list_of(MOVED))
        page = await client.get(path, tab="changed")
        shown_lines = re.search(r'<p class="lines">(.*?)</p>', page.text, re.DOTALL)
        await written(client, path)
    assert shown_lines is not None
    assert shown_lines[1] == await sent_text(console, clock, trainings.couriers[0])


async def test_a_trainer_of_a_league_imports_trainings_of_it_only(
    console: Parts, clock: ManualClock
) -> None:
    trainer, _ = await a_trainer(console, clock, HOHHOT)
    data = list_of(
        row("N1", "没写盟市", league=""),
        row("N2", "别处的", league="包头市"),
        row("T2", "急救入门", start="2026-11-30 09:00", league="包头市"),
        row("T1", "搬到别处", league="包头市"),
    )
    async with signed_in(console, trainer) as client:
        path, page = await previewed(client, data)
        assert "写入1场培训" in text_of(page)
        faulty = text_of(await client.get(path, tab="faulty"))
        assert "3、4、5 盟市 您的账号只能导入呼和浩特市的培训" in faulty
        assert "T2" not in text_of(await client.get(path, tab="missing"))
        await written(client, path)
    async with console.store.reading() as db:
        rows = {one.code: one.league for one in await db.scalars(select(TrainingRow))}
    assert rows == {"T1": HOHHOT, "T2": BAOTOU, "N1": HOHHOT}


async def test_coordinates_are_asked_about_where_nothing_says_what_they_are(
    console: Parts, clock: ManualClock
) -> None:
    trainer, _ = await a_trainer(console, clock)
    data = list_of(row("N1", "一")).decode()
    bare = data.replace("盟市", "盟市,经度,纬度").replace("呼和浩特市", "呼和浩特市,111.68,40.83")
    async with signed_in(console, trainer) as client:
        path, question = await previewed(client, bare.encode())
        assert "坐标是从哪种地图来的" in text_of(question)
        page = await sent(client, f"{path}/datum", {"datum": "gcj02"})
        assert "写入1场培训" in text_of(page)
        wrong = bare.replace("111.68,40.83", "北纬,东经")
        path, _ = await previewed(client, wrong.encode())
        faulty = text_of(await client.get(path, tab="faulty"))
        assert "这不是坐标" in faulty
        assert "--datum" not in faulty
        named = bare.replace("经度", "经度（百度）").replace("纬度", "纬度（百度）")
        _, page = await previewed(client, named.encode())
        assert "写入1场培训" in text_of(page)


async def test_an_unknown_heading_is_named_by_the_operator_and_remembered(
    console: Parts, clock: ManualClock
) -> None:
    trainer, _ = await a_trainer(console, clock)
    data = list_of(row("N1", "一")).replace("主题".encode(), "讲什么".encode())
    async with signed_in(console, trainer) as client:
        path, page = await previewed(client, data)
        assert "主题" in text_of(page)
        assert "写入1场培训" not in text_of(page)
        assert f'href="{path}/columns"' in page.text
        assert "叫别的名字" in text_of(page)
        columns = await client.get(f"{path}/columns")
        assert "讲什么" in text_of(columns)
        page = await sent(client, f"{path}/columns", {"heading": "讲什么", "field": "title"})
        await written(client, path)
        again = data.replace(b"N1", b"N2")
        _, page = await previewed(client, again)
        assert "写入1场培训" in text_of(page)


async def test_what_couriers_registered_for_is_not_undone_and_says_why(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await a_trainer(console, clock)
    async with signed_in(console, trainer) as client:
        path, _ = await previewed(client, list_of(row("N1", "一")))
        await written(client, path)
        async with console.store.writing() as db:
            new = await db.scalar(select(TrainingRow.id).where(TrainingRow.code == "N1"))
            register = Registrations(Seating(timedelta(hours=2))).register
            await register(db, new or 0, trainings.couriers[0], clock())
        page = text_of(await sent(client, f"{path}/undo", {}))
    assert "没有撤销" in page
    assert "已有骑手报名" in page
    assert "N1" in await titles(console)


async def test_what_changed_since_the_preview_is_told_and_nothing_is_written(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await a_trainer(console, clock)
    async with signed_in(console, trainer) as client:
        path, page = await previewed(client, list_of(MOVED))
        seen = effect(page)
        async with console.store.writing() as db:
            one = await db.get_one(TrainingRow, trainings.hohhot)
            one.place = "换过的地点"
        page = await sent(client, f"{path}/write", {"effect": seen})
        assert "您查看之后培训被改动过" in text_of(page)
        assert (await titles(console))["T1"] == "换过的地点"
        await written(client, path)
        assert (await titles(console))["T1"] == "新城区工会"


async def test_markup_in_a_list_stays_text(console: Parts, clock: ManualClock) -> None:
    trainer, _ = await a_trainer(console, clock)
    cell = '"' + XSS.replace('"', '""') + '"'
    data = list_of(row(cell, cell, place=cell), row("T1", cell), row("N", cell, start=cell))
    async with signed_in(console, trainer) as client:
        path, _ = await previewed(client, data)
        for tab in ("new", "changed", "faulty"):
            assert "<script>alert" not in (await client.get(path, tab=tab)).text
        assert "<script>alert" not in (await client.get(f"{path}/columns")).text
