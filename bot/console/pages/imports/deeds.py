"""What an operator does with a preview: mend cells, confirm doubts, write, undo, download."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.imports.common import (
    address,
    answered,
    changeable,
    number_of,
    set_to_work,
    too_late,
)
from bot.console.pages.imports.preview import preview
from bot.console.pages.imports.subjects import UNDONE, reason
from bot.console.visits import NotThere, Visit, get, post
from bot.services.list_imports import imports
from bot.services.list_imports.answers import LONGEST, MOST_CELLS, MendedCell
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.states import WORKING, ImportChanged, ImportState, Tab
from bot.services.list_imports.summaries import PAGE, problem_of
from bot.services.operators.roles import Right
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.marked import marked

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def mend(visit: Visit) -> Response:
    """Takes the cells that were written anew, and has the list planned again."""
    one = await changeable(visit)
    if one.state is not ImportState.READY:
        return too_late(visit, one)
    cells = (*one.answers.cells, *_mended(visit))
    if len(cells) > MOST_CELLS:
        wrong = visit.t("That many cells are better mended in the workbook; upload it again.")
        return await preview(visit, one, wrong, 422)
    return await answered(visit, one, replace(one.answers, cells=cells))


def _mended(visit: Visit) -> Iterator[MendedCell]:
    """The cells of the form that differ from what they were. Raises `NotThere`."""
    for number in range(PAGE):
        place = visit.field(f"at:{number}")
        if not place:
            continue
        try:
            sheet, rows, heading, was = json.loads(place)
            first = int(rows)
        except (ValueError, TypeError):
            raise NotThere from None
        value = visit.field(f"cell:{number}")[:LONGEST]
        if value != was:
            everywhere = visit.field(f"all:{number}") == "yes"
            yield MendedCell(str(sheet), 0 if everywhere else first, str(heading), str(was), value)


async def accept(visit: Visit) -> Response:
    """Says that what is doubtful is right, or takes that back."""
    one = await changeable(visit)
    if one.state is not ImportState.READY:
        return too_late(visit, one)
    answers, yes = one.answers, visit.field("value", "yes") == "yes"
    match visit.field("what"):
        case "all":
            answers = replace(answers, accept_all=yes)
        case "moves":
            answers = replace(answers, allow_moves=yes)
        case "removals":
            answers = replace(answers, allow_removals=yes)
        case "kept":
            answers = replace(answers, keep_facilities=yes)
        case "anywhere" if not visit.operator.leagues:
            answers = replace(answers, anywhere=yes)
        case "rows":
            rows = frozenset(map(number_of, visit.fields("row")))
            answers = replace(answers, accepted=answers.accepted | rows)
        case _:
            raise NotThere
    return await answered(visit, one, answers)


async def write(visit: Visit) -> Response:
    """Writes exactly what the page showed: 409 where that is not the preview any more."""
    one = await changeable(visit)
    if one.state is not ImportState.READY or visit.field("effect") != one.effect:
        return too_late(visit, one)
    if not one.summary.may_be_written:
        return await preview(visit, one, visit.t("There is nothing that can be written."), 422)
    return await _begin(visit, one, ImportState.APPLYING)


async def take_back(visit: Visit) -> Response:
    """Undoes what was written."""
    one = await changeable(visit)
    if one.state is not ImportState.APPLIED or one.kind not in UNDONE:
        return too_late(visit, one)
    return await _begin(visit, one, ImportState.UNDOING)


async def retry(visit: Visit) -> Response:
    """Sets a worker to what another one did not finish."""
    one = await changeable(visit)
    if one.state is ImportState.FAILED:
        return await answered(visit, one, one.answers)
    if not one.is_stuck(visit.now):
        return too_late(visit, one)
    return await _begin(visit, one, one.state, again=True)


async def _begin(
    visit: Visit, one: ListImport, state: ImportState, *, again: bool = False
) -> Response:
    try:
        async with visit.parts.store.writing() as db:
            await imports.begin(db, one, state, visit.now, retry=again)
    except ImportChanged:
        return too_late(visit, one)
    set_to_work(visit, one.id, visit.now)
    return visit.redirect(address(one))


async def download(visit: Visit) -> Response:
    """The uploaded list as a workbook in which what is wrong is marked."""
    one = await changeable(visit)
    if one.state in WORKING:
        return too_late(visit, one)
    t, words = visit.t, visit.bot_words
    async with visit.parts.store.reading() as db:
        data = await imports.file(db, visit.parts.keys, one.digest)
        rows = [*one.summary.blocking, *one.summary.doubts]
        for tab in (Tab.FAULTY, Tab.DOUBTFUL):
            for group in await imports.all_rows(db, visit.parts.keys, one.id, tab):
                rows += [{**group, "row": row} for row in group["rows"]]
    problems = [problem_of(row) for row in rows]
    told = [(problem, reason(one.kind, problem, t, words)) for problem in problems]
    try:
        book = await visit.parts.work(marked, data, one.name, told)
    except FileRefused:
        raise NotThere from None
    stem = one.name.rpartition(".")[0] or one.name
    suffix = t("to be mended")
    name = quote(f"{stem}-{suffix}.xlsx", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(book, media_type=XLSX, headers=headers)


async def unmend(visit: Visit) -> Response:
    """Takes all mended cells back."""
    one = await changeable(visit)
    if one.state is not ImportState.READY:
        return too_late(visit, one)
    return await answered(visit, one, replace(one.answers, cells=()))


ROUTES: Final[list[BaseRoute]] = [
    post("/imports/{number}/mend", Right.IMPORTS, mend),
    post("/imports/{number}/unmend", Right.IMPORTS, unmend),
    post("/imports/{number}/accept", Right.IMPORTS, accept),
    post("/imports/{number}/write", Right.IMPORTS, write),
    post("/imports/{number}/undo", Right.IMPORTS, take_back),
    post("/imports/{number}/retry", Right.IMPORTS, retry),
    get("/imports/{number}/marked", Right.IMPORTS, download),
]
