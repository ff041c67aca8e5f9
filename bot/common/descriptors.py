"""File descriptors: how many this process may open, and how many clients may use of them."""

import resource
from typing import Final

WANTED: Final = 16_384
"""Enough for all connections that are accepted at once, and no more than what is watched well."""
RESERVE: Final = 256
"""Never used by clients: the database, the platforms' APIs, files, and the logs."""


def descriptor_limit() -> int:
    """How many may be open once the soft limit is raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return WANTED if soft == resource.RLIM_INFINITY else max(soft, WANTED)
    return max(soft, min(hard, WANTED))


def raise_descriptor_limit() -> None:
    """Raises the soft limit as far as is wanted and the hard limit admits; never lowers it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = descriptor_limit()
    if soft not in {limit, resource.RLIM_INFINITY}:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def connection_capacity() -> int:
    """How many connections of clients may be open at once: all but the reserve."""
    limit = min(descriptor_limit(), WANTED)
    return limit - min(RESERVE, limit // 2)
