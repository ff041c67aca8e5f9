"""WeChat's servers on 127.0.0.1 and the couriers who follow the account: strict, recorded.

Pushes are signed, encrypted as the account's mode says (with wechatpy, so that no code of ours
checks itself), dropped after five seconds and sent three times in all. Every answer is checked as
the platform would take it. Time is simulated: nothing waits, see `Stopwatch`.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, cycle
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

import aiohttp
from aiohttp import web
from wechatpy.crypto import WeChatCrypto  # type: ignore[import-untyped]
from wechatpy.utils import WeChatSigner  # type: ignore[import-untyped]

from bot.common.clock import Clock
from bot.geo.datum import Datum, from_wgs84, is_shifted
from bot.geo.point import Point

PATIENCE = 20.0  # seconds after which a test that waits for something fails
TOKEN = "fakeToken123"
APP_ID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_0123456789ab"
HANG_UP = 5.0
TRIES = 3
LIMIT = 2047  # bytes of a text; one of 2048 was seen to vanish
LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
CONTENT = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]+")

Mode = Literal["plain", "compatible", "safe"]
Params = dict[str, Any]


class Stopwatch:
    """Simulated seconds: `await watch(5)` ends when `forward` has passed them."""

    def __init__(self) -> None:
        self.now = 0.0
        self._stopped = False
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    async def __call__(self, seconds: float) -> None:
        """Waits so long."""
        if self._stopped:
            return
        done = asyncio.get_running_loop().create_future()
        entry = (self.now + seconds, done)
        self._waiting.append(entry)
        try:
            await done
        finally:
            self._waiting.remove(entry)

    def stop(self) -> None:
        """Ends all waits, those to come too."""
        self._stopped = True
        self.forward(float("inf"))

    def waits(self) -> list[float]:
        """The seconds that are left for each who waits."""
        return [at - self.now for at, done in self._waiting if not done.done()]

    def forward(self, seconds: float) -> None:
        """Lets time pass; who waited so long goes on with the loop's next round."""
        self.now += seconds
        for at, done in self._waiting:
            if at <= self.now and not done.done():
                done.set_result(None)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a courier sees: a text with its markup, or a card."""

    kind: str
    text: str
    title: str = ""
    url: str = ""
    sent_first: bool = False

    @property
    def words(self) -> str:
        """The text without markup."""
        return LINK.sub(lambda found: found[2], self.text)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Label and address of each link, those that send words included."""
        return [(label, href) for href, label in LINK.findall(self.text)]


