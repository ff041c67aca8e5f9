"""Everything that differs between two installations, read from `YIZHAN_…` variables.

A value may come from a file named by `YIZHAN_…_FILE`, as container secrets do. A wrong value
stops the start with one sentence that names the variable.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

PREFIX = "YIZHAN_"


class SettingsError(Exception):
    """A variable is missing or wrong; the message names it and says what it must be."""


class Settings(BaseModel):
    """The whole configuration; each field is the variable `YIZHAN_` + its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = "sqlite+aiosqlite:///var/yizhan.db"
    secret_keys: SecretStr | None = None
    locale: str = "zh_CN"

    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
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
    geocoder: str = ""
    geocoder_options: str = ""
    geocoder_datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    human_contact: str = ""
    hold_minutes: Annotated[int, Field(ge=0, le=1440)] = 120
    certificate_issuer: str = ""
    print_font: str = ""


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
                    f"{name}_FILE names a file that cannot be read; check its path and rights"
                ) from None
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise SettingsError(f"{name} is wrong: {first['msg'].lower()}") from None
