"""The settings of an installation, read from `YIZHAN_…` variables.

A value may come from a file named by `YIZHAN_…_FILE`, as container secrets do. A wrong value
stops the start with one sentence that names the variable.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError

PREFIX = "YIZHAN_"


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


class Settings(BaseModel):
    """The whole configuration; each field is the variable `YIZHAN_` + its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = "sqlite+aiosqlite:///var/yizhan.db"
    secret_keys: SecretStr | None = None
    locale: str = ""

    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    console_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    public_url: str = ""
    allowed_origins: str = ""
    proxies: Annotated[int, Field(ge=0, le=9)] = 0

    telegram_token: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr | None = None

    bank_push_secret: Annotated[SecretStr, Field(min_length=24)] | None = None
    keep_settled_days: Annotated[int, Field(ge=1, le=3650)] = 180
    keep_idle_days: Annotated[int, Field(ge=30, le=3650)] = 365
    wechat_app_id: str = ""
    wechat_app_secret: SecretStr | None = None
    wechat_token: SecretStr | None = None
    wechat_aes_key: SecretStr | None = None
    wechat_aes_key_previous: SecretStr | None = None
    wechat_api_base: str = "https://api.weixin.qq.com"
    wechat_templates: str = ""

    radius_km: Annotated[float, Field(gt=0, le=300)] = 30
    riding_kmh: Annotated[float, Field(gt=0, le=60)] = 18
    road_factor: Annotated[float, Field(ge=1, le=3)] = 1.3
    least_stay_minutes: Annotated[int, Field(ge=0, le=120)] = 15
    geocoder: str = ""
    geocoder_options: str = ""
    geocoder_datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    human_contact: str = ""
    duty_hours: Annotated[str, Field(max_length=200)] = "24/7"
    conversation_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    hold_minutes: Annotated[int, Field(ge=0, le=1440)] = 120
    team_share: Annotated[int, Field(ge=0, le=100)] = 30
    certificate_issuer: str = ""
    print_font: str = ""

    @field_validator("public_url", "telegram_webhook_url", "telegram_api_base", "wechat_api_base")
    @classmethod
    def _is_address(cls, text: str) -> str:
        if text and not _has_host(text):
            raise ValueError("url")
        return text

    @field_validator("duty_hours")
    @classmethod
    def _are_hours(cls, text: str) -> str:
        from bot.hours.errors import HoursError  # only where hours are set: reading is slow to load
        from bot.hours.parser import read

        try:
            read(text)
        except HoursError:
            raise PydanticCustomError("hours", "hours") from None
        return text

    def origins(self) -> frozenset[str]:
        """Further pages that may open the web chat: those that are named, and the public one."""
        public = urlsplit(self.public_url)
        own = {f"{public.scheme}://{public.netloc}"} if self.public_url else set()
        return frozenset({*self.allowed_origins.replace(",", " ").split(), *own})


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The configuration of this environment. Raises `SettingsError`."""
    values = dict(os.environ if environment is None else environment)
    given = {}
    for field in Settings.model_fields:
        name = PREFIX + field.upper()
        if text := values.get(name):
            given[field] = text
        elif path := values.get(f"{name}_FILE"):
            try:
                given[field] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise SettingsError(
                    "{name}_FILE names a file that cannot be read; check its path and rights.",
                    name=name,
                ) from None
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise _wrong(name, first["type"], first.get("ctx", {}), first["msg"]) from None


def _wrong(name: str, kind: str, limits: Mapping[str, Any], message: str) -> SettingsError:
    """The sentence for what pydantic found."""
    match kind:
        case "int_parsing" | "int_from_float" | "float_parsing":
            return SettingsError("{name} is wrong: write a number in digits.", name=name)
        case "greater_than_equal":
            return SettingsError(
                "{name} is wrong: write {least} or more.", name=name, least=limits["ge"]
            )
        case "greater_than":
            return SettingsError(
                "{name} is wrong: write more than {least}.", name=name, least=limits["gt"]
            )
        case "less_than_equal":
            return SettingsError(
                "{name} is wrong: write {most} or less.", name=name, most=limits["le"]
            )
        case "too_short" | "string_too_short":
            return SettingsError(
                "{name} is wrong: it needs {n} characters or more.",
                name=name,
                n=limits["min_length"],
            )
        case "literal_error":
            return SettingsError(
                "{name} is wrong: write one of {names}.", name=name, names=limits["expected"]
            )
        case "hours":
            return SettingsError(
                "{name} is wrong: write hours such as “周一至周五 9:00-17:30”, 24/7 or off.",
                name=name,
            )
        case "value_error":
            return SettingsError(
                "{name} is wrong: write an address with http:// or https:// in front, "
                "such as https://bot.example.org.",
                name=name,
            )
        case _:
            return SettingsError("{name} is wrong: {what}", name=name, what=message)


def _has_host(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in {"http", "https"} and bool(address.hostname)
    except ValueError:
        return False