@dataclass(slots=True)
class Pushed:
    """What became of a push: bodies of the answers that came in time, and what was shown."""

    tries: int = 0
    bodies: list[bytes] = field(default_factory=list)
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API that was let in."""

    path: str
    params: Params
    raw: bytes


@dataclass(slots=True)
class _Grant:
    left: int = 0
    until: datetime | None = None


class FakeWeChat:
    """`async with FakeWeChat(clock) as wechat`: `url` is the API base, `hooks` where pushes go."""

    def __init__(self, clock: Clock, mode: Mode = "safe") -> None:
        self.mode: Mode = mode
        self.aes_key = AES_KEY
        self.has_ids = True  # test accounts send no bizmsgmenuid
        self.url = ""
        self.calls: list[Call] = []
        self.shown: dict[str, list[Shown]] = defaultdict(list)
        self.tokens_asked = 0
        self.sent = 0  # copies of pushes that went out
        self.faults: dict[str, list[int]] = defaultdict(list)
        self.gate: asyncio.Event | None = None
        self.timer: Callable[[float], Any] = asyncio.sleep
        self.token = ""
        self.gone: set[str] = set()
        self._valid = ""
        self._clock = clock
        self._hooks: Iterable[str] = cycle([""])
        self._numbers = count(7_000_000_000_000_000_001)
        self._grants: dict[str, dict[str, _Grant]] = defaultdict(
            lambda: {"click": _Grant(), "message": _Grant()}
        )
        self._nonces = count(1)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 20)
        app.router.add_post("/cgi-bin/{path:.+}", self._serve)
        app.router.add_get("/cgi-bin/{path:menu/get}", self._serve)
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
        if self.gate is not None:
            self.gate.set()
        await self._http.close()
        await self._runner.cleanup()

    def balance(self, *hooks: str) -> None:
        """From now on pushes go to these addresses in turn, as behind a load balancer."""
        self._hooks = cycle(hooks)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Returns when `holds()` is true, looked at between any two things that happen."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - many small things happen, none worth a signal
                await asyncio.sleep(0)

    # what couriers do

    async def text(self, openid: str, words: str, tapped: str = "") -> Pushed:
        """Types words; `tapped` is the id of the line that was tapped instead."""
        fields = {"Content": words}
        if tapped and self.has_ids:
            fields["bizmsgmenuid"] = tapped
        return await self.push(self.message(openid, "text", fields))

    async def location(self, openid: str, lat: float, lon: float) -> Pushed:
        """Shares a WGS-84 place; the map gives GCJ-02 where China's law wants it."""
        return await self.push(self.message(openid, "location", self.place(lat, lon)))

    async def follow(self, openid: str, scene: str = "") -> Pushed:
        """Follows the account, perhaps by a QR code."""
        self.gone.discard(openid)
        key = f"qrscene_{scene}" if scene else ""
        return await self.push(self.event(openid, "subscribe", key))

    async def scan(self, openid: str, scene: str) -> Pushed:
        """Scans a QR code as a follower."""
        return await self.push(self.event(openid, "SCAN", scene))

    async def click(self, openid: str, key: str) -> Pushed:
        """Taps a click entry of the menu."""
        return await self.push(self.event(openid, "CLICK", key))

    async def unfollow(self, openid: str) -> Pushed:
        """Leaves."""
        self.gone.add(openid)
        return await self.push(self.event(openid, "unsubscribe", ""))

    async def tap(self, openid: str, label: str) -> Pushed:
        """Taps the newest line of that label, with or without its number, as Android does."""
        for shown in reversed(self.shown[openid]):
            for said, href in shown.links:
                if not href.startswith("weixin://") or re.sub(r"^\d+\. ", "", said) != label:
                    continue
                found = re.fullmatch(
                    r"weixin://bizmsgmenu\?msgmenucontent=([^&]*)&msgmenuid=([^&]*)", href
                )
                assert found, href
                content, number = (unquote_plus(unquote_plus(part)) for part in found.groups())
                assert number, href
                assert CONTENT.fullmatch(content), href
                return await self.text(openid, content, number)
        raise AssertionError(f"no line {label!r} to tap")

    def message(self, openid: str, kind: str, fields: Params) -> Params:
        """The fields of an ordinary message."""
        head = {
            "ToUserName": ACCOUNT,
            "FromUserName": openid,
            "CreateTime": int(self._clock().timestamp()),
            "MsgType": kind,
        }
        return {**head, **fields, "MsgId": str(next(self._numbers))}

    def event(self, openid: str, name: str, key: str, fields: Params | None = None) -> Params:
        """The fields of an event."""
        head = {
            "ToUserName": ACCOUNT,
            "FromUserName": openid,
            "CreateTime": int(self._clock().timestamp()),
            "MsgType": "event",
            "Event": name,
            "EventKey": key,
        }
        return {**head, **(fields or {})}

    def place(self, lat: float, lon: float) -> Params:
        """A WGS-84 place in the fields of a location."""
        raw = (lat, lon)
        if is_shifted(lat, lon, Datum.GCJ02):
            raw = from_wgs84(Point(lat, lon), Datum.GCJ02)
        return {
            "Location_X": f"{raw[0]:.6f}",
            "Location_Y": f"{raw[1]:.6f}",
            "Scale": "15",
            "Label": "内蒙古自治区呼和浩特市",
        }

    # pushes

    async def push(self, fields: Params, *, at_once: int = 1, retries: bool = True) -> Pushed:
        """Sends a push until it is answered in time, `at_once` copies overlapping."""
        self._count(fields)
        pushed = Pushed()
        for number in range(TRIES if retries else 1):
            copies = at_once if number == 0 else 1
            pushed.tries += copies
            answers = await asyncio.gather(*(self._try(fields) for _ in range(copies)))
            pushed.bodies += [body for body in answers if body is not None]
            if pushed.bodies:
                break
        answered = [one for one in pushed.bodies if one not in {b"", b"success"}]
        if answered:
            pushed.shown = answered_with(answered[0], fields)
            self.shown[fields["FromUserName"]].append(pushed.shown)
        return pushed

    def signed(self, fields: Params, mode: Mode | None = None) -> tuple[dict[str, str], bytes]:
        """Query and body of one copy of a push, with a timestamp and nonce of its own."""
        return self.signed_raw(xml(fields), fields.get("FromUserName", "x"), mode)

    def signed_raw(
        self, message: str, openid: str, mode: Mode | None = None
    ) -> tuple[dict[str, str], bytes]:
        """The same for any message text."""
        mode = mode or self.mode
        stamp, nonce = str(int(self._clock().timestamp())), str(next(self._nonces))
        query = {
            "signature": signature(TOKEN, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": openid,
        }
        if mode == "plain":
            return query, message.encode()
        crypto = WeChatCrypto(TOKEN, self.aes_key, APP_ID)
        sealed = _read(crypto.encrypt_message(message, nonce, stamp))
        query |= {
            "encrypt_type": "aes",
            "msg_signature": sealed.findtext("MsgSignature") or "",
        }
        encrypt = f"<Encrypt><![CDATA[{sealed.findtext('Encrypt')}]]></Encrypt>"
        if mode == "compatible":
            return query, message.replace("</xml>", f"{encrypt}</xml>").encode()
        return query, f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>{encrypt}</xml>".encode()

    async def post(
        self, query: dict[str, str], body: bytes, hook: str | None = None
    ) -> tuple[int, bytes]:
        """One copy as it is, for what no platform would send."""
        address = hook or next(iter(self._hooks))
        self.sent += 1
        async with self._http.post(address, params=query, data=body) as response:
            return response.status, await response.read()

    async def get(self, query: dict[str, str]) -> tuple[int, bytes]:
        """The check of the address."""
        async with self._http.get(next(iter(self._hooks)), params=query) as response:
            return response.status, await response.read()

    async def _try(self, fields: Params) -> bytes | None:
        """The answer of one copy as plain XML, None when it took five seconds."""
        query, body = self.signed(fields)
        answer = asyncio.ensure_future(self.post(query, body))
        patience = asyncio.ensure_future(self.timer(HANG_UP))
        await asyncio.wait({answer, patience}, return_when=asyncio.FIRST_COMPLETED)
        patience.cancel()
        if not answer.done():
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
            return None
        status, raw = answer.result()
        assert status == 200, f"a courier was shown that the service is unavailable ({status})"
        if raw in {b"", b"success"}:
            return raw
        if self.mode == "plain":
            return raw
        sealed = _read(raw)
        assert [one.tag for one in sealed] == ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]
        crypto = WeChatCrypto(TOKEN, self.aes_key, APP_ID)
        plain: str = crypto.decrypt_message(
            raw,
            sealed.findtext("MsgSignature"),
            sealed.findtext("TimeStamp"),
            sealed.findtext("Nonce"),
        )
        return plain.encode()

    def _count(self, fields: Params) -> None:
        """What a push allows to be sent first."""
        now = self._clock()
        grants = self._grants[fields["FromUserName"]]
        is_click = fields.get("Event") in {"CLICK", "subscribe", "SCAN"} or fields.get(
            "bizmsgmenuid"
        )
        if is_click:
            grants["click"] = _Grant(3, now + timedelta(minutes=1))
        elif fields["MsgType"] != "event":
            grants["message"] = _Grant(5, now + timedelta(hours=48))

    # the API

    def expire_token(self) -> None:
        """The token ends before its time, as when another program asked for one by the old way."""
        self._valid = ""

    async def _serve(self, request: web.Request) -> web.Response:
        path, raw = request.match_info["path"], await request.read()
        params = json.loads(raw or b"{}")
        if path == "stable_token":
            return web.json_response(self._token(params))
        code = self._refusal(path, request.query.get("access_token", ""), raw, params)
        if code:
            message = f"refused rid: {code}-1a2b3c4d-5e6f"
            return web.json_response({"errcode": code, "errmsg": message})
        self.calls.append(Call(path, params, raw))
        if self.gate is not None:
            await self.gate.wait()
        if path == "message/custom/send":
            self.shown[params["touser"]].append(_sent(params))
        if path == "qrcode/create":
            return web.json_response({"ticket": "gQ==/+", "url": "http://weixin.qq.com/q/02"})
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": 1})

    def _token(self, params: Params) -> Params:
        if self.faults["stable_token"]:
            code = self.faults["stable_token"].pop(0)
            where = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, " if code == 40164 else ""
            return {"errcode": code, "errmsg": f"{where}no, rid: {code}-t"}
        if params.get("appid") != APP_ID:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if params.get("secret") != SECRET:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        assert params["grant_type"] == "client_credential"
        assert not params.get("force_refresh"), "of forced ones there are 20 a day"
        self.tokens_asked += 1
        if not self._valid:
            self._valid = f"token-{self.tokens_asked}-" + "x" * 500
        self.token = self._valid
        return {"access_token": self._valid, "expires_in": 7200}

    def _refusal(self, path: str, token: str, raw: bytes, params: Params) -> int:
        if not token:
            return 41001
        if token != self._valid:
            return 42001
        if self.faults[path]:
            return self.faults[path].pop(0)
        if rb"\u" in raw:
            return 40033
        match path:
            case "message/custom/send":
                return self._custom(params)
            case "message/template/send" | "message/subscribe/bizsend":
                values = {name: one["value"] for name, one in params["data"].items()}
                too_long = any(
                    name.startswith("thing") and len(value) > 20 for name, value in values.items()
                )
                return 47003 if too_long or not all(values.values()) else 0
            case "menu/create":
                _check_menu(params)
            case _:
                pass
        return 0

    def _custom(self, params: Params) -> int:
        to = params["touser"]
        if to in self.gone:
            return 43004
        if params["msgtype"] == "text" and len(params["text"]["content"].encode()) > LIMIT:
            return 45002
        if params["msgtype"] == "news" and len(params["news"]["articles"]) != 1:
            return 45008
        now = self._clock()
        open_ones = [one for one in self._grants[to].values() if one.until and one.until > now]
        if not open_ones:
            return 45015
        for grant in open_ones:
            if grant.left:
                grant.left -= 1
                return 0
        return 45047


