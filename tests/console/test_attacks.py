"""What an attacker would try: markup and formulas of couriers, other leagues, stolen sessions."""

import io
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser, expect
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.console.parts import Parts
from bot.services.appointments.requests import Appointments
from bot.services.appointments.requests import Draft as AppointmentDraft
from bot.services.appointments.wishes import TypedWish
from bot.services.cards.pre_applications import Draft, PreApplications
from bot.services.conversations.courier_side import PersonConversations
from bot.services.conversations.statuses import PersonReason
from bot.services.couriers.profiles import Profiles
from bot.services.honours.statuses import NominationStatus
from bot.services.operators import audit, notes
from bot.services.operators.audit import Query
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Role
from bot.services.stations.reports import StationProblem
from bot.store.models.profiles import ProfileRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.console import (
    DESK,
    KEYS,
    PASSWORD,
    PHONE,
    ConsoleServer,
    add_operator,
    fits,
    signed_in,
    visitor,
)
from tests.support.console_stations import BAOTOU, HOHHOT, add_stations
from tests.support.console_trainings import add_trainings
from tests.support.honours import nominate, open_campaign
from tests.support.trainings import create_couriers

MARKUP = "<img src=x onerror=\"document.title='bad'\"></textarea><svg/onload=alert(1)>{{7*7}}'\""
FORMULA = '=HYPERLINK("http://evil.example","王")'
TEL = "13900001111"


async def write_everywhere(console: Parts, text: str) -> int:
    """One courier who writes the text wherever couriers write; the number of the conversation."""
    now, store = console.clock(), console.store
    await add_stations(store, console.clock)
    trainings = await add_trainings(store, KEYS, console.clock)
    people = PersonConversations(KEYS, timedelta(minutes=30))
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, now)
        station = await db.scalar(select(StationRow.id).where(StationRow.code == "H1"))
        await Profiles(KEYS).remember(db, trainings.couriers[0], text, TEL, now, "web")
        await PreApplications(KEYS).submit(db, courier, Draft(text, TEL, text, None, text), now)
        wish = AppointmentDraft("loan", text, TEL, text, station, text, TypedWish(text))
        await Appointments(KEYS).submit(db, courier, wish, now)
        params = {"code": "H1", "name": text, "problem": str(StationProblem.CLOSED)}
        kind = NoteKind.STATION_PROBLEM
        await notes.write(db, KEYS, kind, "once", params, now, text)
        await people.open(db, courier, "web", PersonReason.ASKED, now)
        found = await people.current(db, courier, now)
        assert found is not None
        await people.write(db, courier, found, text, now)
    campaign = await open_campaign(store, now)
    await nominate(store, now, campaign, text, NominationStatus.NEW, story=KEYS.seal(text, "x"))
    return found.id


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
async def test_markup_of_couriers_stays_text_on_every_page(
    chromium: Browser, server: ConsoleServer, clock: ManualClock, viewport: dict[str, int]
) -> None:
    number = await write_everywhere(server.console, MARKUP)
    admin = await add_operator(server.console.store, clock)
    async with server.browser_of(chromium, admin, viewport=viewport) as page:
        page.on("dialog", lambda _: server.complaints.append("a dialog was opened"))
        for path in (
            "/reports", f"/conversations/{number}", "/conversations", "/cards", "/appointments",
            "/honours/2026-winter", "/trainings/1/people", "/trainings/1/attendance", "/records",
        ):  # fmt: skip
            await page.goto(path)
            await expect(page.locator("h1")).to_be_visible()
            assert await page.locator("main img[src=x], main svg[onload]").count() == 0, path
            assert "49" not in await page.locator("main").inner_text() or path == "/records", path
            assert await fits(page) == [], path
        await page.goto(f"/conversations/{number}")
        await page.get_by_role("button", name="接入这个会话").click()
        await expect(page.locator("#thread")).to_contain_text("<img src=x onerror")
        await page.goto("/appointments")
        await page.get_by_text("查看完整信息").click()
        await page.get_by_label("查看原因").select_option("call")
        await page.get_by_role("button", name="查看（会留记录）").click()
        await expect(page.get_by_role("status")).to_contain_text("<img src=x onerror")
        assert "bad" not in await page.title()


async def test_no_download_holds_a_formula_of_a_courier(console: Parts, clock: ManualClock) -> None:
    await write_everywhere(console, FORMULA)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        files = [
            await client.post("/cards/export", {"state": "new"}),
            await client.post("/appointments/export", {"state": "new"}),
            await client.get("/trainings/1/sheet.xlsx"),
        ]
    for file in files:
        assert file.status_code == 200
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        cells = [str(one) for row in book.get_sheet_by_index(0).to_python() for one in row]
        assert f"'{FORMULA}" in cells
        assert not [one for one in cells if one.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    "name", ['a"\r\nX-Evil: 1\r\n\r\n.csv', "../../etc/passwd", "名;filename=x"]
)
async def test_a_name_of_a_file_adds_no_header(
    console: Parts, clock: ManualClock, name: str
) -> None:
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        await client.get("/cards/lists")
        wrong = "申请编号,姓名,手机号,状态\n,王强,1,审核中\n".encode()
        sent = await client.post("/cards/lists", files={"list": (name, wrong)})
        address = sent.headers["location"]
        await client.get(address)
        file = await client.post(f"{address}/marked")
    assert file.status_code == 200
    assert "x-evil" not in file.headers
    given = file.headers["content-disposition"]
    assert given.startswith("attachment; filename*=UTF-8''")
    assert not set(given.partition("''")[2]) & set('";/\\\r\n ')


