"""Where an installation's keys come from; apart from the application, which is slow to load."""

from pathlib import Path

from bot.settings import Settings, SettingsError
from bot.store.engine import check_url
from bot.store.sealed import Keyring, keys_in, parse_keys


def keyring(settings: Settings, *, make: bool = False) -> Keyring:
    """The keys that are set; to `make`, else those in a 0600 file beside a SQLite database.

    Raises `SettingsError`: a service whose keys nobody keeps would lose what it sealed.
    """
    if settings.secret_keys is not None:
        try:
            return parse_keys(settings.secret_keys.get_secret_value())
        except ValueError as error:
            raise SettingsError(f"YIZHAN_SECRET_KEYS is wrong: {error}") from None
    missing = SettingsError("YIZHAN_SECRET_KEYS is missing; make one with: yizhan keys new")
    if not make:
        raise missing
    try:
        url = check_url(settings.database_url)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_DATABASE_URL is wrong: {error}") from None
    if url.drivername != "sqlite+aiosqlite" or not url.database:
        raise missing
    try:
        return keys_in(Path(url.database).with_suffix(".keys"))
    except ValueError:
        raise SettingsError("the .keys file beside the database is damaged") from None
