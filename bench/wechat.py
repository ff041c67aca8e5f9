"""WeChat between its couriers and our bot, for `bench.turns`: encrypted pushes, passive answers."""

import random
from itertools import count
from typing import Any, Self
from xml.etree import ElementTree as ET

import aiohttp

from bench.bots import NOON
from bench.couriers import PATIENCE, Scenario, every_connection, somewhere
from bot.channels.telegram.webhook import PATH as TELEGRAM
from bot.channels.wechat.crypto import Cipher, sign

APP_ID, TOKEN, KEY = "wxbench", "bench", "A" * 43
ENVIRONMENT = {
    "YIZHAN_WECHAT_APP_ID": APP_ID,
    "YIZHAN_WECHAT_APP_SECRET": "bench",
    "YIZHAN_WECHAT_TOKEN": TOKEN,
    "YIZHAN_WECHAT_AES_KEY": KEY,
}


def place(rng: random.Random) -> dict[str, Any]:
    """A shared location, near enough in any datum."""
    shared = somewhere(rng)["location"]
    return {
        "MsgType": "location",
        "Location_X": f"{shared['latitude']:.6f}",
        "Location_Y": f"{shared['longitude']:.6f}",
        "Scale": "15",
        "Label": "内蒙古自治区呼和浩特市新城区",
    }


STATION = b"station.card"
"""In every answer with a station in it: the button that opens its details."""
NEAREST = Scenario("wechat", place, STATION)


class WeChat:
    """Signs, encrypts and posts; opens each answer and looks for the proof in it."""

    calls = 0

    def __init__(self) -> None:
        self._cipher = Cipher(KEY, APP_ID)
        self._stamp = str(int(NOON.timestamp()))
        self._numbers = count(1)
        self._rng = random.Random(2026)

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        self._http = aiohttp.ClientSession(timeout=timeout, connector=every_connection())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def turn(self, webhook: str, chat: int, scenario: Scenario) -> None:
        """One courier's message, until its answer is read."""
        number = str(next(self._numbers))
        head = {
            "ToUserName": "gh_bench",
            "FromUserName": f"oBench{chat}",
            "CreateTime": self._stamp,
            "MsgId": number,
        }
        fields = head | scenario.send(self._rng)
        inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
        sealed = self._cipher.encrypt(f"<xml>{inner}</xml>".encode())
        query = {
            "timestamp": self._stamp,
            "nonce": number,
            "encrypt_type": "aes",
            "msg_signature": sign(TOKEN, self._stamp, number, sealed),
        }
        body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
        address = webhook.removesuffix(TELEGRAM) + "/wechat"
        async with self._http.post(address, params=query, data=body) as response:
            answer = await response.read()
        root = ET.fromstring(answer)  # noqa: S314 - the bot under measure wrote it
        encrypted = root.findtext("Encrypt") or ""
        stamp, nonce = root.findtext("TimeStamp") or "", root.findtext("Nonce") or ""
        assert root.findtext("MsgSignature") == sign(TOKEN, stamp, nonce, encrypted)
        assert scenario.proof in self._cipher.decrypt(encrypted)
