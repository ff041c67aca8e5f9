"""The link of a station's keeper: a token of 256 random bits, stored as a hash, and its sessions.

A station has one link; a new one ends the old. The token is exchanged for a session, which ends
with the link.
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.errors import DomainError
from bot.services.stations.merging.redirects import successors
from bot.store.encryption import Keyring
from bot.store.models.keepers import KeeperLinkRow
from bot.store.models.stations import StationRow
from bot.store.upsert import upsert

LIFETIME: Final = timedelta(days=180)
SESSION: Final = timedelta(minutes=30)
TOKEN_BYTES: Final = 32
LABEL: Final = "keeper.session"
_TOKEN: Final = LazyPattern(r"[A-Za-z0-9_-]{43}")
_SESSION: Final = LazyPattern(r"(\d{1,18})\.([0-9a-f]{64})\.(\d{1,12})\.([0-9a-f]{8,128})")


class LinkState(StrEnum):
    """What becomes of somebody who opens the link of a station."""

    NONE = "none"
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class KeeperLinkInvalid(DomainError):
    """The link or session opens nothing. `state`: why; NONE: unknown, or replaced by a new one."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state)
        self.state = state


@value
class KeeperLink:
    """A link that is in force: of which station, and until when."""

    station_id: int
    code: str
    token_hash: str
    expires_at: datetime


async def issue(db: AsyncSession, station_id: int, now: datetime) -> str:
    """A new token for the station, shown once; a link that it had before ends."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {
        "token_hash": _hash(token),
        "made_at": now,
        "expires_at": now + LIFETIME,
        "revoked_at": None,
        "last_form": "",
    }
    row = upsert(db, KeeperLinkRow).values(station_id=station_id, **values)
    key = [KeeperLinkRow.station_id]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_=values))
    return token


async def revoke(db: AsyncSession, station_id: int, now: datetime) -> bool:
    """Ends the station's link and its sessions; False if none is in force."""
    mine = (KeeperLinkRow.station_id == station_id) & KeeperLinkRow.revoked_at.is_(None)
    ended = update(KeeperLinkRow).where(mine, KeeperLinkRow.expires_at > now)
    ended = ended.values(revoked_at=now)
    return (await db.execute(ended.returning(KeeperLinkRow.station_id))).first() is not None


async def open_link(db: AsyncSession, token: str, now: datetime) -> KeeperLink:
    """The link with this token. Raises `KeeperLinkInvalid`."""
    if not _TOKEN.fullmatch(token):
        raise KeeperLinkInvalid(LinkState.NONE)
    return await _link(db, _hash(token), now)


async def states(
    db: AsyncSession, codes: Sequence[str] | None, now: datetime
) -> dict[str, LinkState]:
    """By code, the state of each link that was ever made; `codes` None: of all stations."""
    rows = select(StationRow.code, KeeperLinkRow.expires_at, KeeperLinkRow.revoked_at).join(
        KeeperLinkRow, KeeperLinkRow.station_id == StationRow.id
    )
    if codes is not None:
        rows = rows.where(StationRow.code.in_(codes))
    return {code: _state(until, ended, now) for code, until, ended in await db.execute(rows)}


@value
class KeeperSessions:
    """Short sessions, signed with these keys; nothing is stored for them."""

    keys: Keyring

    def start(self, link: KeeperLink, now: datetime) -> str:
        """A bearer token that stands for the link for `SESSION`."""
        claim = f"{link.station_id}.{link.token_hash}.{int((now + SESSION).timestamp())}"
        return f"{claim}.{self.keys.index(claim, LABEL).hex()}"

    async def read(self, db: AsyncSession, session: str, now: datetime) -> KeeperLink:
        """The link behind a session, if both are in force. Raises `KeeperLinkInvalid`."""
        found = _SESSION.fullmatch(session)
        if found is None:
            raise KeeperLinkInvalid(LinkState.NONE)
        station_id, token_hash, until, signature = found.groups()
        signed = self.keys.indexes(f"{station_id}.{token_hash}.{until}", LABEL)
        given = bytes.fromhex(signature) if len(signature) % 2 == 0 else b""
        if not any([hmac.compare_digest(given, one) for one in signed]):  # noqa: C419 - all of them
            raise KeeperLinkInvalid(LinkState.NONE)
        if now.astimezone(UTC).timestamp() > int(until):
            raise KeeperLinkInvalid(LinkState.EXPIRED)
        return await _link(db, token_hash, now)


async def _link(db: AsyncSession, token_hash: str, now: datetime) -> KeeperLink:
    rows = select(
        StationRow.id, StationRow.code, KeeperLinkRow.expires_at, KeeperLinkRow.revoked_at
    ).join(KeeperLinkRow, KeeperLinkRow.station_id == StationRow.id)
    row = (await db.execute(rows.where(KeeperLinkRow.token_hash == token_hash))).one_or_none()
    if row is None:
        raise KeeperLinkInvalid(LinkState.NONE)
    if await successors(db, [row.id]):  # the station that it is now has a link of its own
        raise KeeperLinkInvalid(LinkState.REVOKED)
    state = _state(row.expires_at, row.revoked_at, now)
    if state is not LinkState.VALID:
        raise KeeperLinkInvalid(state)
    return KeeperLink(row.id, row.code, token_hash, row.expires_at)


def _state(expires_at: datetime, revoked_at: datetime | None, now: datetime) -> LinkState:
    if revoked_at is not None:
        return LinkState.REVOKED
    return LinkState.VALID if now < expires_at else LinkState.EXPIRED


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
