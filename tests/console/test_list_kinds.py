"""One place to drop any list: what is recognised, corrected, handed on, refused and deleted."""

import asyncio
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import func, select

from bot.console import background
from bot.console.parts import Parts
from bot.services.honours.statuses import NominationStatus
from bot.services.list_imports.recognition import recognise
from bot.services.operators.roles import Role
from bot.services.spreadsheets.mappings import ListKind
from bot.store.models.administration.accounts import AuditRow
from bot.store.models.administration.card_lists import CardListPartRow, CardListRow
from bot.store.models.administration.list_imports import ListFileRow, ListImportRow
from bot.store.models.honours import CampaignRow
from tests.conftest import ManualClock
from tests.console import test_cards, test_training_imports
from tests.console.test_imports import GOOD, sent, shown, uploaded, written
from tests.support.console import OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import HOHHOT, add_stations
from tests.support.honours import nominate, open_campaign

LISTS = Path(__file__).parent.parent / "data" / "lists"
CARDS = test_cards.LIST.encode()
TRAININGS = test_training_imports.list_of(test_training_imports.row("N1", "电动车电池安全"))
CAMPAIGNS = """编号,名称,规则,盟市,提名开始,提名截止,投票开始,投票截止,获奖人数
2027-spring,最美快递员,每人三票,呼和浩特,2027-03-01,2027-03-31,2027-04-01,2027-04-20,10
"""
PEOPLE = ("王小强", "13812345678", "张三丰", "13700002222")


@pytest.fixture
def console(console: Parts) -> Parts:
    """With the long work in threads of this process."""
    return replace(console, work=asyncio.to_thread)


async def count(console: Parts, row: type) -> int:
    async with console.store.reading() as db:
        return await db.scalar(select(func.count()).select_from(row)) or 0


async def kept_of(console: Parts) -> str:
    """All that the audit log and the imports hold in the clear."""
    async with console.store.reading() as db:
        log = await db.scalars(select(AuditRow))
        told = [[one.subject, one.before, one.after] for one in log]
        lists = [[one.name, one.answers] for one in await db.scalars(select(ListImportRow))]
        cards = [[one.name, one.summary] for one in await db.scalars(select(CardListRow))]
    return json.dumps([told, lists, cards], ensure_ascii=False)


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        ("编号,名称,盟市,区划代码,地址,经度,纬度,服务时间", ListKind.STATIONS),
        ("名称,地址,经度,纬度", ListKind.STATIONS),
        ("站点名称,站点位置,开放时间段,负责人,手机号", ListKind.STATIONS),
        ("编号,主题,开始时间,结束时间,名额,地点", ListKind.TRAININGS),
        ("培训名称,培训时间,地点,人数上限", ListKind.TRAININGS),
        ("申请编号,姓名,手机号,状态,状态时间", ListKind.CARDS),
        ("客户姓名,联系电话,办理状态,更新时间", ListKind.CARDS),
        ("编号,名称,规则,提名开始,提名截止,投票开始,投票截止", ListKind.HONOURS),
        ("编号,名称", None),
        ("a,b,c", None),
    ],
)
def test_the_kind_of_a_list_is_recognised_by_its_headings(
    headings: str, kind: ListKind | None
) -> None:
    assert recognise(f"{headings}\n1,2,3\n".encode(), "a.csv") is kind


@pytest.mark.parametrize(
    "name", sorted(one.name for one in LISTS.iterdir() if one.stem != "short-decimals")
)
def test_no_list_of_stations_as_offices_send_it_is_taken_for_another_kind(name: str) -> None:
    assert recognise((LISTS / name).read_bytes(), name) in {ListKind.STATIONS, None}


