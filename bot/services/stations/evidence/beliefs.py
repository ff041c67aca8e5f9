"""What the observations of each station come to: computed, stored, and held by every replica.

A belief is computed again from its observations whenever one is added or taken back. The lock on
the version of the beliefs makes that one at a time, so a replica that reads the rows with a newer
version than its own misses none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief import model
from bot.belief.compiled import CompiledBelief, compiled
from bot.belief.model import HALF_LIVES, Belief, Source, kind_of
from bot.common.values import value
from bot.store.models.observations import BeliefRow, ObservationRow
from bot.store.upsert import upsert

COUNTED_FOR: Final = timedelta(days=180)
COUNTED_MOST: Final = 300
"""Observations of a fact that are read: older ones have faded."""
DOUBTED_FOR: Final = timedelta(hours=3)
"""A station that waits for a check is no first choice for so long."""
TRUSTED: Final = 0.3
"""A courier's observation of less weight is not shown to others as somebody's word."""
HOUR: Final = timedelta(hours=1)


@value
class StationBeliefs:
    """The beliefs about one station by component, and until when a fact waits for a check."""

    by_component: Mapping[str, CompiledBelief] = field(default_factory=dict)
    doubted_until: Mapping[str, datetime] = field(default_factory=dict)

    def is_doubted(self, fact: str, at: datetime) -> bool:
        """Whether it waits for a check at that moment, and nothing has outweighed the reports."""
        until = self.doubted_until.get(fact)
        return until is not None and at < until and self.by_component[fact].logit < 0.0


@value
class BeliefSnapshot:
    """One version of all beliefs, by station; never changes."""

    version: int = 0
    by_station: Mapping[int, StationBeliefs] = field(default_factory=dict)


async def load(db: AsyncSession, loaded: BeliefSnapshot, version: int) -> BeliefSnapshot:
    """The beliefs of that version: those that are loaded, with what changed since."""
    row = BeliefRow
    changed = select(row.station_id, row.component, row.logit, row.at, row.doubted_until)
    by_station = dict(loaded.by_station)
    for one in (await db.execute(changed.where(row.version > loaded.version))).all():
        before = by_station.get(one.station_id, StationBeliefs())
        belief = Belief(one.logit, one.at)
        doubted = {**before.doubted_until, one.component: one.doubted_until}
        by_station[one.station_id] = StationBeliefs(
            {**before.by_component, one.component: compiled(one.component, belief)},
            {component: until for component, until in doubted.items() if until is not None},
        )
    return BeliefSnapshot(version, by_station)


async def recompute(
    db: AsyncSession,
    station_id: int,
    fact: str,
    version: int,
    now: datetime,
    observed_at: datetime | None = None,
) -> bool:
    """Computes the beliefs of a fact from its observations; whether its last one asks for a check.

    `version`: the one that this transaction raised the beliefs to. `observed_at`: when the last
    one was made; without it the moment is known to the hour only, or as it was stored before.
    """
    rows = await _observations(db, station_id, fact, now)
    beliefs: dict[str, Belief] = {}
    for row in rows:
        moment = _latest_moment(row, now)
        for component in model.components(fact, row.at):
            before = beliefs.get(component)
            after = model.update(before, component, row.positive, row.weight, moment)
            beliefs[component] = after
    until = _doubted_until(rows, now)
    nothing = Belief(0.0, now)
    known = await _stored(db, station_id, fact)
    values: dict[str, dict[str, Any]] = {
        component: {"logit": belief.logit, "at": belief.at}
        for component, belief in {**dict.fromkeys(known, nothing), **beliefs}.items()
    }
    shown = await _shown(db, station_id, fact, rows, now, observed_at)
    values[fact] = {**values.get(fact, {"logit": 0.0, "at": now}), **shown, "doubted_until": until}
    for component, stored in values.items():
        stored["version"] = version
        row_of = upsert(db, BeliefRow).values(station_id=station_id, component=component, **stored)
        key = [BeliefRow.station_id, BeliefRow.component]
        await db.execute(row_of.on_conflict_do_update(index_elements=key, set_=stored))
    is_newest = until is not None and bool(rows) and not rows[-1].positive
    return is_newest and until == _latest_moment(rows[-1], now) + DOUBTED_FOR


def shown_for(fact: str) -> timedelta:
    """How long couriers are told of an observation: by then three quarters of it have faded."""
    return 2 * HALF_LIVES[kind_of(fact)]


async def _observations(
    db: AsyncSession, station_id: int, fact: str, now: datetime
) -> Sequence[ObservationRow]:
    """Those that count, the oldest first."""
    counted = select(ObservationRow).where(
        ObservationRow.station_id == station_id,
        ObservationRow.fact == fact,
        ObservationRow.at > now - COUNTED_FOR,
    )
    latest = counted.order_by(ObservationRow.at.desc(), ObservationRow.id.desc())
    return list(await db.scalars(latest.limit(COUNTED_MOST)))[::-1]


async def _stored(db: AsyncSession, station_id: int, fact: str) -> Sequence[str]:
    """The components of the fact that have a row: one without observations goes back to nothing."""
    mine = (BeliefRow.component == fact) | BeliefRow.component.startswith(f"{fact}.")
    stored = select(BeliefRow.component).where(BeliefRow.station_id == station_id, mine)
    return list(await db.scalars(stored))


def _latest_moment(row: ObservationRow, now: datetime) -> datetime:
    """When it was made, at the latest: only the hour is kept."""
    return min(row.at + HOUR, now)


def _doubted_until(rows: Sequence[ObservationRow], now: datetime) -> datetime | None:
    """After the last report that, with those of other couriers before it, asks for a check."""
    reports = [
        (row.weight, _latest_moment(row, now))
        for row in rows
        if not row.positive and row.source == Source.COURIER
    ]
    for number in range(len(reports), 0, -1):
        moment = reports[number - 1][1]
        until = moment + DOUBTED_FOR
        if until <= now:
            break
        if model.needs_check(reports[:number], moment):
            return until
    return None


def _is_trusted(row: ObservationRow) -> bool:
    return row.weight >= TRUSTED or row.source == Source.KEEPER


async def _shown(
    db: AsyncSession,
    station_id: int,
    fact: str,
    rows: Sequence[ObservationRow],
    now: datetime,
    observed_at: datetime | None,
) -> dict[str, Any]:
    """What couriers are told: the last word that can be trusted, of how many, and from when."""
    trusted = [row for row in rows if _is_trusted(row) and row.at > now - shown_for(fact)]
    if not trusted:
        return {"positive": None, "people": 0, "by_keeper": False, "observed_at": None}
    last = trusted[-1]
    agreeing = [row for row in trusted if row.positive is last.positive]
    signs = {row.positive for row in trusted if row.at == last.at}
    stored = select(BeliefRow.observed_at).where(
        BeliefRow.station_id == station_id, BeliefRow.component == fact
    )
    before = await db.scalar(stored)
    moment = last.at
    if observed_at is not None and last is rows[-1]:
        moment = observed_at
    elif before is not None and last.at <= before < last.at + HOUR:
        moment = before
    return {
        "positive": last.positive if len(signs) == 1 else None,
        "people": sum(row.source == Source.COURIER for row in agreeing),
        "by_keeper": any(row.source == Source.KEEPER for row in agreeing),
        "observed_at": moment,
    }
