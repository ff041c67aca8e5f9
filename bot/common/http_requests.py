"""The client address of an HTTP request, and its body within limits of size and time."""

import asyncio
from ipaddress import IPv6Address, ip_address

from aiohttp import web

BODY_SECONDS = 10.0
NETWORK_BITS = 64
"""Of an IPv6 address: one household or one server gets a network of that size, 2**64 addresses."""


def client_of(request: web.Request, proxies: int) -> str:
    """The client's IP address as it is counted, through this many reverse proxies of our own.

    Each of ours appends the address it saw; whatever stands further left the client may have
    forged.
    """
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [hop.strip() for hop in forwarded.split(",")]
    if proxies and len(hops) >= proxies and hops[-proxies]:
        return counted_address(hops[-proxies])
    return counted_address(request.remote or "")


def counted_address(address: str) -> str:
    """What limits count by: an IPv4 address, or the /64 network of an IPv6 address.

    What is no address is returned as it is.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"


async def read_body(
    request: web.Request, limit: int, seconds: float = BODY_SECONDS
) -> bytes | None:
    """The body, read in chunks so that a large one is never held; None above `limit` bytes.

    Raises `TimeoutError` where it has not arrived whole within `seconds`.
    """
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > limit:
                return None
    return bytes(body)
