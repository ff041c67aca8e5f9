"""`yizhan operators`: accounts added, listed, reset and ended from the command line."""

import argparse
import re

import pytest

from bot.commands.operators import operators
from bot.common.i18n import load_languages
from bot.services.operators import sessions
from bot.services.operators.sessions import SignInRefused
from bot.store.engine import Store, open_store
from tests.conftest import ManualClock
from tests.support.console import KEYS

T = load_languages().of("zh_CN", None)


async def command(store: Store, clock: ManualClock, *words: str) -> int:
    parser = argparse.ArgumentParser()
    operators.add_parser(parser.add_subparsers(), T)
    return await operators.run_in(parser.parse_args(["operators", *words]), store, T, clock=clock)


async def test_an_account_is_added_listed_reset_and_ended(
    sqlite_url: str, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    store = await open_store(sqlite_url)

    def password() -> str:
        found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", capsys.readouterr().out)
        assert found is not None
        return found[0]

    add = ("add", "Dorji", "--role", "editor", "--league", "包头", "--league", "呼和浩特")
    assert await command(store, clock, *add) == 0
    first = password()
    token = await sessions.sign_in(store, KEYS, "dorji", first, "", "10.0.0.1", clock())
    assert await command(store, clock, *add) == 1
    assert "已有同名账号" in capsys.readouterr().out
    assert await command(store, clock, "list") == 0
    assert "dorji  editor  150100 150200  2026-11-23 10:00" in capsys.readouterr().out
    assert await command(store, clock, "reset", "dorji") == 0
    second = password()
    assert await sessions.session(store, token, clock()) is None
    with pytest.raises(SignInRefused):
        await sessions.sign_in(store, KEYS, "dorji", first, "", "10.0.0.1", clock())
    token = await sessions.sign_in(store, KEYS, "dorji", second, "", "10.0.0.1", clock())
    assert await command(store, clock, "disable", "dorji") == 0
    assert await sessions.session(store, token, clock()) is None
    await store.close()


async def test_what_is_not_there_is_refused(
    sqlite_url: str, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    store = await open_store(sqlite_url)
    assert await command(store, clock, "disable", "nobody") == 1
    assert "没有这个账号" in capsys.readouterr().out
    assert await command(store, clock, "add", "a", "--league", "北京") == 2
    await store.close()
