"""Accounts of operators: added, disabled, given a new one-time password, each with an audit row."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.errors import DomainError
from bot.services.operators import audit, passwords
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right, Role
from bot.store.encryption import Keyring
from bot.store.models.administration.accounts import OperatorAccountRow, OperatorSessionRow

PAGE: Final = 50
TOTP: Final = "operator_account.totp"
_NAME: Final = re.compile(r"[\w.-]{1,40}")


class AccountFault(StrEnum):
    """Why an account is not added or changed."""

    NAME = "name"
    """A name has 1 to 40 letters, digits, dots, hyphens and underscores."""
    TAKEN = "taken"
    UNKNOWN = "unknown"
    OWN = "own"
    """Nobody disables or demotes themselves."""
    PASSWORD = "password"  # noqa: S105 - the name of a fault
    """It is too short, too long or the name itself."""
    WRONG = "wrong"
    """The present password or the code is not right."""


class AccountRefused(DomainError):
    """The account cannot be added or changed so."""

    def __init__(self, fault: AccountFault) -> None:
        super().__init__()
        self.fault = fault


@value
class Account:
    """An account as lists show it."""

    id: int
    name: str
    role: Role
    leagues: frozenset[str]
    must_change: bool
    has_totp: bool
    created_at: datetime
    signed_in_at: datetime | None
    disabled_at: datetime | None


def clean_name(text: str) -> str:
    """The name as it is compared: NFKC, without spaces around, lower case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


async def listed(db: AsyncSession, operator: Operator, after: str = "") -> list[Account]:
    """A page of the accounts by name, and the next one where there are more.

    `after`: the last one of the page before. Raises `NotAllowed`.
    """
    operator.require(Right.ACCOUNTS)
    name = OperatorAccountRow.name
    rows = select(OperatorAccountRow).where(name > after).order_by(name).limit(PAGE + 1)
    return [account_of(row) for row in await db.scalars(rows)]


async def every(db: AsyncSession) -> list[Account]:
    """All accounts by name, for the command line."""
    rows = await db.scalars(select(OperatorAccountRow).order_by(OperatorAccountRow.name))
    return [account_of(row) for row in rows]


async def add(
    db: AsyncSession,
    name: str,
    role: Role,
    leagues: Iterable[str],
    password_hash: str,
    actor: str,
    now: datetime,
    *,
    must_change: bool = True,
) -> int:
    """A new account; its id. Raises `AccountRefused`."""
    wanted = clean_name(name)
    if _NAME.fullmatch(wanted) is None:
        raise AccountRefused(AccountFault.NAME)
    if await _row(db, wanted) is not None:
        raise AccountRefused(AccountFault.TAKEN)
    theirs = sorted(set(leagues))
    values = {
        "name": wanted,
        "role": role,
        "leagues": theirs,
        "password_hash": password_hash,
        "must_change": must_change,
        "totp_step": 0,
        "created_at": now,
    }
    added = insert(OperatorAccountRow).values(values).returning(OperatorAccountRow.id)
    number = (await db.execute(added)).scalar_one()
    after: audit.Fields = {"role": role.value, "leagues": " ".join(theirs)}
    await audit.record(db, actor, "account.add", SubjectKind.ACCOUNT, wanted, now, after=after)
    return number


async def change(
    db: AsyncSession,
    name: str,
    role: Role,
    leagues: Iterable[str],
    actor: str,
    now: datetime,
) -> None:
    """Another role or other leagues, effective at once. Raises `AccountRefused`."""
    row = await _known(db, name, actor)
    theirs = sorted(set(leagues))
    before: audit.Fields = {"role": row.role, "leagues": " ".join(row.leagues)}
    after: audit.Fields = {"role": role.value, "leagues": " ".join(theirs)}
    if before == after:
        return
    await _set(db, row.id, {"role": role, "leagues": theirs})
    await audit.record(
        db, actor, "account.change", SubjectKind.ACCOUNT, row.name, now, before=before, after=after
    )


