"""A Bot API server on 127.0.0.1 and the couriers who use it: strict, recorded, no time to wait.

What it refuses is what the real one refuses (https://core.telegram.org/bots/api). It keeps order
per chat, repeats what a webhook does not answer with 2xx, and confirms by `offset`.
"""

import asyncio
import contextlib
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count, cycle
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from bot.common.clock import Clock, system_clock

PATIENCE = 20.0  # seconds after which a test that waits for something fails
REPEAT = 0.01  # seconds before the first repetition of a webhook call, where Telegram takes 1
BOT = {"id": 4242, "is_bot": True, "first_name": "yizhan", "username": "yizhan_test_bot"}
STRINGS = {  # parameters that are no JSON, whatever they look like
    "text", "title", "address", "caption", "callback_query_id", "url", "secret_token",
    "description", "short_description", "language_code",
}  # fmt: skip
TOKEN = "4242:fake"
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in a multipart body."""

    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class Recorded:
    """A call as it came in, its parameters decoded, and the status of its answer (0: none yet)."""

    method: str
    params: Params
    status: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What one coming call gets instead of its due. `body`: raw bytes, such as a proxy's page;
    `drop` closes the connection; `hold` answers only once the fake stops."""

    status: int = 500
    description: str = "Internal Server Error"
    retry_after: float | None = None
    body: bytes | None = None
    drop: bool = False
    hold: bool = False


@dataclass(eq=False, slots=True)
class Delivery:
    """An update on its way. `statuses`: what each webhook call got (0: no answer at all)."""

    update: Params
    chat: int
    statuses: list[int] = field(default_factory=list)
    settled: bool = False


class _Refusal(Exception):
    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


