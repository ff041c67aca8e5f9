"""Signing in: passwords, throttling, second factor, sessions that end."""

import re
from datetime import timedelta

import pyotp

from bot.console.parts import Parts
from bot.console.rendering import FOLDER
from bot.services.operators import accounts, sessions
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import (
    PASSWORD,
    OperatorClient,
    add_operator,
    signed_in,
    text_of,
    visitor,
)


async def sign_in(
    client: OperatorClient, name: str, password: str, code: str = "", to: str = ""
) -> int:
    form = {"name": name, "password": password, "code": code, "to": to}
    return (await client.post("/sign-in", form)).status_code


async def test_a_page_asks_to_sign_in_and_leads_back(console: Parts, clock: ManualClock) -> None:
    await add_operator(console.store, clock)
    async with visitor(console) as client:
        answer = await client.get("/records", text="a b")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?to=%2Frecords%3Ftext%3Da%2Bb"
        form = {"name": "Administrator", "password": PASSWORD, "to": "/records?text=a+b"}
        done = await client.post("/sign-in", form)
        assert (done.status_code, done.headers["location"]) == (303, "/records?text=a+b")
        assert "HttpOnly" in done.headers["set-cookie"]
        assert (await client.get("/records")).status_code == 200


async def test_it_never_leads_to_another_site(console: Parts, clock: ManualClock) -> None:
    await add_operator(console.store, clock)
    for to in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        async with visitor(console) as client:
            form = {"name": "administrator", "password": PASSWORD, "to": to}
            done = await client.post("/sign-in", form)
            assert (done.status_code, done.headers["location"]) == (303, "/")


async def test_wrong_names_and_passwords_read_alike(console: Parts, clock: ManualClock) -> None:
    await add_operator(console.store, clock)
    async with visitor(console) as client:
        known = await client.post("/sign-in", {"name": "administrator", "password": "wrong"})
        unknown = await client.post("/sign-in", {"name": "administratos", "password": "wrong"})
    assert known.status_code == unknown.status_code == 422
    assert text_of(known) == text_of(unknown)


async def test_ten_wrong_tries_lock_the_name_for_a_quarter_of_an_hour(
    console: Parts, clock: ManualClock
) -> None:
    await add_operator(console.store, clock)
    async with visitor(console) as client:
        for _ in range(10):
            assert await sign_in(client, "administrator", "wrong") == 422
        assert await sign_in(client, "administrator", PASSWORD) == 429
        clock.forward(minutes=16)
        assert await sign_in(client, "administrator", PASSWORD) == 303


async def test_a_one_time_password_is_changed_before_anything_else(
    console: Parts, clock: ManualClock
) -> None:
    await add_operator(console.store, clock, must_change=True)
    async with visitor(console) as client:
        await sign_in(client, "administrator", PASSWORD)
        for path in ("/", "/people", "/account"):
            assert (await client.get(path)).headers["location"] == "/account/password"
        await client.get("/account/password")
        short = {"password": PASSWORD, "fresh": "short", "again": "short"}
        assert (await client.post("/account/password", short)).status_code == 422
        same = {"password": PASSWORD, "fresh": PASSWORD, "again": PASSWORD}
        assert (await client.post("/account/password", same)).status_code == 422
        fresh = {"password": PASSWORD, "fresh": "a new long one", "again": "a new long one"}
        await client.sends("/account/password", fresh)
        assert (await client.get("/people")).status_code == 200
    async with visitor(console) as client:
        assert await sign_in(client, "administrator", PASSWORD) == 422
        assert await sign_in(client, "administrator", "a new long one") == 303


async def test_a_second_factor_is_asked_for_and_none_of_its_codes_is_good_twice(
    console: Parts, clock: ManualClock
) -> None:
    operator = await add_operator(console.store, clock)
    secret = pyotp.random_base32()
    async with console.store.writing() as db:
        await accounts.set_totp(db, console.keys, operator, secret, 0, clock())
    code = pyotp.TOTP(secret).at(clock())
    async with visitor(console) as client:
        assert await sign_in(client, "administrator", PASSWORD) == 422
        assert await sign_in(client, "administrator", PASSWORD, "000000") == 422
        assert await sign_in(client, "administrator", PASSWORD, code) == 303
    async with visitor(console) as client:
        assert await sign_in(client, "administrator", PASSWORD, code) == 422


