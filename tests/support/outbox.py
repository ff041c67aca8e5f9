"""A fake channel, couriers and notices for tests of delivery; and its parts put together."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import insert, select, update

from bot.channels.telegram.abilities import ABILITIES
from bot.common.aio import always
from bot.common.clock import Clock
from bot.common.i18n import load_languages
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Abilities, Answer, Reply, Say, Words
from bot.handlers.system_phrases import turn_phrases
from bot.outbox.leader import Election
from bot.outbox.preparation import NoticeRenderer
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.sender import ChannelSender
from bot.outbox.worker import Worker
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.services.notifications.statuses import Priority
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow

LANGUAGES = load_languages()
KEYS = parse_keys(new_key())
REMIND, CARD, BROKEN, MOOT = (
    cast("NoticeKind", kind) for kind in ("test.remind", "test.card", "test.broken", "test.moot")
)


@dataclass
class FakeChannel:
    """Takes everything down; `fails` are raised first, one for each call."""

    name: str = "telegram"
    abilities: Abilities = ABILITIES
    taken: list[tuple[str, str]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    always: Callable[[str], Awaitable[None]] | None = None

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        if self.always is not None:
            await self.always(to)
        if self.fails:
            raise self.fails.pop(0)
        first = answer.messages[0]
        assert isinstance(first, Words)
        self.taken.append((to, first.paragraphs[0].text))

    def count(self, to: str) -> int:
        """How many notices that address got."""
        return sum(one == to for one, _ in self.taken)


@dataclass
class MonotonicClock:
    """A monotonic clock that stands until it is moved, in seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def remind(context: NoticeContext) -> Reply | None:
    return Reply((Say(f"{context.params['n']} {context.t.locale}"),))


async def moot(context: NoticeContext) -> Reply | None:
    return None


async def broken(context: NoticeContext) -> Reply | None:
    raise KeyError("a mistake of ours")


RENDERER = NoticeRenderer(
    {REMIND: remind, CARD: remind, BROKEN: broken, MOOT: moot}, LANGUAGES, turn_phrases, KEYS
)


def worker(
    store: Store,
    clock: Clock,
    *channels: FakeChannel,
    monotonic: MonotonicClock | None = None,
    limiter: RateLimiter | None = None,
    lease: float = 60.0,
    election: Election | None = None,
    present: Callable[[], Collection[str]] | None = None,
    renderer: NoticeRenderer = RENDERER,
    clock_is_right: Callable[[], Awaitable[bool]] = always,
) -> Worker:
    """One that sends on these channels; unless told otherwise the rate is no limit."""
    monotonic = monotonic or MonotonicClock()
    senders = [
        ChannelSender(
            one,
            limiter or RateLimiter(monotonic, rate=1e6, reserve=0, per_chat=0),
            election,
            present if one.name == "web" else None,
        )
        for one in channels
    ]
    return Worker(
        store,
        senders,
        renderer,
        {REMIND},
        clock,
        monotonic=monotonic,
        lease=lease,
        clock_is_right=clock_is_right,
    )


async def couriers(
    store: Store, now: datetime, count: int = 1, channel: str = "telegram", first: int = 1
) -> None:
    """Couriers numbered from `first`, each with one chat whose address is their number."""
    numbers = range(first, first + count)
    async with store.writing() as db:
        people = [{"id": n, "created_at": now, "seen_at": now} for n in numbers]
        await db.execute(insert(CourierRow), people)
    for n in numbers if count < 50 else ():
        await chat(store, n, now, channel)
    if count >= 50:
        async with store.writing() as db:
            await db.execute(insert(ChatRow), [_chat(n, now, channel, str(n)) for n in numbers])


async def chat(store: Store, courier: int, now: datetime, channel: str, address: str = "") -> None:
    """One more chat of a courier."""
    async with store.writing() as db:
        await db.execute(insert(ChatRow), [_chat(courier, now, channel, address or str(courier))])


def _chat(courier: int, now: datetime, channel: str, address: str) -> dict[str, Any]:
    return {
        "courier_id": courier,
        "channel": channel,
        "external_id": address,
        "reachable": True,
        "state_at": now,
    }


async def notice(
    store: Store,
    now: datetime,
    courier: int = 1,
    *,
    kind: str = REMIND,
    key: str = "",
    n: int = 0,
    priority: Priority = Priority.REMINDER,
    topic: Topic = Topic.TRAINING,
    due_in: timedelta = timedelta(0),
    lasts: timedelta = timedelta(hours=5),
) -> str:
    """Enqueues one; its dedupe key."""
    key = key or f"{kind}:{courier}:{n}"
    of_kind = cast("NoticeKind", kind)
    one = Notice(
        of_kind, courier, {"n": n}, topic, key, now + due_in, now + due_in + lasts, priority
    )
    async with store.writing() as db:
        assert await queue.enqueue(db, one, now)
    return key


async def rows(store: Store, *columns: Any) -> list[Any]:
    """Those columns of every notice, by id; one column alone without its tuple."""
    async with store.reading() as db:
        found = (await db.execute(select(*columns).order_by(OutboxRow.id))).all()
    return [tuple(one) if len(columns) > 1 else one[0] for one in found]


async def states(store: Store) -> list[str]:
    """The state of every notice, by id."""
    return await rows(store, OutboxRow.status)


async def let_leases_lapse(store: Store, before: datetime) -> None:
    """As if the workers that hold them had slept for long."""
    async with store.writing() as db:
        held = update(OutboxRow).where(OutboxRow.lease_until.is_not(None))
        await db.execute(held.values(lease_until=before - timedelta(days=3650)))
