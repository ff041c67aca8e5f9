"""The webhook: a passive reply within five seconds, to the second or third delivery if need be.

WeChat drops the connection after 5 s and delivers the same push again, three times in all. The
first two requests are held until the turn is done; the last one ends in time with `success`, and
the answer follows as a customer message, or waits for the courier's next message where none may be
sent. A push without an answer gets `success` too: for anything else WeChat shows couriers "service
unavailable".
https://developers.weixin.qq.com/doc/service/guide/product/message/Passive_user_reply_message.html
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import Counter

from bot.channels.protocol import DeliveryFailed, FollowUps, Unavailable
from bot.channels.wechat.abilities import NAME
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.crypto import Cipher
from bot.channels.wechat.envelope import Account, Forged, check_address, open_push, seal_answer
from bot.channels.wechat.inflight import InFlightTurn, InFlightTurns
from bot.channels.wechat.parse import BODY_BYTES, Push, parse
from bot.channels.wechat.render import Native, Text, passive, render
from bot.common.clock import Clock
from bot.common.http_requests import read_body
from bot.common.limited_log import LogLimiter
from bot.common.redaction import error_fields
from bot.conversation.events import ChatLeft, Event
from bot.conversation.replies import Answer

PATH: Final = "/wechat"
REPLY_DEADLINE: Final = 4.5  # seconds of the five
HOLD: Final = 20.0  # seconds; the platform has hung up long before
DELIVERIES: Final = 3
LAST_DELIVERY_AGE: Final = timedelta(seconds=10)  # a push of that age is not delivered again
TIMESTAMP_TOLERANCE: Final = timedelta(minutes=10)
DATABASE_RETRY: Final = 1.0  # seconds between two attempts to reach the database
DATABASE_ATTEMPTS: Final = 12
SUCCESS: Final = b"success"
BUSY: Final = "系统正忙，请过一会儿再发一次。The service is busy, please try again."

Timer = Callable[[float], Awaitable[object]]

log = structlog.get_logger()
PUSHES = Counter("yizhan_wechat_pushes", "Pushes of WeChat", ["outcome"])
ANSWERED = PUSHES.labels("answered")


class Webhook:
    """`GET` and `POST /wechat`: 403 for a wrong signature, 413 over 64 KiB, else 200.

    `timer` waits for some seconds; a test passes its own.
    """

    def __init__(
        self,
        channel: WeChatChannel,
        account: Account,
        follow_ups: FollowUps,
        clock: Clock,
        timer: Timer = asyncio.sleep,
    ) -> None:
        self.channel = channel
        self._account = account
        self._late_answers = follow_ups
        self._clock = clock
        self.timer = timer
        self._forgeries = LogLimiter()
        self._turns = InFlightTurns()
        self._follow_ups: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """The routes for aiohttp; this URL is what WeChat calls 服务器地址(URL)."""
        return [web.get(PATH, self._verify_address), web.post(PATH, self._receive)]

    async def open(self) -> None:
        """Opens the channel's connection pool; nothing is sent."""
        await self.channel.open()

    async def close(self) -> None:
        """Finishes running turns and the answers that follow them, then closes the pool."""
        await self._turns.finish_all()
        await asyncio.gather(*self._follow_ups, return_exceptions=True)
        await self.channel.close()

    async def _verify_address(self, request: web.Request) -> web.Response:
        try:
            echo = check_address(self._account, request.query)
        except Forged:
            return web.Response(status=403)
        return web.Response(text=echo)

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            body = await read_body(request, BODY_BYTES, REPLY_DEADLINE)
        except TimeoutError:
            PUSHES.labels("slow").inc()
            return web.Response(status=408)
        if body is None:
            PUSHES.labels("too_large").inc()
            return web.Response(status=413)
        query = request.query
        try:
            opened = open_push(self._account, query, body)
            push = parse(opened.message, self._clock())
        except Forged as error:
            PUSHES.labels("forged").inc()
            if count := self._forgeries.due("forged"):
                log.warning("wechat.forged", reason=str(error), count=count)
            return web.Response(status=403)
        except ValueError as error:
            PUSHES.labels("unreadable").inc()
            log.warning("wechat.unreadable", error=type(error).__name__)
            return _response(SUCCESS)
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not self._is_current(stamp):
            PUSHES.labels("old").inc()
            log.warning("wechat.old", hint="replayed, or this machine's clock is wrong")
            return _response(SUCCESS)
        native = await self._passive_reply(push)
        if native is None:
            return _response(SUCCESS)
        return _response(self._sealed(native, push, opened.cipher, nonce))

    async def _passive_reply(self, push: Push) -> Native | None:
        """The reply to this copy of a push; None where there is none yet, or none at all."""
        event = push.event
        if event is None:
            PUSHES.labels("ignored").inc()
            return None
        turn = self._turns.join(event.id, lambda: self._run_turn(event))
        is_last = turn.deliveries >= DELIVERIES or self._clock() - push.created >= LAST_DELIVERY_AGE
        is_done = await self._within(turn.task, REPLY_DEADLINE if is_last else HOLD)
        if not is_done and is_last and not turn.is_late:
            turn.is_late = True
            follow_up = asyncio.create_task(self._follow_up(push.openid, event, turn))
            self._follow_ups.add(follow_up)
            follow_up.add_done_callback(self._follow_ups.discard)
        if not is_done or turn.is_late:
            PUSHES.labels("late").inc()
            return None
        return self._outcome(event, turn)

    def _outcome(self, event: Event, turn: InFlightTurn) -> Native | None:
        try:
            answer = turn.task.result()
        except Unavailable:
            PUSHES.labels("unavailable").inc()
            self._turns.drop(event.id, turn)
            return Text(BUSY)
        except Exception as error:  # noqa: BLE001 - whatever it is, the courier must not see it
            PUSHES.labels("failed").inc()
            self._turns.drop(event.id, turn)
            # no traceback: it could show what a courier wrote
            log.error("wechat.failed", push=event.id, **error_fields(error))  # noqa: TRY400
            return None
        if not answer.messages or isinstance(event.content, ChatLeft):
            PUSHES.labels("unanswered").inc()
            return None
        ANSWERED.inc()
        return render(answer)

    async def _run_turn(self, event: Event) -> Answer:
        """Runs the turn. While the database is away it is tried again: the deliveries of a push
        last about 14 s."""
        for _ in range(DATABASE_ATTEMPTS - 1):
            try:
                return await self.channel.turn(event)
            except Unavailable:
                await self.timer(DATABASE_RETRY)
        return await self.channel.turn(event)

    async def _follow_up(self, openid: str, event: Event, turn: InFlightTurn) -> None:
        """Sends a late answer as a customer message, or keeps it for the next message.

        Where another replica waited for the same answer and was faster, it does nothing.
        """
        try:
            answer = await turn.task
            if not answer.messages:
                return
            if not await self._late_answers.begin(NAME, openid, event.id):
                return
            try:
                await self.channel.deliver(openid, answer)
                outcome = "followed"
            except DeliveryFailed as reason:
                log.info("wechat.kept", push=event.id, reason=type(reason).__name__)
                outcome = "kept"
            await self._late_answers.end(NAME, openid, event.id, sent=outcome == "followed")
            PUSHES.labels(outcome).inc()
        except Exception as error:  # noqa: BLE001 - nobody waits for this task
            PUSHES.labels("lost").inc()
            log.error("wechat.lost", push=event.id, error=type(error).__name__)  # noqa: TRY400

    async def _within(self, task: "asyncio.Task[Answer]", seconds: float) -> bool:
        """Whether the turn ended in that time; it goes on in any case."""
        if task.done():
            return True
        clock = asyncio.ensure_future(self.timer(seconds))
        try:
            await asyncio.wait({task, clock}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            clock.cancel()
        return task.done()

    def _is_current(self, stamp: str) -> bool:
        """Whether the query's time is within ten minutes of ours, so that it is no late replay."""
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        return abs(self._clock().timestamp() - int(stamp)) <= TIMESTAMP_TOLERANCE.total_seconds()

    def _sealed(self, native: Native, push: Push, cipher: Cipher | None, nonce: str) -> bytes:
        now = int(self._clock().timestamp())
        xml = passive(native, push.openid, push.account, now)
        return seal_answer(self._account, cipher, xml, str(now), nonce)


def _response(body: bytes) -> web.Response:
    content_type = "text/plain" if body == SUCCESS else "application/xml"
    return web.Response(body=body, content_type=content_type, charset="utf-8")
