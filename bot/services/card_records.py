"""The one door by which what a bank reports comes in, whether by file or by API.

`plan` compares records with the applications, reads only and says what each would do; `apply`
writes that. Sent twice, a record does nothing the second time.

A stage is a status code: another label of the same code (预审中, 终审中) goes with the stage that
there is, and only an unknown code is told apart by its label. Several records of one number are
its history; the latest states the present. What a record does not say stays as it is, but office,
deadline, missing papers, parcel and reason belong to a stage and go with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import notes
from bot.services.card_status import SETTLED, UNKNOWN, code_of, is_backwards
from bot.services.cards import fact, number_fact, stage_changed
from bot.services.errors import CardsChanged
from bot.store.card_models import (
    CardApplicationRow,
    CardBindingRow,
    CardFactRow,
    CardStageRow,
)
from bot.store.models import DatasetRow
from bot.store.sealed import Keyring

PIECE: Final = 500
"""Records of one statement: memory, and the time that nobody else runs, stay small."""
NEXT: Final = timedelta(seconds=1)
FUTURE: Final = timedelta(days=1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class CardRecord:
    """One application as a bank reports it; texts are "" where nothing is said.

    `number`, `phone` and `id_last4` in their normal forms. `at` is when the stage was reached,
    `as_of` the moment that the report describes; both aware.
    """

    number: str
    label: str
    as_of: datetime
    at: datetime | None = None
    name: str = ""
    phone: str = ""
    id_last4: str = ""
    firm: str = ""
    outlet_code: str = ""
    outlet_name: str = ""
    office: str = ""
    seal_by: date | None = None
    missing_docs: str = ""
    parcel: str = ""
    reject_reason: str = ""
    allow_backwards: bool = False


Kind = Literal["new", "moved", "updated", "unchanged", "outdated", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a record does; outdated: something newer is known.

    `reason` of refused: no_fact, backwards, twice, future.
    """

    kind: Kind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage to be added to the history."""

    code: str
    label: str
    at: datetime
    office: str
    backwards: bool


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """An application, opened; `id` 0 for one that is new."""

    id: int
    number: str
    status: str
    label: str
    stage_at: datetime
    as_of: datetime
    name: str
    phone: str
    id_last4: str
    firm: str
    outlet_code: str
    outlet_name: str
    office: str
    seal_by: date | None
    missing_docs: str
    parcel: str
    reject_reason: str
    backwards: bool
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be written about one application."""

    before: State | None
    after: State
    stages: tuple[Stage, ...]
    moves: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying the records would do to the applications of `version`.

    `outcomes` stand in the order of the records.
    """

    version: int
    outcomes: tuple[Outcome, ...]
    steps: tuple[Step, ...]
    unknown: Mapping[str, int]

    @property
    def refused(self) -> bool:
        """Whether any record was refused."""
        return any(one.kind == "refused" for one in self.outcomes)


async def plan(
    db: AsyncSession, keys: Keyring, records: Sequence[CardRecord], now: datetime
) -> Plan:
    """Compares the records with the applications; reads only."""
    version = await cards_version(db)
    groups: dict[str, list[int]] = {}
    unknown: dict[str, int] = {}
    for place, record in enumerate(records):
        groups.setdefault(record.number, []).append(place)
        if code_of(record.label) == UNKNOWN:
            unknown[record.label] = unknown.get(record.label, 0) + 1
    outcomes = [Outcome("unchanged")] * len(records)
    steps: list[Step] = []
    for piece in _pieces(groups.items()):
        held = await _held(db, keys, [number for number, _ in piece])
        asked = [
            held[number].id
            for number, places in piece
            if number in held and (len(places) > 1 or held[number].status == UNKNOWN)
        ]
        history = await _history(db, asked)
        for number, places in piece:
            before = held.get(number)
            past = history.get(before.id, ()) if before else ()
            outcome, step = _decide(before, past, [records[one] for one in places], now)
            for place in places:
                outcomes[place] = outcome
            if step is not None:
                steps.append(step)
    return Plan(version, tuple(outcomes), tuple(steps), unknown)


async def apply(db: AsyncSession, keys: Keyring, done: Plan, now: datetime, source: str) -> None:
    """Writes what the plan says, except for what it refused, and tells those who are bound.

    Raises `CardsChanged` when the applications are no longer those it was made for.
    """
    if await lock_cards(db) != done.version + 1:
        raise CardsChanged
    await _write(db, keys, done, now, source)


async def take(
    db: AsyncSession, keys: Keyring, records: Sequence[CardRecord], now: datetime, source: str
) -> tuple[Outcome, ...]:
    """Plans and applies at once: what can be taken is, whatever else was refused."""
    await lock_cards(db)
    done = await plan(db, keys, records, now)
    await _write(db, keys, done, now, source)
    return done.outcomes


async def _write(db: AsyncSession, keys: Keyring, done: Plan, now: datetime, source: str) -> None:
    for label in done.unknown:
        mark = keys.index(label, "card_application.label").hex()
        await notes.write(db, keys, "card.label", f"card.label:{mark}", {}, now, label)
    for piece in _pieces(done.steps):
        ids = await _write_applications(db, keys, piece, now)
        await _write_facts(db, keys, piece, ids)
        await _write_stages(db, keys, piece, ids, now, source)
        await _tell(db, [(ids[one.after.number], one.after) for one in piece if one.moves], now)


async def cards_version(db: AsyncSession) -> int:
    """How often records came in, 0 for a new database."""
    found = await db.scalar(select(DatasetRow.version).where(DatasetRow.name == "cards"))
    return found or 0


async def lock_cards(db: AsyncSession) -> int:
    """Waits until nobody else adds, changes or erases applications, and counts it; the new count.

    Whoever does any of that takes this lock before all others, so that none waits for another.
    """
    row = _upsert(db)(DatasetRow).values(name="cards", version=0)
    await db.execute(row.on_conflict_do_nothing())
    counted = update(DatasetRow).where(DatasetRow.name == "cards")
    counted = counted.values(version=DatasetRow.version + 1)
    return (await db.execute(counted.returning(DatasetRow.version))).scalar_one()


def _decide(
    before: State | None,
    past: Sequence[tuple[str, datetime]],
    records: Sequence[CardRecord],
    now: datetime,
) -> tuple[Outcome, Step | None]:
    """What the records of one number do to its application."""
    if any(max(one.at or one.as_of, one.as_of) > now + FUTURE for one in records):
        return Outcome("refused", "future"), None
    ordered = _in_order(records)
    if ordered is None:
        return Outcome("refused", "twice"), None
    if before is None:
        return _begin(ordered)
    return _go_on(before, past, ordered)


def _in_order(records: Sequence[CardRecord]) -> list[CardRecord] | None:
    """The stages that the records tell of, oldest first; None where it is unclear which is last."""
    if len(records) == 1:
        return [records[0]]
    ordered = sorted(records, key=lambda one: one.at or one.as_of)
    told = [ordered[0]]
    for one, after in pairwise(ordered):
        if _is_same(code_of(one.label), one.label, after):
            told[-1] = replace(after, at=told[-1].at)
        elif (one.at or one.as_of) == (after.at or after.as_of):
            return None
        else:
            told.append(after)
    return told


def _begin(ordered: Sequence[CardRecord]) -> tuple[Outcome, Step | None]:
    last = ordered[-1]
    said: dict[str, Any] = {name: _last_said(ordered, name) for name in _LASTING}
    if not said["phone"] and not said["id_last4"]:
        return Outcome("refused", "no_fact"), None
    stages: list[Stage] = []
    for one in ordered:
        stages.append(_stage(one, one.at or one.as_of, stages[-1].code if stages else UNKNOWN))
        if stages[-1].backwards and not one.allow_backwards:
            return Outcome("refused", "backwards"), None
    code, at = stages[-1].code, stages[-1].at
    after = State(
        id=0,
        number=last.number,
        status=code,
        label=last.label,
        stage_at=at,
        as_of=last.as_of,
        backwards=stages[-1].backwards,
        settled_at=at if code in SETTLED else None,
        **said,
        **{name: getattr(last, name) for name in _PASSING},
    )
    return Outcome("new"), Step(None, after, tuple(stages), moves=False)


def _go_on(
    before: State, past: Sequence[tuple[str, datetime]], ordered: Sequence[CardRecord]
) -> tuple[Outcome, Step | None]:
    last = ordered[-1]
    code = code_of(last.label)
    same = _is_same(before.status, before.label, last)
    lasting: dict[str, Any] = {
        name: _last_said(ordered, name) or getattr(before, name) for name in _LASTING
    }
    after = replace(before, label=last.label, as_of=max(before.as_of, last.as_of), **lasting)
    stages: list[Stage] = []
    if same:
        said = {name: getattr(last, name) or getattr(before, name) for name in _PASSING}
        after = replace(after, **said)
    else:
        known = before.status
        if known == UNKNOWN:
            known = next((one for one, _ in reversed(past) if one != UNKNOWN), UNKNOWN)
        # A day without its hour would stand before the hour of the stage that it follows.
        at = max(last.at or last.as_of, before.stage_at + NEXT)
        stages.append(_stage(last, at, known))
        after = replace(
            after,
            status=code,
            stage_at=at,
            backwards=stages[-1].backwards,
            settled_at=at if code in SETTLED else None,
            **{name: getattr(last, name) for name in _PASSING},
        )
    if len(ordered) > 1:
        known_at = {at for _, at in past}
        earlier = [one for one in ordered[:-1] if one.at is not None and one.at not in known_at]
        stages[:0] = [
            _stage(one, one.at, UNKNOWN) for one in earlier if one.at and one.at < after.stage_at
        ]
    if not stages and after == replace(before, as_of=after.as_of):
        step = None if after == before else Step(before, after, (), moves=False)
        return Outcome("unchanged"), step
    if last.as_of < before.as_of:
        return Outcome("outdated"), None
    if not same and after.backwards and not last.allow_backwards:
        return Outcome("refused", "backwards"), None
    step = Step(before, after, tuple(stages), moves=not same)
    return Outcome("updated" if same else "moved"), step


def _is_same(code: str, label: str, record: CardRecord) -> bool:
    now = code_of(record.label)
    return now == code and (code != UNKNOWN or label == record.label)


def _stage(record: CardRecord, at: datetime, follows: str) -> Stage:
    code = code_of(record.label)
    return Stage(code, record.label, at, record.office, is_backwards(follows, code))


def _last_said(ordered: Sequence[CardRecord], name: str) -> str:
    said: Iterable[str] = (getattr(one, name) for one in reversed(ordered))
    return next(filter(None, said), "")


_LASTING: Final = ("name", "phone", "id_last4", "firm", "outlet_code", "outlet_name")
_PASSING: Final = ("office", "seal_by", "missing_docs", "parcel", "reject_reason")
_SEALED: Final = (
    "number", "name", "phone", "id_last4", "label", "missing_docs", "parcel", "reject_reason",
)  # fmt: skip
_REQUIRED: Final = frozenset({"number", "label"})
_STATE: Final = tuple(one.name for one in fields(State))
_PLAIN: Final = tuple(one for one in _STATE if one not in {"id", *_SEALED})


async def _held(db: AsyncSession, keys: Keyring, numbers: Sequence[str]) -> dict[str, State]:
    """The applications of these numbers, under whichever key they were indexed."""
    named = {index: number for number in numbers for index in keys.indexes(*number_fact(number))}
    found = select(_APPLICATION.c.number_index, *(_APPLICATION.c[name] for name in _STATE))
    found = found.where(_APPLICATION.c.number_index.in_(named))
    held = {}
    for row in (await db.execute(found)).mappings():
        values = {name: row[name] for name in _STATE}
        for name in _SEALED:
            sealed = values[name]
            values[name] = keys.open(sealed, f"card_application.{name}") if sealed else ""
        held[named[row["number_index"]]] = State(**values)
    return held


async def _history(db: AsyncSession, ids: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
    found: dict[int, list[tuple[str, datetime]]] = {}
    if ids:
        told = select(_STAGE.c.application_id, _STAGE.c.code, _STAGE.c.at)
        told = told.where(_STAGE.c.application_id.in_(ids)).order_by(_STAGE.c.at, _STAGE.c.id)
        for row in await db.execute(told):
            found.setdefault(row.application_id, []).append((row.code, row.at))
    return found


async def _write_applications(
    db: AsyncSession, keys: Keyring, steps: Sequence[Step], now: datetime
) -> dict[str, int]:
    """Writes new and changed applications; number → id of all of them."""
    ids = {one.after.number: one.after.id for one in steps if one.before}
    new = {keys.index(*number_fact(one.after.number)): one.after for one in steps if not one.before}
    if new:
        rows = [
            {"number_index": index, **_row(keys, after), "updated_at": now}
            for index, after in new.items()
        ]
        await db.execute(insert(_APPLICATION), rows)
        made = select(_APPLICATION.c.id, _APPLICATION.c.number_index)
        made = made.where(_APPLICATION.c.number_index.in_(new))
        ids |= {new[row.number_index].number: row.id for row in await db.execute(made)}
    changed = [one for one in steps if one.before and one.after != _refreshed(one)]
    if changed:
        rows = [
            {
                "number_index": keys.index(*number_fact(one.after.number)),
                **_row(keys, one.after),
                "updated_at": now,
                "which": one.after.id,
            }
            for one in changed
        ]
        await db.execute(_of("which", update(_APPLICATION)), rows)
    fresher = [one for one in steps if one.before and one.after == _refreshed(one)]
    if fresher:
        rows = [{"which": one.after.id, "as_of": one.after.as_of} for one in fresher]
        await db.execute(_of("which", update(_APPLICATION)), rows)
    return ids


def _refreshed(step: Step) -> State | None:
    return replace(step.before, as_of=step.after.as_of) if step.before else None


def _row(keys: Keyring, state: State) -> dict[str, Any]:
    row = {name: getattr(state, name) for name in _PLAIN}
    for name in _SEALED:
        said = getattr(state, name)
        place = f"card_application.{name}"
        row[name] = keys.seal(said, place) if said or name in _REQUIRED else None
    return row


async def _write_facts(
    db: AsyncSession, keys: Keyring, steps: Sequence[Step], ids: Mapping[str, int]
) -> None:
    rows = [
        {
            "application_id": ids[after.number],
            "kind": kind,
            "fact_index": keys.index(*fact(kind, after.number, digits)),
        }
        for before, after in ((one.before, one.after) for one in steps)
        for kind, digits in _facts(after).items()
        if before is None or _facts(before).get(kind) != digits
    ]
    if rows:
        new = _upsert(db)(_FACT)
        key = [_FACT.c.application_id, _FACT.c.kind]
        fresh = {"fact_index": new.excluded.fact_index}
        await db.execute(new.on_conflict_do_update(index_elements=key, set_=fresh), rows)


def fact_digits(phone: str, id_last4: str) -> dict[str, str]:
    """Kind → the four digits that prove an application, as far as they are known."""
    digits = {"phone": phone[-4:], "id": id_last4}
    return {kind: said for kind, said in digits.items() if said}


def _facts(state: State) -> dict[str, str]:
    return fact_digits(state.phone, state.id_last4)


async def _write_stages(
    db: AsyncSession,
    keys: Keyring,
    steps: Sequence[Step],
    ids: Mapping[str, int],
    now: datetime,
    source: str,
) -> None:
    rows = [
        {
            "application_id": ids[step.after.number],
            "code": one.code,
            "label": keys.seal(one.label, "card_stage.label"),
            "at": one.at,
            "office": one.office,
            "source": source,
            "backwards": one.backwards,
            "recorded_at": now,
        }
        for step in steps
        for one in step.stages
    ]
    if rows:
        await db.execute(_upsert(db)(_STAGE).on_conflict_do_nothing(), rows)


async def _tell(db: AsyncSession, moved: Sequence[tuple[int, State]], now: datetime) -> None:
    """A notice for each application that somebody is bound to.

    Only after the applications were written: `Cards.prove` waits there, so that nobody is bound
    between the look and the commit.
    """
    if not moved:
        return
    ids = [number for number, _ in moved]
    bound = select(CardBindingRow.application_id).where(CardBindingRow.application_id.in_(ids))
    heard = set(await db.scalars(bound))
    at = [(number, after.stage_at) for number, after in moved if number in heard]
    if at:
        reached = select(_STAGE.c.application_id, _STAGE.c.id)
        reached = reached.where(tuple_(_STAGE.c.application_id, _STAGE.c.at).in_(at))
        for application_id, stage_id in list(await db.execute(reached)):
            await stage_changed(db, application_id, stage_id, now)


def _of(name: str, change: Any) -> Any:
    return change.where(_APPLICATION.c.id == bindparam(name))


def _upsert(db: AsyncSession) -> Any:
    return sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert


def _pieces(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while piece := list(islice(rest, PIECE)):
        yield piece


_APPLICATION: Final = CardApplicationRow.metadata.tables[CardApplicationRow.__tablename__]
_FACT: Final = CardFactRow.metadata.tables[CardFactRow.__tablename__]
_STAGE: Final = CardStageRow.metadata.tables[CardStageRow.__tablename__]
