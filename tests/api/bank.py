"""A client that signs as the bank does, and what it sends."""

import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp.test_utils import TestClient
from sqlalchemy import func, select

from bot.api.card_applications import PATH
from bot.common.clock import Clock
from bot.store.encryption import new_key, parse_keys
from bot.store.engine import Store

KEYS = parse_keys(new_key())
SECRET = "a secret that both sides know"
ITEM = {
    "number": "NM20260001",
    "status": "审核中",
    "status_at": "2026-11-20T14:00:00+08:00",
    "name": "王小强",
    "phone": "13812345678",
}
ApiAnswer = tuple[int, dict[str, Any]]
Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def body_of(*items: dict[str, Any], as_of: str = "2026-11-22T18:00:00+08:00") -> bytes:
    return json.dumps({"as_of": as_of, "items": list(items)}, ensure_ascii=False).encode()


@dataclass(slots=True)
class Bank:
    """Signs like the other side: by the letter of the description, not with our code."""

    client: TestClient[Any, Any]
    clock: Clock
    keys: Iterator[int] = field(default_factory=lambda: count(1))

    async def sends(
        self,
        body: bytes,
        *,
        key: str | None = None,
        away: int = 0,
        secret: str = SECRET,
        **headers: str,
    ) -> ApiAnswer:
        """The answer to a body, signed `away` seconds from now; `headers` replace ours."""
        timestamp = str(int(self.clock().timestamp()) + away)
        signed = timestamp.encode() + b"." + body
        signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        given = {
            "X-Timestamp": timestamp,
            "X-Signature": signature,
            "Idempotency-Key": key or f"batch-{next(self.keys)}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        answer = await self.client.post(PATH, data=io.BytesIO(body), headers=given)
        return answer.status, await answer.json()


async def rows(store: Store, table: type) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


def kinds(answer: ApiAnswer) -> list[str]:
    assert answer[0] == 200, answer
    return [one["outcome"] for one in answer[1]["results"]]
