"""Who really asks, where reverse proxies of our own stand in front."""

from aiohttp import web


def client_of(request: web.Request, proxies: int) -> str:
    """The IP address of the client, seen through this many reverse proxies of our own.

    Each of ours appends the address it saw; whatever stands further left the client may have made
    up.
    """
    told = ",".join(request.headers.getall("X-Forwarded-For", []))
    hops = [hop.strip() for hop in told.split(",")]
    if proxies and len(hops) >= proxies and hops[-proxies]:
        return hops[-proxies]
    return request.remote or ""
