"""A fake Bot API server on 127.0.0.1, and actions of its couriers: strict, and every call recorded.

It keeps order per chat, repeats what a webhook does not answer with 2xx, and confirms by `offset`.
"""

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from itertools import cycle
from typing import Any, Self

import aiohttp
from aiohttp import web

from bot.common.clock import Clock, system_clock
from tests.support.fakes.telegram_calls import (
    ApiError,
    Delivery,
    Fault,
    Params,
    Recorded,
    decode,
    error_response,
    faulty_response,
    no_fault,
)
from tests.support.fakes.telegram_chats import BOT, TelegramChats

TIMEOUT = 20.0  # seconds after which a test that waits for something fails
REPEAT = 0.01  # seconds before the first repetition of a webhook call, where Telegram takes 1
TOKEN = "4242:fake"


class FakeTelegram(TelegramChats):
    """`async with FakeTelegram() as telegram`: its `url` is the API base, `token` the only one.

    `replicas`: when set, webhook calls go to these addresses in turn, as behind a load balancer.
    `failing` gives the fault of each call of a method, None where it works.
    """

    def __init__(self, token: str = TOKEN, clock: Clock = system_clock) -> None:
        super().__init__(clock)
        self.token = token
        self.url = ""
        self.calls: list[Recorded] = []
        self.webhook: Params = {}
        self.failing: Callable[[str], Fault | None] = no_fault
        self.most_at_once = 0
        self._faults: list[tuple[str, int | None, Fault]] = []
        self._queue: list[Delivery] = []
        self._given: set[int] = set()
        self._series: dict[int, deque[Delivery]] = defaultdict(deque)
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._at_once = 0
        self._poll = 0
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._replicas: Iterable[str] | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        self._notify()
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        await self._http.close()
        await self._runner.cleanup()

    def balance(self, *addresses: str) -> None:
        """From now on webhook calls go to these addresses in turn, whatever `setWebhook` said."""
        self._replicas = cycle(addresses)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Returns when `holds()` is true; looked at after each call and each delivery."""
        async with asyncio.timeout(TIMEOUT):
            while not holds():
                await self._news.wait()

    def _notify(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # actions of couriers; each returns the calls that their chat got while the bot handled it

    async def text(self, chat: int, words: str, language: str = "zh-hans") -> list[Recorded]:
        """Types words, or presses a reply keyboard's plain button."""
        return await self._settle(self.push(self.message(chat, {"text": words}, language)))

    async def start(
        self, chat: int, payload: str = "", language: str = "zh-hans"
    ) -> list[Recorded]:
        """Opens the chat, perhaps by a link `t.me/bot?start=payload`; whoever blocked unblocks."""
        self._blocked.discard(chat)
        return await self.text(chat, f"/start {payload}".strip(), language)

    async def location(self, chat: int, lat: float, lon: float) -> list[Recorded]:
        """Shares a place by the attachment menu or the keyboard's button."""
        place = {"latitude": lat, "longitude": lon}
        return await self._settle(self.push(self.message(chat, {"location": place})))

    async def photo(self, chat: int, caption: str) -> list[Recorded]:
        """Sends a picture with words below it."""
        picture = [{"file_id": "A", "file_unique_id": "B", "width": 90, "height": 90}]
        fields = {"photo": picture, "caption": caption}
        return await self._settle(self.push(self.message(chat, fields)))

    async def tap(self, chat: int, label: str) -> list[Recorded]:
        """Presses the newest button of that label. Fails where the courier sees none."""
        for message in reversed(self.messages[chat]):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in (button for row in rows for button in row):
                if button["text"] == label:
                    return await self.press(chat, button["callback_data"], message)
        for button in (button for row in self._keyboards.get(chat, []) for button in row):
            if button["text"] == label and not button.get("request_location"):
                return await self.text(chat, label)
        raise AssertionError(f"no button {label!r} among {self.labels(chat)}")

    async def press(self, chat: int, data: str, message: Params | None = None) -> list[Recorded]:
        """Presses a button of any data, a forged one too."""
        return await self._settle(self.push(self.query(chat, data, message)))

    async def block(self, chat: int) -> list[Recorded]:
        """Blocks the bot: it cannot write any more, and is told."""
        self._blocked.add(chat)
        return await self._settle(self.push(self._member(chat, "member", "kicked")))

    async def unblock(self, chat: int) -> list[Recorded]:
        """Lets the bot write again."""
        self._blocked.discard(chat)
        return await self._settle(self.push(self._member(chat, "kicked", "member")))

    async def redeliver(self, update: Params) -> list[Recorded]:
        """Gives an update once more, as after a lost answer."""
        return await self._settle(self.push(update))

    def block_silently(self, chat: int) -> None:
        """Blocks the bot before the news of it has reached the bot."""
        self._blocked.add(chat)

    # updates without waiting for the bot

    def push(self, update: Params) -> Delivery:
        """Puts an update on its way; `await telegram.until(lambda: delivery.settled)`."""
        body: Any = next((one for key, one in update.items() if key != "update_id"), {})
        holder = body.get("message", body) if isinstance(body, dict) else {}
        chat = holder.get("chat", {}).get("id", 0) if isinstance(holder, dict) else 0
        delivery = Delivery(update, chat)
        _ = self.messages[chat]
        if self.webhook.get("url"):
            self._series[chat].append(delivery)
            self._work(chat)
        else:
            self._queue.append(delivery)
        self._notify()
        return delivery

    def forget_queries(self) -> None:
        """Makes every press older than Telegram lets a bot answer."""
        self._queries.clear()

    def inject(self, method: str, *faults: Fault, chat: int | None = None) -> None:
        """The next calls of a method, of one chat if given, get these faults, one each."""
        self._faults += [(method, chat, fault) for fault in faults]

    def called(self, method: str, chat: int | None = None) -> list[Recorded]:
        """The recorded calls of a method."""
        return [
            call
            for call in self.calls
            if call.method == method and (chat is None or call.params.get("chat_id") == chat)
        ]

    async def _settle(self, delivery: Delivery) -> list[Recorded]:
        before = len(self.calls)
        await self.until(lambda: delivery.settled)
        return [call for call in self.calls[before:] if call.params.get("chat_id") == delivery.chat]

    # webhook delivery

    def _work(self, chat: int) -> None:
        worker = self._workers.get(chat)
        if worker is None or worker.done():
            self._workers[chat] = asyncio.create_task(self._post_series(chat))

    async def _post_series(self, chat: int) -> None:
        series = self._series[chat]
        while series:
            delivery = series[0]
            pause = REPEAT
            while not 200 <= await self._post(delivery) < 300:
                self._notify()
                if self._closing.is_set():
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._closing.wait()
                pause = min(pause * 2, 20 * REPEAT)
            series.popleft()
            delivery.settled = True
            self._notify()

    async def _post(self, delivery: Delivery) -> int:
        url = next(iter(self._replicas)) if self._replicas else self.webhook["url"]
        secret = self.webhook.get("secret_token")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            async with self._http.post(url, json=delivery.update, headers=headers) as response:
                status = response.status
        except aiohttp.ClientError:
            status = 0
        self._at_once -= 1
        delivery.statuses.append(status)
        return status

    # the API

    async def _serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        params = await decode(request)
        recorded = Recorded(method, params)
        self.calls.append(recorded)
        fault = self._fault(method, params.get("chat_id")) or self.failing(method)
        if fault is not None:
            if fault.carried_out:
                getattr(self, f"_do_{method}")(params)
            recorded.status = fault.status
            self._notify()
            return await self._faulty(request, fault)
        try:
            self._check_known(request.match_info["token"], method)
            result = getattr(self, f"_do_{method}")(params)
            if asyncio.iscoroutine(result):
                result = await result
        except ApiError as refusal:
            recorded.status = refusal.status
            self._notify()
            return error_response(refusal.status, refusal.description)
        recorded.status = 200
        self._notify()
        return web.json_response({"ok": True, "result": result})

    def _check_known(self, token: str, method: str) -> None:
        if token != self.token:
            raise ApiError(401, "Unauthorized")
        if not hasattr(self, f"_do_{method}"):
            raise ApiError(404, "Not Found")

    def _fault(self, method: str, chat: int | None) -> Fault | None:
        for index, (of, whose, fault) in enumerate(self._faults):
            if of == method and whose in (None, chat):
                del self._faults[index]
                return fault
        return None

    async def _faulty(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.hold:
            await self._closing.wait()
        return await faulty_response(request, fault)

    def _do_getMe(self, params: Params) -> Params:  # noqa: N802 - named as the method
        return {**BOT, "can_join_groups": False, "can_read_all_group_messages": False,
                "supports_inline_queries": False}  # fmt: skip

    async def _do_getUpdates(self, params: Params) -> list[Params]:  # noqa: N802
        if self.webhook.get("url"):
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poll += 1
        mine = self._poll
        offset = params.get("offset") or 0
        for delivery in [one for one in self._queue if id(one) in self._given]:
            if delivery.update["update_id"] < offset:
                self._queue.remove(delivery)
                self._given.discard(id(delivery))
                delivery.settled = True
        self._notify()
        try:
            async with asyncio.timeout(params.get("timeout", 0) or 0.001):
                while not self._queue and mine == self._poll and not self._closing.is_set():
                    await self._news.wait()
        except TimeoutError:
            return []
        if mine != self._poll:
            raise ApiError(409, "Conflict: terminated by other getUpdates request")
        batch = self._queue[: params.get("limit", 100)]
        self._given |= {id(one) for one in batch}
        return [one.update for one in batch]

    def _do_setWebhook(self, params: Params) -> bool:  # noqa: N802
        secret = params.get("secret_token", "")
        if not params["url"].startswith(("https://", "http://127.0.0.1")):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        if secret and not (len(secret) <= 256 and secret.replace("-", "_").isidentifier()):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = params
        for delivery in self._queue:
            self._series[delivery.chat].append(delivery)
            self._work(delivery.chat)
        self._queue.clear()
        return True

    def _do_deleteWebhook(self, params: Params) -> bool:  # noqa: N802
        self.webhook = {}
        return True

    def _do_getWebhookInfo(self, params: Params) -> Params:  # noqa: N802
        waiting = sum(map(len, self._series.values())) + len(self._queue)
        return {"url": self.webhook.get("url", ""), "has_custom_certificate": False,
                "pending_update_count": waiting}  # fmt: skip
