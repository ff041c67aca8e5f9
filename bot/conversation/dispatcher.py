"""One event, one transaction: claimed, answered, remembered and committed together.

A repeated event repeats the answer, not the deed. Two copies at once: the second waits at the
inbox key (PostgreSQL) or for the write lock (SQLite) and then finds the answer.
"""

import asyncio
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import cast

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import ColumnElement, Table, bindparam, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import Clock
from bot.common.i18n import Languages, Translator
from bot.conversation.codec import dump_answer, load_answer
from bot.conversation.context import Context, Courier, StaleButtonError, StepInterruptedError
from bot.conversation.degrade import TurnPhrases, degrade
from bot.conversation.events import Address, Departure, Event, Unavailable
from bot.conversation.replies import Abilities, Answer, Part, Reply, Say
from bot.conversation.router import MEMORY, Memory, Route, Routes, find_route
from bot.conversation.state import recall, seal_state
from bot.conversation.topic import carried, recent
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow

log = structlog.get_logger()
TURNS = Counter("yizhan_turns", "Events answered", ["channel", "kind", "outcome"])
SECONDS = Histogram("yizhan_turn_seconds", "Time from event to committed answer", ["channel"])
INBOX_KEPT = timedelta(days=7)
ANSWER = "inbox.answer"
COLLIDED = frozenset({"40P01", "40001"})
AGAIN_AFTER = (0.05, 0.2)  # seconds
"""PostgreSQL's deadlock_detected and serialization_failure: both rolled everything back."""
Waiting = Callable[[Context], Awaitable[tuple[Part, ...]]]
"""What waits in the courier's 待看箱, worded; called only when something does."""


# Built once: to build a statement takes the processor longer than to run it.
INBOX, CHAT, COURIER, OUTBOX = (
    cast(Table, row.__table__) for row in (InboxRow, ChatRow, CourierRow, OutboxRow)
)
FIND = (
    select(
        CHAT.c.id,
        CHAT.c.courier_id,
        COURIER.c.locale,
        CHAT.c.state,
        CHAT.c.state_at,
        CHAT.c.awaits,
        CHAT.c.pushed,
        CHAT.c.pushed_at,
        exists()
        .where(OUTBOX.c.courier_id == CHAT.c.courier_id, OUTBOX.c.status == "held")
        .label("waits"),
    )
    .join(COURIER, COURIER.c.id == CHAT.c.courier_id)
    .where(CHAT.c.channel == bindparam("of_channel"), CHAT.c.external_id == bindparam("of_sender"))
    # Others may still point at these rows: a line that moves writes notices to couriers whose own
    # turn waits for that line.
    .with_for_update(of=[CHAT, COURIER], key_share=True)
)
KEEP_STATE = (
    update(CHAT)
    .where(CHAT.c.id == bindparam("of_chat"))
    .values(
        state=bindparam("to_state"),
        state_at=bindparam("to_at"),
        awaits=bindparam("to_await"),
        reachable=bindparam("to_reach"),
        turns=CHAT.c.turns + 1,
        # The courier has spoken: numbers mean this answer's choices, no longer a notice's.
        pushed=None,
        pushed_at=None,
    )
)
CHOSEN = (
    select(COURIER.c.locale)
    .join(CHAT, CHAT.c.courier_id == COURIER.c.id)
    .where(CHAT.c.channel == bindparam("of_channel"), CHAT.c.external_id == bindparam("of_sender"))
)
KEEP_ANSWER = (
    update(INBOX)
    .where(INBOX.c.channel == bindparam("of_channel"), INBOX.c.event_id == bindparam("of_event"))
    .values(
        answer=bindparam("to_answer"),
        # None if this very turn erased the chat
        chat_id=select(CHAT.c.id).where(CHAT.c.id == bindparam("of_chat")).scalar_subquery(),
    )
)


