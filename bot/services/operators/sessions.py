"""Signing in and out of the console: throttled, with sessions in a table.

A password is verified between two short transactions, never inside one: it takes as long as many
turns of couriers, and SQLite has one writer. Both transactions look at the counters, so that what
is tried in parallel counts, too.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.errors import DomainError
from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.services.operators import accounts, audit, passwords
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Role
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.administration.accounts import OperatorAccountRow, OperatorSessionRow

LIFETIME: Final = timedelta(hours=12)
IDLE: Final = timedelta(hours=2)
"""A session ends that long after the last thing that a person did."""
SEEN_EVERY: Final = timedelta(minutes=5)
"""How often a session's last use is written."""
OF_NAME: Final = Limit(10, timedelta(minutes=15), timedelta(minutes=15))
OF_NETWORK: Final = Limit(40, timedelta(minutes=15), timedelta(minutes=15))


class SignInFault(StrEnum):
    """Why nobody was signed in."""

    WRONG = "wrong"
    """Name, password or code; which of them is not told."""
    CODE = "code"
    """The password is right, and the code of the authenticator app is missing."""
    LOCKED = "locked"
    """Too many wrong passwords."""


class SignInRefused(DomainError):
    """Nobody was signed in."""

    def __init__(self, fault: SignInFault) -> None:
        super().__init__()
        self.fault = fault


@value
class Session:
    """A signed-in operator. `must_change`: they have to choose a password first."""

    operator: Operator
    must_change: bool
    since: datetime


async def sign_in(
    store: Store, keys: Keyring, name: str, password: str, code: str, network: str, now: datetime
) -> str:
    """The token of a new session. Raises `SignInRefused`."""
    wanted = accounts.clean_name(name)[:40]
    charged = (
        *counters.of_subject(keys, Scope.NUMBER, wanted, "operator.name", OF_NAME),
        *counters.of_subject(keys, Scope.NETWORK, network, "operator.network", OF_NETWORK),
    )
    async with store.writing() as db:
        if await counters.admit(db, charged, now):
            raise SignInRefused(SignInFault.LOCKED)
        row = await _enabled(db, wanted)
    known = await passwords.matches(None if row is None else row.password_hash, password)
    async with store.writing() as db:
        if await counters.admit(db, charged, now):
            raise SignInRefused(SignInFault.LOCKED)
        row = await _enabled(db, wanted) if known else None
        if row is not None and row.totp is not None and not code.strip():
            raise SignInRefused(SignInFault.CODE)
        step = None if row is None else _step(keys, row, code, now)
        if row is not None and step is not None:
            await counters.reset(db, charged[: len(keys.keys)])
            return await _begin(db, row, step, now)
        await _count(db, charged, wanted, now)
    raise SignInRefused(SignInFault.WRONG)


async def session(
    store: Store, token: str, now: datetime, *, by_person: bool = True
) -> Session | None:
    """Whose session it is; None once it has expired or was ended, or the account is disabled.

    `by_person` False: an open page asks by itself, which keeps no session alive.
    """
    key = _key(token)
    async with store.reading() as db:
        found = (
            await db.execute(
                select(OperatorSessionRow, OperatorAccountRow)
                .join(OperatorAccountRow, OperatorAccountRow.id == OperatorSessionRow.account_id)
                .where(
                    OperatorSessionRow.token_hash == key,
                    OperatorSessionRow.created_at > now - LIFETIME,
                    OperatorSessionRow.seen_at > now - IDLE,
                    OperatorAccountRow.disabled_at.is_(None),
                )
            )
        ).first()
    if found is None:
        return None
    row, account = found
    if by_person and row.seen_at < now - SEEN_EVERY:
        async with store.writing() as db:
            mine = OperatorSessionRow.token_hash == key
            await db.execute(update(OperatorSessionRow).where(mine).values(seen_at=now))
    operator = Operator(account.id, account.name, Role(account.role), frozenset(account.leagues))
    return Session(operator, account.must_change, row.created_at)


async def sign_out(store: Store, token: str) -> None:
    """Ends this session."""
    async with store.writing() as db:
        ended = delete(OperatorSessionRow).where(OperatorSessionRow.token_hash == _key(token))
        await db.execute(ended)


async def begin(db: AsyncSession, operator: Operator, now: datetime) -> str:
    """The token of a new session of somebody who has just proved who they are."""
    token = secrets.token_urlsafe(32)
    row = {"token_hash": _key(token), "account_id": operator.id, "created_at": now, "seen_at": now}
    await db.execute(insert(OperatorSessionRow).values(row))
    return token


async def forget(db: AsyncSession, now: datetime) -> None:
    """Deletes sessions that have expired."""
    old = (OperatorSessionRow.created_at < now - LIFETIME) | (
        OperatorSessionRow.seen_at < now - IDLE
    )
    await db.execute(delete(OperatorSessionRow).where(old))


async def _enabled(db: AsyncSession, name: str) -> OperatorAccountRow | None:
    mine = (OperatorAccountRow.name == name) & OperatorAccountRow.disabled_at.is_(None)
    return await db.scalar(select(OperatorAccountRow).where(mine).with_for_update())


def _step(keys: Keyring, row: OperatorAccountRow, code: str, now: datetime) -> int | None:
    """The time step to remember; without a second factor the last one. None: the code is wrong."""
    if row.totp is None:
        return row.totp_step
    secret = keys.open(row.totp, accounts.TOTP)
    return passwords.step_of(secret, code, now, row.totp_step)


async def _begin(db: AsyncSession, row: OperatorAccountRow, step: int, now: datetime) -> str:
    mine = OperatorAccountRow.id == row.id
    values = {"signed_in_at": now, "totp_step": step}
    await db.execute(update(OperatorAccountRow).where(mine).values(values))
    await forget(db, now)
    operator = Operator(row.id, row.name, Role(row.role), frozenset(row.leagues))
    await audit.record(db, row.name, "session.begin", SubjectKind.ACCOUNT, row.name, now)
    return await begin(db, operator, now)


async def _count(db: AsyncSession, charged: tuple[Counter, ...], name: str, now: datetime) -> None:
    """Counts a wrong try. Only a name that exists stands in the log: others may be passwords."""
    full = await counters.count_wrong(db, charged, now)
    known = await db.scalar(select(OperatorAccountRow.id).where(OperatorAccountRow.name == name))
    subject = name if known is not None else ""
    action = "session.locked" if full else "session.refused"
    await audit.record(db, "", action, SubjectKind.ACCOUNT, subject, now)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
