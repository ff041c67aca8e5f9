"""Content in the console: one piece, and changes within the operator's leagues.

What is meant for all leagues is changed by whoever sees the whole region. Every change goes through
the plan of `yizhan content import` and is entered in the audit log in its transaction.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Kind, Places
from bot.services.content.catalogue import Item, item_of
from bot.services.content.importing import plan as planning
from bot.services.content.importing import undo
from bot.services.content.importing.entries import FIELDS, Entry
from bot.services.content.importing.plan import Plan, stored_entries
from bot.services.content.importing.sources import Sources, plan_import
from bot.services.dataset_version import Dataset, dataset_version, lock_version
from bot.services.errors import DomainError
from bot.services.operators import audit, revisions
from bot.services.operators.audit import SubjectKind
from bot.services.operators.revisions import Origin, Record, Revision, RevisionAction, RevisionKind
from bot.services.operators.roles import Operator, Right
from bot.store.models.content import ContentRow

LATEST: Final = 10
"""Imports and changes that the list names."""


class ContentUnknown(DomainError):
    """There is no content of that code."""


class ContentEdited(DomainError):
    """Somebody changed the same content since it was shown; `later`: what they did."""

    def __init__(self, later: Sequence[tuple[Revision, Record]]) -> None:
        super().__init__()
        self.later = tuple(later)


@value
class ContentView:
    """One piece of content; `version`: of all content when it was read."""

    entry: Entry
    version: int
    history: tuple[tuple[Revision, Record], ...]


def league_names(places: Places) -> dict[str, str]:
    """The adcode of each league by its name, its short name and itself."""
    found: dict[str, str] = {}
    for place in places.by_adcode.values():
        if place.kind is Kind.LEAGUE:
            names = (place.adcode, place.name, place.name.removesuffix("市").removesuffix("盟"))
            found |= dict.fromkeys(names, place.adcode)
    return found


async def view(db: AsyncSession, operator: Operator, code: str) -> ContentView:
    """Raises `ContentUnknown`, and `NotAllowed` for another league's."""
    operator.require(Right.CONTENT)
    entry = (await stored_entries(db)).get(code)
    if entry is None:
        raise ContentUnknown(code)
    if entry.league:
        operator.require(Right.CONTENT, entry.league)
    version = await dataset_version(db, Dataset.CONTENT)
    history = await revisions.history(db, RevisionKind.CONTENT, code)
    return ContentView(entry, version, tuple(history))


async def latest(db: AsyncSession, operator: Operator) -> list[Revision]:
    """The newest imports and changes. Raises `NotAllowed`."""
    operator.require(Right.CONTENT)
    return await revisions.latest(db, RevisionKind.CONTENT, LATEST)


async def draft(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    sources: Sources,
    open_picture: Callable[[str], bytes | None],
) -> tuple[Plan, int]:
    """What the files would do, and the version of the content that they were compared with.

    Raises `NotAllowed` where something in them is not in the operator's leagues.
    """
    operator.require(Right.CONTENT)
    version = await dataset_version(db, Dataset.CONTENT)
    plan = await plan_import(db, sources, league_names(places), open_picture)
    touched = [*plan.new, *(of for one in plan.changed for of in (one.before, one.after))]
    for league in {entry.league for entry in touched}:
        operator.require(Right.CONTENT, league)
    return plan, version


async def save(
    db: AsyncSession,
    operator: Operator,
    plan: Plan,
    action: RevisionAction,
    source: str,
    now: datetime,
    *,
    version: int,
) -> int | None:
    """Writes a plan made by `draft` in this transaction; the number of its revision, None where
    nothing differs. `version`: that which the operator saw.

    Raises `ContentEdited` where somebody changed the same content since, and as `planning.apply`.
    """
    await lock_version(db, Dataset.CONTENT)
    codes = [*(one.code for one in plan.new), *(one.after.code for one in plan.changed)]
    later = [
        done
        for code in codes
        for done in await revisions.since_version(db, RevisionKind.CONTENT, code, version)
    ]
    if later:
        raise ContentEdited(later)
    number = await planning.apply(db, plan, Origin(operator.name, action, source), now)
    if number is not None:
        await _record(db, operator, f"content.{action}", number, codes, plan, now)
    return number


async def take_back(db: AsyncSession, operator: Operator, number: int, now: datetime) -> int:
    """Undoes a revision; the number of the revision that this is.

    Raises `UndoRefused`, and `NotAllowed` where it touched what is not in the operator's leagues.
    """
    operator.require(Right.CONTENT)
    stored = await stored_entries(db)
    codes: list[str] = []
    async for piece in revisions.records_of(db, number):
        for one in piece:
            codes.append(one.code)
            leagues = {values["league"] for values in (one.before, one.after)
                       if values is not None and "league" in values}  # fmt: skip
            if one.code in stored:
                leagues.add(stored[one.code].league)
            for league in leagues:
                operator.require(Right.CONTENT, str(league))
    done = await undo.undo_revision(db, number, operator.name, now)
    await _record(db, operator, "content.undo", done, codes, None, now)
    return done


async def _record(
    db: AsyncSession,
    operator: Operator,
    action: str,
    number: int,
    codes: Collection[str],
    plan: Plan | None,
    now: datetime,
) -> None:
    """One piece by its code with what differs, several as one row that counts them."""
    before: Mapping[str, audit.Plain] | None = None
    after: Mapping[str, audit.Plain] | None = {"revision": number, "pieces": len(codes)}
    subject = ""
    if len(codes) == 1:
        (subject,) = codes
        (_, record), *_ = await revisions.history(db, RevisionKind.CONTENT, subject, 1)
        before, after = _short(record.before), _short(record.after)
    leagues = {one.league for one in plan.new} if plan is not None else set()
    if plan is not None:
        leagues |= {one.after.league for one in plan.changed}
    league = leagues.pop() if len(leagues) == 1 else ""
    await audit.record(
        db, operator.name, action, SubjectKind.CONTENT, subject, now,
        league=league, before=before, after=after,
    )  # fmt: skip


def _short(values: Mapping[str, audit.Plain] | None) -> Mapping[str, audit.Plain] | None:
    """Long texts stand in the revision; the log has their beginning."""
    if values is None:
        return None
    return {
        name: f"{value[:80]}…" if isinstance(value, str) and len(value) > 80 else value
        for name, value in values.items()
    }


def item(entry: Entry, language: str, now: datetime) -> Item:
    """The piece as couriers get it in that language, whether it is stored so or not."""
    values = {name: getattr(entry, name) for name in FIELDS}
    return item_of(ContentRow(id=0, **values), language, now.astimezone(CHINA).date())
