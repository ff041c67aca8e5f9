"""`POST /api/v1/card-applications`: the bank reports what became of applications.

Signed (`signing`), idempotent (`Idempotency-Key`), answered item by item. Neither a log line nor
a response repeats what was sent.
"""

import asyncio
import hashlib
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
from bot.api.errors import BODY_BYTES, READ_SECONDS, RETRY_LATER, SENTENCES, STATUSES, ErrorCode
from bot.api.headers import IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP
from bot.api.refusals import Refusals
from bot.api.schemas import Batch, CardApplication, Problem, Result, Results
from bot.api.signing import header_error, is_signed
from bot.common.clock import Clock
from bot.common.http_requests import read_body
from bot.common.lazy_pattern import LazyPattern
from bot.common.redaction import error_fields
from bot.services.cards import api_batches
from bot.services.cards.api_batches import BatchRefused, BatchRequest, ItemResult
from bot.services.cards.record_parser import Fault, read_moment, read_record
from bot.services.cards.records import CardRecord, FaultCode
from bot.services.spreadsheets.cells import clean
from bot.store.encryption import Keyring
from bot.store.engine import Store

PATH: Final = "/api/v1/card-applications"
DOCUMENT: Final = "/api/v1/openapi.json"
SMALL_BYTES: Final = 64 << 10
LARGE_AT_ONCE: Final = 2
"""Bodies beyond `SMALL_BYTES` that are held before it is known who sent them."""

log = structlog.get_logger()
RECORDS = Counter("yizhan_bank_records", "Records that the bank pushed", ["outcome"])
BATCH: Final = TypeAdapter(Batch)
_KEY: Final = LazyPattern(r"[\x21-\x7e]{1,80}")
_TEXT_FIELDS: Final = tuple(
    name
    for name in CardApplication.model_fields
    if name not in {"status", "status_at", "allow_backwards"}
)
_FIELD_NAMES: Final = {"label": "status", "at": "status_at"}
"""Fields of a record that the API calls otherwise."""


class CardApplicationsApi:
    """The endpoint and its OpenAPI document. `secret` is shared with the bank."""

    def __init__(self, store: Store, keys: Keyring, secret: str, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._secret = secret.encode()
        self._clock = clock
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._refusals = Refusals(store, keys)

    def routes(self) -> list[web.RouteDef]:
        """The routes for aiohttp."""
        return [web.post(PATH, self.receive), web.get(DOCUMENT, _describe)]

    async def receive(self, request: web.Request) -> web.Response:
        """One batch; an unexpected error is logged without its contents."""
        try:
            return await self._receive(request)
        except Exception as error:  # noqa: BLE001 - the server's own log would repeat the message
            unreachable = isinstance(error, OperationalError | InterfaceError | OSError)
            # no traceback: it could repeat what was sent
            log.error("api.failed", **error_fields(error))  # noqa: TRY400
            return _error(ErrorCode.BUSY if unreachable else ErrorCode.FAILED)

    async def _receive(self, request: web.Request) -> web.Response:
        now = self._clock()
        body = await self._signed_body(request, now)
        if isinstance(body, ErrorCode):
            return await self._refuse(body, now)
        key = request.headers.get(IDEMPOTENCY_KEY, "")
        if not _KEY.fullmatch(key):
            return await self._refuse(ErrorCode.NO_KEY, now)
        try:
            batch = BATCH.validate_json(body)
        except ValidationError as error:
            return await self._refuse(ErrorCode.SCHEMA, now, _first_error(error))
        signature = bytes.fromhex(request.headers[SIGNATURE])
        identity = BatchRequest(key, hashlib.sha256(body).digest(), signature)
        del body
        as_of = read_moment(batch.as_of)
        items = (_record(item, as_of) for item in batch.items)
        try:
            response = await api_batches.process(
                self._store, self._keys, identity, items, _results, now
            )
        except BatchRefused as refused:
            return await self._refuse(ErrorCode(refused.reason), now)
        return _json(200, response)

    async def _refuse(self, code: ErrorCode, now: datetime, sentence: str = "") -> web.Response:
        await self._refusals.record(code, now)
        return _error(code, sentence)

    async def _signed_body(self, request: web.Request, now: datetime) -> bytes | ErrorCode:
        """The body, once its signature is checked, or why the request is refused."""
        timestamp = request.headers.get(TIMESTAMP, "")
        signature = request.headers.get(SIGNATURE, "")
        if wrong := header_error(timestamp, signature, now):
            return wrong
        if (request.content_length or 0) > BODY_BYTES:
            return ErrorCode.TOO_LARGE
        small = request.content_length is not None and request.content_length <= SMALL_BYTES
        try:
            # A stranger who holds both places delays large batches, never the small ones.
            async with asyncio.timeout(READ_SECONDS), nullcontext() if small else self._large:
                body = await read_body(request, BODY_BYTES, READ_SECONDS)
                if body is None:
                    return ErrorCode.TOO_LARGE
                signed = is_signed(self._secret, timestamp, signature, body)
                return body if signed else ErrorCode.FORGED
        except TimeoutError:
            return ErrorCode.SLOW
        except (ConnectionError, ClientError, web.RequestPayloadError):
            log.info("api.hung_up")
            return ErrorCode.SLOW


def _record(item: CardApplication, as_of: datetime | None) -> CardRecord | list[Fault]:
    if as_of is None:
        return [Fault("as_of", FaultCode.MOMENT, {})]
    values = {name: clean(getattr(item, name)) for name in _TEXT_FIELDS}
    values |= {"label": clean(item.status), "at": clean(item.status_at)}
    return read_record(values, as_of, allow_backwards=item.allow_backwards)


def _results(items: list[ItemResult]) -> str:
    """The response's JSON, counted and logged."""
    results = [
        Result(
            index=index,
            outcome=item.kind,
            reason=item.reason,
            field=_FIELD_NAMES.get(item.field, item.field) or None,
        )
        for index, item in enumerate(items)
    ]
    counts: dict[str, int] = Tally(one.outcome for one in results)
    for kind, count in counts.items():
        RECORDS.labels(kind).inc(count)
    log.info("api.batch", records=len(results), **counts)
    return Results(results=results, counts=counts).model_dump_json(exclude_none=True)


async def _describe(_request: web.Request) -> web.Response:
    return web.Response(body=openapi.DOCUMENT, content_type="application/json")


def _first_error(error: ValidationError) -> str:
    """The first thing that is wrong, and where; never what was sent."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    where = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in place)
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where.lstrip('.') or 'The body'}: {first['msg']}{more}."


def _error(code: ErrorCode, sentence: str = "") -> web.Response:
    problem = Problem(code=code, error=sentence or SENTENCES[code])
    response = _json(STATUSES[code], problem.model_dump_json())
    if code in RETRY_LATER:
        response.headers["Retry-After"] = "60"
    return response


def _json(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text, content_type="application/json")