async def test_a_list_of_cards_is_led_to_the_cards_and_leaves_nothing_behind(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        path = await uploaded(client, CARDS, "名单.csv")
        page = await shown(client, path)
        assert "认出来了：银行的办卡名单" in text_of(page)
        assert not any(one in page.text for one in PEOPLE)
        ahead = await client.post(f"{path}/cards", {"as_of": "2030-01-01T10:00"})
        assert ahead.status_code == 422
        page = await client.sends(f"{path}/cards", {"as_of": "2026-11-22T18:00"})
        assert page.url.path == "/cards/lists/1"
        assert "写入2行" in text_of(page)
        assert "2026-11-22 18:00" in text_of(page)
        assert (await client.get(path)).status_code == 404
        assert "名单.csv" not in text_of(await client.get("/imports"))
        await client.sends("/cards/lists/1", {"does": "import"})
    assert [await count(console, one) for one in (ListFileRow, ListImportRow, CardListPartRow)] == [
        0, 0, 0,
    ]  # fmt: skip
    kept = await kept_of(console)
    assert not any(one in kept for one in PEOPLE)
    async with console.store.reading() as db:
        log = list(await db.scalars(select(AuditRow.action).order_by(AuditRow.id)))
    assert [one for one in log if one.startswith(("import.", "card."))] == [
        "import.upload", "card.upload", "import.to_cards", "card.import",
    ]  # fmt: skip


async def test_a_long_list_of_cards_is_compared_after_the_answer(
    console: Parts, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PATIENCE", 0.0)
    staff = await add_operator(console.store, clock, Role.CARDS)
    go_on = asyncio.Event()

    async def slowly(function: Callable[..., object], *args: object) -> object:
        await go_on.wait()
        return await asyncio.to_thread(function, *args)

    async with signed_in(console, staff) as client:
        path = await uploaded(client, CARDS, "名单.csv")
    async with signed_in(replace(console, work=slowly), staff) as client:
        lists = await client.sends(f"{path}/cards", {})
        assert "比对完就出现在这里" in text_of(lists)
        other = await client.post("/cards/lists", files={"list": ("另一份.csv", CARDS)})
        assert other.headers["location"] == "/cards/lists"
        assert "另一份.csv" not in text_of(await client.get("/cards/lists"))
        go_on.set()
        await background.finished()
        lists = await client.get("/cards/lists")
        assert "名单.csv" in text_of(lists)
        assert "另一份.csv" in text_of(lists)
        assert (await client.get(path)).status_code == 404
        go_on.clear()
        page = await client.sends("/cards/lists/1", {"does": "import"})
        assert "还在处理" in text_of(page)
        go_on.set()
        await background.finished()
        late = await client.post("/cards/lists/1", {"does": "drop"})
        assert late.status_code == 409
        assert "于 2026-11-23 10:00 导入" in text_of(await client.get("/cards/lists/1"))


async def test_a_list_that_the_account_may_not_import_is_named_and_can_be_deleted(
    console: Parts, clock: ManualClock
) -> None:
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    admin = await add_operator(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, name="all-stations")
    async with signed_in(console, trainer) as client:
        path = await uploaded(client, CARDS, "名单.csv")
        page = await shown(client, path)
        assert "这像是银行的办卡名单，您的账号不能导入" in text_of(page)
        assert (await client.post(f"{path}/cards")).status_code == 403
        assert (await client.post(f"{path}/kind", {"kind": "cards"})).status_code == 422
        assert (await client.get(f"{path}/columns")).status_code == 403
        async with signed_in(console, editor) as other:
            assert (await other.get(path)).status_code == 403
        async with signed_in(console, admin) as other:
            assert (await shown(other, path)).status_code == 200
        await client.sends(f"{path}/drop", {})
        assert (await client.get(path)).status_code == 404
    assert [await count(console, one) for one in (ListFileRow, ListImportRow)] == [0, 0]
    kept = await kept_of(console)
    assert not any(one in kept for one in PEOPLE)


async def test_what_was_recognised_can_be_corrected(console: Parts, clock: ManualClock) -> None:
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        path = await uploaded(client, "编号,名称\nN1,一\n".encode(), "a.csv")
        page = await shown(client, path)
        assert "看表头认不出这是什么清单" in text_of(page)
        assert (await client.post(f"{path}/kind", {"kind": "holidays"})).status_code == 422
        page = await sent(client, f"{path}/kind", {"kind": "trainings"})
        assert "培训清单" in text_of(page)
        assert "开始时间" in text_of(page)
        page = await sent(client, f"{path}/kind", {"kind": "stations"})
        assert "驿站清单" in text_of(page)
        path = await uploaded(client, TRAININGS, "培训.csv")
        page = await shown(client, path)
        assert "写入1场培训" in text_of(page)
        assert f'href="{path}/kind"' in page.text
        await written(client, path)
        late = await client.post(f"{path}/kind", {"kind": "stations"})
        assert late.status_code == 409
        assert (await client.post(f"{path}/drop")).status_code == 409


async def test_who_imports_one_kind_only_is_not_asked(console: Parts, clock: ManualClock) -> None:
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        page = await client.get("/imports")
        assert "驿站清单" in text_of(page)
        assert "办卡名单" not in text_of(page)
        path = await uploaded(client, "编号,名称\nN1,一\n".encode(), "a.csv")
        assert "认不出" not in text_of(await shown(client, path))


async def test_campaigns_are_previewed_written_as_a_whole_and_recorded(
    console: Parts, clock: ManualClock
) -> None:
    campaign = await open_campaign(console.store, clock())
    await nominate(console.store, clock(), campaign, "王小强", NominationStatus.NEW)
    editor = await add_operator(console.store, clock, Role.EDITOR)
    faulty = CAMPAIGNS + "2027-autumn,秋季,规则,,2027-09-30,2027-09-01,2027-10-01,2027-10-20,10\n"
    async with signed_in(console, editor) as client:
        assert 'href="/imports"' in (await client.get("/honours")).text
        path = await uploaded(client, faulty.encode(), "评选.csv")
        page = await shown(client, path)
        assert "整份写入" in text_of(page)
        assert 'name="effect"' not in page.text
        path = await uploaded(client, CAMPAIGNS.encode(), "评选.csv")
        page = await shown(client, path)
        assert "写入1个评选活动" in text_of(page)
        assert "2027-03-31" in text_of(page)
        assert "呼和浩特市" in text_of(page)
        done = await written(client, path)
        assert "已写入1个评选活动" in text_of(done)
        assert f"{path}/undo" not in done.text
        assert (await client.post(f"{path}/undo")).status_code == 409
        assert "最美快递员" in text_of(await client.get("/honours/2027-spring"))
    assert await count(console, CampaignRow) == 2
    async with console.store.reading() as db:
        log = list(await db.scalars(select(AuditRow.action).order_by(AuditRow.id)))
    assert log[-1] == "import.apply"


async def test_campaigns_belong_to_the_whole_region(console: Parts, clock: ManualClock) -> None:
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        assert 'class="button quiet" href="/imports"' not in (await client.get("/honours")).text
        path = await uploaded(client, CAMPAIGNS.encode(), "评选.csv")
        assert "您的账号不能导入" in text_of(await shown(client, path))
        assert (await client.post(f"{path}/kind", {"kind": "honours"})).status_code == 422
    assert await count(console, CampaignRow) == 0


async def test_lists_seen_are_those_that_one_may_import(console: Parts, clock: ManualClock) -> None:
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    editor = await add_operator(console.store, clock, Role.EDITOR)
    async with signed_in(console, trainer) as one, signed_in(console, editor) as other:
        path = await uploaded(one, TRAININGS, "培训.csv")
        await uploaded(other, GOOD, "站点.csv")
        assert "站点.csv" not in text_of(await one.get("/imports"))
        assert "培训.csv" not in text_of(await other.get("/imports"))
        assert (await other.get(path)).status_code == 403
        assert (await other.post(f"{path}/write", {"effect": ""})).status_code == 403


async def refused(client: OperatorClient, data: bytes, name: str) -> str:
    """What is said about a file, once it was looked at."""
    path = await uploaded(client, data, name)
    return text_of(await shown(client, path))


def book(rows: list[list[str]], merged: str = "") -> bytes:
    """A workbook of one sheet, its first row merged over `merged`."""
    file = BytesIO()
    with xlsxwriter.Workbook(file) as made:
        sheet = made.add_worksheet("培训")
        for number, cells in enumerate(rows, 1 if merged else 0):
            sheet.write_row(number, 0, cells)
        if merged:
            sheet.merge_range(merged, "2026年冬季培训安排")
    return file.getvalue()


async def test_spreadsheets_as_people_send_them(console: Parts, clock: ManualClock) -> None:
    admin = await add_operator(console.store, clock)
    rows = [line.split(",") for line in TRAININGS.decode().splitlines()]
    async with signed_in(console, admin) as client:
        assert "写入1场培训" in await refused(client, book(rows, "A1:G1"), "合并表头.xlsx")
        dated = [rows[0], ["N2", "急救", "2026年12月5日 上午9点", "11:00", "30", "文化宫", ""]]
        assert "写入1场培训" in await refused(client, book(dated), "日期是文字.xlsx")
        assert "是空的" in await refused(client, book([]), "空表.xlsx")
        assert "是空的" in await refused(client, b"\n\n", "空.csv")
        assert "写入1场培训" in await refused(
            client, TRAININGS.decode().encode("gb18030"), "老.csv"
        )
        office = (LISTS / "office.xls").read_bytes()
        assert "驿站清单" in await refused(client, office, "老表.xls")
        assert "PDF" in await refused(client, b"%PDF-1.7 ...", "清单.xlsx")


async def test_a_zip_bomb_is_refused_by_the_worker(console: Parts, clock: ManualClock) -> None:
    admin = await add_operator(console.store, clock)
    source = zipfile.ZipFile(BytesIO(book([["编号", "主题"]])))
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            text = source.read(name)
            made.writestr(name, b"0" * 400_000_000 if "sheet1" in name else text)
    async with signed_in(console, admin) as client:
        assert "解压" in await refused(client, bomb.getvalue(), "炸弹.xlsx")
