"""The least that a turn can cost: `python -m bench.floor NAME API_BASE` runs one such server.

aiohttp takes an update and answers it, alone (`http`), with a transaction of five statements on
plain sqlite3 (`sqlite`), or with one call of the Bot API (`call`). `bench.profile` compares them.
"""

import asyncio
import itertools
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import aiohttp
import orjson
from aiohttp import web

from bench.bots import SECRET, TOKEN, listen
from bench.couriers import PATIENCE, Scenario
from bot.channels.telegram.webhook import HEADER, PATH

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE inbox (event TEXT PRIMARY KEY, answer TEXT);
CREATE TABLE chat (id INTEGER PRIMARY KEY, state TEXT);
"""


class Posts:
    """The platform's side of a server that may call nobody: its answer to the post is the turn."""

    def __init__(self) -> None:
        self.calls = 0
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        self._http = aiohttp.ClientSession(headers={HEADER: SECRET}, timeout=timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def turn(self, webhook: str, chat: int, _scenario: Scenario) -> None:
        """One update, until it was answered."""
        message = {"message_id": 1, "chat": {"id": chat}, "text": "hello"}
        body = orjson.dumps({"update_id": next(self._numbers), "message": message})
        async with self._http.post(webhook, data=body) as response:
            await response.read()
            assert response.status == 200, response.status


async def http(_api: str) -> None:
    """Nothing but the request."""

    async def nothing(_update: dict[str, Any]) -> None:
        return

    await _serve(nothing)


async def sqlite(_api: str) -> None:
    """A claim, a look-up, two writes and a commit that is on disk."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        db = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        db.executescript(SCHEMA)

        async def transaction(update: dict[str, Any]) -> None:
            event, chat = update["update_id"], update["message"]["chat"]["id"]
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO inbox (event) VALUES (?)", (event,))
            db.execute("SELECT state FROM chat WHERE id = ?", (chat,)).fetchone()
            db.execute("INSERT OR REPLACE INTO chat VALUES (?, ?)", (chat, "state"))
            db.execute("UPDATE inbox SET answer = ? WHERE event = ?", ("answer", event))
            db.execute("COMMIT")

        await _serve(transaction)


async def call(api: str) -> None:
    """One `sendMessage`, awaited."""
    async with aiohttp.ClientSession() as session:

        async def send(update: dict[str, Any]) -> None:
            message = update["message"]
            body = orjson.dumps({"chat_id": message["chat"]["id"], "text": message["text"]})
            async with session.post(f"{api}/bot{TOKEN}/sendMessage", data=body) as response:
                await response.read()

        await _serve(send)


FLOORS = {"http": http, "sqlite": sqlite, "call": call}


async def _serve(work: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    async def receive(request: web.Request) -> web.Response:
        await work(orjson.loads(await request.read()))
        return web.Response()

    application = web.Application()
    application.router.add_post(PATH, receive)
    await listen(application)


if __name__ == "__main__":
    asyncio.run(FLOORS[sys.argv[1]](sys.argv[2]))