async def disable(db: AsyncSession, name: str, actor: str, now: datetime) -> None:
    """Nobody signs in with it any more, and who is signed in is signed out."""
    row = await _known(db, name, actor)
    await _set(db, row.id, {"disabled_at": now})
    await sign_out_everywhere(db, row.id)
    await audit.record(db, actor, "account.disable", SubjectKind.ACCOUNT, row.name, now)


async def reset(
    db: AsyncSession,
    name: str,
    password_hash: str,
    actor: str,
    now: datetime,
    *,
    must_change: bool = True,
) -> None:
    """A new one-time password; no second factor, enabled again. Raises `AccountRefused`."""
    row = await _row(db, clean_name(name))
    if row is None:
        raise AccountRefused(AccountFault.UNKNOWN)
    fresh = {
        "password_hash": password_hash,
        "must_change": must_change,
        "totp": None,
        "totp_step": 0,
        "disabled_at": None,
    }
    await _set(db, row.id, fresh)
    await sign_out_everywhere(db, row.id)
    await audit.record(db, actor, "account.reset", SubjectKind.ACCOUNT, row.name, now)


async def password_hash(db: AsyncSession, operator: Operator) -> str | None:
    """The hash of their own present password."""
    found = select(OperatorAccountRow.password_hash).where(OperatorAccountRow.id == operator.id)
    return await db.scalar(found)


def check_new(name: str, password: str) -> None:
    """Raises `AccountRefused` for a password that is too short, too long or the name."""
    fits = passwords.SHORTEST <= len(password) <= passwords.LONGEST
    if not fits or clean_name(password) == name or len(set(password)) < 4:
        raise AccountRefused(AccountFault.PASSWORD)


async def set_password(
    db: AsyncSession, operator: Operator, fresh_hash: str, now: datetime
) -> None:
    """Their own new password; every session of theirs ends."""
    await _set(db, operator.id, {"password_hash": fresh_hash, "must_change": False})
    await sign_out_everywhere(db, operator.id)
    await audit.record(
        db, operator.name, "account.password", SubjectKind.ACCOUNT, operator.name, now
    )


async def set_totp(
    db: AsyncSession,
    keys: Keyring,
    operator: Operator,
    secret: str | None,
    step: int,
    now: datetime,
) -> None:
    """Their own second factor, on (with the step of the code that proved it) or off."""
    sealed = None if secret is None else keys.seal(secret, TOTP)
    await _set(db, operator.id, {"totp": sealed, "totp_step": step})
    action = "account.totp_off" if secret is None else "account.totp_on"
    await audit.record(db, operator.name, action, SubjectKind.ACCOUNT, operator.name, now)


async def has_totp(db: AsyncSession, operator: Operator) -> bool:
    """Whether they have a second factor."""
    found = select(OperatorAccountRow.totp.is_not(None)).where(OperatorAccountRow.id == operator.id)
    return bool(await db.scalar(found))


async def sign_out_everywhere(db: AsyncSession, account_id: int) -> None:
    """Ends every session of an account."""
    await db.execute(delete(OperatorSessionRow).where(OperatorSessionRow.account_id == account_id))


def account_of(row: OperatorAccountRow) -> Account:
    """The row without its secrets."""
    return Account(
        row.id,
        row.name,
        Role(row.role),
        frozenset(row.leagues),
        row.must_change,
        row.totp is not None,
        row.created_at,
        row.signed_in_at,
        row.disabled_at,
    )


async def _row(db: AsyncSession, name: str) -> OperatorAccountRow | None:
    return await db.scalar(select(OperatorAccountRow).where(OperatorAccountRow.name == name))


async def _known(db: AsyncSession, name: str, actor: str) -> OperatorAccountRow:
    row = await _row(db, clean_name(name))
    if row is None:
        raise AccountRefused(AccountFault.UNKNOWN)
    if row.name == actor:
        raise AccountRefused(AccountFault.OWN)
    return row


async def _set(db: AsyncSession, number: int, values: dict[str, object]) -> None:
    mine = OperatorAccountRow.id == number
    await db.execute(update(OperatorAccountRow).where(mine).values(values))
