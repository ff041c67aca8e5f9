"""Content in the console: the list, one piece, and changes within the operator's leagues.

What is meant for all leagues is changed by whoever sees the whole region. Every change goes through
the plan of `yizhan content import` and is entered in the audit log in its transaction.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.geo.places import Kind, Places
from bot.services.content.catalogue import ContentKind, Item, item_of
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

PAGE: Final = 50
LATEST: Final = 10
"""Imports and changes that the list names."""


class ContentUnknown(DomainError):
    """There is no content of that code."""


class ContentEdited(DomainError):
    """Somebody changed the same content since it was shown; `later`: what they did."""

    def __init__(self, later: Sequence[tuple[Revision, Record]]) -> None:
        super().__init__()
        self.later = tuple(later)


class State(StrEnum):
    """Whether it is served; a sample is served in the demo only."""

    SERVED = "served"
    PLANNED = "planned"
    EXPIRED = "expired"
    OVERDUE = "overdue"
    """Served, and its review date is over."""
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class ListedContent:
    """One piece of content as the list shows it."""

    code: str
    kind: ContentKind
    title: str
    league: str
    valid_from: date | None
    valid_until: date | None
    review_on: date | None
    is_sample: bool
    has_english: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; `after`: the last code of the page before."""

    kind: ContentKind | None = None
    state: State | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class ContentView:
    """One piece of content; `version`: of all content when it was read."""

    entry: Entry
    version: int
    history: tuple[tuple[Revision, Record], ...]


def states(one: ListedContent | Entry, today: date) -> list[State]:
    """In which states it is; more than one for a sample."""
    found = [State.SAMPLE] if one.is_sample else []
    if one.valid_from is not None and one.valid_from > today:
        return [State.PLANNED, *found]
    if one.valid_until is not None and one.valid_until < today:
        return [State.EXPIRED, *found]
    overdue = one.review_on is not None and one.review_on < today
    return [State.OVERDUE if overdue else State.SERVED, *found]


def league_names(places: Places) -> dict[str, str]:
    """The adcode of each league by its name, its short name and itself."""
    found: dict[str, str] = {}
    for place in places.by_adcode.values():
        if place.kind is Kind.LEAGUE:
            names = (place.adcode, place.name, place.name.removesuffix("市").removesuffix("盟"))
            found |= dict.fromkeys(names, place.adcode)
    return found


async def listed(
    db: AsyncSession, operator: Operator, query: Query, now: datetime
) -> list[ListedContent]:
    """A page by code: what is for all and for their leagues. Raises `NotAllowed`."""
    operator.require(Right.CONTENT)
    today = now.astimezone(CHINA).date()
    rows = select(ContentRow).where(ContentRow.code > query.after)
    if operator.leagues:
        rows = rows.where(ContentRow.league.in_({"", *operator.leagues}))
    if query.kind is not None:
        rows = rows.where(ContentRow.kind == query.kind)
    if query.state is not None:
        rows = rows.where(_is_in(query.state, today))
    found = await db.scalars(rows.order_by(ContentRow.code).limit(PAGE))
    return [
        ListedContent(
            code=row.code,
            kind=ContentKind(row.kind),
            title=row.title,
            league=row.league,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            review_on=row.review_on,
            is_sample=row.is_sample,
            has_english=bool(row.text_en),
            updated_at=row.updated_at,
        )
        for row in found
    ]


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


def _is_in(state: State, today: date) -> ColumnElement[bool]:
    begun = or_(ContentRow.valid_from.is_(None), ContentRow.valid_from <= today)
    lasts = or_(ContentRow.valid_until.is_(None), ContentRow.valid_until >= today)
    overdue = and_(ContentRow.review_on.is_not(None), ContentRow.review_on < today)
    match state:
        case State.SERVED:
            return and_(begun, lasts)
        case State.PLANNED:
            return ContentRow.valid_from > today
        case State.EXPIRED:
            return and_(begun, ContentRow.valid_until < today)
        case State.OVERDUE:
            return and_(begun, lasts, overdue)
        case State.SAMPLE:
            return ContentRow.is_sample.is_(True)


def item(entry: Entry, language: str, now: datetime) -> Item:
    """The piece as couriers get it in that language, whether it is stored so or not."""
    values = {name: getattr(entry, name) for name in FIELDS}
    return item_of(ContentRow(id=0, **values), language, now.astimezone(CHINA).date())
