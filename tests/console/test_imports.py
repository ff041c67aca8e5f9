"""Importing a list in the console: from a broken file to undo."""

import asyncio
import json
import re
from dataclasses import replace
from html import unescape
from io import BytesIO

import httpx
import pytest
import python_calamine
from sqlalchemy import select

from bot.console import background
from bot.console.parts import Parts
from bot.services.operators import audit
from bot.services.operators.audit import Query
from bot.services.operators.roles import Operator, Role
from bot.services.stations.importing.stored import export
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.console import OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS, add_stations

HEADINGS = "编号,名称,盟市,区划代码,地址,经度,纬度,服务时间,服务设施,联系人"


def row(code: str, name: str, *, adcode: str = "150102", lng: str = "111.68", hours: str = "9-17点",
        lat: str = "40.83", has: str = "饮水机") -> str:  # fmt: skip
    return f"{code},{name},,{adcode},新华大街{code}号,{lng},{lat},{hours},{has},王五"


def list_of(*rows: str) -> bytes:
    return "\n".join([HEADINGS, *rows]).encode()


GOOD = list_of(row("N1", "新站一"), row("N2", "新站二", lng="111.69"), row("H1", "新城区爱心驿站",
               lng="111.7", lat="40.8", hours="周一至周五 9:00-18:00"))  # fmt: skip
BROKEN = list_of(
    row("N1", "新站一"),
    row("N2", "新站二", lng="111.69", hours="看情况"),
    row("N3", "新站三", lng="111.70", has="饮水器皿"),
    row("N4", "新站四", lng="111.71", has="饮水器皿"),
    row("N5", "", lng="111.72"),
)


@pytest.fixture
def console(console: Parts) -> Parts:
    """With the long work in threads of this process."""
    return replace(console, work=asyncio.to_thread)


async def an_editor(console: Parts, clock: ManualClock, *leagues: str) -> Operator:
    await add_stations(console.store, clock)
    return await add_operator(console.store, clock, Role.EDITOR, leagues, "dorji")


async def uploaded(client: OperatorClient, data: bytes, name: str = "站点.csv") -> str:
    """The address of the import, once its file was read."""
    answer = await client.post("/imports", files={"list": (name, data)})
    assert answer.status_code == 303, text_of(answer)
    await background.finished()
    return answer.headers["location"]


async def sent(client: OperatorClient, path: str, form: dict[str, str]) -> httpx.Response:
    """The import after a form was sent and the work that it began is done."""
    answer = await client.post(path, form)
    assert answer.status_code == 303, text_of(answer)
    await background.finished()
    return await shown(client, path.rpartition("/")[0])


async def shown(client: OperatorClient, path: str, **query: str) -> httpx.Response:
    answer = await client.get(path, **query)
    while answer.status_code == 303:
        answer = await client.get(answer.headers["location"])
    assert answer.status_code == 200
    return answer


async def previewed(client: OperatorClient, data: bytes, datum: str = "wgs84") -> str:
    """An import whose coordinates are answered."""
    path = await uploaded(client, data)
    await sent(client, f"{path}/datum", {"datum": datum})
    return path


def effect(page: httpx.Response) -> str:
    found = re.search(r'name="effect" value="([0-9a-f]{64})"', page.text)
    assert found is not None, text_of(page)
    return found[1]


async def written(client: OperatorClient, path: str) -> httpx.Response:
    page = await client.get(path)
    return await sent(client, f"{path}/write", {"effect": effect(page)})


async def codes(console: Parts) -> set[str]:
    async with console.store.reading() as db:
        return {one[0] for one in (await export(db))[1:]}


