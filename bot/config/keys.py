"""Reads an installation's keys; imports nothing of the application, which loads slowly."""

from pathlib import Path

from bot.config.settings import Settings, SettingsError
from bot.store.encryption import DuplicateKeyError, Keyring, keys_in, parse_keys
from bot.store.engine import check_url


def keyring(settings: Settings, *, make: bool = False) -> Keyring:
    """The keys that are set; to `make`, else those in a 0600 file beside a SQLite database.

    Raises `SettingsError`: a service whose keys nobody keeps would lose what it sealed.
    """
    if settings.secret_keys is not None:
        try:
            return parse_keys(settings.secret_keys.get_secret_value())
        except DuplicateKeyError as duplicate:
            raise SettingsError(
                "YIZHAN_SECRET_KEYS is wrong: two keys have the number {number}. Take the one that "
                "was never used away; with the other set, yizhan keys new makes the next number.",
                number=duplicate.number,
            ) from None
        except ValueError:
            raise SettingsError(
                "YIZHAN_SECRET_KEYS is wrong: each key is a number from 1 to 255, a colon and "
                "32 bytes in base64, as yizhan keys new prints it; several stand with commas."
            ) from None
    missing = SettingsError(
        "YIZHAN_SECRET_KEYS is missing. Make a key once, into a file that only you may read, and "
        "name it with YIZHAN_SECRET_KEYS_FILE: (umask 077; yizhan keys new > yizhan.keys)"
    )
    if not make:
        raise missing
    try:
        url = check_url(settings.database_url)
    except ValueError:
        raise wrong_address() from None
    if url.drivername != "sqlite+aiosqlite" or not url.database:
        raise missing
    try:
        return keys_in(Path(url.database).with_suffix(".keys"))
    except ValueError:
        raise SettingsError(
            "The .keys file beside the database is damaged; put your copy of it back."
        ) from None


def wrong_address() -> SettingsError:
    """What is wrong with the database's address, without repeating it: it has a password."""
    return SettingsError(
        "YIZHAN_DATABASE_URL is wrong: write sqlite+aiosqlite:///var/bot.db (a file, with its "
        "folder) or postgresql+asyncpg://user:password@host/name."
    )
