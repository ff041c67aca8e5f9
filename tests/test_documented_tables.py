"""`docs/privacy.md` accounts for every table, also for one that is added later."""

import re

from bot.store.models import registry
from tests.support.paths import ROOT


def named() -> set[str]:
    """The names between backticks on that page."""
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    return set(re.findall(r"`([a-z_]+)`", page))


def test_the_privacy_page_names_every_table() -> None:
    assert sorted({one.name for one in registry.every()} - named()) == []


def test_the_privacy_table_names_every_table_with_a_couriers_rows() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| "))
    theirs = {column.table.name for column in registry.owned()} | {"courier"}
    assert sorted(theirs - set(re.findall(r"`([a-z_]+)`", rows))) == []
