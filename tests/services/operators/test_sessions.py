"""Sign-in on both databases: what is tried in parallel counts, too."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.services.operators import accounts, passwords, sessions
from bot.services.operators.accounts import AccountFault, AccountRefused
from bot.services.operators.roles import Role
from bot.services.operators.sessions import OF_NAME, SignInFault, SignInRefused
from bot.store.engine import Store
from tests.support.console import KEYS, PASSWORD

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


async def add(store: Store, name: str = "dorji") -> None:
    fresh = await passwords.hashed(PASSWORD)
    async with store.writing() as db:
        await accounts.add(db, name, Role.EDITOR, ["150100"], fresh, "test", NOW)


async def attempt(store: Store, password: str, network: str = "10.0.0.1") -> str:
    try:
        await sessions.sign_in(store, KEYS, "dorji", password, "", network, NOW)
    except SignInRefused as refused:
        return refused.fault
    return "in"


async def test_guesses_in_parallel_do_not_pass_the_limit(store: Store) -> None:
    await add(store)
    networks = [f"10.0.0.{number}" for number in range(OF_NAME.most + 2)]
    tries = [attempt(store, "wrong", network) for network in networks]
    said = await asyncio.gather(*tries)
    assert said.count(SignInFault.WRONG) == OF_NAME.most
    assert said.count(SignInFault.LOCKED) == 2
    assert await attempt(store, PASSWORD) == SignInFault.LOCKED


async def test_a_session_knows_role_and_leagues_as_they_are_now(store: Store) -> None:
    await add(store)
    token = await sessions.sign_in(store, KEYS, " DORJI ", PASSWORD, "", "10.0.0.1", NOW)
    async with store.writing() as db:
        await accounts.change(db, "dorji", Role.READER, ["150200"], "admin", NOW)
    found = await sessions.session(store, token, NOW)
    assert found is not None
    assert found.must_change
    assert (found.operator.role, found.operator.leagues) == (Role.READER, frozenset({"150200"}))
    assert await sessions.session(store, token + "x", NOW) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [("", AccountFault.NAME), ("a b", AccountFault.NAME), ("x" * 41, AccountFault.NAME),
     ("ＤＯＲＪＩ", AccountFault.TAKEN)],
)  # fmt: skip
async def test_a_name_is_plain_and_there_once(store: Store, name: str, fault: AccountFault) -> None:
    await add(store)
    with pytest.raises(AccountRefused) as refused:
        await add(store, name)
    assert refused.value.fault is fault


async def test_nobody_ends_or_demotes_themselves(store: Store) -> None:
    await add(store)
    async with store.writing() as db:
        with pytest.raises(AccountRefused) as ending:
            await accounts.disable(db, "dorji", "dorji", NOW)
        with pytest.raises(AccountRefused) as demoting:
            await accounts.change(db, "dorji", Role.READER, (), "dorji", NOW)
    assert ending.value.fault is demoting.value.fault is AccountFault.OWN
