"""From files to a plan: reads, checks and compares a folder or one file."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.content.importing import drafts
from bot.services.content.importing.drafts import Draft
from bot.services.content.importing.entries import Entry, EntryReader, OpenPicture
from bot.services.content.importing.plan import Plan, compare, stored_pictures
from bot.services.content.pictures import Picture
from bot.services.spreadsheets.tables import Problem, Table


@dataclass(slots=True)
class Sources:
    """What was read from the files."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def read_sources(files: Mapping[str, bytes]) -> Sources:
    """The drafts in Markdown files and workbooks by their names. Raises `FileRefused`."""
    sources = Sources()
    for name, data in files.items():
        if PurePosixPath(name).suffix.lower() in drafts.MARKDOWN:
            draft, problems = drafts.read_markdown(name, data)
            sources.problems += problems
            if draft.values:
                sources.drafts.append(draft)
            continue
        found, table = drafts.read_workbook(name, data)
        sources.tables.append(table)
        sources.problems += [*table.problems, *drafts.missing_columns(name, table)]
        sources.warnings += table.warnings
        sources.drafts += found
    return sources


async def plan_import(
    db: AsyncSession, sources: Sources, leagues: Mapping[str, str], open_picture: OpenPicture
) -> Plan:
    """What applying the files would do. `leagues`: adcode by each name of a league."""
    stored = await stored_pictures(db)
    entries, pictures, problems = await asyncio.to_thread(
        _check, sources.drafts, leagues, open_picture, stored
    )
    found = sorted([*sources.problems, *problems], key=lambda one: (one.sheet, one.row))
    return await compare(db, entries, pictures, found, sources.warnings)


def _check(
    found: Sequence[Draft],
    leagues: Mapping[str, str],
    open_picture: OpenPicture,
    stored: frozenset[str],
) -> tuple[list[Entry], list[Picture], list[Problem]]:
    reader = EntryReader(leagues, open_picture, stored)
    entries = [entry for draft in found if (entry := reader.read(draft)) is not None]
    return entries, list(reader.pictures.values()), reader.problems
