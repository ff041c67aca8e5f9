"""The terminal channel: a typed line in, plain text out.

位置 40.84,111.75    (or `loc 40.84 111.75`, or just 40.84,111.75) shares a location, WGS-84
/start               opens the chat, /start CODE with the code of a poster
/quit                leaves, as do Ctrl-D and Ctrl-C
"""

import asyncio
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final, TextIO

from bot.channels.protocol import Turn, Unavailable
from bot.channels.terminal.render import PLAIN, Style, render
from bot.common.clock import Clock
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.events import Address, ChatOpened, Content, Event, Location, Other, Text
from bot.conversation.replies import Abilities
from bot.geo.point import Point

ABILITIES: Final = Abilities(
    text_limit=4000,
    text_size=16_000,
    max_buttons=0,
    pins=0,
    articles=False,
    documents=False,
    location_requests="typed",
    push_window=None,
    links="bare",
    messages=20,
    pushes=False,
)

PROMPT: Final = "> "
TRY_AGAIN: Final = "The database cannot be reached, please try again. 现在连不上数据库，请再试。"

_NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
_LOCATION = LazyPattern(
    rf"(?:位置|loc|location)\s*[:：]?\s*({_NUMBER})\s*[,，\s]\s*({_NUMBER})", re.IGNORECASE
)
_PAIR = LazyPattern(r"([+-]?\d{1,3}\.\d+)\s*[,，]\s*([+-]?\d{1,3}\.\d+)")
_START = LazyPattern(r"/start(?:\s+([A-Za-z0-9_-]{1,64}))?", re.IGNORECASE)


def parse(line: str, n: int, now: datetime, who: str = "me", language: str = "zh-CN") -> Event:
    """The event of the `n`th typed line; `now` keeps its id unique between runs."""
    sender = Address("terminal", who)
    return Event(f"{who}:{now:%Y%m%dT%H%M%S.%f}:{n}", sender, now, _content(line), language)


def _content(line: str) -> Content:
    text = line.strip()
    if start := _START.fullmatch(text):
        return ChatOpened(start[1] or "")
    if place := _LOCATION.fullmatch(text) or _PAIR.fullmatch(text):
        try:
            return Location(Point(float(place[1]), float(place[2])))
        except ValueError:
            return Other("bad_location")
    return Text(line.rstrip("\r\n"))


async def chat(
    turn: Turn,
    lines: AsyncIterator[str],
    write: Callable[[str], None],
    clock: Clock,
    *,
    who: str = "me",
    language: str = "zh-CN",
    style: Style = PLAIN,
) -> None:
    """Opens the chat, then answers each line until the end of input or `/quit`."""
    n = 0

    async def answer(line: str) -> None:
        try:
            reply = await turn(parse(line, n, clock(), who, language))
        except Unavailable:
            write(f"{TRY_AGAIN}\n")
        else:
            write(render(reply, style))
        write(style.prompt(PROMPT))

    try:
        await answer("/start")
        async for line in lines:
            n += 1
            if line.strip().lower() in {"/quit", "/exit"}:
                break
            if line.strip():
                await answer(line)
            else:
                write(style.prompt(PROMPT))
    finally:
        write("\n")


async def typed_lines(stream: TextIO = sys.stdin) -> AsyncIterator[str]:
    """The lines of a blocking stream, without keeping the program alive after Ctrl-C.

    A daemon thread reads: a worker of the event loop would be waited for at exit.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        line = "-"
        while line:
            line = stream.readline()
            try:
                loop.call_soon_threadsafe(queue.put_nowait, line)
            except RuntimeError:  # the loop has ended
                return

    threading.Thread(target=read, name="typed lines", daemon=True).start()
    while line := await queue.get():
        yield line
