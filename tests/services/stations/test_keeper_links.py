"""Links of keepers: issued, replaced, revoked, expired, exchanged for sessions."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services.stations.keepers import links
from bot.services.stations.keepers.links import (
    LIFETIME,
    SESSION,
    KeeperLinkInvalid,
    KeeperSessions,
    LinkState,
)
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.keepers import KeeperLinkRow
from tests.conftest import ManualClock
from tests.support.stations import create_stations

KEYS = "1:" + "A" * 43 + "="


@pytest.fixture
async def token(store: Store, clock: ManualClock) -> str:
    """The link of S1."""
    await create_stations(store, clock)
    async with store.writing() as db:
        return await links.issue(db, 1, clock())


async def state_of(store: Store, token: str, clock: ManualClock) -> LinkState:
    async with store.reading() as db:
        try:
            await links.open_link(db, token, clock())
        except KeeperLinkInvalid as invalid:
            return invalid.state
    return LinkState.VALID


async def test_a_token_opens_its_station_and_is_stored_as_a_hash_only(
    store: Store, clock: ManualClock, token: str
) -> None:
    async with store.reading() as db:
        link = await links.open_link(db, token, clock())
        row = (await db.scalars(select(KeeperLinkRow))).one()
    assert (link.station_id, link.code) == (1, "S1")
    assert token not in str(vars(row))
    assert len(token) == 43


@pytest.mark.parametrize("token", ["", "a" * 43, "é" * 43, "a" * 5000, "' OR 1=1 --"])
async def test_what_is_no_token_opens_nothing(store: Store, clock: ManualClock, token: str) -> None:
    assert await state_of(store, token, clock) is LinkState.NONE


async def test_a_link_expires_after_180_days(store: Store, clock: ManualClock, token: str) -> None:
    clock.forward(days=LIFETIME.days, minutes=-1)
    assert await state_of(store, token, clock) is LinkState.VALID
    clock.forward(minutes=1)
    assert await state_of(store, token, clock) is LinkState.EXPIRED
    async with store.reading() as db:
        assert await links.states(db, None, clock()) == {"S1": LinkState.EXPIRED}


async def test_a_revoked_link_ends_with_its_sessions_and_a_new_one_works(
    store: Store, clock: ManualClock, token: str
) -> None:
    sessions = KeeperSessions(parse_keys(KEYS))
    async with store.writing() as db:
        session = sessions.start(await links.open_link(db, token, clock()), clock())
        assert (await sessions.read(db, session, clock())).code == "S1"
        assert await links.revoke(db, 1, clock())
        assert not await links.revoke(db, 1, clock())
        assert not await links.revoke(db, 2, clock())
        with pytest.raises(KeeperLinkInvalid) as ended:
            await sessions.read(db, session, clock())
    assert ended.value.state is LinkState.REVOKED
    assert await state_of(store, token, clock) is LinkState.REVOKED
    async with store.writing() as db:
        newer = await links.issue(db, 1, clock())
    assert await state_of(store, newer, clock) is LinkState.VALID
    assert await state_of(store, token, clock) is LinkState.NONE


async def test_a_session_lasts_half_an_hour_and_cannot_be_forged(
    store: Store, clock: ManualClock, token: str
) -> None:
    sessions = KeeperSessions(parse_keys(KEYS))
    async with store.reading() as db:
        session = sessions.start(await links.open_link(db, token, clock()), clock())
        for forged in (
            "",
            session[:-2] + ("00" if session[-2:] != "00" else "11"),
            session.replace("1.", "2.", 1),
            f"{session}0",
        ):
            with pytest.raises(KeeperLinkInvalid):
                await sessions.read(db, forged, clock())
        late = clock() + SESSION + timedelta(seconds=1)
        with pytest.raises(KeeperLinkInvalid) as ended:
            await sessions.read(db, session, late)
    assert ended.value.state is LinkState.EXPIRED
