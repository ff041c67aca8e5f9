"""Duplicate stations in the console: found, compared, merged, refused, taken apart."""

import re

import httpx
import pytest

from bot.console import background
from bot.console.parts import Parts
from bot.services.operators import audit
from bot.services.operators.audit import Query
from bot.services.operators.roles import Operator, Role
from bot.services.stations.editing import edits
from bot.services.stations.editing.edit_kinds import SetFields
from bot.services.stations.importing.rows import StationEntry
from tests.conftest import ManualClock
from tests.support.console import OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, add_duplicate, add_stations

MERGE = "/stations/H1/merge"
PAIRS = "/stations/-/duplicates"


async def setting(
    console: Parts, clock: ManualClock, role: Role = Role.EDITOR, *leagues: str
) -> Operator:
    await add_stations(console.store, clock)
    await add_duplicate(console.store, clock)
    return await add_operator(console.store, clock, role, leagues)


async def stored(console: Parts, code: str) -> StationEntry | None:
    async with console.store.reading() as db:
        found = await edits.find(db, code)
    return None if found is None else found.entry


def version(answer: httpx.Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', answer.text)
    assert found is not None
    return found[1]


def chosen(answer: httpx.Response) -> dict[str, str]:
    """The choice that is made at first for each field."""
    found = re.findall(r'name="pick:(\w+)" value="(\w+)" checked', answer.text)
    return dict(found)


async def compared(client: OperatorClient, **picks: str) -> dict[str, str]:
    """The form with which H9 is merged into H1, after it was looked at."""
    page = await client.get(MERGE, **{"with": "H9"})
    assert page.status_code == 200, text_of(page)
    asked = {f"pick:{name}": pick for name, pick in picks.items()}
    return {"with": "H9", "version": version(page), **asked}


async def test_a_station_offers_those_near_by_and_finds_one_by_its_code(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock, Role.EDITOR, HOHHOT)
    async with signed_in(console, editor) as client:
        page = await client.get("/stations/H1")
        assert f'href="{MERGE}"' in page.text
        near = re.findall(r"merge\?with=(\w+)", (await client.get(MERGE)).text)
        assert near == ["H9", "H2"]
        nothing = await client.get(MERGE, **{"with": "Z9"})
        assert nothing.status_code == 422
        assert "没有编号是Z9的驿站" in text_of(nothing)
        itself = await client.get(MERGE, **{"with": "H1"})
        assert (itself.status_code, "请选另一个" in text_of(itself)) == (422, True)
        assert (await client.get("/stations/Z9/merge")).status_code == 404


async def test_the_comparison_says_what_differs_and_what_goes_over(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        page = await client.get(MERGE, **{"with": "H9"})
    assert chosen(page) == {
        "name": "own", "address": "own", "place": "own", "hours": "own", "facilities": "own",
        "phone": "other", "verified_at": "own",
    }  # fmt: skip
    told = text_of(page)
    assert "相距30米" in told
    assert "每天 08:00–20:00" in told
    assert "没有骑手收藏并入的站" in told
    assert "H9的海报、二维码和链接以后都到H1" in told
    assert 'href="/stations/H9/merge?with=H1"' in page.text


async def test_two_are_made_one_and_taken_apart_in_the_history(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock, Role.EDITOR, HOHHOT)
    async with signed_in(console, editor) as client:
        form = await compared(client, hours="other", phone="other", name="own")
        done = await client.sends(MERGE, form)
        assert done.url.path == "/stations/H1"
        assert "已合并成一个" in text_of(done)
        assert "合并了重复的站" in text_of(done)
        kept = await stored(console, "H1")
        assert kept is not None
        assert (kept.name, kept.phone) == ("新城区爱心驿站", "0471-12351")
        assert kept.hours == "Mo-Su 08:00-20:00"
        assert await stored(console, "H9") is None
        assert "H9" not in re.findall(
            r'href="/stations/(\w+)"', (await client.get("/stations")).text
        )
        number = re.search(r'name="revision" value="(\d+)"', done.text)
        assert number is not None
        assert "撤销后又是两个驿站" in text_of(done)
        back = await client.sends("/stations/H1/undo", {"revision": number[1]})
        assert "已撤销" in text_of(back)
    again, other = await stored(console, "H1"), await stored(console, "H9")
    assert again is not None
    assert other is not None
    assert (again.phone, other.phone) == ("", "0471-12351")
    admin = await add_operator(console.store, clock)
    async with console.store.reading() as db:
        found = await audit.find(db, admin, Query(subject_kind="station"))
    assert [(one.action, one.subject, one.league) for one in found] == [
        ("station.undo", "H9", HOHHOT),
        ("station.undo", "H1", HOHHOT),
        ("station.merge", "H9", HOHHOT),
        ("station.merge", "H1", HOHHOT),
    ]
    assert (found[3].after["merged"], found[2].after) == ("H9", {"merged_into": "H1"})
    async with signed_in(console, admin) as client:
        assert "并入本站的" in text_of(await client.get("/records"))


async def test_old_addresses_lead_to_the_station_and_change_nothing(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        await client.sends(MERGE, await compared(client))
        page = await client.http.get("/stations/H9")
        assert (page.status_code, page.headers["location"]) == (303, "/stations/H1")
        told = await client.sends("/stations/H9/verify", {"version": "9"})
        assert "H9已并入本站。您刚才的改动没有写入" in text_of(told)
        again = await client.post(MERGE, {"with": "H9", "version": "9"})
        assert (again.status_code, again.headers["location"]) == (303, "/stations/H1")


@pytest.mark.parametrize("code", ["H1", "H9"])
async def test_a_change_since_the_comparison_is_shown_and_the_choices_stay(
    console: Parts, clock: ManualClock, code: str
) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        form = await compared(client, hours="other")
        async with console.store.writing() as db:
            edit = SetFields({"door": "侧门"})
            await edits.save(db, code, edit, "别人", clock(), version=int(form["version"]))
        late = await client.post(MERGE, form)
        assert late.status_code == 409
        assert "别人" in text_of(late)
        assert "侧门" in text_of(late)
        assert chosen(late)["hours"] == "other"
        assert await stored(console, "H9") is not None
        await client.sends(MERGE, {**form, "version": version(late)})
    assert await stored(console, "H9") is None


async def test_both_must_be_of_the_operators_leagues(console: Parts, clock: ManualClock) -> None:
    await setting(console, clock)
    await add_duplicate(console.store, clock, "B9", "150203")
    theirs = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT], name="呼和浩特")
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(console, theirs) as client:
        assert re.findall(r"merge\?with=(\w+)", (await client.get(MERGE)).text) == ["H9", "H2"]
        assert (await client.get(MERGE, **{"with": "B9"})).status_code == 403
        assert (await client.get("/stations/B9/merge")).status_code == 403
        sent = await client.post(MERGE, {"with": "B9", "version": "9"})
        assert sent.status_code == 403
        await client.get(PAIRS)
        await background.finished()
        page = await client.get(PAIRS)
        assert "B9" not in page.text
        assert "1对" in text_of(page)
    async with console.store.reading() as db:
        admin = Operator(9, "test", Role.ADMINISTRATOR)
        refused = await audit.find(db, admin, Query(action="page.refused"))
    assert {one.league for one in refused} == {BAOTOU}
    async with signed_in(console, reader) as client:
        assert (await client.get(MERGE)).status_code == 403
        assert (await client.get(PAIRS)).status_code == 403
        assert (await client.post(MERGE, {"with": "H9", "version": "9"})).status_code == 403
        assert MERGE not in (await client.get("/stations/H1")).text


async def test_possible_duplicates_are_counted_today_listed_and_said_to_be_two(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        await client.get("/")
        await background.finished()
        assert "可能重复登记 1" in text_of(await client.get("/"))
        found = await client.get("/stations", check="duplicate")
        assert re.findall(r'<td><a href="/stations/(\w+)"', found.text) == ["H1", "H9"]
        page = await client.get(PAIRS)
        assert 'href="/stations/H1/merge?with=H9"' in page.text
        key = re.search(r'name="pair" value="([\d-]+)"', page.text)
        assert key is not None
        after = await client.sends(PAIRS, {"pair": key[1]})
        assert "记下了" in text_of(after)
        assert "没有看着像同一个的驿站" in text_of(after)
        assert "已经处理过" in text_of(await client.sends(PAIRS, {"pair": key[1]}))
        assert "已经处理过" in text_of(await client.sends(PAIRS, {"pair": "x"}))
        assert "可能重复登记" not in text_of(await client.get("/"))
        await add_duplicate(console.store, clock, "H8")
        await client.get("/")
        await background.finished()
        page = await client.get(PAIRS)
        assert sorted(set(re.findall(r"merge\?with=(\w+)", page.text))) == ["H8"]


async def test_the_list_of_pairs_is_paged(console: Parts, clock: ManualClock) -> None:
    editor = await setting(console, clock)
    for number in range(10, 22):
        await add_duplicate(console.store, clock, f"D{number}")
    async with signed_in(console, editor) as client:
        await client.get(PAIRS)
        await background.finished()
        first = await client.get(PAIRS)
        after = re.search(r'href="(/stations/-/duplicates\?after=[\d-]+)"', first.text)
        assert after is not None
        second = await client.get(after[1])
    keys = [re.findall(r'name="pair" value="([\d-]+)"', page.text) for page in (first, second)]
    assert len(keys[0]) == 50
    assert len(set(keys[0]) | set(keys[1])) == len(keys[0]) + len(keys[1])
    assert keys[1]