@pytest.mark.parametrize("role", [Role.EDITOR, Role.CARDS, Role.TRAINER, Role.DUTY])
async def test_addresses_of_another_league_are_refused_and_logged(
    console: Parts, clock: ManualClock, role: Role
) -> None:
    await add_stations(console.store, clock)
    trainings = await add_trainings(console.store, KEYS, clock)
    theirs = {
        Role.EDITOR: [
            "/stations/H1", "/stations/H1/preview", "/stations/H1/save", "/stations/H1/verify",
            "/stations/H1/undo", "/stations/H1/poster.pdf",
        ],
        Role.CARDS: ["/cards/lists", "/cards/labels"],
        Role.TRAINER: [
            f"/trainings/{trainings.hohhot}{part}"
            for part in (
                "", "/edit", "/cancel", "/people", "/attendance", "/sheet.xlsx", "/feedback",
                "/certificates", "/screen",
            )
        ],
        Role.DUTY: [],
    }[role]  # fmt: skip
    if role is Role.DUTY:
        number = await asked_in(console, HOHHOT)
        parts = ("", "/thread", "/take", "/answer", "/close", "/reopen", "/unmask")
        theirs = [f"/conversations/{number}{part}" for part in parts]
    intruder = await add_operator(console.store, clock, role, [BAOTOU], "intruder")
    admin = await add_operator(console.store, clock)
    form = {"does": "close", "first": "2026-11-24", "last": "2026-11-25", "version": "1",
            "revision": "1", "text": "x", "purpose": "x"}  # fmt: skip
    async with signed_in(console, intruder) as client:
        for path in theirs:
            answer = await client.get(path)
            if answer.status_code == 405:
                answer = await client.post(path, form)
            assert answer.status_code == 403, path
    async with console.store.reading() as db:
        logged = await audit.find(db, admin, Query(actor="intruder"))
    assert {one.action for one in logged} == {"page.refused"}
    assert sorted(one.subject for one in logged) == sorted(theirs)


async def asked_in(console: Parts, league: str) -> int:
    """The number of a conversation with a courier of that league."""
    now, people = console.clock(), PersonConversations(KEYS, timedelta(minutes=30))
    async with console.store.writing() as db:
        (courier,) = await create_couriers(db, 1, now)
        row = {"courier_id": courier, "name": KEYS.seal("王强", "profile.name"), "league": league}
        db.add(ProfileRow(**row, updated_at=now))
        await db.flush()
        await people.open(db, courier, "web", PersonReason.ASKED, now)
        found = await people.current(db, courier, now)
    assert found is not None
    return found.id


async def test_a_stolen_cookie_is_worth_nothing_after_the_password_was_changed(
    console: Parts, clock: ManualClock
) -> None:
    owner = await add_operator(console.store, clock)
    async with signed_in(console, owner) as thief, signed_in(console, owner) as client:
        assert (await thief.get("/people")).status_code == 200
        await client.get("/account/password")
        fresh = {"password": PASSWORD, "fresh": "a new long one", "again": "a new long one"}
        await client.sends("/account/password", fresh)
        assert leads_to_sign_in(await thief.get("/people"))
        assert leads_to_sign_in(await thief.post("/sign-out"))
        kept = client.http.cookies["yizhan-session"]
        await client.get("/account")
        await client.post("/sign-out")
    async with visitor(console) as replayed:
        replayed.http.cookies.set("yizhan-session", kept, domain="127.0.0.1")
        assert leads_to_sign_in(await replayed.get("/people"))


def leads_to_sign_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "to",
    ["///evil.example", "/%5Cevil.example", "/\tevil", "\t//evil.example", "https:/evil.example",
     "/\r\nX-Evil: 1", "//evil.example/%2f..", "\\\\evil.example"],
)  # fmt: skip
async def test_signing_in_leads_to_no_other_site(
    console: Parts, clock: ManualClock, to: str
) -> None:
    await add_operator(console.store, clock)
    async with visitor(console) as client:
        await client.get("/sign-in")
        form = {"name": "administrator", "password": PASSWORD, "to": to}
        done = await client.post("/sign-in", form)
        assert done.status_code == 303
        assert "x-evil" not in done.headers
        there = httpx.URL("http://127.0.0.1/sign-in").join(done.headers["location"])
        assert there.host == "127.0.0.1"
        assert "\\" not in done.headers["location"]
