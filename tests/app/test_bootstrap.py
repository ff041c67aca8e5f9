"""The composition root: what it loads, and that a refused start leaves nothing open."""

import subprocess
import sys

import pytest

from bot.app.bootstrap import build
from bot.config.settings import SettingsError, read_settings
from bot.handlers.cards.notifications import CardNotifications
from bot.handlers.feature import Feature
from bot.services.notifications.kinds import NoticeKind
from bot.store.encryption import new_key
from bot.store.engine import Store


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"WECHAT_APP_ID": "wx1"}, "YIZHAN_WECHAT_APP_SECRET"),
        ({"TELEGRAM_WEBHOOK_URL": "https://a.example"}, "YIZHAN_TELEGRAM_WEBHOOK_SECRET"),
        ({"GEOCODER": "nobody"}, "YIZHAN_GEOCODER"),
        ({"PRINT_FONT": "/nowhere.otf"}, "YIZHAN_PRINT_FONT"),
    ],
)
async def test_a_start_that_is_refused_leaves_no_connection(
    variables: dict[str, str], named: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Store] = []
    close = Store.close

    async def counted(store: Store) -> None:
        closed.append(store)
        await close(store)

    monkeypatch.setattr(Store, "close", counted)
    given = {"DATABASE_URL": sqlite_url, "SECRET_KEYS": new_key(), **variables}
    settings = read_settings({f"YIZHAN_{name}": value for name, value in given.items()})
    with pytest.raises(SettingsError, match=named):
        await build(settings)
    assert len(closed) == 1


LOAD = """
import sys
import bot.commands.cli, bot.commands.running.serve
print(*sys.modules)
from bot.store.models.common import Table
for table in Table.metadata.tables.values():
    for key in table.foreign_keys:
        key.column  # raises an error where the other table is not known
"""
SELDOM = {
    "PIL", "alembic", "babel", "fontTools", "fpdf", "geopy", "icalendar", "markdown_it", "pydantic",
    "requests", "rich", "scipy", "segno", "telegram", "xlsxwriter",
    "bot.api", "bot.console",
    "bot.services.cards.ingest", "bot.services.demo.week", "bot.services.overview",
    "bot.services.spreadsheets.reader", "bot.services.stations.importing",
    "bot.store.models.administration.accounts",
    "sqlalchemy.dialects.postgresql",
}  # fmt: skip


def test_what_is_seldom_needed_is_not_loaded_at_the_start() -> None:
    done = subprocess.run(  # noqa: S603 - this Python and the lines above
        [sys.executable, "-c", LOAD], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "sqlalchemy" in loaded
    assert not loaded & SELDOM


async def test_every_kind_of_notice_has_its_renderer(sqlite_url: str) -> None:
    settings = read_settings({"YIZHAN_DATABASE_URL": sqlite_url, "YIZHAN_SECRET_KEYS": new_key()})
    app = await build(settings)
    assert set(app.features.renderers) == set(NoticeKind)
    assert app.features.repeats <= set(NoticeKind)
    await app.close()


async def test_a_start_is_refused_while_a_kind_of_notice_has_no_renderer(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CardNotifications, "feature", lambda _self: Feature())
    settings = read_settings({"YIZHAN_DATABASE_URL": sqlite_url, "YIZHAN_SECRET_KEYS": new_key()})
    with pytest.raises(ValueError, match=NoticeKind.CARD_BOUND_ELSEWHERE):
        await build(settings)
