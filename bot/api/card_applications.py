"""`POST /api/v1/card-applications`: the bank pushes what became of applications.

Signed (`signing`), idempotent (`Idempotency-Key`), answered item by item. Neither a log line nor
an answer repeats what was sent.
"""

import asyncio
import hashlib
import re
from collections import Counter as Tally
from contextlib import nullcontext
from datetime import datetime
from typing import Final

import structlog
from aiohttp import ClientError, web
from prometheus_client import Counter
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError

from bot.api import openapi
from bot.api.schemas import Batch, CardApplication, Problem, Result, Results
from bot.api.signing import SIGNATURE, TIMESTAMP, head_fault, is_signed
from bot.common.clock import Clock
from bot.common.http_requests import read_body
from bot.common.redaction import error_fields
from bot.services.cards import api_batches
from bot.services.cards.api_batches import Answered, Refused
from bot.services.cards.ingest import PIECE
from bot.services.cards.record_parser import Fault, read_moment, read_record
from bot.services.cards.records import CardRecord
from bot.services.spreadsheets.cells import clean
from bot.store.encryption import Keyring
from bot.store.engine import Store

PATH: Final = "/api/v1/card-applications"
DOCUMENT: Final = "/api/v1/openapi.json"
KEY: Final = "Idempotency-Key"
BODY_BYTES: Final = 8 << 20
"""10,000 items with every field filled are some 6 MB."""
SMALL_BYTES: Final = 64 << 10
LARGE_AT_ONCE: Final = 2
"""Bodies beyond `SMALL_BYTES` that are held before it is known who sent them."""
READ_SECONDS: Final = 60.0

log = structlog.get_logger()
RECORDS = Counter("yizhan_bank_records", "Records that the bank pushed", ["outcome"])
BATCH: Final = TypeAdapter(Batch)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,80}")
_TEXTS: Final = tuple(
    name
    for name in CardApplication.model_fields
    if name not in {"status", "status_at", "allow_backwards"}
)
_NAMES: Final = {"label": "status", "at": "status_at"}

ERRORS: Final[dict[str, tuple[int, str]]] = {
    "unsigned": (401, f"{TIMESTAMP} (seconds since 1970) and {SIGNATURE} are required."),
    "forged": (401, f"{SIGNATURE} is not that of this body, timestamp and secret."),
    "stale": (401, f"{TIMESTAMP} is more than 5 minutes away from our clock; sign again."),
    "replayed": (401, "This signature was used before; sign again, or repeat it with its own key."),
    "no_key": (400, f"{KEY} is required: 1 to 80 printable ASCII characters without blanks."),
    "key_reused": (409, f"This {KEY} was used with another body; take a new one."),
    "slow": (408, f"The body did not arrive within {READ_SECONDS:.0f} seconds; send it again."),
    "in_progress": (409, f"The batch with this {KEY} is still being taken; ask again in a minute."),
    "too_large": (413, f"The body is larger than {BODY_BYTES >> 20} MiB; split the batch."),
    "busy": (503, "The database cannot be reached; send the same again in a minute."),
    "failed": (500, "Something went wrong here; send the same again, and tell us if it stays."),
}


