"""The console in this process, and browsers of operators who are signed in to it."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page

from bot.app.console import parts
from bot.common.clock import Clock
from bot.config.settings import Settings
from bot.console.app import create_console
from bot.console.parts import Parts
from bot.services.operators import accounts, passwords, sessions
from bot.services.operators.roles import Operator, Role
from bot.store.encryption import Keyring, parse_keys
from bot.store.engine import Store

HOST = "http://127.0.0.1"
KEYS: Keyring = parse_keys("1:" + "A" * 43 + "=")
PASSWORD = "correct horse battery"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
EXPECTED = re.compile(r"Failed to load resource.*status of (403|404|409|413|422|429)")
"""Chromium names every refused answer in its console, also those that a page means."""


def console_parts(store: Store, clock: Clock) -> Parts:
    """The console's parts over a store, with the keys of tests."""
    return parts(Settings(), store, KEYS, clock)


async def add_operator(
    store: Store,
    clock: Clock,
    role: Role = Role.ADMINISTRATOR,
    leagues: Iterable[str] = (),
    name: str = "",
    *,
    must_change: bool = False,
) -> Operator:
    """An account with `PASSWORD`; its name is that of the role unless given."""
    wanted = name or role.value
    theirs = frozenset(leagues)
    fresh = await passwords.hashed(PASSWORD)
    async with store.writing() as db:
        number = await accounts.add(
            db, wanted, role, theirs, fresh, "test", clock(), must_change=must_change
        )
    return Operator(number, wanted, role, theirs)


@dataclass(slots=True)
class OperatorClient:
    """Somebody at a browser without JavaScript: follows links, sends forms with their token."""

    http: httpx.AsyncClient
    token: str = ""

    async def get(self, path: str, **query: str) -> httpx.Response:
        """A page."""
        return self._seen(await self.http.get(path, params=query or None))

    async def post(
        self,
        path: str,
        form: Mapping[str, str | Sequence[str]] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        """Sends a form as the last page's browser would; redirects are not followed."""
        data = {"csrf": self.token, **(form or {})}
        sent = await self.http.post(
            path, data=data, files=files, headers={"Sec-Fetch-Site": "same-origin"}
        )
        return self._seen(sent)

    async def sends(
        self, path: str, form: Mapping[str, str | Sequence[str]] | None = None
    ) -> httpx.Response:
        """Sends a form that is accepted, and returns the page to which it leads."""
        answer = await self.post(path, form)
        assert answer.status_code == 303, (answer.status_code, text_of(answer))
        return await self.get(answer.headers["location"])

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if found := re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.text):
            self.token = found[1]
        return answer


@asynccontextmanager
async def visitor(console: Parts) -> AsyncIterator[OperatorClient]:
    """Somebody who is not signed in."""
    transport = httpx.ASGITransport(create_console(console))
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as http:
        yield OperatorClient(http)


@asynccontextmanager
async def signed_in(console: Parts, operator: Operator) -> AsyncIterator[OperatorClient]:
    """An operator with a session of their own."""
    async with console.store.writing() as db:
        token = await sessions.begin(db, operator, console.clock())
    async with visitor(console) as client:
        client.http.cookies.set("yizhan-session", token, domain="127.0.0.1")
        await client.get("/account")
        yield client


def text_of(answer: httpx.Response) -> str:
    """What a person reads on a page, roughly: its text without tags."""
    plain = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", answer.text)
    return re.sub(r"\s+", " ", plain).strip()


@dataclass(slots=True)
class ConsoleServer:
    """The console on a port of this machine, for a real browser; notes what browsers complain of.

    `requested`: every address that a page asked for.
    """

    console: Parts
    url: str = ""
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ConsoleServer"]:
        """Serves until the block ends. Raises `AssertionError` for what browsers complained of."""
        config = uvicorn.Config(
            create_console(self.console), port=0, lifespan="off", log_config=None, access_log=False
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        ticking = asyncio.create_task(server.main_loop())
        try:
            yield self
        finally:
            server.should_exit = True
            await ticking
            await server.shutdown()
        own = (f"{self.url}/", f"blob:{self.url}/", "data:")
        assert [url for url in self.requested if not url.startswith(own)] == []
        assert self.complaints == []

    @asynccontextmanager
    async def browser_of(
        self,
        browser: Browser,
        operator: Operator | None,
        *,
        viewport: Mapping[str, int] = DESK,
        dark: bool = False,
        javascript: bool = True,
    ) -> AsyncIterator[Page]:
        """A page in Chromium, signed in as the operator; None: not signed in."""
        context = await browser.new_context(
            locale="zh-CN",
            viewport={"width": viewport["width"], "height": viewport["height"]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=javascript,
            base_url=self.url,
        )
        self._watch(context)
        if operator is not None:
            async with self.console.store.writing() as db:
                token = await sessions.begin(db, operator, self.console.clock())
            cookie = {"name": "yizhan-session", "value": token, "url": self.url}
            await context.add_cookies([{**cookie, "httpOnly": True}])  # type: ignore[typeddict-item]
        page = await context.new_page()
        try:
            yield page
        finally:
            await context.close()

    def _watch(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

        def hear(kind: str, text: str) -> None:
            if kind in {"error", "warning"} and EXPECTED.search(text) is None:
                self.complaints.append(text)

        context.on("console", lambda message: hear(message.type, message.text))


async def fits(page: Page, but: Collection[str] = ()) -> list[str]:
    """Elements that stick out of the window sideways; none where the page fits."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("main *, header *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.width > 0 && box.right > window.innerWidth + 1
              && !one.closest(".visually-hidden, .skip, .scrolls, svg *");
        }).map((one) => one.tagName + "." + one.className)"""
    )
    return [one for one in found if one not in but]


async def screenshot(page: Page, folder: Path, name: str) -> Path:
    """The whole page as PNG."""
    path = folder / f"{name}.png"
    await page.screenshot(path=path, full_page=True)
    return path


async def low_contrast(page: Page) -> list[str]:
    """Texts on the screen whose contrast to what is behind them is below 4.5 to 1 (WCAG AA)."""
    found: list[str] = await page.evaluate(
        """() => {
            const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
            const rgba = (colour) => {
                canvas.clearRect(0, 0, 1, 1);
                canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1);
                return [...canvas.getImageData(0, 0, 1, 1).data];
            };
            const light = ([red, green, blue]) => [red, green, blue]
                .map((one) => one / 255)
                .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
                .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
            const behind = (element) => {
                for (let one = element; one; one = one.parentElement) {
                    const colour = rgba(getComputedStyle(one).backgroundColor);
                    if (colour[3] === 255) return colour;
                }
                return [255, 255, 255];
            };
            const pale = new Set();
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const one = texts.currentNode.parentElement;
                if (!texts.currentNode.data.trim() || !one.checkVisibility()
                    || one.closest("svg, option, [disabled], .visually-hidden, .skip")) continue;
                const [a, b] = [light(rgba(getComputedStyle(one).color)), light(behind(one))];
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < 4.5) pale.add(`${ratio.toFixed(2)} ${one.tagName}.${one.className}`);
            }
            return [...pale];
        }"""
    )
    return found
