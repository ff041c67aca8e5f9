"""The form of one piece of content as a draft, which is checked like a file."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from bot.common.clock import CHINA
from bot.console.visits import Visit
from bot.services.content.catalogue import ContentKind
from bot.services.content.importing.drafts import Draft
from bot.services.content.importing.entries import FIELDS, Entry
from bot.services.content.importing.sources import Sources

FIRST: Final = ("title", "text", "source", "review_on", "valid_from", "valid_until", "league")
"""What the form shows at once."""
FURTHER: Final = (
    "title_en", "text_en", "minutes", "series", "series_en", "position", "tags", "is_sample",
)  # fmt: skip
DATES: Final = frozenset({"review_on", "valid_from", "valid_until"})
TEXTS: Final = frozenset({"text", "text_en"})


def written(entry: Entry) -> dict[str, str]:
    """The fields as a file has them."""
    return {name: _said(getattr(entry, name)) for name in FIELDS}


def given(visit: Visit, stored: Mapping[str, str]) -> dict[str, str]:
    """The stored fields with what the form has instead; a new piece without a code gets one."""
    names = (*FIRST, *FURTHER, *(() if stored.get("code") else ("code", "kind")))
    sent = {name: visit.field(name).replace("\r\n", "\n") for name in names if name in visit.form}
    values = {**stored, **sent}
    if not values.get("code"):
        moment = visit.now.astimezone(CHINA)
        values["code"] = f"{values.get('kind') or ContentKind.ARTICLE}-{moment:%Y%m%d-%H%M%S}"
    return values


def sources_of(values: Mapping[str, str], title: str) -> Sources:
    """One draft; lines are counted within each text. `title`: what faults call it."""
    return Sources([Draft(title, dict(values), dict.fromkeys(FIELDS, 0))])


def _said(value: str | int | bool | date | None) -> str:
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, date):
        return value.isoformat()
    return "" if value in (None, 0) else str(value)
