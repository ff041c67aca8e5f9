"""Runs the application: opens channels, delivers notices and does maintenance until stopped.

`serve` listens and delivers, `deliver` only delivers; both end in order.
"""

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from aiohttp import web

from bot.app.bootstrap import App
from bot.app.listening import LimitedSite, default_limits, log_accept_errors, mark_request
from bot.common.aio import sleep_until_stopped
from bot.common.descriptors import raise_descriptor_limit
from bot.services.broadcasts import fan_out as broadcast_fan_out
from bot.services.content import weekly
from bot.services.stations.alerts import closures
from bot.services.stations.feedback import visit_questions

log = structlog.get_logger()
REFRESH_SECONDS = 5.0
BELIEFS_SECONDS = 2.0
HOUSEKEEPING_SECONDS = 3600.0
SEAT_HOLDS_SECONDS = 30.0
FAN_OUT_SECONDS = 5.0
CLOSURES_SECONDS = 600.0
VISITS_SECONDS = 30.0
DELIVERY_DELAY_SECONDS = 1.0
GARBAGE_THRESHOLDS = 20_000, 20, 20
DASHBOARD_SECONDS = 600.0
CONVERSATIONS_SECONDS = 20.0


async def serve(
    app: App, stop: asyncio.Event, ready: Callable[[str], None], *, delivery: bool = True
) -> bool:
    """Runs every channel until `stop` is set; False if a channel gave up before that.

    `ready` gets the address of the web chat; `delivery` False leaves notices to
    `yizhan deliver`.
    """
    async with contextlib.AsyncExitStack() as closing:
        runner = await _listen(app, app.http(), app.settings.http_port, closing)
        tasks = [
            _every(REFRESH_SECONDS, refresh_stations, app),
            _every(BELIEFS_SECONDS, refresh_beliefs, app),
            _every(REFRESH_SECONDS, refresh_channels, app),
            _every(HOUSEKEEPING_SECONDS, forget_turns, app),
            _every(HOUSEKEEPING_SECONDS, erase_old, app),
            _every(SEAT_HOLDS_SECONDS, maintain_trainings, app),
            _every(CLOSURES_SECONDS, tell_closures, app),
            _every(CLOSURES_SECONDS, offer_lessons, app),
            _every(VISITS_SECONDS, ask_visitors, app),
            _every(DASHBOARD_SECONDS, count_dashboard, app),
            _every(CONVERSATIONS_SECONDS, close_conversations, app),
        ]
        await _open_channels(app, closing)
        running = [asyncio.create_task(task) for task in tasks]
        closing.push_async_callback(_end, running)
        listening = [asyncio.create_task(one.listen(stop)) for one in app.channels.values()]
        running += listening
        closing.push_async_callback(_finish, listening, stop)
        if delivery:
            sending = asyncio.create_task(_deliver_soon(app, stop))
            running.append(sending)
            closing.push_async_callback(_finish, [sending], stop)
            running.append(asyncio.create_task(_every(FAN_OUT_SECONDS, fan_out, app)))
        collect_garbage_rarely()
        ready(_address(runner))
        done, _ = await asyncio.wait(running, return_when="FIRST_COMPLETED")
        for task in done:
            task.result()  # a part that broke ends the service, with its reason
        return stop.is_set()