class Dispatcher:
    """The turn. `phrases` words what fitting and failing need, in a courier's language."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        routes: Routes,
        languages: Languages,
        abilities: Mapping[str, Abilities],
        phrases: Callable[[Translator], TurnPhrases],
        clock: Clock,
        waiting: Waiting,
    ) -> None:
        self._store = store
        self._keys = keys
        self._routes = routes
        self._languages = languages
        self._abilities = abilities
        self._phrases = phrases
        self._clock = clock
        self._waiting = waiting
        self._insert = sqlite.insert if store.is_sqlite else postgresql.insert
        claim = self._insert(INBOX).on_conflict_do_nothing()
        self._claim = claim.returning(INBOX.c.event_id)

    async def turn(self, event: Event) -> Answer:
        """The committed answer. Raises `Unavailable` when the database cannot be reached."""
        kind = type(event.content).__name__.lower()
        channel = event.sender.channel
        begun = perf_counter()
        try:
            answer, repeated = await self._run_through(event)
        except Exception as error:  # one bad turn must not wedge a conversation
            if not _lost_database(error):
                return await self._fail(event, error)
            TURNS.labels(channel, kind, "unavailable").inc()
            log.warning("turn.unavailable", channel=channel, error=type(error.__cause__).__name__)
            raise Unavailable from error
        TURNS.labels(channel, kind, "repeated" if repeated else "answered").inc()
        SECONDS.labels(channel).observe(perf_counter() - begun)
        return answer

    async def forget(self) -> None:
        """Deletes answers that no platform repeats any more and states that count no more."""
        now = self._clock()
        async with self._store.writing() as db:
            await db.execute(delete(InboxRow).where(InboxRow.received_at < now - INBOX_KEPT))
            spoken = (CHAT.c.state_at < now - MEMORY) & CHAT.c.state.is_not(None)
            await db.execute(update(CHAT).where(_free(spoken)).values(state=None))
            pushed = CHAT.c.pushed_at < now - MEMORY
            await db.execute(update(CHAT).where(_free(pushed)).values(pushed=None, pushed_at=None))

    async def _run_through(self, event: Event) -> tuple[Answer, bool]:
        """Runs again where the database broke a circle of waits: nothing of it had stayed."""
        for pause in AGAIN_AFTER:
            try:
                return await self._run(event)
            except DBAPIError as error:
                if not _collided(error):
                    raise
            log.info("turn.again", channel=event.sender.channel)
            await asyncio.sleep(pause)  # so that the other goes first, and the circle is not closed
        return await self._run(event)

    async def _run(self, event: Event) -> tuple[Answer, bool]:
        now = self._clock()
        async with self._store.writing() as db:
            await _connect(db)
            key = {"channel": event.sender.channel, "event_id": event.id}
            claim = {**key, "received_at": now, "answer": None}
            if (await db.execute(self._claim, claim)).scalar_one_or_none() is None:
                return await self._stored(db, event), True
            courier, memory, waits = await self._courier(db, event.sender, now)
            memory = recent(memory, now)
            t = self._languages.of(courier.locale, event.language)
            route = find_route(event.content, memory, self._routes, now)
            abilities = self._abilities[event.sender.channel]
            context = Context(event, db, courier, t, now, abroad=abilities.abroad)
            reply = carried(await self._answer(context, route), memory)
            if waits and not isinstance(event.content, Departure):
                reply = replace(reply, parts=(*reply.parts, *await self._waiting(context)))
            answer = degrade(reply, abilities, self._phrases(t).fitting)
            await self._remember(db, courier, reply, memory, now, event)
            sealed = self._keys.seal(dump_answer(answer), ANSWER)
            of = {
                "of_channel": event.sender.channel,
                "of_event": event.id,
                "of_chat": courier.chat_id,
            }
            await db.execute(KEEP_ANSWER, {**of, "to_answer": sealed})
        return answer, False

    async def _answer(self, context: Context, route: Route) -> Reply:
        context = replace(context, data=route.data, args=route.args)
        try:
            reply = await route.handler(context)
        except StaleButtonError:
            reply = await self._routes.stale_button(context)
        except StepInterruptedError as left:
            reply = await self._routes.free_text(replace(context, data=left.data))
            reply = replace(reply, parts=(Say(left.said), *reply.parts))
        if route.expired:
            said = Say(self._phrases(context.t).expired)
            reply = replace(reply, parts=(said, *reply.parts))
        return reply

    async def _stored(self, db: AsyncSession, event: Event) -> Answer:
        stored = await db.scalar(
            select(InboxRow.answer).where(
                InboxRow.channel == event.sender.channel, InboxRow.event_id == event.id
            )
        )
        return load_answer(self._keys.open(stored, ANSWER)) if stored else Answer(())

    async def _courier(
        self, db: AsyncSession, sender: Address, now: datetime
    ) -> tuple[Courier, Memory, bool]:
        of = {"of_channel": sender.channel, "of_sender": sender.id}
        row = (await db.execute(FIND, of)).one_or_none()
        if row is None:
            await self._welcome(db, sender, now)
            row = (await db.execute(FIND, of)).one()
        state = row.state, row.awaits, row.state_at
        memory = recall(self._keys, state, (row.pushed, row.pushed_at), now)
        return Courier(row.courier_id, row.id, row.locale), memory, bool(row.waits)

    async def _welcome(self, db: AsyncSession, sender: Address, now: datetime) -> None:
        """Adds courier and chat; when another replica was first, its chat is the one."""
        new = insert(CourierRow).values(created_at=now, seen_at=now).returning(CourierRow.id)
        courier_id = (await db.execute(new)).scalar_one()
        chat = self._insert(ChatRow).values(
            channel=sender.channel,
            external_id=sender.id,
            courier_id=courier_id,
            reachable=True,
            state_at=now,
        )
        added = chat.on_conflict_do_nothing().returning(ChatRow.id)
        if (await db.execute(added)).scalar_one_or_none() is None:
            await db.execute(delete(CourierRow).where(CourierRow.id == courier_id))

    async def _remember(
        self,
        db: AsyncSession,
        courier: Courier,
        reply: Reply,
        memory: Memory,
        now: datetime,
        event: Event,
    ) -> None:
        values = {
            "of_chat": courier.chat_id,
            "to_state": seal_state(self._keys, reply),
            "to_at": now,
            "to_await": reply.then is not None and bool(reply.then.step),
            "to_reach": not isinstance(event.content, Departure),
        }
        await db.execute(KEEP_STATE, values)
        if memory.at is None or memory.at.date() != now.date():
            seen = update(CourierRow).where(CourierRow.id == courier.id).values(seen_at=now)
            await db.execute(seen)

    async def _fail(self, event: Event, error: Exception) -> Answer:
        """One short sentence and a reference; the log gets the code's places, never its values."""
        reference = secrets.token_hex(3).upper()
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename][-8:]
        log.error(
            "turn.failed",
            channel=event.sender.channel,
            event_id=event.id,
            reference=reference,
            error=type(error).__name__,
            at=[f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in ours],
        )
        TURNS.labels(event.sender.channel, type(event.content).__name__.lower(), "failed").inc()
        phrases = self._phrases(self._languages.of(await self._chosen(event), event.language))
        reply = Reply((Say(phrases.failed.format(reference=reference)),))
        return degrade(reply, self._abilities[event.sender.channel], phrases.fitting)

    async def _chosen(self, event: Event) -> str | None:
        """The language that the courier once chose, read anew: the turn has been undone."""
        of = {"of_channel": event.sender.channel, "of_sender": event.sender.id}
        try:
            async with self._store.reading() as db:
                locale: str | None = await db.scalar(CHOSEN, of)
        except (SQLAlchemyError, OSError):
            return None
        return locale


def _free(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Those chats that nobody is just answering or telling; the others are for the next time."""
    return CHAT.c.id.in_(select(CHAT.c.id).where(which).with_for_update(skip_locked=True))


async def _connect(db: AsyncSession) -> None:
    """Begins the transaction. Here any error means that there is no database; later none does."""
    try:
        await db.connection()
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable from error


def _lost_database(error: Exception) -> bool:
    """Whether the database is away: unlike a handler's own mistake, that will pass."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, Unavailable)


def _collided(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in COLLIDED
