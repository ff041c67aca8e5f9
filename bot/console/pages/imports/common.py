"""What the pages of an import share: finding it, setting a worker to it, going back to it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response

from bot.console import background
from bot.console.pages.imports import subjects
from bot.console.visits import NotThere, Visit
from bot.services.list_imports import imports, kinds, progress, worker
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.states import (
    OPEN,
    ImportChanged,
    ImportState,
    ImportUnknown,
    Tab,
)
from bot.services.list_imports.worker import Task
from bot.services.storage import address_of

_DIGITS: Final = 18


def number_of(text: str) -> int:
    """A number in an address or a form. Raises `NotThere`."""
    if not (text.isascii() and text.isdecimal() and len(text) < _DIGITS):
        raise NotThere
    return int(text)


async def found(visit: Visit) -> ListImport:
    """The import of this address. Raises `NotThere`."""
    number = number_of(visit.path("number"))
    try:
        async with visit.parts.store.reading() as db:
            return await imports.view(db, visit.parts.keys, visit.operator, number)
    except ImportUnknown:
        raise NotThere from None


async def changeable(visit: Visit) -> ListImport:
    """The import of this address, of a kind that the operator may import.

    Raises `NotThere`, `NotAllowed`.
    """
    one = await found(visit)
    kinds.require(visit.operator, one.kind)
    return one


def render(
    visit: Visit,
    template: str,
    one: ListImport,
    values: Mapping[str, object] | None = None,
    status: int = 200,
) -> Response:
    """A page of one import, with what all of them say."""
    t, kind = visit.t, one.kind
    frame = {
        "one": one,
        "step": "",
        "kind": subjects.kind_name(t, kind),
        "is_to_choose": one.state in OPEN | {ImportState.REFUSED},
        "things": lambda count: subjects.things(t, kind, count),
        "noun": subjects.noun(t, kind),
        "all_address": subjects.all_address(kind),
        "record": lambda row: subjects.address(kind, row),
    }
    return visit.render(template, {**frame, **(values or {})}, status)


def address(one: ListImport, step: str = "") -> str:
    """The page of an import, or one step of it."""
    return f"/imports/{one.id}/{step}" if step else f"/imports/{one.id}"


def set_to_work(visit: Visit, number: int, begun_at: datetime) -> None:
    """A worker plans, writes or undoes the import, as its state says."""
    hold = timedelta(minutes=visit.parts.settings.hold_minutes)
    background.start(_work(visit, Task(number, visit.operator, begun_at, hold)))


async def _work(visit: Visit, task: Task) -> None:
    parts = visit.parts
    try:
        await parts.work(worker.run, address_of(parts.store), parts.keys, task)
    except Exception:
        async with parts.store.writing() as db:
            await progress.give_up(db, task.number, task.now)
        raise


async def answered(visit: Visit, one: ListImport, answers: ImportAnswers) -> Response:
    """Keeps new answers and has the list planned again."""
    if answers != one.answers or one.state is ImportState.FAILED:
        try:
            async with visit.parts.store.writing() as db:
                await imports.answer(db, one.id, answers, visit.now)
        except ImportChanged:
            return too_late(visit, one)
        set_to_work(visit, one.id, visit.now)
    tab = visit.query("tab")
    return visit.redirect(f"{address(one)}?tab={tab}" if tab in set(Tab) else address(one))


def too_late(visit: Visit, one: ListImport) -> Response:
    """Somebody else, or another window, was faster."""
    return render(visit, "imports/too_late.html", one, status=409)
