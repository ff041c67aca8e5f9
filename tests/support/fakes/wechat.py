"""A fake WeChat on 127.0.0.1, and actions of the account's followers: strict, every call recorded.

Pushes are signed, encrypted as the account's mode says (with wechatpy, so that no code of ours
checks itself), dropped after five seconds and sent three times in all. Every answer is checked as
the platform would take it. Time is simulated: nothing waits, see `Stopwatch`.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count, cycle
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import unquote_plus

import aiohttp
from aiohttp import web
from wechatpy.crypto import WeChatCrypto  # type: ignore[import-untyped]

from bot.common.clock import Clock
from bot.geo.datum import Datum, from_wgs84, is_shifted
from bot.geo.point import Point
from tests.support.fakes.wechat_api import APP_ID, WeChatApi
from tests.support.fakes.wechat_messages import (
    CONTENT,
    Params,
    Shown,
    answered_with,
    read_xml,
    signature,
    xml,
)

TIMEOUT = 20.0  # seconds after which a test that waits for something fails
TOKEN = "fakeToken123"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_0123456789ab"
HANG_UP = 5.0
TRIES = 3

Mode = Literal["plain", "compatible", "safe"]


@dataclass(slots=True)
class Pushed:
    """What became of a push: bodies of the answers that came in time, and what was shown."""

    tries: int = 0
    bodies: list[bytes] = field(default_factory=list)
    shown: Shown | None = None


class FakeWeChat(WeChatApi):
    """`async with FakeWeChat(clock) as wechat`: `url` is the API base, `hooks` where pushes go."""

    def __init__(self, clock: Clock, mode: Mode = "safe") -> None:
        super().__init__(clock)
        self.mode: Mode = mode
        self.aes_key = AES_KEY
        self.has_ids = True  # test accounts send no bizmsgmenuid
        self.url = ""
        self.sent = 0  # copies of pushes that went out
        self.timer: Callable[[float], Any] = asyncio.sleep
        self._hooks: Iterable[str] = cycle([""])
        self._numbers = count(7_000_000_000_000_000_001)
        self._nonces = count(1)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 20)
        app.router.add_routes(self.routes())
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
        async with asyncio.timeout(TIMEOUT):
            while not holds():  # noqa: ASYNC110 - many small things happen, none worth a signal
                await asyncio.sleep(0)

    # actions of couriers

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
        sealed = read_xml(crypto.encrypt_message(message, nonce, stamp))
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
        timeout = asyncio.ensure_future(self.timer(HANG_UP))
        await asyncio.wait({answer, timeout}, return_when=asyncio.FIRST_COMPLETED)
        timeout.cancel()
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
        sealed = read_xml(raw)
        assert [one.tag for one in sealed] == ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]
        crypto = WeChatCrypto(TOKEN, self.aes_key, APP_ID)
        plain: str = crypto.decrypt_message(
            raw,
            sealed.findtext("MsgSignature"),
            sealed.findtext("TimeStamp"),
            sealed.findtext("Nonce"),
        )
        return plain.encode()
