"""`yizhan demo`, `serve`, `deliver` and `chat`: the commands that run the bot."""

import asyncio
import errno
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.app import server
from bot.app.bootstrap import App, build, opened
from bot.commands.running.console_process import console_process
from bot.common.i18n import Translator
from bot.config.database import with_keys
from bot.config.settings import Settings, SettingsError
from bot.services.demo.cards import DIGITS, FIRST, remove_demo_cards, seed_demo_cards
from bot.services.demo.content import remove_demo_content, seed_demo_content
from bot.services.demo.honours import remove_demo_honours, seed_demo_honours
from bot.services.demo.stations import has_demo, has_own, seed_demo
from bot.services.demo.stations import remove_demo as remove_demo_stations
from bot.services.demo.trainings import remove_demo_trainings, seed_demo_trainings

Stop = Callable[[], asyncio.Event]


async def demo(settings: Settings, t: Translator, stopped: Stop) -> int:
    """Everything on this machine, with demo stations; needs no account and no network."""
    async with opened(settings, demo=True, make_keys=True) as app, console_process() as console:
        if await _has_own(app):
            return _refuse_seeds(t)
        await _seed(app)
        print(
            t(
                "To try a card: 办卡进度, application {number}, digits {digits}.",
                number=FIRST,
                digits=DIGITS,
            ),
            flush=True,
        )
        return await _listen(app, t, stopped, and_then=console)


async def serve(
    settings: Settings, t: Translator, stopped: Stop, *, demo: bool, delivery: bool = True
) -> int:
    """The channels that are set up; refuses demo stations unless `demo`.

    `delivery` False: notices are left to `yizhan deliver`.
    """
    try:
        async with servable(settings, demo=demo) as app:
            return await _listen(app, t, stopped, delivery=delivery)
    except DemoDataError as held:
        print(held.message(t), file=sys.stderr)
        return 1


class DemoDataError(SettingsError):
    """The database holds demo stations, and `--demo` was not given."""


@asynccontextmanager
async def servable(
    settings: Settings, *, demo: bool = False, migrate: bool = True
) -> AsyncIterator[App]:
    """All that `serve` needs, or the `SettingsError` for which it refuses; `doctor` asks here."""
    async with opened(settings, demo=demo, migrate=migrate) as app:
        async with app.store.reading() as db:
            held = await has_demo(db)
        if held and not demo:
            raise DemoDataError(
                "This database holds demo stations. Use another one (YIZHAN_DATABASE_URL), take "
                "them out (yizhan demo --remove), or answer from them with --demo."
            )
        yield app


async def deliver(settings: Settings, t: Translator, stopped: Stop, port: int | None) -> int:
    """Delivers due notices, as a process of its own beside `serve --no-delivery`."""
    async with opened(settings) as app:
        print(t("Delivering what is due (stop with Ctrl-C)"), flush=True)
        try:
            await server.deliver(app, stopped(), port)
        except OSError as error:
            if not _of_address(error):
                raise
            reason = error.strerror or type(error).__name__
            print(
                t("Port {port} cannot be used ({reason}).", port=port, reason=reason),
                file=sys.stderr,
            )
            return 1
    return 0


async def chat(settings: Settings, t: Translator, *, demo: bool) -> int:
    """A conversation in this terminal, through the same turn as every channel."""
    from bot.channels.terminal.channel import chat as terminal_chat
    from bot.channels.terminal.channel import typed_lines
    from bot.channels.terminal.render import style_for

    app = await build(settings, demo=demo, make_keys=True)
    own = await _has_own(app)
    if own and demo:
        await app.close()
        return _refuse_seeds(t)
    if not demo and not own and app.search.size == 0:
        await app.close()
        print(t("No stations of your own yet; these are demo stations."))
        app, demo = await build(settings, demo=True, make_keys=True), True
    try:
        if demo:
            await _seed(app)
        style = style_for(sys.stdout)
        await terminal_chat(app.turn, typed_lines(), _write, app.clock, style=style)
    finally:
        await app.close()
    return 0


async def remove_demo(settings: Settings, t: Translator) -> int:
    """Takes the demo stations, applications and trainings out again."""
    from bot.services.demo.week import remove_week  # all that the console shows; not for a start

    async with with_keys(settings) as (store, keys), store.writing() as db:
        await remove_week(db, keys)
        count = await remove_demo_stations(db)
        await remove_demo_cards(db, keys)
        await remove_demo_trainings(db)
        await remove_demo_content(db)
        await remove_demo_honours(db)
    print(t("{n} demo stations are gone, with demo applications and sessions.", n=count))
    return 0


async def _has_own(app: App) -> bool:
    async with app.store.reading() as db:
        return await has_own(db)


def _refuse_seeds(t: Translator) -> int:
    print(
        t(
            "This database holds your own stations; demo ones would stand among them. "
            "Use another one (YIZHAN_DATABASE_URL)."
        ),
        file=sys.stderr,
    )
    return 1


async def _seed(app: App) -> None:
    async with app.store.writing() as db:
        await seed_demo(db, app.clock())
        await seed_demo_cards(db, app.keys, app.clock())
        await seed_demo_trainings(db, app.clock())
        await seed_demo_content(db, app.clock())
        await seed_demo_honours(db, app.keys, app.clock())
    await app.search.refresh()


async def _listen(
    app: App,
    t: Translator,
    stopped: Stop,
    *,
    delivery: bool = True,
    and_then: Callable[[], None] | None = None,
) -> int:
    """Runs the service; `and_then` is called once the web chat answers."""

    def ready(address: str) -> None:
        print(
            t("The web chat is open at {address} (stop with Ctrl-C)", address=address), flush=True
        )
        if and_then is not None:
            and_then()

    try:
        stopped_by_us = await server.serve(app, stopped(), ready, delivery=delivery)
    except OSError as error:
        if not _of_address(error):
            raise
        where = f"{app.settings.http_host}:{app.settings.http_port}"
        print(
            t(
                "{where} cannot be used ({reason}). Choose another YIZHAN_HTTP_HOST or "
                "YIZHAN_HTTP_PORT.",
                where=where,
                reason=error.strerror or type(error).__name__,
            ),
            file=sys.stderr,
        )
        return 1
    if not stopped_by_us:
        print(t("A channel gave up; the log above says why."), file=sys.stderr)
    return 0 if stopped_by_us else 1


def _of_address(error: OSError) -> bool:
    """Whether the host or port to listen on is at fault, not a disk or a database."""
    wrong = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}
    return error.errno in wrong or isinstance(error, socket.gaierror)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