async def test_a_list_is_uploaded_previewed_written_and_undone(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    async with signed_in(console, editor) as client:
        path = await uploaded(client, GOOD)
        question = await shown(client, path)
        assert "是门口吗" in text_of(question)
        assert "https://uri.amap.com/marker" in question.text
        assert "王五" not in question.text
        page = await sent(client, f"{path}/datum", {"datum": "wgs84"})
        assert "写入3个驿站" in text_of(page)
        assert await codes(console) == {"H1", "H2", "B1", "X1"}
        done = await written(client, path)
        assert "已写入3个驿站" in text_of(done)
        assert await codes(console) == {"H1", "H2", "B1", "X1", "N1", "N2"}
        assert "18:00" in text_of(await client.get("/stations/H1"))
        undone = await sent(client, f"{path}/undo", {})
        assert "已撤销" in text_of(undone)
        assert await codes(console) == {"H1", "H2", "B1", "X1"}
        assert "18:00" not in text_of(await client.get("/stations/H1"))[:400]
    admin = await add_operator(console.store, clock)
    async with console.store.reading() as db:
        log = await audit.find(db, admin, Query(subject_kind="import"))
    assert [(one.action, one.actor) for one in log] == [
        ("import.undo", "dorji"),
        ("import.apply", "dorji"),
        ("import.upload", "dorji"),
    ]


async def test_sound_rows_are_written_and_faulty_ones_come_back_marked(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    async with signed_in(console, editor) as client:
        path = await previewed(client, BROKEN)
        faulty = await client.get(path, tab="faulty")
        assert "饮水器皿" in faulty.text
        await written(client, path)
        assert {"N1", "N2", "N3", "N4"} <= await codes(console)
        assert "N5" not in await codes(console)
        book = await client.get(f"{path}/marked")
        assert book.headers["content-type"].startswith("application/vnd.openxmlformats")
    rows = python_calamine.CalamineWorkbook.from_filelike(BytesIO(book.content))
    sheet = rows.get_sheet_by_index(0).to_python()
    assert sheet[1][-1] == ""
    assert "看情况" in str(sheet[2][-1])
    assert "名称" in str(sheet[5][-1])


async def test_a_cell_is_mended_in_the_preview_and_all_that_are_alike(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    async with signed_in(console, editor) as client:
        path = await previewed(client, BROKEN)
        page = await client.get(path, tab="faulty")
        at = [unescape(one) for one in re.findall(r'name="at:\d+" value="(.+?)"', page.text)]
        form: dict[str, str] = {}
        for number, place in enumerate(at):
            form |= {f"at:{number}": place, f"cell:{number}": ""}
            if "饮水器皿" in json.loads(place):
                form |= {f"cell:{number}": "微波炉", f"all:{number}": "yes"}
            elif "看情况" in json.loads(place):
                form[f"cell:{number}"] = "8:00-20:00"
            else:
                form[f"cell:{number}"] = "新站五"
        page = await sent(client, f"{path}/mend", form)
        assert "写入5个驿站" in text_of(page)
        await written(client, path)
    async with console.store.reading() as db:
        held = {one[0]: one for one in await export(db)}
    assert "microwave" in " ".join(held["N3"])
    assert "microwave" in " ".join(held["N4"])
    assert "Mo-Su 08:00-20:00" in held["N2"]
    assert "新站五" in held["N5"]


async def test_a_league_editor_imports_stations_of_own_leagues_only(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock, HOHHOT)
    data = list_of(
        row("N1", "新站一"),
        row("N2", "新站二", adcode="150203", lng="109.83", lat="40.66"),
        row("B1", "昆都仑区爱心驿站改名", adcode="150203", lng="111.7", lat="40.8"),
        row("N3", "没写盟市", adcode="", lng="111.69"),
        row("N4", "包头没写盟市", adcode="", lng="109.84", lat="40.65"),
    )
    async with signed_in(console, editor) as client:
        path = await previewed(client, data)
        faulty = text_of(await client.get(path, tab="faulty"))
        assert faulty.count("只能导入呼和浩特市的驿站") == 3
        missing = text_of(await client.get(path, tab="missing"))
        assert "H1" in missing
        assert "X1" not in missing
        await written(client, path)
        assert await codes(console) == {"H1", "H2", "B1", "X1", "N1", "N3"}
    async with console.store.reading() as db:
        held = {one[0]: one for one in await export(db)}
    assert "呼和浩特市" in held["N3"]
    assert "昆都仑区爱心驿站" in held["B1"]


async def test_an_import_is_seen_by_who_uploaded_it_and_by_the_region(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock, HOHHOT)
    other = await add_operator(console.store, clock, Role.EDITOR, [BAOTOU], "other")
    admin = await add_operator(console.store, clock)
    duty = await add_operator(console.store, clock, Role.DUTY)
    async with signed_in(console, editor) as client:
        path = await uploaded(client, GOOD)
    async with signed_in(console, other) as client:
        assert (await client.get(path)).status_code == 403
        assert (await client.get(f"{path}/marked")).status_code == 403
        assert (await client.post(f"{path}/write", {"effect": ""})).status_code == 403
        assert "站点.csv" not in text_of(await client.get("/imports"))
    async with signed_in(console, admin) as client:
        assert "站点.csv" in text_of(await client.get("/imports"))
        assert (await shown(client, path)).status_code == 200
    async with signed_in(console, duty) as client:
        assert (await client.get("/imports")).status_code == 403
        assert (await client.post("/imports", files={"list": ("a.csv", GOOD)})).status_code == 403


async def test_what_changed_since_the_preview_is_told_and_nothing_is_written(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    other = await add_operator(console.store, clock, name="other")
    async with signed_in(console, editor) as client, signed_in(console, other) as second:
        path = await previewed(client, GOOD)
        seen = effect(await client.get(path))
        station = await second.get("/stations/H1")
        version = re.search(r'name="version" value="(\d+)"', station.text)
        assert version is not None
        change = {
            "does": "fields",
            "was:name": "新城区爱心驿站",
            "name": "改了名",
            "version": version[1],
        }
        await second.sends("/stations/H1/save", change)
        page = await sent(client, f"{path}/write", {"effect": seen})
        assert "驿站被改动过" in text_of(page)
        assert "other" in text_of(page)
        assert await codes(console) == {"H1", "H2", "B1", "X1"}
        stale = await client.post(f"{path}/write", {"effect": seen})
        assert stale.status_code == 409
        await written(client, path)
        assert "N1" in await codes(console)


async def test_what_was_changed_since_is_not_undone_and_named(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    async with signed_in(console, editor) as client:
        path = await previewed(client, GOOD)
        await written(client, path)
        station = await client.get("/stations/N1")
        version = re.search(r'name="version" value="(\d+)"', station.text)
        assert version is not None
        change = {"does": "fields", "was:name": "新站一", "name": "改了名", "version": version[1]}
        await client.sends("/stations/N1/save", change)
        page = await sent(client, f"{path}/undo", {})
        assert "没有撤销" in text_of(page)
        assert 'href="/stations/N1"' in page.text
        assert "N1" in await codes(console)


async def test_a_station_that_moves_far_is_asked_about(console: Parts, clock: ManualClock) -> None:
    editor = await an_editor(console, clock)
    data = list_of(row("H1", "新城区爱心驿站", lng="111.8", lat="40.8", has="", hours=""))
    async with signed_in(console, editor) as client:
        path = await previewed(client, data)
        page = await client.get(path, tab="doubtful")
        assert "移动超过300米" in text_of(page)
        assert "失去清单没写的设施" in text_of(page)
        await sent(client, f"{path}/accept", {"what": "removals"})
        page = await sent(client, f"{path}/accept", {"what": "moves"})
        assert "写入1个驿站" in text_of(page)
        assert "1个移动" in text_of(page)


async def test_facilities_that_a_list_does_not_name_are_kept_where_that_is_answered(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    data = list_of(row("H1", "新城区爱心驿站", lng="111.7", lat="40.8", has="微波炉", hours=""))
    async with signed_in(console, editor) as client:
        path = await previewed(client, data)
        assert "还有，请保留" in text_of(await client.get(path, tab="doubtful"))
        page = await sent(client, f"{path}/accept", {"what": "kept"})
        assert "写入1个驿站" in text_of(page)
        assert "都会保留" in text_of(await client.get(path, tab="doubtful"))
        await written(client, path)
    async with console.store.reading() as db:
        (held,) = [" ".join(one) for one in await export(db) if one[0] == "H1"]
    assert "microwave" in held
    assert "water" in held


async def test_coordinates_may_be_mended_as_a_pair_in_one_cell(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    data = list_of(row("N1", "新站一", lng="", lat=""), row("N2", "新站二", lng="111.69"))
    async with signed_in(console, editor) as client:
        path = await previewed(client, data)
        page = await client.get(path, tab="faulty")
        (place,) = re.findall(r'name="at:0" value="(.+?)"', page.text)
        form = {"at:0": unescape(place), "cell:0": "40.8301，111.7021"}
        page = await sent(client, f"{path}/mend", form)
        assert "写入2个驿站" in text_of(page)
        await written(client, path)
    async with console.store.reading() as db:
        row_of = await db.scalar(select(StationRow).where(StationRow.code == "N1"))
    assert row_of is not None
    assert (round(row_of.lat, 4), round(row_of.lon, 4)) == (40.8301, 111.7021)


async def test_a_column_that_is_not_recognised_is_asked_about(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    hours = "周一至周五 9:00-18:00"
    data = list_of(row("N1", "一", hours=hours), row("N2", "二", lng="111.69", hours=hours))
    data = data.replace("服务时间".encode(), "几点开".encode())
    async with signed_in(console, editor) as client:
        path = await uploaded(client, data)
        page = await shown(client, path)
        assert "几点开" in text_of(page)
        assert (
            await client.post(f"{path}/columns", {"heading": ["几点开"], "field": [""]})
        ).status_code == 422
        answer = {"heading": ["几点开"], "field": ["hours"]}
        await client.post(f"{path}/columns", answer)
        await background.finished()
        page = await sent(client, f"{path}/datum", {"datum": "wgs84"})
        assert "写入2个驿站" in text_of(page)
        await written(client, path)
        path = await uploaded(client, data + b"\n")
        assert "是门口吗" in text_of(await shown(client, path))


async def test_what_is_no_list_is_refused_in_one_sentence(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    async with signed_in(console, editor) as client:
        assert (await client.post("/imports", {})).status_code == 422
        empty = await client.post("/imports", files={"list": ("a.csv", b"")})
        assert empty.status_code == 422
        path = await uploaded(client, b"%PDF-1.7 not a list", "清单.pdf")
        assert "清单.pdf" in text_of(await client.get(path))
        assert (await client.post(f"{path}/write", {"effect": ""})).status_code == 409
        assert (await client.get("/imports/999")).status_code == 404
        assert (await client.get("/imports/x")).status_code == 404


async def test_the_empty_list_that_is_offered_can_be_imported(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)
    async with signed_in(console, editor) as client:
        assert "/imports/template.xlsx" in (await client.get("/imports")).text
        book = await client.get("/imports/template.xlsx")
        path = await uploaded(client, book.content, "驿站名单.xlsx")
        assert "没有" in text_of(await shown(client, path))


async def test_markup_in_a_list_stays_text(console: Parts, clock: ManualClock) -> None:
    editor = await an_editor(console, clock)
    cell = '"' + XSS.replace('"', '""') + '"'
    data = (HEADINGS + f",{cell}\n" + row("N1", cell, hours=cell, has=cell) + f",{cell}\n").encode()
    async with signed_in(console, editor) as client:
        path = await uploaded(client, data, f"{XSS}.csv")
        for address in ("/imports", f"{path}/columns", f"{path}/datum"):
            assert "<script>alert" not in (await client.get(address)).text
        await sent(client, f"{path}/datum", {"datum": "wgs84"})
        for tab in ("new", "faulty", "doubtful"):
            page = await client.get(path, tab=tab)
            assert "<script>alert" not in page.text
            assert "{{7*7}}" in page.text or "49" not in page.text


async def test_a_worker_that_dies_leaves_an_import_that_can_be_tried_again(
    console: Parts, clock: ManualClock
) -> None:
    editor = await an_editor(console, clock)

    async def dies(*_: object) -> None:
        raise RuntimeError

    async with signed_in(replace(console, work=dies), editor) as client:
        path = await uploaded(client, GOOD)
        assert "再试一次" in text_of(await client.get(path))
    async with signed_in(console, editor) as client:
        clock.forward(minutes=1)
        page = await sent(client, f"{path}/retry", {})
        assert "是门口吗" in text_of(page)
