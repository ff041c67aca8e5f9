"""Puts together what the operators' console works with; the chat is not part of it."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final

from bot.app.chat_codes import PosterCodes
from bot.common.clock import Clock, system_clock
from bot.common.i18n import load_languages
from bot.config.database import check_keys, open_database
from bot.config.keys import keyring
from bot.config.settings import Settings
from bot.console.parts import Parts
from bot.geo.places import Places
from bot.hours.calendar import Holidays
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.migrate import migrate

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@contextlib.asynccontextmanager
async def opened(
    settings: Settings, *, clock: Clock = system_clock, make_keys: bool = False
) -> AsyncIterator[Parts]:
    """The parts over the migrated database, which is closed at the end. Raises `SettingsError`."""
    keys = keyring(settings, make=make_keys)
    store = await open_database(settings)
    try:
        await migrate(store)
        await check_keys(store, keys)
        yield parts(settings, store, keys, clock)
    finally:
        await store.close()


def parts(settings: Settings, store: Store, keys: Keyring, clock: Clock) -> Parts:
    """The parts over an open store.

    Cookies need https, unless this machine alone reaches it and no proxy stands in front.
    """
    return Parts(
        store=store,
        keys=keys,
        settings=settings,
        clock=clock,
        languages=load_languages(),
        wording=load_languages(domain="console"),
        places=Places.load(),
        holidays=Holidays.from_csv(),
        chat_codes=PosterCodes(settings, clock),
        secure=settings.http_host not in LOOPBACK or settings.proxies > 0,
    )
