"""Sends what is due: claims, decides, renders, sends, acknowledges; each step is committed.

```
ready → claimed → sending → sent
```
`sending` is committed before the call, so that after a crash it is known which notices may have
arrived. docs/delivery.md has the whole diagram and what is promised.
"""

import asyncio
import contextlib
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.common.aio import always, sleep_until_stopped
from bot.common.clock import Clock
from bot.common.redaction import error_fields
from bot.outbox import repository
from bot.outbox.metrics import LAST_POLL, NOTICES_DUE, RESULTS, show_waits
from bot.outbox.preparation import NoticeRenderer, PreparedMessage, Preparer, RenderError
from bot.outbox.rate_limit import MonotonicClock
from bot.outbox.routing import DeliveryRouter
from bot.outbox.sender import FAILURE_DELAY, ChannelSender
from bot.outbox.settlement import (
    Outcome,
    PermanentFailure,
    UnknownOutcome,
    deliver,
    settle,
)
from bot.services.notifications.statuses import DeliveryResult
from bot.store.engine import Store

LEASE = 60.0  # seconds; far beyond the longest call
LONGEST_CALL = 25.0
IDLE, BUSY = 0.5, 0.1  # seconds between two looks for work
MAINTENANCE_INTERVAL = 5.0
EXPIRY_INTERVAL = 600.0
DRAIN_TIMEOUT = 20.0  # seconds for calls in flight when the service stops
CONCURRENT_CALLS = 60  # calls in flight on one channel
BATCH = 30
WEB_WAIT = timedelta(seconds=10)

log = structlog.get_logger()


