"""The settings of an installation, read from `YIZHAN_…` variables.

A value may come from a file named by `YIZHAN_…_FILE`, as container secrets do. A wrong value
stops the start with one sentence that names the variable.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from bot.common.secret_text import SecretStr

PREFIX: Final = "YIZHAN_"
DATUMS: Final = ("wgs84", "gcj02", "bd09")
LONGEST_HOURS: Final = 200
N = TypeVar("N", int, float)
_READ: Final = "read"
"""Where the metadata of a field holds what makes its value of `(variable, text)`."""


class SettingsError(Exception):
    """A variable is missing or wrong; the message names it and says what it must be.

    The sentence is a msgid with its values, so that `message` translates it.
    """

    def __init__(self, msgid: str, /, **values: object) -> None:
        super().__init__(msgid)
        self.msgid = msgid
        self.values = values

    def __str__(self) -> str:
        return self.msgid.format(**self.values) if self.values else self.msgid

    def message(self, t: Callable[..., str]) -> str:
        """The sentence in the language of `t`."""
        return t(self.msgid, **self.values)


def _number(usual: N, least: N, most: N, *, above: bool = False) -> N:
    """The field of a number of the type of `usual`, from `least` or only `above` it to `most`."""
    kind = type(usual)

    def read(name: str, text: str) -> N:
        try:
            value = kind(text)
        except ValueError:
            raise SettingsError("{name} is wrong: write a number in digits.", name=name) from None
        if above and not value > least:
            raise SettingsError("{name} is wrong: write more than {least}.", name=name, least=least)
        if not value >= least:  # nor is NaN
            raise SettingsError("{name} is wrong: write {least} or more.", name=name, least=least)
        if value > most:
            raise SettingsError("{name} is wrong: write {most} or less.", name=name, most=most)
        return value

    return field(default=usual, metadata={_READ: read})


def _secret(least: int = 0) -> Mapping[str, Any]:
    """The metadata of a field with a secret of `least` characters or more."""

    def read(name: str, text: str) -> SecretStr:
        if len(text) < least:
            raise SettingsError(
                "{name} is wrong: it needs {n} characters or more.", name=name, n=least
            )
        return SecretStr(text)

    return {_READ: read}


def _text(usual: str, read: Callable[[str, str], str]) -> str:
    """The field of a text that `read` checks."""
    return field(default=usual, metadata={_READ: read})


def _address(name: str, text: str) -> str:
    if not _has_host(text):
        raise SettingsError(
            "{name} is wrong: write an address with http:// or https:// in front, "
            "such as https://bot.example.org.",
            name=name,
        )
    return text


def _datum(name: str, text: str) -> str:
    if text not in DATUMS:
        raise SettingsError(
            "{name} is wrong: write one of {names}.", name=name, names=", ".join(DATUMS)
        )
    return text


def _hours(name: str, text: str) -> str:
    from bot.hours.errors import HoursError  # only where hours are set: reading is slow to load
    from bot.hours.parser import read

    if len(text) > LONGEST_HOURS:
        raise SettingsError(
            "{name} is wrong: it may have {n} characters at most.", name=name, n=LONGEST_HOURS
        )
    try:
        read(text)
    except HoursError:
        raise SettingsError(
            "{name} is wrong: write hours such as “周一至周五 9:00-17:30”, 24/7 or off.",
            name=name,
        ) from None
    return text


_SECRET: Final = _secret()
_LONG_SECRET: Final = _secret(24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration; each field is the variable `YIZHAN_` + its name in capitals."""

    database_url: str = "sqlite+aiosqlite:///var/yizhan.db"
    secret_keys: SecretStr | None = field(default=None, metadata=_SECRET)
    locale: str = ""

    http_host: str = "127.0.0.1"
    http_port: int = _number(8080, 0, 65535)
    console_port: int = _number(8081, 0, 65535)
    public_url: str = _text("", _address)
    allowed_origins: str = ""
    proxies: int = _number(0, 0, 9)

    telegram_token: SecretStr | None = field(default=None, metadata=_SECRET)
    telegram_api_base: str = _text("https://api.telegram.org", _address)
    telegram_webhook_url: str = _text("", _address)
    telegram_webhook_secret: SecretStr | None = field(default=None, metadata=_SECRET)

    bank_push_secret: SecretStr | None = field(default=None, metadata=_LONG_SECRET)
    keep_settled_days: int = _number(180, 1, 3650)
    keep_idle_days: int = _number(365, 30, 3650)
    wechat_app_id: str = ""
    wechat_app_secret: SecretStr | None = field(default=None, metadata=_SECRET)
    wechat_token: SecretStr | None = field(default=None, metadata=_SECRET)
    wechat_aes_key: SecretStr | None = field(default=None, metadata=_SECRET)
    wechat_aes_key_previous: SecretStr | None = field(default=None, metadata=_SECRET)
    wechat_api_base: str = _text("https://api.weixin.qq.com", _address)
    wechat_templates: str = ""

    radius_km: float = _number(30.0, 0.0, 300.0, above=True)
    riding_kmh: float = _number(18.0, 0.0, 60.0, above=True)
    road_factor: float = _number(1.3, 1.0, 3.0)
    least_stay_minutes: int = _number(15, 0, 120)
    geocoder: str = ""
    geocoder_options: str = ""
    geocoder_datum: str = _text("wgs84", _datum)
    human_contact: str = ""
    duty_hours: str = _text("24/7", _hours)
    conversation_minutes: int = _number(30, 5, 1440)
    hold_minutes: int = _number(120, 0, 1440)
    team_share: int = _number(30, 0, 100)
    certificate_issuer: str = ""
    print_font: str = ""

    def origins(self) -> frozenset[str]:
        """Further pages that may open the web chat: those that are named, and the public one."""
        public = urlsplit(self.public_url)
        own = {f"{public.scheme}://{public.netloc}"} if self.public_url else set()
        return frozenset({*self.allowed_origins.replace(",", " ").split(), *own})


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The configuration of this environment. Raises `SettingsError`."""
    values = os.environ if environment is None else environment
    given: dict[str, Any] = {}
    for one in fields(Settings):
        name = PREFIX + one.name.upper()
        if text := _given(values, name):
            read = one.metadata.get(_READ)
            given[one.name] = text if read is None else read(name, text)
    return Settings(**given)


def _given(values: Mapping[str, str], name: str) -> str:
    """The text of a variable or of its file; empty where neither is set."""
    if text := values.get(name, ""):
        return text
    path = values.get(f"{name}_FILE")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            "{name}_FILE names a file that cannot be read; check its path and rights.",
            name=name,
        ) from None


def _has_host(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in {"http", "https"} and bool(address.hostname)
    except ValueError:
        return False