def xml(fields: Params) -> str:
    """A push's text, as the platform writes it: numbers bare, all else in CDATA."""
    parts = []
    for name, value in fields.items():
        if isinstance(value, dict):
            parts.append(f"<{name}>{xml(value)[5:-6]}</{name}>")
        elif isinstance(value, int) or name in {"MsgId", "bizmsgmenuid"}:
            parts.append(f"<{name}>{value}</{name}>")
        else:
            text = str(value).replace("]]>", "]]]]><![CDATA[>")
            parts.append(f"<{name}><![CDATA[{text}]]></{name}>")
    return f"<xml>{''.join(parts)}</xml>"


def signature(*parts: str) -> str:
    """As wechatpy signs."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def answered_with(body: bytes, fields: Params) -> Shown:
    """A passive answer as its reader gets it. Fails on what the platform would not show."""
    root = _read(body.decode("utf-8"))
    assert root.tag == "xml"
    assert root.findtext("ToUserName") == fields["FromUserName"], "to and from are not swapped"
    assert root.findtext("FromUserName") == fields["ToUserName"]
    assert (root.findtext("CreateTime") or "").isdigit()
    kind = root.findtext("MsgType")
    if kind == "text":
        content = root.findtext("Content") or ""
        _check_text(content)
        return Shown("text", content)
    assert kind == "news", kind
    assert root.findtext("ArticleCount") == "1"
    items = root.findall("Articles/item")
    assert len(items) == 1
    article = {child.tag: child.text or "" for child in items[0]}
    assert article["Url"].startswith("https://")
    return Shown("news", article["Description"], article["Title"], article["Url"])


def _read(text: str | bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - written by us or by the bot under test


def _sent(params: Params) -> Shown:
    if params["msgtype"] == "text":
        _check_text(params["text"]["content"])
        return Shown("text", params["text"]["content"], sent_first=True)
    article = params["news"]["articles"][0]
    return Shown("news", article["description"], article["title"], article["url"], sent_first=True)


def _check_text(content: str) -> None:
    assert content.strip(), "nothing would be shown"
    assert len(content.encode()) <= LIMIT, "nothing would be shown"
    rest = LINK.sub("", content)
    assert "<" not in rest, f"broken markup: {rest!r}"


def _check_menu(params: Params) -> None:
    tops = params["button"]
    assert 1 <= len(tops) <= 3
    for top in tops:
        assert len(top["name"].encode()) <= 16
        subs = top.get("sub_button", [])
        assert len(subs) <= 5
        for one in subs or [top]:
            assert len(one["name"].encode()) <= 60
            assert one["type"] in {"click", "view", "location_select"}
            assert one["url" if one["type"] == "view" else "key"]
            assert len(one.get("key", "").encode()) <= 128
