"""The client address of an HTTP request, and its body within a size limit."""

from aiohttp import web


def client_of(request: web.Request, proxies: int) -> str:
    """The IP address of the client, seen through this many reverse proxies of our own.

    Each of ours appends the address it saw; whatever stands further left the client may have
    forged.
    """
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [hop.strip() for hop in forwarded.split(",")]
    if proxies and len(hops) >= proxies and hops[-proxies]:
        return hops[-proxies]
    return request.remote or ""


async def read_body(request: web.Request, limit: int) -> bytes | None:
    """The body, read in chunks so that a large one is never held; None above `limit` bytes."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