class CardPush:
    """The interface, with what it needs."""

    def __init__(self, store: Store, keys: Keyring, secret: str, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._secret = secret.encode()
        self._clock = clock
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """The interface and its description."""
        return [web.post(PATH, self.receive), web.get(DOCUMENT, _describe)]

    async def receive(self, request: web.Request) -> web.Response:
        """One batch; whatever fails is said in one sentence and logged without its contents."""
        try:
            return await self._receive(request)
        except Exception as error:  # noqa: BLE001 - the server's own log would repeat the message
            lost = isinstance(error, OperationalError | InterfaceError | OSError)
            # no traceback: it could repeat what was sent
            log.error("api.failed", **error_fields(error))  # noqa: TRY400
            return _refuse("busy" if lost else "failed")

    async def _receive(self, request: web.Request) -> web.Response:
        now = self._clock()
        timestamp = request.headers.get(TIMESTAMP, "")
        signature = request.headers.get(SIGNATURE, "")
        if wrong := head_fault(timestamp, signature, now):
            return _refuse(wrong)
        if (request.content_length or 0) > BODY_BYTES:
            return _refuse("too_large")
        small = request.content_length is not None and request.content_length <= SMALL_BYTES
        try:
            # A stranger who holds both places delays large batches, never the small ones.
            async with asyncio.timeout(READ_SECONDS), nullcontext() if small else self._large:
                body = await read_body(request, BODY_BYTES)
                if body is None:
                    return _refuse("too_large")
                if not is_signed(self._secret, timestamp, signature, body):
                    return _refuse("forged")
        except TimeoutError:
            return _refuse("slow")
        except (ConnectionError, ClientError, web.RequestPayloadError):
            log.info("api.hung_up")
            return _refuse("slow")
        key = request.headers.get(KEY, "")
        if not _KEY.fullmatch(key):
            return _refuse("no_key")
        try:
            batch = BATCH.validate_json(body)
        except ValidationError as error:
            return _answer(422, Problem(code="schema", error=_sentence(error)))
        digest = hashlib.sha256(body).digest()
        del body
        async with self._store.writing() as db:
            claimed = await api_batches.claim(
                db, self._keys, key, digest, bytes.fromhex(signature), now
            )
        if isinstance(claimed, Refused):
            return _refuse(claimed.reason)
        if isinstance(claimed, Answered):
            return _json(200, claimed.response)
        try:
            return await self._take(batch, key, now)
        except Exception:
            async with self._store.writing() as db:
                await api_batches.abandon(db, key, now)
            raise

    async def _take(self, batch: Batch, key: str, now: datetime) -> web.Response:
        as_of = read_moment(batch.as_of)
        read: list[CardRecord | list[Fault]] = []
        for item in batch.items:
            if len(read) % PIECE == 0:
                await asyncio.sleep(0)  # couriers are answered in between
            wrong = [Fault("as_of", "moment", {})]
            read.append(wrong if as_of is None else _record(item, as_of))
        records = [one for one in read if isinstance(one, CardRecord)]
        taken = iter(await api_batches.take_batch(self._store, self._keys, key, records, now))
        results: list[Result] = []
        for index, one in enumerate(read):
            if isinstance(one, CardRecord):
                outcome = next(taken)
                result = Result(index=index, outcome=outcome.kind, reason=outcome.reason or None)
            else:
                name = _NAMES.get(one[0].field, one[0].field)
                result = Result(index=index, outcome="refused", reason=one[0].code, field=name)
            results.append(result)
        counts: dict[str, int] = Tally(one.outcome for one in results)
        for kind, count in counts.items():
            RECORDS.labels(kind).inc(count)
        answer = Results(results=results, counts=counts).model_dump_json(exclude_none=True)
        async with self._store.writing() as db:
            await api_batches.answer(db, self._keys, key, answer, now)
        log.info("api.batch", records=len(results), **counts)
        return _json(200, answer)


def _record(item: CardApplication, as_of: datetime) -> CardRecord | list[Fault]:
    values = {name: clean(getattr(item, name)) for name in _TEXTS}
    values |= {"label": clean(item.status), "at": clean(item.status_at)}
    return read_record(values, as_of, allow_backwards=item.allow_backwards)


async def _describe(_request: web.Request) -> web.Response:
    return web.Response(body=openapi.DOCUMENT, content_type="application/json")


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, and where; never what was sent."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    where = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in place)
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where.lstrip('.') or 'The body'}: {first['msg']}{more}."


def _refuse(code: str) -> web.Response:
    status, sentence = ERRORS[code]
    answer = _answer(status, Problem(code=code, error=sentence))
    if code in {"in_progress", "busy"}:
        answer.headers["Retry-After"] = "60"
    return answer


def _answer(status: int, problem: Problem) -> web.Response:
    return _json(status, problem.model_dump_json())


def _json(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text, content_type="application/json")
