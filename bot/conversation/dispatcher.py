"""One event, one transaction: answered, remembered and committed together.

A redelivered event gets the stored answer and runs nothing again. Two copies at once: the second
waits at the inbox key (PostgreSQL) or for the write lock (SQLite) and then finds the answer.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from time import perf_counter
from typing import Final

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import Clock
from bot.common.i18n import Languages, Translator
from bot.common.redaction import error_fields
from bot.conversation.about import ABOUT, carried, recent
from bot.conversation.context import Context, StaleButtonError, StepInterruptedError
from bot.conversation.degrade import degrade
from bot.conversation.events import ChatLeft, Event, Text, Unavailable, kind_of
from bot.conversation.paused import PAUSED, PausedForm, open_form, same_subject, with_paused
from bot.conversation.phrases import TurnPhrases
from bot.conversation.replies import Abilities, Answer, Buttons, Part, Reply, Say, Then
from bot.conversation.repository import Conversation, TurnRepository
from bot.conversation.router import (
    EMERGENCY,
    Attendance,
    Memory,
    Route,
    Routes,
    find_route,
)
from bot.intents.languages import spoken_to
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.errors import cannot_write, is_outage, is_repeatable

log = structlog.get_logger()
TURNS = Counter("yizhan_turns", "Events answered", ["channel", "kind", "outcome"])
SECONDS = Histogram("yizhan_turn_seconds", "Time from event to committed answer", ["channel"])
# To look a metric up by its labels takes as long as a statement.
_turns, _seconds = cache(TURNS.labels), cache(SECONDS.labels)
RETRY_DELAYS: Final = (0.05, 0.2)  # seconds
NOTHING: Final = Then("")
NOBODY: Final = Attendance()
ENDS: Final = frozenset({"cancel", "erase.do"})
"""Actions after which no form is kept."""
PendingParts = Callable[[Context], Awaitable[tuple[Part, ...]]]
"""Renders what is held in the courier's 待看箱; called only when something is."""


