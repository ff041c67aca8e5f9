"""The web page's side of the WebSocket, and a scripted turn for tests of a channel alone."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import aiohttp

from bot.conversation.events import Event
from bot.conversation.replies import Answer

PATIENCE: Final = 20.0  # seconds after which a test that waits for something fails

Frame = dict[str, Any]


class ScriptedTurn:
    """A `Turn` that says what `script` returns, and repeats the answer for a repeated event."""

    def __init__(self, script: Callable[[Event], Answer]) -> None:
        self.script = script
        self.taken: list[Event] = []
        self._inbox: dict[str, Answer] = {}

    async def __call__(self, event: Event) -> Answer:
        if event.id not in self._inbox:
            answer = self.script(event)
            self.taken.append(event)
            self._inbox[event.id] = answer
        return self._inbox[event.id]


class WebLine:
    """One open chat page: makes ids, says hello, and waits for what answers each message.

    `connect` may be called again, also at another replica: it is the same visitor.
    """

    def __init__(self, visitor: str | None = None, language: str = "zh-CN") -> None:
        self.visitor = visitor or uuid4().hex
        self.language = language
        self.notices: list[Frame] = []
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.leave()

    async def connect(self, base_url: str) -> Frame:
        """Opens the socket of `http://host:port`, says hello and returns the answer to it."""
        await self.leave()
        self._http = aiohttp.ClientSession()
        base = base_url.rstrip("/")
        self._socket = await self._http.ws_connect(f"{base}/chat/ws", origin=base)
        await self.send({"type": "hello", "visitor": self.visitor, "language": self.language})
        return await self.receive()

    async def leave(self) -> None:
        """Closes the page."""
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.close()
        self._http = self._socket = None

    async def arrive(self, code: str = "", to: str | None = None) -> Frame:
        """Opens the chat, perhaps by a poster's code."""
        return await self.ask({"type": "arrive", "code": code}, to)

    async def text(self, text: str, to: str | None = None) -> Frame:
        """Types."""
        return await self.ask({"type": "text", "text": text}, to)

    async def location(self, lat: float, lon: float, to: str | None = None) -> Frame:
        """Shares a place, WGS-84."""
        return await self.ask({"type": "location", "lat": lat, "lon": lon}, to)

    async def press(self, action: str, to: str | None = None) -> Frame:
        """Presses a button, which may be old or forged."""
        return await self.ask({"type": "press", "action": action}, to)

    async def ask(self, frame: Frame, to: str | None = None) -> Frame:
        """Sends under the id `to` (or a new one); the answer or error frame that belongs to it."""
        to = to or str(uuid4())
        await self.send({"id": to, **frame})
        while (answer := await self.receive()).get("to") != to:
            if answer["type"] == "error":
                return answer
        return answer

    async def next_after(self, frame: Frame) -> Frame:
        """Sends under a new id; the next frame, whatever it is."""
        await self.send({"id": str(uuid4()), **frame})
        return await self.receive()

    async def send(self, frame: Frame) -> None:
        """Sends one frame and waits for nothing."""
        await self.send_raw(json.dumps({"v": 1, **frame}, ensure_ascii=False))

    async def send_raw(self, text: str) -> None:
        """Sends any text at all."""
        assert self._socket is not None, "connect first"
        await self._socket.send_str(text)

    async def receive(self) -> Frame:
        """The next frame; a notice is kept in `notices` and acknowledged, as the page does.

        Raises `ConnectionError` when the server has closed the socket.
        """
        assert self._socket is not None, "connect first"
        message = await asyncio.wait_for(self._socket.receive(), PATIENCE)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(f"closed with {self._socket.close_code}")
        frame: Frame = json.loads(message.data)
        if frame["type"] == "notice":
            self.notices.append(frame)
            await self.send({"type": "got", "id": frame["id"]})
        return frame
