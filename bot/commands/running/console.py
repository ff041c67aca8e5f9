"""`yizhan console`: the operators' pages as a process of their own.

`yizhan demo` starts it with `--demo`: it listens on this machine only, prints a one-time password
for `admin`, and ends when its standard input does, which is when its parent ends.
"""

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final

import structlog
import uvicorn

from bot.app.console import opened
from bot.common.i18n import Translator
from bot.common.redaction import error_fields
from bot.config.settings import Settings
from bot.console.app import create_console
from bot.console.parts import Parts
from bot.services.demo.week import tell_week
from bot.services.operators import accounts, passwords
from bot.services.operators.accounts import AccountFault, AccountRefused
from bot.services.operators.roles import Role
from bot.services.overview.dashboard import stored as dashboard

log = structlog.get_logger()
DEMO_ACCOUNT: Final = "admin"
LOOPBACK: Final = "127.0.0.1"
BACKLOG: Final = 128
GRACE_SECONDS: Final = 5


async def run(
    settings: Settings, t: Translator, stopped: Callable[[], asyncio.Event], *, demo: bool = False
) -> int:
    """Listens until it is stopped; the exit code."""
    if demo:
        settings = replace(settings, http_host=LOOPBACK, proxies=0)
    where = f"{settings.http_host}:{settings.console_port}"
    try:
        listening = _listen(settings.http_host, settings.console_port)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        print(
            t(
                "The console cannot use {where} ({reason}). Choose another YIZHAN_CONSOLE_PORT.",
                where=where,
                reason=reason,
            ),
            file=sys.stderr,
            flush=True,
        )
        return 1
    stop = stopped()
    async with (
        opened(settings, make_keys=demo) as parts,
        _parent(stop, watch=demo),
        _demo_account(parts, wanted=demo) as password,
        _demo_week(parts, wanted=demo),
    ):
        host, port = listening.getsockname()[:2]
        address = f"http://{host}:{port}/"
        if password:
            print(
                t(
                    "Console: {address} user {name} password {password}",
                    address=address,
                    name=DEMO_ACCOUNT,
                    password=password,
                ),
                flush=True,
            )
        else:
            print(
                t("The console is open at {address} (stop with Ctrl-C)", address=address),
                flush=True,
            )
        await _serve(parts, listening, stop)
    return 0


async def _serve(parts: Parts, listening: socket.socket, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        create_console(parts),
        lifespan="off",
        http="h11",  # httptools, which uvicorn would prefer, reads headers without an end
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    server = uvicorn.Server(config)
    ending = asyncio.create_task(_stop(server, stop))
    try:
        await server.serve([listening])
    finally:
        ending.cancel()


async def _stop(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


@contextlib.asynccontextmanager
async def _parent(stop: asyncio.Event, *, watch: bool) -> AsyncIterator[None]:
    """Sets `stop` when the standard input ends: the parent holds its other end."""
    loop = asyncio.get_running_loop()
    if watch:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    try:
        yield
    finally:
        if watch:
            loop.remove_reader(sys.stdin.fileno())


@contextlib.asynccontextmanager
async def _demo_account(parts: Parts, *, wanted: bool) -> AsyncIterator[str]:
    """The one-time password of the demo's account, which is good for this block; "" without."""
    if not wanted:
        yield ""
        return
    yield await _demo_password(parts)
    async with parts.store.writing() as db:
        await accounts.disable(db, DEMO_ACCOUNT, "demo", parts.clock())


@contextlib.asynccontextmanager
async def _demo_week(parts: Parts, *, wanted: bool) -> AsyncIterator[None]:
    """Tells the demo's week meanwhile, so that its pages are not empty."""
    telling = asyncio.create_task(fill_demo(parts)) if wanted else None
    try:
        yield
    finally:
        if telling is not None:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)


async def fill_demo(parts: Parts) -> None:
    """Tells the demo's week and counts its figures; a failure is logged, the pages work without."""
    try:
        await tell_week(parts.store, parts.keys, parts.places, parts.clock())
        await dashboard.refresh(parts.store, parts.places, parts.clock(), always=True)
    except Exception as error:  # noqa: BLE001 - the console must outlive it
        log.warning("demo.week_failed", **error_fields(error))


async def _demo_password(parts: Parts) -> str:
    """A fresh password, which need not be changed."""
    password = passwords.one_time_password()
    fresh, now = await passwords.hashed(password), parts.clock()
    async with parts.store.writing() as db:
        try:
            await accounts.reset(db, DEMO_ACCOUNT, fresh, "demo", now, must_change=False)
        except AccountRefused as refused:
            if refused.fault is not AccountFault.UNKNOWN:
                raise
            await accounts.add(
                db, DEMO_ACCOUNT, Role.ADMINISTRATOR, (), fresh, "demo", now, must_change=False
            )
    return password


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)
