"""No value of a request comes into a log, neither by aiohttp, nor by asyncio or Python itself."""

import asyncio
import gzip
import logging
import sys
from pathlib import Path

import pytest

from bot.common.logs import RedactingFormatter
from tests.support.yizhan_process import address_of, yizhan

PHONE, SECRET, NAME = "13804711234", "s3cr3t-of-the-webhook", "钱鸬鹚"
CANARIES = [one.encode() for one in (PHONE, SECRET, NAME)] + [PHONE.encode().hex().encode()]
VALUE = f"{PHONE}{SECRET}{NAME}".encode()
PAGES = (b"/", b"/chat/ws", b"/wechat", b"/telegram/webhook", b"/api/v1/card-applications")


def malformed() -> list[bytes]:
    """Requests that break HTTP in many ways, each with the values in the part that is broken."""
    head = b"Host: x\r\nX-Telegram-Bot-Api-Secret-Token: " + VALUE + b"\r\n"
    post = b"POST /api/v1/card-applications?p=" + VALUE + b" HTTP/1.1\r\n" + head
    broken = [
        VALUE + b"\r\n\r\n",
        b"GET /" + VALUE + b"\r\n\r\n",
        b"GET /?p=" + VALUE + b" HTTP/9.9x\r\n" + head + b"\r\n",
        VALUE + b" / HTTP/1.1\r\n" + head + b"\r\n",
        b"G@T /" + VALUE + b" HTTP/1.1\r\n" + head + b"\r\n",
        b"GET http://[" + VALUE + b" HTTP/1.1\r\n" + head + b"\r\n",
        b"GET /" + VALUE * 500 + b" HTTP/1.1\r\n" + head + b"\r\n",
        b"GET /%zz" + VALUE + b"%ff HTTP/1.1\r\n" + head + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + VALUE + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + VALUE + b" : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Phone: " + VALUE + b"\0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Phone: " + VALUE * 500 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + VALUE + b"=\x01;;\xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + VALUE + b"\r\nHost: y\r\nExpect: " + VALUE + b"\r\n\r\n",
        post + b"Content-Length: " + VALUE + b"\r\n\r\n",
        post + b"Content-Length: -1\r\n\r\n" + VALUE,
        post + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + VALUE,
        post + b"Transfer-Encoding: " + VALUE + b"\r\n\r\n",
        post + b"Transfer-Encoding: chunked\r\n\r\n" + VALUE + b"\r\n\r\n",
        post + b"Transfer-Encoding: chunked\r\n\r\n5;" + VALUE + b"\r\nabc\r\n\r\n",
        post + b"Content-Encoding: gzip\r\nContent-Length: 45\r\n\r\n" + VALUE,
        post + b"Content-Length: 9999\r\n\r\n" + VALUE,  # and hangs up
        post
        + b"Content-Type: "
        + VALUE
        + b"; charset="
        + VALUE
        + b"\r\nContent-Length: 2\r\n\r\n{}",
        post + b"Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n" + gzip.compress(VALUE)[:12],
    ]
    for page in PAGES:
        for method in (b"GET", b"POST", b"OPTIONS", b"BREW"):
            start = method + b" " + page + b"?echostr=" + VALUE + b"&signature=" + VALUE
            ending = b"Content-Length: %d\r\n\r\n" % len(VALUE) + VALUE
            broken.append(start + b" HTTP/1.1\r\n" + head + ending)
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    origin = (
        b"Sec-WebSocket-Protocol: " + VALUE + b"\r\nSec-WebSocket-Extensions: x=" + VALUE + b"\r\n"
    )
    opening = b"GET /chat/ws?" + VALUE + b" HTTP/1.1\r\nHost: x\r\n" + upgrade + origin
    broken.append(opening + b"Sec-WebSocket-Key: " + VALUE + b"\r\n\r\n")
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    broken += [opening + key + frame + VALUE for frame in (b"\xff\xff", b"\x81\x10", b"\x83\x7e")]
    return broken


async def send(address: str, request: bytes) -> None:
    """Sends it, reads what comes within a moment, and hangs up."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(0.1):
            await reader.read()
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()


async def test_no_value_of_a_malformed_request_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With asyncio's debug mode and every warning on, which say the most."""
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    database = f"sqlite+aiosqlite:///{tmp_path}/demo.db"
    options = {"DATABASE_URL": database, "HTTP_PORT": "0", "BANK_PUSH_SECRET": SECRET * 2}
    async with yizhan("demo", **options) as process:
        address = await address_of(process)
        for request in malformed():
            await send(address, request)
        process.terminate()
        printed, logged = await process.communicate()
    assert b"aiohttp.server" in logged  # it did complain
    for canary in CANARIES:
        assert canary not in logged
        assert canary not in printed


def test_no_part_of_a_record_is_formatted() -> None:
    error = RuntimeError(VALUE.decode())
    error.__cause__ = ValueError(VALUE.decode())
    values = (VALUE.decode(), error)
    caught = (type(error), error, None)
    record = logging.LogRecord("asyncio", logging.ERROR, "/lib/x.py", 7, "%s %s", values, caught)
    record.stack_info = VALUE.decode()
    line = RedactingFormatter().format(record)
    assert '"error": "RuntimeError"' in line
    assert '"place": "x.py:7"' in line
    for canary in (PHONE, SECRET, NAME):
        assert canary not in line


UNCAUGHT = f"""
import logging, sys, threading, warnings
from bot.common import logs
logs.set_up(quiet=False)
VALUE = "{PHONE}" + "{SECRET}"
class Broken:
    def __del__(self):
        raise ValueError(VALUE)
def fail():
    raise ValueError(VALUE)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Broken()
warnings.warn(VALUE, UserWarning)
logging.getLogger("library").error("%d", VALUE)
fail()
"""


async def test_what_nobody_catches_is_reported_without_its_values() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UNCAUGHT, stderr=asyncio.subprocess.PIPE
    )
    _, logged = await process.communicate()
    assert process.returncode == 1
    lines = logged.decode().splitlines()
    assert [line.count('"python.uncaught"') for line in lines].count(1) == 3
    assert '"py.warnings"' in logged.decode()
    for canary in CANARIES:
        assert canary not in logged
