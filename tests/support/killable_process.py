"""Delivery processes to be killed: `python -m tests.support.killable_process DATABASE API_BASE`.

Reads one word a line. `live`: forks a process that sends until it is killed, and says its id.
`finish`: forks one that ends when nothing is left to send, and says `done`. A fork takes a tenth
of the time of a new Python, and holds no thread or connection of its parent.
"""

import asyncio
import os
import signal
import sys
import time

from sqlalchemy import func, select

from bot.channels.telegram.channel import TelegramChannel
from bot.common.clock import Clock, system_clock
from bot.conversation.events import Event
from bot.conversation.replies import Answer
from bot.outbox.leader import election
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.sender import ChannelSender
from bot.outbox.worker import Worker
from bot.services.notifications.statuses import OutboxStatus
from bot.store.engine import Store, open_store
from bot.store.models.notifications import OutboxRow
from tests.support.outbox import REMIND, RENDERER
from tests.support.stations import NOON

TOKEN = "4242:fake"
LEASE = 0.5
RATE, FINISH_RATE = 60.0, 400.0


def fast() -> float:
    """A monotonic clock twenty times as fast: the election looks often."""
    return time.monotonic() * 20


def same_hour() -> Clock:
    """The present, moved to noon: a kill at night must not wait for morning."""
    begun = system_clock()
    return lambda: NOON + (system_clock() - begun)


async def deliver(url: str, api: str, *, finish: bool) -> None:
    """Sends with the real parts: database, election, Telegram client."""
    store = await open_store(url)
    channel = TelegramChannel(TOKEN, no_turn, api_base=api)
    await channel.open()
    elected = election(url, TOKEN, fast)
    limiter = RateLimiter(
        time.monotonic, rate=FINISH_RATE if finish else RATE, reserve=0, per_chat=0, burst=0.1
    )
    clock = same_hour()
    sender = ChannelSender(channel, limiter, elected)
    worker = Worker(store, [sender], RENDERER, {REMIND}, clock, lease=LEASE)
    stop = asyncio.Event()
    if not finish:
        await worker.run(stop)
    running = asyncio.create_task(worker.run(stop))
    while await left(store):  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0.05)
    stop.set()
    await running
    await worker.close()
    await channel.close()
    await store.close()


async def left(store: Store) -> int:
    """How many are on their way."""
    open_ = OutboxRow.status.in_((OutboxStatus.READY, OutboxStatus.CLAIMED, OutboxStatus.SENDING))
    async with store.reading() as db:
        return await db.scalar(select(func.count()).where(open_)) or 0


async def no_turn(event: Event) -> Answer:
    """Nobody writes to this process."""
    raise AssertionError


def main(url: str, api: str) -> None:
    """The parent: does nothing but fork and wait."""
    for line in sys.stdin:
        finish = line.strip() == "finish"
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            asyncio.run(deliver(url, api, finish=finish))
            os._exit(0)
        if not finish:
            write_line(str(pid))
        _, status = os.waitpid(pid, 0)
        write_line("done" if status == 0 else f"ended by {status}")


def write_line(line: str) -> None:
    """One line to the test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