class Worker:
    """Delivers on `senders`. `run` is for a service, `run_once` for tests and commands.

    `repeats`: kinds of which a copy too many hurts less than a miss. `lease` in seconds.
    `clock_is_right`: while it is not, nothing is sent, expired or taken from another worker.
    """

    def __init__(
        self,
        store: Store,
        senders: Sequence[ChannelSender],
        renderer: NoticeRenderer,
        repeats: Collection[str],
        clock: Clock,
        *,
        monotonic: MonotonicClock = time.monotonic,
        lease: float = LEASE,
        clock_is_right: Callable[[], Awaitable[bool]] = always,
    ) -> None:
        self._store = store
        self._senders = {sender.channel.name: sender for sender in senders}
        self._repeats = repeats
        self._clock = clock
        self._monotonic = monotonic
        self._lease = lease
        self._clock_is_right = clock_is_right
        self.owner = f"{os.getpid()}:{secrets.token_hex(8)}"
        self._router = DeliveryRouter(
            {one.channel.name: one.channel.abilities for one in senders},
            {one.channel.name: one.present for one in senders if one.present is not None},
        )
        self._preparer = Preparer(self._router, renderer, self.owner, lease)
        self._calls: dict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._outcomes: list[tuple[PreparedMessage, Outcome]] = []
        self._has_outcomes = asyncio.Event()
        self._beat: float | None = None

    async def run_once(self) -> int:
        """Sends everything that is due and that the rate allows now; how many were taken."""
        if not await self._clock_is_right():
            return 0
        await self._recover()
        total = 0
        while taken := await self._round():
            total += taken
        return total

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set, then finishes what is in flight and gives back the rest."""
        loops = [self._poll(sender, stop) for sender in self._senders.values()]
        polling = [asyncio.create_task(one) for one in (*loops, self._maintain(stop))]
        settling = asyncio.create_task(self._acknowledge())
        try:
            await asyncio.gather(*polling)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_TIMEOUT):
                    await self._drain()
        finally:
            for task in (*polling, settling):
                task.cancel()
            await asyncio.gather(*polling, settling, return_exceptions=True)
        with contextlib.suppress(Exception):  # without a database the leases run out by themselves
            await self._settle()
            async with self._store.writing() as db:
                await repository.release(db, self.owner)

    async def close(self) -> None:
        """Lets other processes send."""
        for sender in self._senders.values():
            if sender.election is not None:
                await sender.election.close()

    def alive(self, within: float = 60.0) -> bool:
        """Whether `run` has looked for work in the last so many seconds."""
        return self._beat is not None and self._monotonic() - self._beat <= within

    def waits(self) -> dict[str, tuple[float, int]]:
        """Channels whose platform asks to wait: seconds for everything, and the chats that wait."""
        found = {
            name: (sender.limiter.paused, sender.limiter.throttled_chats)
            for name, sender in self._senders.items()
        }
        return {name: one for name, one in found.items() if any(one)}

    async def _round(self) -> int:
        taken = 0
        for sender in self._senders.values():
            if await self._leads(sender):
                taken += await self._take(sender)
        await self._drain()
        await self._settle()
        return taken

    async def _leads(self, sender: ChannelSender) -> bool:
        return sender.election is None or await sender.election.leads()

    async def _poll(self, sender: ChannelSender, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = IDLE
            self._beat = self._monotonic()
            LAST_POLL.set_to_current_time()
            try:
                if await self._clock_is_right() and await self._leads(sender):
                    pause = BUSY if await self._take(sender) else IDLE
            except Exception as error:  # noqa: BLE001 - delivery must outlive a lost database
                _report("delivery.failed", error, sender.channel.name)
                pause = FAILURE_DELAY
            await sleep_until_stopped(stop, max(pause, min(sender.limiter.paused, FAILURE_DELAY)))

    async def _maintain(self, stop: asyncio.Event) -> None:
        expired_at = self._monotonic() - EXPIRY_INTERVAL
        while not stop.is_set():
            try:
                is_right = await self._clock_is_right()
                if is_right:
                    await self._recover()
                now = self._clock()
                async with self._store.reading() as db:
                    due = await repository.count_due(db, now)
                for name in self._senders.keys() | due.keys():
                    NOTICES_DUE.labels(name).set(due.get(name, 0))
                show_waits(self._senders, self.waits())
                if is_right and self._monotonic() - expired_at >= EXPIRY_INTERVAL:
                    await self._expire(now, stop)
                    expired_at = self._monotonic()
            except Exception as error:  # noqa: BLE001 - so must its upkeep
                _report("delivery.failed", error, "")
            await sleep_until_stopped(stop, min(MAINTENANCE_INTERVAL, self._lease))

    async def _expire(self, now: datetime, stop: asyncio.Event) -> None:
        """Ends what is too late, in small transactions: all notices of a broadcast end at once."""
        late = repository.EXPIRED_AT_ONCE
        while late == repository.EXPIRED_AT_ONCE and not stop.is_set():
            async with self._store.writing() as db:
                late = await repository.expire(db, now)
            RESULTS.labels("", DeliveryResult.EXPIRED).inc(late)

    async def _take(self, sender: ChannelSender) -> int:
        """Claims, decides and begins what the rate has room for; how many rows were claimed."""
        name = sender.channel.name
        now = self._clock()
        async with self._store.reading() as db:
            if not await repository.due(db, name, now):
                return 0
        total = 0
        for number, priority_class in enumerate(repository.PRIORITY_CLASSES):
            in_flight = CONCURRENT_CALLS - len(self._calls[name])
            room = min(sender.limiter.room(urgent=number < 2), BATCH, in_flight)
            if room <= 0:
                continue
            present = sender.present() if sender.present is not None else None
            local = None if present is None else repository.Local(present, now - WEB_WAIT)
            async with self._store.writing() as db:
                ids = await repository.claim(
                    db, name, priority_class, room, now, self.owner, self._lease, local
                )
            total += len(ids)
            while ids:
                ids = await self._begin(sender, ids, now)
        return total

    async def _begin(self, sender: ChannelSender, ids: list[int], now: datetime) -> list[int]:
        """Begins what is to be sent; the ids to try again where one could not be rendered."""
        name = sender.channel.name
        try:
            async with self._store.writing() as db:
                batch = await self._preparer.prepare(db, ids, name, sender.limiter, now)
        except RenderError as broken:
            _report("delivery.unworded", broken.error, name, kind=broken.kind)
            async with self._store.writing() as db:
                await self._preparer.put_off(db, broken.id, now)
            RESULTS.labels(name, DeliveryResult.UNWORDED).inc()
            return [one for one in ids if one != broken.id]
        for result in batch.results:
            RESULTS.labels(name, result).inc()
        for message in batch.messages:
            sender.limiter.spend(message.chat_id, urgent=message.urgent)
            call = asyncio.create_task(self._call(sender, message))
            self._calls[name].add(call)
            call.add_done_callback(self._calls[name].discard)
        return []

    async def _call(self, sender: ChannelSender, message: PreparedMessage) -> None:
        outcome: Outcome
        try:
            async with asyncio.timeout(LONGEST_CALL):
                outcome = await deliver(sender.channel, message)
        except TimeoutError:
            outcome = UnknownOutcome()
        except Exception as error:  # noqa: BLE001 - a fault of the channel's code may follow a send
            _report("delivery.broke", error, message.channel, kind=message.kind)
            outcome = UnknownOutcome()
        sender.slow_down(outcome, message.chat_id)
        if isinstance(outcome, PermanentFailure):
            log.warning("delivery.refused", channel=message.channel, kind=message.kind)
        self._outcomes.append((message, outcome))
        self._has_outcomes.set()

    async def _drain(self) -> None:
        while in_flight := [call for calls in self._calls.values() for call in calls]:
            await asyncio.gather(*in_flight)

    async def _acknowledge(self) -> None:
        """Writes outcomes down as they come in; those of one moment share a transaction."""
        while True:
            await self._has_outcomes.wait()
            self._has_outcomes.clear()
            try:
                await self._settle()
            except (SQLAlchemyError, OSError) as error:
                _report("delivery.unsettled", error, "")
                await asyncio.sleep(FAILURE_DELAY)
                self._has_outcomes.set()

    async def _settle(self) -> None:
        """Writes down all outcomes; keeps them for the next time if there is no database."""
        done, self._outcomes = self._outcomes, []
        if not done:
            return
        try:
            async with self._store.writing() as db:
                results = await settle(
                    db, done, self.owner, self._clock(), self._repeats, self._router
                )
        except BaseException:
            self._outcomes = done + self._outcomes
            raise
        for channel, result in results:
            RESULTS.labels(channel, result).inc()

    async def _recover(self) -> None:
        async with self._store.reading() as db:
            if not await repository.lapsed(db):
                return
        async with self._store.writing() as db:
            became = await repository.recover(db, self._repeats, self._clock())
        for channel, result in became:
            RESULTS.labels(channel, result).inc()


def _report(event: str, error: Exception, channel: str, **more: str) -> None:
    """A failure by its class and the places in our code, never by its values."""
    log.error(event, channel=channel, **error_fields(error), **more)
