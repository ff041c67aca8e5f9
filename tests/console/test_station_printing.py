"""Poster and keeper's link of a station: shown once, stored as a hash, ended."""

import re
from dataclasses import replace

from bot.console.parts import Parts
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Role
from bot.services.stations.keepers import links
from tests.conftest import ManualClock
from tests.support.console import add_operator, signed_in, text_of
from tests.support.console_stations import (
    BAOTOU,
    HOHHOT,
    add_hostile_station,
    add_odd_station,
    add_stations,
)

PUBLIC = "https://yizhan.example.org"


def public(console: Parts) -> Parts:
    return replace(console, settings=replace(console.settings, public_url=PUBLIC))


async def test_a_link_is_shown_once_and_opens_the_station_until_it_is_ended(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(public(console), editor) as client:
        await client.get("/stations/H1")
        made = await client.post("/stations/H1/keeper-link")
        found = re.search(rf'value="{PUBLIC}/k#([\w-]{{43}})"', made.text)
        assert found is not None
        token = found[1]
        async with console.store.reading() as db:
            assert (await links.open_link(db, token, clock())).code == "H1"
        page = await client.get("/stations/H1")
        assert token not in page.text
        assert "结束这个链接" in text_of(page)
        sheet = await client.post("/stations/H1/keeper-link/sheet", {"token": token})
        assert sheet.content.startswith(b"%PDF-")
        for path, given in (("H2", token), ("H1", token[:-1]), ("H1", "")):
            wrong = await client.post(f"/stations/{path}/keeper-link/sheet", {"token": given})
            assert wrong.status_code == 404
        assert "不能再用" in text_of(await client.sends("/stations/H1/keeper-link/end"))
        wrong = await client.post("/stations/H1/keeper-link/sheet", {"token": token})
        assert wrong.status_code == 404
        assert "没有有效的链接" in text_of(await client.sends("/stations/H1/keeper-link/end"))
    async with console.store.reading() as db:
        entries = await audit.of_subject(db, SubjectKind.STATION, "H1")
    assert [(one.action, one.league, one.before, one.after) for one in entries] == [
        ("station.keeper_link_end", HOHHOT, {}, {}),
        ("station.keeper_link", HOHHOT, {}, {}),
    ]


async def test_poster_and_links_of_another_league_are_refused(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [BAOTOU])
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(public(console), editor) as client:
        assert (await client.get("/stations/H1/poster.pdf")).status_code == 403
        for path in ("keeper-link", "keeper-link/end", "keeper-link/sheet"):
            assert (await client.post(f"/stations/H1/{path}")).status_code == 403
        assert (await client.post("/stations/none/keeper-link")).status_code == 404
    async with signed_in(public(console), reader) as client:
        assert (await client.get("/stations/H1/poster.pdf")).status_code == 200
        assert (await client.post("/stations/H1/keeper-link")).status_code == 403
    async with console.store.reading() as db:
        assert await links.states(db, None, clock()) == {}


async def test_the_poster_is_a_pdf_or_says_what_cannot_be_printed(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    await add_hostile_station(console.store, clock)
    await add_odd_station(console.store, clock)
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(console, reader) as client:
        for code in ("H1", "E1"):
            poster = await client.get(f"/stations/{code}/poster.pdf")
            assert poster.headers["content-type"] == "application/pdf"
            assert "attachment" in poster.headers["content-disposition"]
            assert poster.content.startswith(b"%PDF-")
        odd = await client.get("/stations/O1/poster.pdf")
        assert odd.status_code == 422
        assert "🦄" in text_of(odd)


async def test_without_a_public_address_no_link_is_made(console: Parts, clock: ManualClock) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR)
    async with signed_in(console, editor) as client:
        assert "没有设置" in text_of(await client.get("/stations/H1"))
        assert "公网地址" in text_of(await client.sends("/stations/H1/keeper-link"))
    async with console.store.reading() as db:
        assert await links.states(db, None, clock()) == {}
