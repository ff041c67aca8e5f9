"""Files of content: compared with what is stored, faults told, written, and undone from the list.

The file travels in the form of the preview, so that what was seen is what is written; nothing is
kept of it. All is checked once more when it is written.
"""

import asyncio
from base64 import b64decode, b64encode
from binascii import Error
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.content.words import kind_name, tabs
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording import content_report, import_report, revision_words
from bot.services.content import administration
from bot.services.content.administration import ContentEdited
from bot.services.content.catalogue import ContentKind
from bot.services.content.importing import archive
from bot.services.content.importing.columns import COLUMNS
from bot.services.content.importing.plan import ContentChanged, Plan
from bot.services.content.importing.sources import Sources, read_sources
from bot.services.operators.revisions import RevisionAction, RevisionKind
from bot.services.operators.roles import Right
from bot.services.spreadsheets.errors import FileRefused

LARGEST: Final = 4_000_000
"""Bytes of a file; larger folders are for `yizhan content import`."""
FORM: Final = 6_000_000
"""Bytes of the form that holds the file as text."""
NAME_LENGTH: Final = 120


async def show(visit: Visit) -> Response:
    """Choosing a file."""
    return _choose(visit)


async def preview(visit: Visit) -> Response:
    """What the file would do; 422 where it has faults."""
    given = visit.file("file")
    if given is None:
        return _choose(visit, visit.t("Choose a file."), 422)
    data = await given.read()
    if len(data) > LARGEST:
        most = visit.t("The file is larger than {most} MB.", most=LARGEST // 1_000_000)
        return _choose(visit, most, 422)
    return await _compared(visit, (given.filename or "")[:NAME_LENGTH], data)


async def apply(visit: Visit) -> Response:
    """Writes exactly the file that was shown: 303, or 409 where the content changed since."""
    name, version = visit.field("name")[:NAME_LENGTH], row_number(visit.field("version"))
    try:
        data = b64decode(visit.field("data"), validate=True)
    except (Error, ValueError):
        raise NotThere from None
    if version is None:
        raise NotThere
    try:
        files, sources = await _read(name, data)
        async with visit.parts.store.writing() as db:
            plan, _ = await administration.draft(
                db, visit.parts.places, visit.operator, sources, files.get
            )
            if plan.problems:
                return await _compared(visit, name, data)
            number = await administration.save(
                db, visit.operator, plan, RevisionAction.IMPORT, name, visit.now, version=version
            )
    except FileRefused:
        return await _compared(visit, name, data)
    except ContentEdited as edited:
        return await _compared(visit, name, data, edited)
    except ContentChanged:
        return await _compared(visit, name, data, ContentEdited(()))
    if number is None:
        return visit.redirect("/content", visit.t("It was so already; nothing is changed."))
    count = len(plan.new) + len(plan.changed)
    said = visit.t.n("{n} piece of content written.", "{n} pieces of content written.", count)
    return visit.redirect("/content", said)


ROUTES: Final[list[BaseRoute]] = [
    get("/content/import", Right.CONTENT, show),
    post("/content/import", Right.CONTENT, preview, max_files=1, largest=LARGEST + 100_000),
    post("/content/import/apply", Right.CONTENT, apply, largest=FORM),
]


async def _read(name: str, data: bytes) -> tuple[dict[str, bytes], Sources]:
    """The files by name and what was read from them. Raises `FileRefused`."""
    files = await asyncio.to_thread(archive.unpacked, name, data)
    return files, await asyncio.to_thread(read_sources, archive.texts(files))


async def _compared(
    visit: Visit, name: str, data: bytes, edited: ContentEdited | None = None
) -> Response:
    t, words = visit.t, visit.bot_words
    try:
        files, sources = await _read(name, data)
    except FileRefused as refused:
        return _choose(visit, import_report.refusal(refused, Path(name), words), 422)
    async with visit.parts.store.reading() as db:
        plan, version = await administration.draft(
            db, visit.parts.places, visit.operator, sources, files.get
        )
    if not (plan.problems or plan.new or plan.changed or plan.unchanged):
        error = t("{file} holds no Markdown file and no workbook of content.", file=name)
        return _choose(visit, error, 422)
    values = {
        "tabs": tabs(visit),
        "name": name,
        "data": "" if plan.problems else b64encode(data).decode(),
        "version": version,
        "plan": plan,
        "changed": _changed(plan),
        "kind_names": {one.value: kind_name(t, one) for one in ContentKind},
        "problems": [
            import_report.line(one, content_report.advice(one, words), words)
            for one in plan.problems
        ],
        "warnings": [
            import_report.line(one, content_report.advice(one, words), words)
            for one in plan.warnings
        ],
        "is_late": edited is not None,
        "meanwhile": [
            (revision, list(revision_words.lines(RevisionKind.CONTENT, record, words)))
            for revision, record in (edited.later if edited is not None else ())
        ],
    }
    status = 409 if edited is not None else 422 if plan.problems else 200
    return visit.render("content/compared.html", values, status)


def _changed(plan: Plan) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Code and title of each piece that changes, with its fields before and after."""
    return [
        (
            one.after.code,
            one.after.title,
            [(COLUMNS[of.field][0], of.before, of.after) for of in one.differences],
        )
        for one in plan.changed
    ]


def _choose(visit: Visit, error: str = "", status: int = 200) -> Response:
    return visit.render("content/import.html", {"tabs": tabs(visit), "error": error}, status)
