"""Jinja2 templates: autoescaped, an unknown name is an error, sentences from the catalogue."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.common.clock import CHINA
from bot.common.i18n import Translator

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"


def render(template: str, t: Translator, values: Mapping[str, object]) -> str:
    """The template as HTML. In it `t`, `n` and `p` are the sentences of this language."""
    language = "zh-CN" if t.locale == "zh_CN" else t.locale.replace("_", "-")
    words = {"t": t, "n": t.n, "p": t.p, "language": language}
    return _environment().get_template(template).render({**words, **values})


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def local(moment: datetime | None, pattern: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in China's time; "" for none. Raises `ValueError` for a naive one."""
    if moment is None:
        return ""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(CHINA).strftime(pattern)


def day(given: date | None) -> str:
    """`2026-11-23`; "" for none."""
    return "" if given is None else given.isoformat()


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FileSystemLoader(FOLDER / "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = asset
    environment.filters["local"] = local
    environment.filters["day"] = day
    return environment
