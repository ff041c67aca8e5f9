"""Couriers, notices and a channel for the delivery benchmarks."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import insert, select, text, update

from bot.channels.telegram.abilities import ABILITIES
from bot.common.clock import CHINA
from bot.common.i18n import load_languages
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Answer, Reply, Say, Words
from bot.handlers.system_phrases import turn_phrases
from bot.outbox.preparation import NoticeRenderer
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.statuses import Priority
from bot.store import migrate
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import Store, open_store
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow

CEILING = 30.0  # messages a second


SHARE = 25 / 30  # of a broadcast


TICK = 0.4  # simulated seconds between two looks for work


MORNING = datetime(2026, 11, 23, 9, tzinfo=CHINA)


DAY = timedelta(hours=12)


class Platform:
    """Takes everything after `latency` seconds; when, by the clock it is given."""

    name = "telegram"
    abilities = ABILITIES

    def __init__(self, clock: Callable[[], float], latency: float = 0.0) -> None:
        self.taken: dict[str, list[tuple[float, int]]] = {"broadcast": [], "reminder": []}
        self._clock = clock
        self._latency = latency
        self._rng = random.Random(2026)

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        if self._latency:
            await asyncio.sleep(self._rng.uniform(0.5, 1.5) * self._latency)
        words = answer.messages[0]
        assert isinstance(words, Words)
        self.taken[words.paragraphs[0].text].append((self._clock(), int(to)))


class Hands:
    """A clock of both kinds that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return MORNING + timedelta(seconds=self.seconds)


async def _render(context: NoticeContext) -> Reply | None:
    return Reply((Say(str(context.params["n"])),))


RENDERER = NoticeRenderer(
    {NoticeKind.BROADCAST: _render}, load_languages(), turn_phrases, parse_keys(new_key())
)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A migrated database."""
    store = await open_store(url)
    await migrate.migrate(store)
    yield store
    await store.close()


async def add_couriers(store: Store, couriers: int) -> None:
    """So many couriers with a chat each."""
    numbers = range(1, couriers + 1)
    async with store.writing() as db:
        people = [{"id": n, "created_at": MORNING, "seen_at": MORNING} for n in numbers]
        await db.execute(insert(CourierRow), people)
        chats = [
            {
                "courier_id": n,
                "channel": "telegram",
                "external_id": str(n),
                "reachable": True,
                "state_at": MORNING,
            }
            for n in numbers
        ]
        await db.execute(insert(ChatRow), chats)


async def enqueue_notices(
    store: Store, what: str, first: int, last: int, priority: Priority
) -> None:
    """One notice for each courier of a range, due at once."""
    bulk = BulkNotice(
        NoticeKind.BROADCAST,
        {"n": what},
        Topic.SERVICE,
        f"{what}",
        MORNING,
        MORNING + DAY,
        priority,
    )
    chosen = select(CourierRow.id).where(CourierRow.id.between(first, last))
    async with store.writing() as db:
        await queue.enqueue_all(db, chosen, bulk, MORNING)
    async with store.writing() as db:
        await db.execute(text("ANALYZE outbox"))


async def spread(store: Store, first: int, last: int, each: float) -> dict[int, float]:
    """Makes one reminder after the other come due; the second at which, by courier."""
    due = {n: (n - first) * each for n in range(first, last + 1)}
    async with store.writing() as db:
        ids = await db.execute(
            select(OutboxRow.id, OutboxRow.courier_id).where(
                OutboxRow.priority == Priority.REMINDER
            )
        )
        rows = [{"id": i, "due_at": MORNING + timedelta(seconds=due[who])} for i, who in ids]
        await db.execute(update(OutboxRow), rows)
    return due