class Dispatcher:
    """Runs turns. `phrases` words what fitting and failing need, in a courier's language."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        routes: Routes,
        languages: Languages,
        abilities: Mapping[str, Abilities],
        phrases: Callable[[Translator], TurnPhrases],
        clock: Clock,
        pending: PendingParts,
    ) -> None:
        self._store = store
        self._rows = TurnRepository(keys, is_sqlite=store.is_sqlite)
        self._routes = routes
        self._languages = languages
        self._abilities = abilities
        self._phrases = phrases
        self._clock = clock
        self._pending = pending
        self._write_failed_at: float | None = None

    def write_failed(self, within: float) -> bool:
        """Whether a turn found the database impossible to write to in the last so many seconds."""
        at = self._write_failed_at
        return at is not None and perf_counter() - at <= within

    async def turn(self, event: Event) -> Answer:
        """The committed answer. Raises `Unavailable` when the database cannot be reached or cannot
        write: then nothing was done, and the platform should deliver the event again."""
        kind = kind_of(event.content)
        channel = event.sender.channel
        begun = perf_counter()
        try:
            answer, repeated = await self._run_with_retries(event)
        except Exception as error:  # one bad turn must not block a conversation
            if not (is_outage(error) or isinstance(error, Unavailable)):
                return await self._fail(event, error)
            if cannot_write(error) or cannot_write(error.__cause__ or error):
                self._write_failed_at = perf_counter()
            _turns(channel, kind, "unavailable").inc()
            cause = error.__cause__ or error
            log.warning("turn.unavailable", channel=channel, error=type(cause).__name__)
            raise Unavailable from error
        _turns(channel, kind, "repeated" if repeated else "answered").inc()
        _seconds(channel).observe(perf_counter() - begun)
        return answer

    async def delete_expired(self) -> None:
        """Deletes answers that no platform asks for again and states too old to count.

        In small transactions: what very many messages left must not hold up a turn.
        """
        await self._rows.delete_expired(self._store, self._clock())
        async with self._store.reading() as db:
            chats = await self._rows.chats_above_limit(db)
        for chat_id in chats:
            await self._rows.delete_above_limit(self._store, chat_id)

    async def _run_with_retries(self, event: Event) -> tuple[Answer, bool]:
        """Runs again where the database has undone the whole turn, as after a deadlock."""
        for delay in RETRY_DELAYS:
            try:
                return await self._run(event)
            except DBAPIError as error:
                if not is_repeatable(error):
                    raise
            log.info("turn.again", channel=event.sender.channel)
            await asyncio.sleep(delay)  # lets the other transaction finish first
        return await self._run(event)

    async def _run(self, event: Event) -> tuple[Answer, bool]:
        """The answer, and whether it is a stored one."""
        now = self._clock()
        async with self._store.turn() as db:
            pushable = self._abilities[event.sender.channel].pushes
            found = await self._rows.begin(db, event, now, pushable=pushable)
            if found is None:
                return await self._rows.stored_answer(db, event), True
            if await self._rows.record_push(db, event, found.courier.chat_id):
                return await self._answer(db, event, found, now), False
            nothing = Answer(())
            await self._rows.save_answer(db, event, found, nothing, now)
        return nothing, False

    async def _answer(
        self, db: AsyncSession, event: Event, found: Conversation, now: datetime
    ) -> Answer:
        """Routes the event, runs its handler, keeps the chat's new state and the answer."""
        memory = recent(found.memory, now)
        context, route = self._route(db, event, found, memory, now)
        is_emergency = route.name == EMERGENCY
        attendance = NOBODY
        if found.has_person:
            attendance = await self._routes.attend(context, route, memory)
        if attendance.silent:  # the awaited step and its data wait until the bot is back
            reply = Reply(attendance.parts, Then(memory.step or "", dict(memory.data)))
        elif is_emergency:  # its handler keeps the awaited step and all data, a paused form too
            reply = await route.handler(context.of_route(route.data, route.args))
        else:
            form = open_form(memory, self._routes.resumes, now)
            reply = await self._handle(context, route, form)
            if reply.locale is not None:
                context = replace(context, t=self._languages.of(reply.locale, None))
            reply = self._keep_form(context, reply, memory, route, form)
            if attendance.parts:
                reply = replace(reply, parts=(*attendance.parts, *reply.parts))
        reply = carried(reply, memory)
        leaves = isinstance(event.content, ChatLeft)
        if found.has_pending and not leaves and not is_emergency:
            reply = replace(reply, parts=(*reply.parts, *await self._pending(context)))
        answer = self._degrade(event, reply, context.t)
        spoken = context.t.locale
        await self._rows.save(
            db, event, found, reply, answer, now, reachable=not leaves, spoken=spoken
        )
        return answer

    def _route(
        self, db: AsyncSession, event: Event, found: Conversation, memory: Memory, now: datetime
    ) -> tuple[Context, Route]:
        typed = event.content.text if isinstance(event.content, Text) else None
        spoken = spoken_to(typed, event.language, found.spoken)
        t = self._languages.of(found.courier.locale, spoken)
        can = self._abilities[event.sender.channel]
        context = Context(
            event, db, found.courier, t, now, abroad=can.abroad, sure_pushes=can.sure_pushes
        )
        return context, find_route(event.content, memory, self._routes, now)

    async def _handle(self, context: Context, route: Route, form: PausedForm | None) -> Reply:
        data = {key: value for key, value in route.data.items() if key != PAUSED}
        if form is not None:
            data[PAUSED] = form.entry()
        context = context.of_route(data, route.args)
        try:
            reply = await route.handler(context)
        except StaleButtonError:
            reply = await self._routes.stale_button(context)
        except StepInterruptedError as interrupted:
            reply = await self._routes.free_text(replace(context, data=interrupted.data))
            if interrupted.message:
                reply = replace(reply, parts=(Say(interrupted.message), *reply.parts))
            if form is not None and form.step == route.name and not (reply.then or NOTHING).step:
                reply = await self._go_on(context, reply, form)
        if route.expired:
            expired = Say(self._phrases(context.t).expired)
            reply = replace(reply, parts=(expired, *reply.parts))
        return reply

    async def _go_on(self, context: Context, answer: Reply, form: PausedForm) -> Reply:
        """The answer to a question in the midst of a form, and then the form's own question.

        Choices of the answer that ask nothing (an empty prompt) would only come between.
        """
        asked = await self._routes.resumes[form.step](replace(context, data=form.data))
        parts = [
            part for part in answer.parts if not (isinstance(part, Buttons) and not part.prompt)
        ]
        follows = Say(self._phrases(context.t).form_follows)
        then = asked.then or NOTHING
        found = (answer.then or NOTHING).data
        about = {ABOUT: found[ABOUT]} if ABOUT in found else {}
        then = replace(then, data={**found, **then.data, **about})
        return Reply((*parts, follows, *asked.parts), then)

    def _keep_form(
        self,
        context: Context,
        reply: Reply,
        memory: Memory,
        route: Route,
        form: PausedForm | None,
    ) -> Reply:
        """The reply, which keeps the form that it does not go on with; one that ended is gone."""
        step = (reply.then or NOTHING).step
        ends = route.name in ENDS or (form is not None and same_subject(form.step, route.name))
        if form is None or ends or step in self._routes.resumes:
            return reply
        if memory.step == form.step:
            kept = Say(self._phrases(context.t).form_kept)
            at = next((n for n, one in enumerate(reply.parts) if isinstance(one, Buttons)), None)
            parts = list(reply.parts)
            parts.insert(len(parts) if at is None else at, kept)
            reply = replace(reply, parts=tuple(parts))
        return with_paused(reply, form)

    def _degrade(self, event: Event, reply: Reply, t: Translator) -> Answer:
        return degrade(reply, self._abilities[event.sender.channel], self._phrases(t).fitting)

    async def _fail(self, event: Event, error: Exception) -> Answer:
        """One short sentence and a reference; the log gets the code's places, never its values."""
        reference = secrets.token_hex(3).upper()
        channel = event.sender.channel
        log.error(
            "turn.failed",
            channel=channel,
            event_id=event.id,
            reference=reference,
            **error_fields(error),
        )
        _turns(channel, kind_of(event.content), "failed").inc()
        t = self._languages.of(await self._locale(event), event.language)
        failed = self._phrases(t).failed.format(reference=reference)
        return self._degrade(event, Reply((Say(failed),)), t)

    async def _locale(self, event: Event) -> str | None:
        """The language that the courier chose, read again: the turn has been undone."""
        try:
            async with self._store.reading() as db:
                return await self._rows.locale(db, event.sender)
        except (SQLAlchemyError, OSError):
            return None
