"""The SQL of applications: read and unsealed for a comparison, and written.

Each function takes one piece of a report: a statement or two, however many applications there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards.blind_index import FactKind, fact, fact_digits, number_fact
from bot.services.cards.notifications import stage_changed
from bot.services.cards.records import RecordSource, State, Step
from bot.services.cards.statuses import CardStatus
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow, CardBindingRow, CardFactRow, CardStageRow
from bot.store.upsert import upsert

_SEALED: Final = (
    "number", "name", "phone", "id_last4", "label", "missing_docs", "parcel", "reject_reason",
)  # fmt: skip
_REQUIRED: Final = frozenset({"number", "label"})
_STATE: Final = tuple(one.name for one in fields(State))
_PLAIN: Final = tuple(one for one in _STATE if one not in {"id", *_SEALED})


async def applications_of(
    db: AsyncSession, keys: Keyring, numbers: Sequence[str]
) -> dict[str, State]:
    """The applications of these numbers, under whichever key they were indexed."""
    named = {index: number for number in numbers for index in keys.indexes(*number_fact(number))}
    found = select(_APPLICATION.c.number_index, *(_APPLICATION.c[name] for name in _STATE))
    found = found.where(_APPLICATION.c.number_index.in_(named))
    known = {}
    for row in (await db.execute(found)).mappings():
        values = {name: row[name] for name in _STATE}
        for name in _SEALED:
            sealed = values[name]
            values[name] = keys.open(sealed, f"card_application.{name}") if sealed else ""
        values["status"] = CardStatus(values["status"])
        known[named[row["number_index"]]] = State(**values)
    return known


async def histories_of(
    db: AsyncSession, ids: Sequence[int]
) -> dict[int, list[tuple[CardStatus, datetime]]]:
    """(code, when) of each stage of these applications, oldest first."""
    found: dict[int, list[tuple[CardStatus, datetime]]] = {}
    if ids:
        history = select(_STAGE.c.application_id, _STAGE.c.code, _STAGE.c.at)
        history = history.where(_STAGE.c.application_id.in_(ids)).order_by(_STAGE.c.at, _STAGE.c.id)
        for row in await db.execute(history):
            found.setdefault(row.application_id, []).append((CardStatus(row.code), row.at))
    return found


async def write_applications(
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
        value = getattr(state, name)
        place = f"card_application.{name}"
        row[name] = keys.seal(value, place) if value or name in _REQUIRED else None
    return row


async def write_facts(
    db: AsyncSession, keys: Keyring, steps: Sequence[Step], ids: Mapping[str, int]
) -> None:
    """Writes the facts that verify the owner of an application, where they are new or changed."""
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
        new = upsert(db, _FACT)
        key = [_FACT.c.application_id, _FACT.c.kind]
        fresh = {"fact_index": new.excluded.fact_index}
        await db.execute(new.on_conflict_do_update(index_elements=key, set_=fresh), rows)


def _facts(state: State) -> dict[FactKind, str]:
    return fact_digits(state.phone, state.id_last4)


async def write_stages(
    db: AsyncSession,
    keys: Keyring,
    steps: Sequence[Step],
    ids: Mapping[str, int],
    now: datetime,
    source: RecordSource,
) -> None:
    """Adds to the histories what is not there yet."""
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
        await db.execute(upsert(db, _STAGE).on_conflict_do_nothing(), rows)


async def notify_bound(db: AsyncSession, moved: Sequence[tuple[int, State]], now: datetime) -> None:
    """Writes a notice for each application that a courier is bound to.

    Only after the applications were written: `Cards.prove` waits for that lock, so that nobody is
    bound between this query and the commit.
    """
    if not moved:
        return
    ids = [number for number, _ in moved]
    bound = select(CardBindingRow.application_id).where(CardBindingRow.application_id.in_(ids))
    with_courier = set(await db.scalars(bound))
    at = [(number, after.stage_at) for number, after in moved if number in with_courier]
    if at:
        reached = select(_STAGE.c.application_id, _STAGE.c.id)
        reached = reached.where(tuple_(_STAGE.c.application_id, _STAGE.c.at).in_(at))
        for application_id, stage_id in list(await db.execute(reached)):
            await stage_changed(db, application_id, stage_id, now)


def _of(name: str, change: Any) -> Any:
    return change.where(_APPLICATION.c.id == bindparam(name))


_APPLICATION: Final = CardApplicationRow.metadata.tables[CardApplicationRow.__tablename__]
_FACT: Final = CardFactRow.metadata.tables[CardFactRow.__tablename__]
_STAGE: Final = CardStageRow.metadata.tables[CardStageRow.__tablename__]