class FakeTelegram:
    """`async with FakeTelegram() as telegram`: its `url` is the API base, `token` the only one.

    `replicas`: when set, webhook calls go to these addresses in turn, as behind a load balancer.
    """

    def __init__(self, token: str = TOKEN, clock: Clock = system_clock) -> None:
        self.token = token
        self.url = ""
        self.calls: list[Recorded] = []
        self.uploads: list[Upload] = []
        self.messages: dict[int, list[Params]] = defaultdict(list)
        self.webhook: Params = {}
        self.most_at_once = 0
        self._clock = clock
        self._numbers = count(700_000_001)
        self._ids = count(1)
        self._faults: list[tuple[str, int | None, Fault]] = []
        self._blocked: set[int] = set()
        self._queries: set[str] = set()
        self._keyboards: dict[int, list[list[Params]]] = {}
        self._queue: list[Delivery] = []
        self._given: set[int] = set()
        self._series: dict[int, deque[Delivery]] = defaultdict(deque)
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._at_once = 0
        self._poll = 0
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._replicas: Iterable[str] | None = None

    # life

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

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._stir()
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
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await self._news.wait()

    def _stir(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # what couriers do; each returns the calls that their chat got while the bot dealt with it

    async def text(self, chat: int, words: str, language: str = "zh-hans") -> list[Recorded]:
        """Types words, or presses a reply keyboard's plain button."""
        return await self._settle(self.push(self.message(chat, {"text": words}, language)))

    async def start(
        self, chat: int, payload: str = "", language: str = "zh-hans"
    ) -> list[Recorded]:
        """Opens the chat, perhaps by a link `t.me/bot?start=payload`."""
        return await self.text(chat, f"/start {payload}".strip(), language)

    async def location(self, chat: int, lat: float, lon: float) -> list[Recorded]:
        """Shares a place by the attachment menu or the keyboard's button."""
        place = {"latitude": lat, "longitude": lon}
        return await self._settle(self.push(self.message(chat, {"location": place})))

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

    def labels(self, chat: int) -> list[str]:
        """Every inline button that a chat shows, the oldest first."""
        return [
            button["text"]
            for message in self.messages[chat]
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
        ]

    # the same without waiting

    def message(self, chat: int, content: Params, language: str = "zh-hans") -> Params:
        """A `message` update of a private chat."""
        said = {
            "message_id": next(self._ids),
            "date": self._now(),
            "chat": self._chat(chat),
            "from": {**self._user(chat), "language_code": language},
            **content,
        }
        return {"update_id": next(self._numbers), "message": said}

    def query(self, chat: int, data: str, message: Params | None = None) -> Params:
        """A `callback_query` update: a press of an inline button."""
        query = f"{next(self._ids)}00042"
        self._queries.add(query)
        shown = message or {"message_id": 1, "date": 0, "chat": self._chat(chat)}
        press = {
            "id": query,
            "from": {**self._user(chat), "language_code": "zh-hans"},
            "message": shown,
            "chat_instance": f"{chat}77",
            "data": data,
        }
        return {"update_id": next(self._numbers), "callback_query": press}

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
        self._stir()
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

    def _member(self, chat: int, old: str, new: str) -> Params:
        change = {
            "chat": self._chat(chat),
            "from": {**self._user(chat), "language_code": "zh-hans"},
            "date": self._now(),
            "old_chat_member": {"user": BOT, "status": old, "until_date": 0},
            "new_chat_member": {"user": BOT, "status": new, "until_date": 0},
        }
        return {"update_id": next(self._numbers), "my_chat_member": change}

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _chat(self, chat: int) -> Params:
        return {"id": chat, "type": "private", "first_name": f"courier {chat}"}

    def _user(self, chat: int) -> Params:
        return {"id": chat, "is_bot": False, "first_name": f"courier {chat}"}

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
                self._stir()
                if self._closing.is_set():
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._closing.wait()
                pause = min(pause * 2, 20 * REPEAT)
            series.popleft()
            delivery.settled = True
            self._stir()

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
        params = await self._decode(request)
        recorded = Recorded(method, params)
        self.calls.append(recorded)
        fault = self._fault(method, params.get("chat_id"))
        if fault is not None:
            recorded.status = fault.status
            self._stir()
            return await self._spoil(request, fault)
        try:
            self._check_known(request.match_info["token"], method)
            result = getattr(self, f"_do_{method}")(params)
            if asyncio.iscoroutine(result):
                result = await result
        except _Refusal as refusal:
            recorded.status = refusal.status
            self._stir()
            return _error(refusal.status, refusal.description)
        recorded.status = 200
        self._stir()
        return web.json_response({"ok": True, "result": result})

    def _check_known(self, token: str, method: str) -> None:
        if token != self.token:
            raise _Refusal(401, "Unauthorized")
        if not hasattr(self, f"_do_{method}"):
            raise _Refusal(404, "Not Found")

    async def _decode(self, request: web.Request) -> Params:
        if request.content_type == "application/json":
            return dict(await request.json())
        params: Params = {}
        for name, value in [*request.query.items(), *(await request.post()).items()]:
            if isinstance(value, web.FileField):
                params[name] = Upload(value.filename, value.content_type, value.file.read())
                value.file.close()
            else:
                params[name] = _decoded(name, str(value))
        return params

    def _fault(self, method: str, chat: int | None) -> Fault | None:
        for index, (of, whose, fault) in enumerate(self._faults):
            if of == method and whose in (None, chat):
                del self._faults[index]
                return fault
        return None

    async def _spoil(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.hold:
            await self._closing.wait()
        if fault.drop:
            assert request.transport is not None
            request.transport.abort()
        if fault.body is not None:
            return web.Response(status=fault.status, body=fault.body, content_type="text/html")
        return _error(fault.status, fault.description, fault.retry_after)

    def _do_getMe(self, params: Params) -> Params:  # noqa: N802 - named as the method
        return {**BOT, "can_join_groups": False, "can_read_all_group_messages": False,
                "supports_inline_queries": False}  # fmt: skip

    async def _do_getUpdates(self, params: Params) -> list[Params]:  # noqa: N802
        if self.webhook.get("url"):
            raise _Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poll += 1
        mine = self._poll
        offset = params.get("offset") or 0
        for delivery in [one for one in self._queue if id(one) in self._given]:
            if delivery.update["update_id"] < offset:
                self._queue.remove(delivery)
                self._given.discard(id(delivery))
                delivery.settled = True
        self._stir()
        try:
            async with asyncio.timeout(params.get("timeout", 0) or 0.001):
                while not self._queue and mine == self._poll and not self._closing.is_set():
                    await self._news.wait()
        except TimeoutError:
            return []
        if mine != self._poll:
            raise _Refusal(409, "Conflict: terminated by other getUpdates request")
        batch = self._queue[: params.get("limit", 100)]
        self._given |= {id(one) for one in batch}
        return [one.update for one in batch]

    def _do_setWebhook(self, params: Params) -> bool:  # noqa: N802
        secret = params.get("secret_token", "")
        if not params["url"].startswith(("https://", "http://127.0.0.1")):
            raise _Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        if secret and not (len(secret) <= 256 and secret.replace("-", "_").isidentifier()):
            raise _Refusal(400, "Bad Request: secret token contains unallowed characters")
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

    def _do_sendMessage(self, params: Params) -> Params:  # noqa: N802
        text = params.get("text", "").strip()
        if not text:
            raise _Refusal(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            raise _Refusal(400, "Bad Request: message is too long")
        length = len(text.encode("utf-16-le")) // 2
        for entity in params.get("entities", []):
            if not (0 <= entity["offset"] < entity["offset"] + entity["length"] <= length):
                raise _Refusal(400, "Bad Request: entity lies outside of the text")
        return self._show(params, {"text": text, "entities": params.get("entities", [])})

    def _do_sendVenue(self, params: Params) -> Params:  # noqa: N802
        lat, lon = params["latitude"], params["longitude"]
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise _Refusal(400, "Bad Request: wrong latitude or longitude")
        if not (params.get("title") and params.get("address")):
            raise _Refusal(400, "Bad Request: venue title and address must be non-empty")
        place = {"latitude": lat, "longitude": lon}
        venue = {"location": place, "title": params["title"], "address": params["address"]}
        return self._show(params, {"venue": venue, "location": place})

    def _do_sendDocument(self, params: Params) -> Params:  # noqa: N802
        file = params.get("document")
        if not isinstance(file, Upload) or not file.content:
            raise _Refusal(400, "Bad Request: file must be non-empty")
        about = {"file_id": f"F{next(self._ids)}", "file_unique_id": f"U{next(self._ids)}",
                 "file_name": file.name, "mime_type": file.media_type}  # fmt: skip
        shown = self._show(params, {"document": about})
        self.uploads.append(file)
        return shown

    def _do_sendChatAction(self, params: Params) -> bool:  # noqa: N802
        return True

    def _do_answerCallbackQuery(self, params: Params) -> bool:  # noqa: N802
        if params.get("callback_query_id") not in self._queries:
            raise _Refusal(400, "Bad Request: query is too old and response timeout expired or "
                                "query ID is invalid")  # fmt: skip
        return True

    def _do_setMyCommands(self, params: Params) -> bool:  # noqa: N802
        for command in params["commands"]:
            name, words = command["command"], command["description"]
            if not (1 <= len(name) <= 32 and name.islower() and 1 <= len(words) <= 256):
                raise _Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    def _do_setMyDescription(self, params: Params) -> bool:  # noqa: N802
        if len(params.get("description", "")) > 512:
            raise _Refusal(400, "Bad Request: description is too long")
        return True

    def _do_setMyShortDescription(self, params: Params) -> bool:  # noqa: N802
        if len(params.get("short_description", "")) > 120:
            raise _Refusal(400, "Bad Request: short description is too long")
        return True

    def _show(self, params: Params, content: Params) -> Params:
        chat = params.get("chat_id")
        if not isinstance(chat, int) or chat not in self.messages:
            raise _Refusal(400, "Bad Request: chat not found")
        if chat in self._blocked:
            raise _Refusal(403, "Forbidden: bot was blocked by the user")
        markup = params.get("reply_markup") or {}
        for row in markup.get("inline_keyboard", []):
            for button in row:
                if not button["text"].strip():
                    raise _Refusal(400, "Bad Request: text buttons are unallowed to be empty")
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise _Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        shown = {"message_id": next(self._ids), "date": self._now(), "from": BOT,
                 "chat": self._chat(chat), **content}  # fmt: skip
        if "inline_keyboard" in markup:
            shown["reply_markup"] = markup
        if "keyboard" in markup:
            self._keyboards[chat] = markup["keyboard"]
        self.messages[chat].append(shown)
        return shown


def _decoded(name: str, value: str) -> Any:
    if name in STRINGS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _error(status: int, description: str, retry_after: float | None = None) -> web.Response:
    body: Params = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return web.json_response(body, status=status)