def collect_garbage_rarely() -> None:
    """Leaves what was loaded at the start alone, and looks for cycles after more allocations.

    A turn makes a few thousand objects and hardly a cycle: the usual thresholds took a fifth of its
    processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


async def deliver(app: App, stop: asyncio.Event, port: int | None = None) -> None:
    """Sends what is due until `stop` is set; serves only health endpoints, on `port`."""
    app.health.delivers = True
    async with contextlib.AsyncExitStack() as closing:
        if port is not None:
            http = web.Application()
            http.add_routes(app.health.routes())
            await _listen(app, http, port, closing)
        await _open_channels(app, closing)
        fanning = asyncio.create_task(_every(FAN_OUT_SECONDS, fan_out, app))
        closing.push_async_callback(_end, [fanning])
        await app.outbox.run(stop)


async def _deliver_soon(app: App, stop: asyncio.Event) -> None:
    """Lets couriers who are writing already be answered first: looking for work takes 40 ms."""
    await sleep_until_stopped(stop, DELIVERY_DELAY_SECONDS)
    app.health.delivers = True
    await app.outbox.run(stop)


async def refresh_stations(app: App) -> None:
    """The stations as they are now, if they changed."""
    await app.search.refresh()


async def refresh_beliefs(app: App) -> None:
    """What couriers and keepers observed lately, if anything is new."""
    await app.search.refresh_beliefs()


async def refresh_channels(app: App) -> None:
    """Pages that show a conversation which was deleted meanwhile are emptied."""
    for channel in app.channels.values():
        await channel.refresh()


async def forget_turns(app: App) -> None:
    """Deletes stored answers and chat states that have expired, unless the clock may be wrong."""
    if not await app.clock_guard.is_right():
        return
    await app.dispatcher.delete_expired()


async def ask_visitors(app: App) -> None:
    """Queues the question what couriers found at stations they chose, once they have arrived."""
    if not await app.clock_guard.is_right():
        return
    await visit_questions.ask_due(app.store, app.clock())


async def close_conversations(app: App) -> None:
    """The bot takes over conversations in which nobody has written for the set time."""
    if not await app.clock_guard.is_right():
        return
    from bot.services.conversations import timeouts

    idle = timedelta(minutes=app.settings.conversation_minutes)
    if closed := await timeouts.close_idle(app.store, idle, app.clock()):
        log.info("conversations.closed", conversations=closed)


async def maintain_trainings(app: App) -> None:
    """Passes on seats whose hold is over and closes trainings that are over."""
    if not await app.clock_guard.is_right():
        return
    await app.trainings.run_maintenance(app.store, app.clock())


async def tell_closures(app: App) -> None:
    """In the evening, tells couriers which stations that they keep are closed tomorrow."""
    if not await app.clock_guard.is_right():
        return
    if told := await closures.tell_closures(app.store, app.search, app.clock()):
        log.info("closures.queued", notices=told)


async def offer_lessons(app: App) -> None:
    """Once a week, offers a lesson to couriers who asked for that."""
    if not await app.clock_guard.is_right():
        return
    if offered := await weekly.offer_lessons(app.store, app.clock()):
        log.info("lessons.offered", notices=offered)


async def fan_out(app: App) -> None:
    """Writes the next notices of the broadcasts that run."""
    if not await app.clock_guard.is_right():
        return
    await broadcast_fan_out.fan_out(app.store, app.clock())


async def count_dashboard(app: App) -> None:
    """Counts the figures of the operators' dashboard where that is due."""
    if not await app.clock_guard.is_right():
        return
    from bot.geo.places import Places
    from bot.services.overview.dashboard import stored as dashboard

    await dashboard.refresh(app.store, Places.load(), app.clock())


async def erase_old(app: App) -> None:
    """Erases rows whose retention period is over, unless the clock may be wrong; logs how many."""
    if not await app.clock_guard.is_right():
        return
    from bot.services.privacy.retention import RetentionPeriods, sweep

    periods = RetentionPeriods(
        timedelta(days=app.settings.keep_settled_days),
        timedelta(days=app.settings.keep_idle_days),
    )
    before_erasure = (app.registrations.forget,)
    if erased := await sweep(app.store, periods, app.clock(), before_erasure):
        log.info("retention.erased", **erased)


async def _every(seconds: float, work: Callable[[App], Awaitable[None]], app: App) -> None:
    """Repeats a small piece of maintenance; a failure is logged and tried again next time."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work(app)
        except Exception as error:  # noqa: BLE001 - maintenance must outlive a lost database
            log.warning("upkeep.failed", work=work.__qualname__, error=type(error).__name__)


async def _listen(
    app: App, http: web.Application, port: int, closing: contextlib.AsyncExitStack
) -> web.AppRunner:
    raise_descriptor_limit()
    log_accept_errors(asyncio.get_running_loop())
    http.middlewares.append(mark_request)
    runner = web.AppRunner(http, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    closing.push_async_callback(runner.cleanup)
    limits = default_limits(app.settings.proxies)
    await LimitedSite(runner, app.settings.http_host, port, limits).start()
    return runner


async def _open_channels(app: App, closing: contextlib.AsyncExitStack) -> None:
    for channel in app.channels.values():
        await channel.open()
        closing.push_async_callback(channel.close)


async def _end(running: list[asyncio.Task[None]]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _finish(tasks: list[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Lets delivery, or what takes messages in, end by itself where the service stops in order,
    before its channels close. Each limits how long that takes."""
    if not stop.is_set():
        for task in tasks:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/"
