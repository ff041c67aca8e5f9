"""Sends what is due: claims, decides, words, sends, acknowledges; each step fenced and committed.

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
import traceback
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.protocol import Channel
from bot.common.clock import Clock
from bot.outbox import repository
from bot.outbox.leader import Election
from bot.outbox.preparation import NotificationRenderer, PreparedMessage, Preparer, RenderError
from bot.outbox.rate_limit import MonotonicClock, RateLimiter
from bot.outbox.routing import DeliveryRouter, Present
from bot.outbox.settlement import (
    Outcome,
    PermanentFailure,
    RetryableFailure,
    UnknownOutcome,
    deliver,
    settle,
)
from bot.store.engine import Store

LEASE = 60.0  # seconds; far beyond the longest call
LONGEST_CALL = 25.0
IDLE, BUSY = 0.5, 0.1  # seconds between two looks for work
TROUBLE = 2.0  # seconds of rest when the database or the platform is away
UPKEEP = 5.0
SWEEP = 600.0
DRAIN = 20.0  # seconds for calls in flight when the service stops
AT_ONCE = 60  # calls in flight on one channel
BATCH = 30
WEB_WAIT = timedelta(seconds=10)

log = structlog.get_logger()
RESULTS = Counter("yizhan_notices", "What became of notices", ["channel", "result"])
PENDING = Gauge("yizhan_notices_due", "Notices that are due and not sent", ["channel"])
BEAT = Gauge("yizhan_delivery_beat", "When delivery last looked for work, in Unix seconds")


@dataclass(slots=True)
class ChannelSender:
    """A channel to send on. `election` None: every process sends for itself.

    `present`: the addresses that can be reached from this process, where others cannot be.
    """

    channel: Channel
    pace: RateLimiter
    election: Election | None = None
    present: Present | None = None


class Worker:
    """Delivers on `outlets`. `run` is for a service, `run_once` for tests and commands.

    `repeats`: kinds of which a copy too many hurts less than a miss. `lease` in seconds.
    """

    def __init__(
        self,
        store: Store,
        outlets: Sequence[ChannelSender],
        speech: NotificationRenderer,
        repeats: Collection[str],
        clock: Clock,
        *,
        monotonic: MonotonicClock = time.monotonic,
        lease: float = LEASE,
    ) -> None:
        self._store = store
        self._outlets = {outlet.channel.name: outlet for outlet in outlets}
        self._repeats = repeats
        self._clock = clock
        self._steady = monotonic
        self._lease = lease
        self.owner = f"{os.getpid()}:{secrets.token_hex(8)}"
        self._ways = DeliveryRouter(
            {one.channel.name: one.channel.abilities for one in outlets},
            {one.channel.name: one.present for one in outlets if one.present is not None},
        )
        self._desk = Preparer(self._ways, speech, self.owner, lease)
        self._calls: dict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._outcomes: list[tuple[PreparedMessage, Outcome]] = []
        self._news = asyncio.Event()
        self._beat: float | None = None

    async def run_once(self) -> int:
        """Sends everything that is due and that the pace lets go now; how many were taken."""
        await self._recover()
        total = 0
        while taken := await self._round():
            total += taken
        return total

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set, then finishes what is in flight and gives back the rest."""
        loops = [self._poll(outlet, stop) for outlet in self._outlets.values()]
        feeding = [asyncio.create_task(one) for one in (*loops, self._maintain(stop))]
        settling = asyncio.create_task(self._acknowledge())
        try:
            await asyncio.gather(*feeding)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAIN):
                    await self._drain()
        finally:
            for task in (*feeding, settling):
                task.cancel()
            await asyncio.gather(*feeding, settling, return_exceptions=True)
        with contextlib.suppress(Exception):  # without a database the leases run out by themselves
            await self._settle()
            async with self._store.writing() as db:
                await repository.release(db, self.owner)

    async def close(self) -> None:
        """Lets other processes send."""
        for outlet in self._outlets.values():
            if outlet.election is not None:
                await outlet.election.close()

    def alive(self, within: float = 60.0) -> bool:
        """Whether `run` has looked for work in the last so many seconds."""
        return self._beat is not None and self._steady() - self._beat <= within

    async def _round(self) -> int:
        taken = 0
        for outlet in self._outlets.values():
            if await self._leads(outlet):
                taken += await self._take(outlet)
        await self._drain()
        await self._settle()
        return taken

    async def _leads(self, outlet: ChannelSender) -> bool:
        return outlet.election is None or await outlet.election.leads()

    async def _poll(self, outlet: ChannelSender, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = IDLE
            self._beat = self._steady()
            BEAT.set_to_current_time()
            try:
                if await self._leads(outlet) and await self._take(outlet):
                    pause = BUSY
            except Exception as error:  # noqa: BLE001 - delivery must outlive a lost database
                _report("delivery.failed", error, outlet.channel.name)
                pause = TROUBLE
            await _rest(stop, max(pause, min(outlet.pace.paused, TROUBLE)))

    async def _maintain(self, stop: asyncio.Event) -> None:
        swept = self._steady() - SWEEP
        while not stop.is_set():
            try:
                await self._recover()
                now = self._clock()
                async with self._store.reading() as db:
                    due = await repository.pending(db, now)
                for name in self._outlets.keys() | due.keys():
                    PENDING.labels(name).set(due.get(name, 0))
                if self._steady() - swept >= SWEEP:
                    async with self._store.writing() as db:
                        late = await repository.expire(db, now)
                    RESULTS.labels("", "expired").inc(late)
                    swept = self._steady()
            except Exception as error:  # noqa: BLE001 - so must its upkeep
                _report("delivery.failed", error, "")
            await _rest(stop, min(UPKEEP, self._lease))

    async def _take(self, outlet: ChannelSender) -> int:
        """Claims, decides and begins what the pace has room for; how many rows were claimed."""
        name = outlet.channel.name
        now = self._clock()
        async with self._store.reading() as db:
            if not await repository.due(db, name, now):
                return 0
        total = 0
        for number, lane in enumerate(repository.PRIORITY_CLASSES):
            flying = AT_ONCE - len(self._calls[name])
            room = min(outlet.pace.room(urgent=number < 2), BATCH, flying)
            if room <= 0:
                continue
            present = outlet.present() if outlet.present is not None else None
            local = None if present is None else repository.Local(present, now - WEB_WAIT)
            async with self._store.writing() as db:
                ids = await repository.claim(
                    db, name, lane, room, now, self.owner, self._lease, local
                )
            total += len(ids)
            while ids:
                ids = await self._begin(outlet, ids, now)
        return total

    async def _begin(self, outlet: ChannelSender, ids: list[int], now: datetime) -> list[int]:
        """Begins what is to be sent; the rest again if one of them could not be worded."""
        name = outlet.channel.name
        try:
            async with self._store.writing() as db:
                dealt = await self._desk.prepare(db, ids, name, outlet.pace, now)
        except RenderError as broken:
            _report("delivery.unworded", broken.error, name, kind=broken.kind)
            async with self._store.writing() as db:
                await self._desk.put_off(db, broken.id, now)
            RESULTS.labels(name, "unworded").inc()
            return [one for one in ids if one != broken.id]
        for result in dealt.results:
            RESULTS.labels(name, result).inc()
        for message in dealt.messages:
            outlet.pace.spend(message.chat_id, urgent=message.urgent)
            call = asyncio.create_task(self._call(outlet, message))
            self._calls[name].add(call)
            call.add_done_callback(self._calls[name].discard)
        return []

    async def _call(self, outlet: ChannelSender, message: PreparedMessage) -> None:
        outcome: Outcome
        try:
            async with asyncio.timeout(LONGEST_CALL):
                outcome = await deliver(outlet.channel, message)
        except TimeoutError:
            outcome = UnknownOutcome()
        except Exception as error:  # noqa: BLE001 - a fault of the channel's code may follow a send
            _report("delivery.broke", error, message.channel, kind=message.kind)
            outcome = UnknownOutcome()
        match outcome:
            case RetryableFailure(after):
                outlet.pace.pause(after.total_seconds() if after else TROUBLE)
            case PermanentFailure():
                log.warning("delivery.refused", channel=message.channel, kind=message.kind)
            case _:
                pass
        self._outcomes.append((message, outcome))
        self._news.set()

    async def _drain(self) -> None:
        while flying := [call for calls in self._calls.values() for call in calls]:
            await asyncio.gather(*flying)

    async def _acknowledge(self) -> None:
        """Writes outcomes down as they come in; those of one moment share a transaction."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._settle()
            except (SQLAlchemyError, OSError) as error:
                _report("delivery.unsettled", error, "")
                await asyncio.sleep(TROUBLE)
                self._news.set()

    async def _settle(self) -> None:
        """Writes down all outcomes; keeps them for the next time if there is no database."""
        done, self._outcomes = self._outcomes, []
        if not done:
            return
        try:
            async with self._store.writing() as db:
                results = await settle(
                    db, done, self.owner, self._clock(), self._repeats, self._ways
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


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def _report(event: str, error: Exception, channel: str, **more: str) -> None:
    """A failure by its class and the places in our code, never by its values."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename][-6:]
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in ours]
    log.error(event, channel=channel, error=type(error).__name__, at=places, **more)
