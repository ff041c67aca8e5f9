"""Passwords of operators: argon2id hashes, one-time passwords, codes of authenticator apps."""

import asyncio
import re
import secrets
from datetime import datetime
from functools import cache
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST: Final = 12
LONGEST: Final = 128
"""Characters of a password."""
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on paper."""
STEP: Final = 30
"""Seconds of a code."""
AT_ONCE: Final = 2
"""Verifications in parallel: each takes 64 MB."""
_HASHER: Final = PasswordHasher()
_SECRET: Final = re.compile("[A-Z2-7]{32}")


def one_time_password() -> str:
    """Sixteen letters and digits in groups of four, about 79 bits."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


async def hashed(password: str) -> str:
    """The argon2id hash, computed in a thread."""
    async with _limit(asyncio.get_running_loop()):
        return await asyncio.to_thread(_HASHER.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password has this hash. None (no such account) takes the same time."""
    async with _limit(asyncio.get_running_loop()):
        return await asyncio.to_thread(_matches, password_hash, password)


def new_secret() -> str:
    """A secret for an authenticator app, in base32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether it has the form of a secret that `new_secret` made."""
    return _SECRET.fullmatch(text) is not None


def address(secret: str, name: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="驿站小助手")


def step_of(secret: str, code: str, now: datetime, last: int) -> int | None:
    """The time step whose code this is, after `last`: none is good twice. None: it is wrong.

    The steps before and after the present one are accepted, since clocks differ.
    """
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // STEP
    given = "".join(code.split()).encode()
    for step in (present, present - 1, present + 1):
        if step > last and secrets.compare_digest(totp.generate_otp(step).encode(), given):
            return step
    return None


@cache
def _limit(_loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    return asyncio.Semaphore(AT_ONCE)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())


def _matches(password_hash: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash or _nobodys(), password) and password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False
