"""The canaries once more, by the ways that a bank and an operator use: files, API, lists, notes."""

import argparse
import asyncio
import hmac
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import func, select

from bot.app.bootstrap import App, build
from bot.commands.cards import cards
from bot.common.i18n import load_languages
from bot.config.settings import read_settings
from bot.services.cards import api_batches
from bot.store.encryption import new_key
from bot.store.models.cards import CardApplicationRow
from tests.conftest import ManualClock
from tests.security.test_no_personal_data_in_logs import CANARIES, leaks, logged

__all__ = ["logged"]  # a fixture
SECRET = "a secret that both sides know"
KEYS = new_key()
HEAD = "申请编号,姓名,手机号,身份证后四位,状态,缺少材料,拒绝原因,快递单号,数据截至"
SLIPPED = "金丝雀 18877665544"
"""An unknown status into which another column slipped."""


@pytest.fixture
async def app(sqlite_url: str, clock: ManualClock) -> AsyncIterator[App]:
    """One replica that a bank may call."""
    settings = {
        "YIZHAN_DATABASE_URL": sqlite_url,
        "YIZHAN_SECRET_KEYS": KEYS,
        "YIZHAN_BANK_PUSH_SECRET": SECRET,
    }
    made = await build(read_settings(settings), clock=clock, migrate=False)
    yield made
    await made.close()


@pytest.fixture
async def address(app: App) -> AsyncIterator[str]:
    """Where it listens."""
    runner = web.AppRunner(app.http(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def command(url: str, capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The same in this process, which is ten times as fast."""
    parser, t = argparse.ArgumentParser(), load_languages().of(None, None)
    cards.add_parser(parser.add_subparsers(dest="command"), t)
    settings = read_settings({"YIZHAN_DATABASE_URL": url, "YIZHAN_SECRET_KEYS": KEYS})
    code = await cards.run(parser.parse_args(words), settings, t)
    return code, "".join(capfd.readouterr())


async def yizhan(url: str, *words: str) -> tuple[int, str]:
    """The command as an operator runs it: exit code, and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "YIZHAN_DATABASE_URL": url, "YIZHAN_SECRET_KEYS": KEYS},
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def row(**changes: str) -> str:
    said = {
        "number": CANARIES["number"],
        "name": CANARIES["name"],
        "phone": CANARIES["phone"],
        "id": CANARIES["id"][-4:],
        "status": "待补件",
        "papers": CANARIES["papers"],
        "reason": CANARIES["reason"],
        "parcel": CANARIES["parcel"],
        "as_of": "2026-11-01",
    }
    return ",".join({**said, **changes}.values())


def item(**changes: Any) -> dict[str, Any]:
    said = {
        "number": CANARIES["number"],
        "name": CANARIES["name"],
        "phone": CANARIES["phone"],
        "id_last4": CANARIES["id"][-4:],
        "status": "未通过",
        "missing_docs": CANARIES["papers"],
        "reject_reason": CANARIES["reason"],
        "parcel": CANARIES["parcel"],
    }
    return {**said, **changes}


def clean(app: App) -> None:
    """Looks through the database file and what lies beside it."""
    path = Path(str(app.store.writer.url.database))
    for one in path.parent.iterdir():
        if one.name.startswith(path.name):
            assert leaks(one.read_bytes()) == [], one.name


async def test_an_import_leaves_nothing_in_clear(
    app: App,
    sqlite_url: str,
    tmp_path: Path,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    sound, wrong, slipped = (tmp_path / f"{name}.csv" for name in ("sound", "wrong", "slipped"))
    sound.write_text("\n".join([HEAD, row()]), encoding="utf-8")
    bad = [
        row(name=CANARIES["id"]),
        row(parcel=CANARIES["card"]),
        row(phone=CANARIES["typed name"]),
        row(number=f"={CANARIES['number']}"),
        row(as_of=CANARIES["phone"]),
        row() + f",{CANARIES['typed phone']}",
    ]
    wrong.write_text("\n".join([HEAD, *bad]), encoding="utf-8")
    slipped.write_text("\n".join([HEAD, row(status=SLIPPED)]), encoding="utf-8")
    for path, code in ((sound, 0), (wrong, 1), (slipped, 0), (sound, 0)):
        for words in ((), ("--apply",)):
            ended, out = await command(sqlite_url, capfd, "cards", "import", str(path), *words)
            assert (ended, leaks(out.encode())) == (code, []), out
    ended, out = await yizhan(sqlite_url, "cards", "import", str(wrong), "--apply")
    assert (ended, leaks(out.encode())) == (1, []), out
    assert "Traceback" not in out
    for words in (("overdue",), ("statistics",), ("requests",)):
        ended, out = await command(sqlite_url, capfd, "cards", *words)
        assert (ended, leaks(out.encode())) == (0, []), out
    async with app.store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CardApplicationRow)) == 1
    clean(app)
    assert leaks(logged.getvalue().encode()) == []


async def test_what_a_bank_pushes_leaves_nothing_in_clear(
    app: App,
    address: str,
    clock: ManualClock,
    logged: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    seen: list[int] = []

    async def push(http: ClientSession, body: dict[str, Any], key: str, secret: str) -> None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        at = str(int(clock().timestamp()))
        headers = {
            "X-Timestamp": at,
            "X-Signature": hmac.new(secret.encode(), f"{at}.".encode() + raw, "sha256").hexdigest(),
            "Idempotency-Key": key,
        }
        url = f"{address}/api/v1/card-applications"
        async with http.post(url, data=raw, headers=headers) as answer:
            seen.append(answer.status)
            assert leaks(await answer.read()) == []
            assert leaks(json.dumps(dict(answer.headers)).encode()) == []

    def batch(*items: dict[str, Any]) -> dict[str, Any]:
        return {"as_of": "2026-11-01", "items": items}

    async with ClientSession() as http:
        await push(http, batch(item(), item(number="OTHER12345")), "a", SECRET)
        await push(http, batch(item(), item(number="OTHER12345")), "a", SECRET)
        await push(http, batch(item(name=CANARIES["id"]), item(phone="1")), "b", SECRET)
        await push(http, batch(item(status=SLIPPED)), "c", SECRET)
        await push(http, batch(item(**{CANARIES["name"]: 1})), "d", SECRET)
        await push(http, batch(item(number=18877665544)), "e", SECRET)
        await push(http, batch(item()), "f", CANARIES["name"])

        async def fail(*_: object) -> None:
            raise RuntimeError(f"no row for {CANARIES['name']} {CANARIES['phone']}")

        with monkeypatch.context() as broken:
            broken.setattr(api_batches, "take", fail)
            await push(http, batch(item(), item()), "g", SECRET)
        async with http.get(f"{address}/metrics") as answer:
            assert leaks(await answer.read()) == []
    assert seen == [200, 200, 200, 200, 422, 422, 401, 500]
    clean(app)
    out, err = capfd.readouterr()
    assert "api.failed" in logged.getvalue()
    assert leaks((logged.getvalue() + out + err).encode()) == []
