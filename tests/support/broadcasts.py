"""Broadcasts started and delivered over a recording channel."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.common.i18n import load_languages
from bot.conversation.replies import Abilities, Answer, Words
from bot.handlers.broadcasts import BroadcastHandlers
from bot.handlers.system_phrases import turn_phrases
from bot.outbox.preparation import NoticeRenderer
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.sender import ChannelSender
from bot.outbox.worker import Worker
from bot.services.broadcasts import (
    campaigns,
)
from bot.services.broadcasts.audience import Audience
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS
from tests.support.trainings import create_couriers

TEXTS = {"zh_CN": "明天大风，注意安全", "en": "Strong wind tomorrow"}


class RecordingChannel:
    """A channel that takes everything; `sent` is what went to whom, in order."""

    name = "telegram"
    abilities = Abilities(4096, 16384, 100, False, False, False, "button", None)

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def deliver(self, to: str, answer: Answer, kind: str = "") -> None:
        (words,) = answer.messages
        assert isinstance(words, Words)
        self.sent.append((to, "\n".join(one.text for one in words.paragraphs)))


def worker(store: Store, platform: RecordingChannel, clock: ManualClock) -> Worker:
    """Delivery of broadcasts, with no limit of rate."""
    steps = iter(range(10**9))
    renderers = BroadcastHandlers().feature().renderers
    renderer = NoticeRenderer(renderers, load_languages(), turn_phrases, KEYS)
    sender = ChannelSender(platform, RateLimiter(lambda: 5.0 * next(steps)))
    return Worker(store, [sender], renderer, frozenset(), clock, monotonic=lambda: 0.0)


async def couriers_with_chats(store: Store, now: datetime, count: int) -> list[int]:
    """Couriers with one Telegram chat each."""
    async with store.writing() as db:
        return await create_couriers(db, count, now)


async def start(
    store: Store,
    now: datetime,
    audience: Audience | None = None,
    *,
    at: datetime | None = None,
    hours: float = 24,
) -> int:
    at = at or now
    until = at + timedelta(hours=hours)
    async with store.writing() as db:
        return await campaigns.create(db, TEXTS, audience or Audience(), at, until, now, again=True)


async def states(store: Store) -> Counter[str]:
    async with store.reading() as db:
        return Counter(await db.scalars(select(OutboxRow.status)))