async def test_the_second_factor_is_set_up_with_a_code_that_proves_it(
    console: Parts, clock: ManualClock
) -> None:
    await add_operator(console.store, clock)
    async with visitor(console) as client:
        await sign_in(client, "administrator", PASSWORD)
        page = await client.get("/account/totp")
        secret = page.text.split('name="secret" value="')[1].split('"')[0]
        form = {"does": "on", "secret": secret, "password": PASSWORD, "code": "123"}
        assert (await client.post("/account/totp", form)).status_code == 422
        form["code"] = pyotp.TOTP(secret).at(clock())
        assert "验证码" in text_of(await client.sends("/account/totp", form))


async def test_a_session_ends_when_unused_when_old_and_when_the_account_is_disabled(
    console: Parts, clock: ManualClock
) -> None:
    operator = await add_operator(console.store, clock)
    async with console.store.writing() as db:
        token = await sessions.begin(db, operator, clock())
    begun = clock()
    for _ in range(11):
        clock.forward(hours=1)
        assert await sessions.session(console.store, token, clock()) is not None
    clock.set(begun + sessions.LIFETIME + timedelta(seconds=1))
    assert await sessions.session(console.store, token, clock()) is None
    async with console.store.writing() as db:
        unused = await sessions.begin(db, operator, clock())
        other = await sessions.begin(db, operator, clock())
    clock.forward(hours=2, minutes=1)
    assert await sessions.session(console.store, unused, clock()) is None
    clock.forward(hours=-2)
    assert await sessions.session(console.store, other, clock()) is not None
    async with console.store.writing() as db:
        await accounts.disable(db, "administrator", "test", clock())
    assert await sessions.session(console.store, other, clock()) is None


async def test_signing_out_ends_the_session_in_the_table(
    console: Parts, clock: ManualClock
) -> None:
    await add_operator(console.store, clock, Role.READER)
    async with visitor(console) as client:
        await sign_in(client, "reader", PASSWORD)
        token = client.http.cookies["yizhan-session"]
        await client.get("/")
        await client.post("/sign-out")
    assert await sessions.session(console.store, token, clock()) is None


async def test_a_fragment_whose_session_is_over_sends_the_whole_page_to_sign_in(
    console: Parts,
) -> None:
    async with visitor(console) as client:
        answer = await client.http.get("/records", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/sign-in"
    assert answer.text == ""


async def test_after_an_account_was_added_nothing_of_it_stays_in_the_form(
    console: Parts, clock: ManualClock
) -> None:
    admin = await add_operator(console.store, clock)
    form: dict[str, str | list[str]] = {"name": "new one", "role": "editor", "league": ["150100"]}
    async with signed_in(console, admin) as client:
        await client.get("/people")
        refused = await client.post("/people", form)
        assert refused.status_code == 422
        assert 'name="league" value="150100" checked' in refused.text
        added = await client.post("/people", {**form, "name": "new"})
        assert added.status_code == 200
        last = added.text[added.text.rindex('action="/people"') :]
        assert '<select name="role" required><option value="">' in last
        assert 'value="new"' not in last
        assert "checked" not in last
        assert "selected" not in last


async def test_an_open_page_that_asks_by_itself_keeps_no_session_alive(
    console: Parts, clock: ManualClock
) -> None:
    operator = await add_operator(console.store, clock)
    polling = {"HX-Request": "true", "HX-Target": "queue", "X-Polling": "yes"}
    async with signed_in(console, operator) as client:
        for _ in range(11):
            clock.forward(minutes=10)
            asked = await client.http.get("/conversations", headers=polling)
            assert asked.status_code == 200
        clock.forward(minutes=11)
        asked = await client.http.get("/conversations", headers=polling)
        assert asked.headers["hx-redirect"] == "/sign-in"


async def test_what_a_person_does_on_an_open_page_keeps_the_session_alive(
    console: Parts, clock: ManualClock
) -> None:
    operator = await add_operator(console.store, clock)
    async with signed_in(console, operator) as client:
        for _ in range(4):
            clock.forward(minutes=100)
            asked = await client.http.get("/conversations", headers={"HX-Request": "true"})
            assert asked.status_code == 200


def test_every_element_that_asks_every_few_seconds_says_so_to_the_server() -> None:
    elements = [
        element
        for template in (FOLDER / "templates").rglob("*.html")
        for element in re.findall(r"<[a-z]+ [^<]*every [^<]*?>", template.read_text("utf-8"))
        if "hx-trigger" in element
    ]
    assert len(elements) == 4
    for element in elements:
        assert "X-Polling" in element
