"""Writes content as Markdown files that can be imported again."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.content import pictures
from bot.services.content.importing.columns import COLUMNS, TEXTS
from bot.services.content.importing.entries import FIELDS, Entry, picture_names
from bot.services.content.importing.plan import stored_entries


async def export(db: AsyncSession, leagues: dict[str, str]) -> dict[str, bytes]:
    """The files by name: `CODE.md` for each piece of content, and its pictures.

    `leagues`: name by adcode.
    """
    files: dict[str, bytes] = {}
    for code, entry in (await stored_entries(db)).items():
        files[f"{code}.md"] = _markdown(entry, leagues).encode()
        for name in picture_names(entry):
            picture = None if name in files else await pictures.read(db, name)
            if picture is not None:
                files[name] = picture.data
    return files


def _markdown(entry: Entry, leagues: dict[str, str]) -> str:
    lines = ["---", *_front_matter(entry, leagues), "---", "", "# 中文", "", entry.text, ""]
    if entry.text_en:
        lines += ["# English", "", entry.text_en, ""]
    return "\n".join(lines)


def _front_matter(entry: Entry, leagues: dict[str, str]) -> Iterator[str]:
    for name in FIELDS:
        value = getattr(entry, name)
        if name in TEXTS:
            continue
        if name == "league":
            value = leagues.get(value, value)
        if value in ("", None, 0, False):
            continue
        text = value.isoformat() if isinstance(value, date) else "是" if value is True else value
        yield f"{COLUMNS[name][1]}: {text}"
