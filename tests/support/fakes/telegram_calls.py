"""What the fake Bot API records, how it encodes requests and responses, and faults to inject."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

STRINGS = {  # parameters that are no JSON, whatever they look like
    "text", "title", "address", "caption", "callback_query_id", "url", "secret_token",
    "description", "short_description", "language_code",
}  # fmt: skip
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in a multipart body."""

    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class Recorded:
    """A call as it came in, its parameters decoded, and the status of its answer (0: none yet)."""

    method: str
    params: Params
    status: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What one coming call gets instead of its due. `body`: raw bytes, such as a proxy's page;
    `drop` closes the connection; `hold` answers only once the fake stops; `carried_out`: only the
    answer is wrong, what was asked has been done."""

    status: int = 500
    description: str = "Internal Server Error"
    retry_after: float | None = None
    body: bytes | None = None
    drop: bool = False
    hold: bool = False
    carried_out: bool = False


@dataclass(eq=False, slots=True)
class Delivery:
    """An update on its way. `statuses`: what each webhook call got (0: no answer at all)."""

    update: Params
    chat: int
    statuses: list[int] = field(default_factory=list)
    settled: bool = False


def no_fault(_method: str) -> Fault | None:
    """What a platform does that works."""
    return None


async def faulty_response(request: web.Request, fault: Fault) -> web.Response:
    """What the client gets instead of its due, if anything."""
    if fault.drop:
        assert request.transport is not None
        request.transport.abort()
    if fault.body is not None:
        return web.Response(status=fault.status, body=fault.body, content_type="text/html")
    return error_response(fault.status, fault.description, fault.retry_after)


class ApiError(Exception):
    """The error response of a method."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


async def decode(request: web.Request) -> Params:
    """The parameters of a request, from JSON or a form, files as `Upload`s."""
    if request.content_type == "application/json":
        return dict(await request.json())
    params: Params = {}
    for name, value in [*request.query.items(), *(await request.post()).items()]:
        if isinstance(value, web.FileField):
            params[name] = Upload(value.filename, value.content_type, value.file.read())
            value.file.close()
        else:
            params[name] = _form_value(name, str(value))
    return params


def _form_value(name: str, value: str) -> Any:
    if name in STRINGS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def error_response(status: int, description: str, retry_after: float | None = None) -> web.Response:
    """The body of an error, as the Bot API sends it."""
    body: Params = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return web.json_response(body, status=status)
