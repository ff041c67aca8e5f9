"""What the console's server refuses before any page sees it."""

import asyncio
import socket

import pytest

from bot.commands.running.console import _serve
from bot.console.parts import Parts

PIECE = b"x" * (16 << 10)
MOST = 256  # pieces, 4 MB


@pytest.mark.parametrize("begin", [b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nA: "])
async def test_a_request_whose_head_has_no_end_is_cut_off(console: Parts, begin: bytes) -> None:
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(_serve(console, listening, stop))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(begin)
        sent = 0
        try:
            while sent < MOST and not reader.at_eof():
                writer.write(PIECE)
                await writer.drain()
                sent += 1
        except ConnectionError:
            pass
        writer.close()
        stop.set()
        await serving
    assert sent < MOST
