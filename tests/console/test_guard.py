"""Forms of other sites, roles, sizes, headers."""

import httpx
import pytest
from starlette.routing import Route

from bot.console import site_map
from bot.console.parts import Parts
from bot.services.operators import audit
from bot.services.operators.audit import Query
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import OperatorClient, add_operator, signed_in, text_of, visitor

POSTS = sorted(
    route.path
    for route in site_map.routes()
    if isinstance(route, Route) and "POST" in (route.methods or ())
)


def filled(path: str) -> str:
    """The path with something for each parameter."""
    return "/".join(
        ("1" if part.endswith(":int}") else "x") if part.startswith("{") else part
        for part in path.split("/")
    )


async def send(client: OperatorClient, path: str, headers: dict[str, str]) -> httpx.Response:
    return await client.http.post(path, data={"csrf": client.token}, headers=headers)


@pytest.mark.parametrize("path", POSTS)
async def test_a_form_without_the_token_or_from_another_site_is_refused(
    console: Parts, clock: ManualClock, path: str
) -> None:
    operator = await add_operator(console.store, clock)
    async with signed_in(console, operator) as client:
        token, client.token = client.token, ""
        if path != "/sign-in":  # before it there is no session that a token could belong to
            own = {"Sec-Fetch-Site": "same-origin"}
            assert (await send(client, filled(path), own)).status_code == 403
        client.token = token
        for headers in (
            {},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ):
            assert (await send(client, filled(path), headers)).status_code == 403


async def test_a_browser_without_fetch_metadata_is_known_by_its_origin(
    console: Parts, clock: ManualClock
) -> None:
    operator = await add_operator(console.store, clock)
    async with signed_in(console, operator) as client:
        assert (await send(client, "/sign-out", {"Origin": "http://127.0.0.1"})).status_code == 303


async def test_what_a_role_may_not_do_is_refused_and_logged(
    console: Parts, clock: ManualClock
) -> None:
    reader = await add_operator(console.store, clock, Role.READER)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, reader) as client:
        page = await client.get("/")
        assert 'href="/people"' not in page.text
        assert (await client.get("/people")).status_code == 403
        form = {"name": "another", "role": "administrator"}
        assert (await client.post("/people", form)).status_code == 403
    async with console.store.reading() as db:
        found = await audit.find(db, admin, Query(actor="reader"))
    assert [(one.action, one.subject) for one in found] == [("page.refused", "/people")] * 2


async def test_a_large_body_is_refused(console: Parts, clock: ManualClock) -> None:
    operator = await add_operator(console.store, clock)
    async with signed_in(console, operator) as client:
        answer = await client.post("/people", {"name": "x" * 600_000})
        assert answer.status_code == 413


async def test_every_answer_has_the_security_headers(console: Parts) -> None:
    async with visitor(console) as client:
        for path in ("/", "/sign-in", "/static/console.css", "/nowhere", "/healthz"):
            headers = (await client.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'none'")
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"


async def test_the_log_reads_in_words(console: Parts, clock: ManualClock) -> None:
    operator = await add_operator(console.store, clock)
    async with signed_in(console, operator) as client:
        form = {"name": "dorji", "role": "editor", "league": ["150200"]}
        assert (await client.post("/people", form)).status_code == 200
        changed = {"does": "role", "role": "reader", "league": ["150200"]}
        await client.sends("/people/dorji", changed)
        said = text_of(await client.get("/records", kind="account", text="dorji"))
        assert "角色 盟市编辑 → 只读" in said
        assert "盟市 包头市 → 包头市" in said
        own = {"does": "disable"}
        assert (await client.post("/people/administrator", own)).status_code == 422
