"""The client address of an HTTP request, and its body within limits of size and time."""

import asyncio
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from aiohttp import web

BODY_SECONDS = 10.0
"""Of an IPv6 address: one household or one server gets a network of that size, 2**64 addresses."""


def client_of(request: web.Request, proxies: int) -> str:
    """The client's IP address as it is counted, through this many reverse proxies of our own.

    Each of ours appends the address it saw; whatever stands further left the client may have
    forged.
    """
    return client_behind(request.headers.getall("X-Forwarded-For", []), request.remote, proxies)


def client_behind(forwarded: Iterable[str], remote: str | None, proxies: int) -> str:
    """`client_of`, from the values of `X-Forwarded-For` and the address of the connection."""
    hops = [hop.strip() for hop in ",".join(forwarded).split(",")]
    if proxies and len(hops) >= proxies and hops[-proxies]:
        return network_of(hops[-proxies])
    return network_of(remote or "")


def network_of(client: str) -> str:
    """The network of a client's address: its /64 in IPv6, the address itself in IPv4.

    Whoever has an IPv6 address has 2^64 of them. What is no address is returned as it is.
    """
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


async def read_body(
    request: web.Request, limit: int, seconds: float = BODY_SECONDS
) -> bytes | None:
    """The body, read in chunks so that a large one is never held; None above `limit` bytes.

    Raises `TimeoutError` where it has not arrived whole within `seconds`.
    """
    content = request.content
    if content.is_eof():  # nothing is waited for
        whole = content.read_nowait()
        return whole if len(whole) <= limit else None
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > limit:
                return None
    return bytes(body)
