"""The list of stations and one station: leagues, filters, changes, conflicts, undo."""

import re

import httpx

from bot.console.parts import Parts
from bot.services.operators import audit
from bot.services.operators.audit import Query, SubjectKind
from bot.services.operators.roles import Operator, Role
from tests.conftest import ManualClock
from tests.support.console import OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS, add_hostile_station, add_stations

CLOSE = {"does": "close", "first": "2026-11-24", "last": "2026-11-30", "reason": "装修"}


async def setting(
    console: Parts, clock: ManualClock, role: Role = Role.EDITOR, *leagues: str
) -> Operator:
    await add_stations(console.store, clock)
    return await add_operator(console.store, clock, role, leagues)


def codes(answer: httpx.Response) -> list[str]:
    return re.findall(r'<td><a href="/stations/(\w+)"', answer.text)


def version(answer: httpx.Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', answer.text)
    assert found is not None
    return found[1]


async def confirmed(
    client: OperatorClient, code: str, form: dict[str, str]
) -> tuple[httpx.Response, dict[str, str]]:
    """The preview of a change, and the form with which it is saved."""
    page = await client.post(f"/stations/{code}/preview", form)
    assert page.status_code == 200, text_of(page)
    return page, {**form, "version": version(page)}


async def test_an_operator_sees_the_stations_of_their_leagues_only(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock, Role.EDITOR, HOHHOT)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        assert codes(await client.get("/stations")) == ["H1", "H2"]
        assert (await client.get("/stations", league=BAOTOU)).status_code == 403
        assert (await client.get("/stations/B1")).status_code == 403
        assert (await client.get("/stations/X1")).status_code == 403
        assert (await client.post("/stations/B1/preview", CLOSE)).status_code == 403
        assert (await client.post("/stations/B1/verify", {"version": "0"})).status_code == 403
    async with signed_in(console, admin) as client:
        assert codes(await client.get("/stations")) == ["B1", "H1", "H2", "X1"]
    async with console.store.reading() as db:
        refused = await audit.find(db, admin, Query(action="page.refused"))
    assert [(one.subject, one.league) for one in refused] == [
        ("/stations/B1/verify", BAOTOU),
        ("/stations/B1/preview", BAOTOU),
        ("/stations/X1", ""),
        ("/stations/B1", BAOTOU),
        ("/stations", BAOTOU),
    ]


async def test_the_list_is_filtered(console: Parts, clock: ManualClock) -> None:
    reader = await setting(console, clock, Role.READER)
    async with signed_in(console, reader) as client:

        async def found(**query: str) -> list[str]:
            return codes(await client.get("/stations", **query))

        assert await found(league=HOHHOT) == ["H1", "H2"]
        assert await found(status="paused") == ["B1"]
        assert await found(facility="water") == ["B1", "H1"]
        assert await found(text="昆都仑") == ["B1"]
        assert await found(text="%") == []
        assert await found(check="broken") == ["H1"]
        assert await found(check="no_hours") == ["H2"]
        assert await found(check="unverified") == ["B1", "H2", "X1"]
        assert await found(after="H1") == ["H2", "X1"]
        assert await found(league=HOHHOT, check="no_hours", text="赛罕") == ["H2"]


async def test_a_reader_is_offered_no_change(console: Parts, clock: ManualClock) -> None:
    reader = await setting(console, clock, Role.READER)
    async with signed_in(console, reader) as client:
        page = await client.get("/stations/H1")
        assert "我核实过了" not in page.text
        assert (await client.post("/stations/H1/verify", {"version": "0"})).status_code == 403


async def test_a_station_is_closed_for_a_week_after_its_sentence_was_shown(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock, Role.EDITOR, HOHHOT)
    async with signed_in(console, editor) as client:
        page, form = await confirmed(client, "H1", CLOSE)
        assert "11月24日到11月30日" in text_of(page)
        assert "装修" in text_of(page)
        assert "11月24日到11月30日" not in text_of(await client.get("/stations/H1"))
        done = text_of(await client.sends("/stations/H1/save", form))
        assert "已保存" in done
        assert "11月24日到11月30日" in done
        undo = re.search(r'name="revision" value="(\d+)"', (await client.get("/stations/H1")).text)
        assert undo is not None
        again = text_of(await client.sends("/stations/H1/undo", {"revision": undo[1]}))
        assert "已撤销" in again
    async with console.store.reading() as db:
        entries = await audit.of_subject(db, SubjectKind.STATION, "H1")
    assert [(one.action, one.actor, one.league) for one in entries] == [
        ("station.undo", "editor", HOHHOT),
        ("station.close", "editor", HOHHOT),
    ]
    assert entries[1].after == {"changes": "2026-11-24..2026-11-30 closed 装修"}


async def test_two_operators_who_change_one_thing_lose_nothing(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    other = await add_operator(console.store, clock, name="other")
    async with signed_in(console, editor) as first, signed_in(console, other) as second:
        was = {"does": "fields", "was:phone": "", "was:hours": "周一至周五 09:00–17:00"}
        phone = {**was, "phone": "0471-1111111", "hours": was["was:hours"]}
        _, mine = await confirmed(first, "H1", phone)
        _, theirs = await confirmed(second, "H1", {**phone, "phone": "0471-2222222"})
        await first.sends("/stations/H1/save", mine)
        answer = await second.post("/stations/H1/save", theirs)
        assert answer.status_code == 409
        said = text_of(answer)
        assert "editor" in said
        assert "0471-1111111" in said
        assert 'value="0471-2222222"' in answer.text
        again = {**theirs, "version": version(answer)}
        assert "0471-2222222" in text_of(await second.sends("/stations/H1/save", again))


async def test_changes_of_different_things_do_not_collide(
    console: Parts, clock: ManualClock
) -> None:
    editor = await setting(console, clock)
    other = await add_operator(console.store, clock, name="other")
    async with signed_in(console, editor) as first, signed_in(console, other) as second:
        _, closing = await confirmed(first, "H1", CLOSE)
        water = {"does": "facilities", "was:water": "broken", "has": "water", "water": "ok"}
        _, repaired = await confirmed(second, "H1", water)
        await first.sends("/stations/H1/save", closing)
        await second.sends("/stations/H1/save", repaired)
        page = text_of(await first.get("/stations/H1"))
    assert "11月24日到11月30日" in page


async def test_what_a_list_would_refuse_is_refused_here(console: Parts, clock: ManualClock) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        for form in (
            {**CLOSE, "first": "2026-12-01", "last": "2026-11-24"},
            {**CLOSE, "last": ""},
            {**CLOSE, "first": "24.11."},
            {"does": "fields", "was:name": "新城区爱心驿站", "name": ""},
            {"does": "fields", "was:hours": "", "hours": "看情况"},
        ):
            answer = await client.post("/stations/H1/preview", form)
            assert answer.status_code == 422, form
            answer = await client.post("/stations/H1/save", {**form, "version": "0"})
            assert answer.status_code == 422, form


async def test_verified_today(console: Parts, clock: ManualClock) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        page = await client.get("/stations/H2")
        done = await client.sends("/stations/H2/verify", {"version": version(page)})
    assert "2026-11-23 核实" in text_of(done)


async def test_markup_in_any_field_stays_text(console: Parts, clock: ManualClock) -> None:
    editor = await setting(console, clock)
    await add_hostile_station(console.store, clock)
    async with signed_in(console, editor) as client:
        for path in ("/stations", "/stations/E1", "/stations?text=%3Cscript%3E", "/records"):
            page = await client.get(path)
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "49" not in text_of(page).replace("2049", "")
        _, form = await confirmed(client, "E1", {**CLOSE, "reason": XSS})
        page = await client.sends("/stations/E1/save", form)
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


async def test_what_is_not_there_is_404(console: Parts, clock: ManualClock) -> None:
    editor = await setting(console, clock)
    async with signed_in(console, editor) as client:
        assert (await client.get("/stations/none")).status_code == 404
        assert (await client.post("/stations/none/preview", CLOSE)).status_code == 404
        assert (await client.post("/stations/H1/undo", {"revision": "12"})).status_code in {
            404,
            409,
        }
        assert (await client.post("/stations/H1/undo", {"revision": "x"})).status_code == 404
