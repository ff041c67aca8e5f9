"""What couriers and keepers found at stations: taken, weighed, shown again, and resolved."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief import model
from bot.belief.model import Source
from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.point import Point
from bot.services.dataset_version import Dataset, raise_version
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.stations import visits
from bot.services.stations.demand import coarse_cell
from bot.services.stations.evidence import beliefs, reporters
from bot.services.stations.evidence.left_out import leave_out, restore
from bot.services.stations.feedback.outcomes import resolve as resolve
from bot.services.stations.feedback.outcomes import tell_resolved
from bot.store.encryption import Keyring
from bot.store.models.observations import BeliefRow, ObservationRow
from bot.store.models.stations import StationRow

ONCE_IN: Final = timedelta(hours=12)
"""What somebody says again about a fact within this time replaces what they said before."""
LINKED_FOR: Final = timedelta(days=30)
"""So long an observation is kept with its courier."""
WORDS_KEPT: Final = 200
"""Characters of the courier's message that the operator's note holds."""


@value
class Observed:
    """What came of an observation. `needs_check`: with it the station waits for a check."""

    needs_check: bool = False


@value
class Known:
    """What was observed last of a fact, by whom and when.

    `positive`: whether the fact holds, None where observations of one hour contradict each other.
    `people`: how many couriers say so; `by_keeper`: the keeper does.
    """

    fact: str
    positive: bool | None
    people: int
    at: datetime
    is_doubted: bool
    by_keeper: bool = False


class Observer:
    """Takes observations; what a courier wrote is sealed with these keys."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    async def observe(
        self,
        db: AsyncSession,
        courier_id: int | None,
        station_id: int,
        facts: Sequence[tuple[str, bool]],
        now: datetime,
        *,
        location: Point | None = None,
        words: str = "",
        source: Source = Source.COURIER,
    ) -> Observed:
        """Stores whether each of these facts holds: in force on every replica within seconds.

        A courier (`courier_id`) is not asked about this visit any more, and not sent there until
        the morning if a fact does not hold. `location`: where they shared they are, within the
        last 20 minutes. `words`: their message, for the operator. A keeper or a list, by `source`,
        has no courier; who reported what it says is in order again is told.
        """
        found = select(
            StationRow.id, StationRow.code, StationRow.name, StationRow.lat, StationRow.lon
        )
        station = (await db.execute(found.where(StationRow.id == station_id))).one_or_none()
        if courier_id is not None:
            await visits.answered(db, courier_id, station_id, now)
        if station is None or not facts:
            return Observed()
        said = _with_implied(facts)
        version = await raise_version(db, Dataset.BELIEFS)
        door = Point(station.lat, station.lon)
        reporter = None
        if source is Source.COURIER and courier_id is not None:
            reporter = await reporters.read(db, courier_id, station_id, door, location, now)
        cell = coarse_cell(door) if reporter is None else reporter.cell
        needs_check = False
        for fact, positive in said.items():
            await db.execute(
                delete(ObservationRow).where(
                    _said_before(courier_id, station_id, fact, source, now)
                )
            )
            weight = model.weight(source, None)
            if reporter is not None:
                weight = await reporters.weigh(db, reporter, station_id, fact, positive, now)
            values = {
                "station_id": station_id,
                "fact": fact,
                "positive": positive,
                "source": source,
                "at": _hour(now),
                "cell": cell,
                "weight": weight,
                "courier_id": courier_id,
            }
            await db.execute(insert(ObservationRow).values(values))
            if await beliefs.recompute(db, station_id, fact, version, now, observed_at=now):
                needs_check = True
                await self._note(db, station, fact, words, now)
        if source is not Source.COURIER:
            await tell_resolved(db, station_id, [fact for fact, holds in facts if holds], now)
        if courier_id is not None:
            if all(positive for _, positive in facts):
                await restore(db, courier_id, station_id)
            else:
                await leave_out(db, courier_id, station_id, now)
        return Observed(needs_check)

    async def withdraw(
        self, db: AsyncSession, courier_id: int, station_id: int, now: datetime
    ) -> None:
        """What the courier said of the station lately was a slip: it counts no more."""
        mine = _said_before(courier_id, station_id, None, Source.COURIER, now)
        await restore(db, courier_id, station_id)
        found = select(ObservationRow.fact).where(mine)
        if facts := set(await db.scalars(found)):
            version = await raise_version(db, Dataset.BELIEFS)
            await db.execute(delete(ObservationRow).where(mine))
            for fact in sorted(facts):
                await beliefs.recompute(db, station_id, fact, version, now)

    async def _note(
        self,
        db: AsyncSession,
        station: Any,
        fact: str,
        words: str,
        now: datetime,
    ) -> None:
        kind, day = NoteKind.STATION_CHECK, now.astimezone(CHINA).date().isoformat()
        params = {"code": station.code, "name": station.name, "fact": fact}
        once = f"{kind}:{station.id}:{fact}:{day}"
        await notes.write(db, self._keys, kind, once, params, now, words[:WORDS_KEPT])


async def known(
    db: AsyncSession, station_ids: Sequence[int], now: datetime
) -> dict[int, tuple[Known, ...]]:
    """What was observed of these stations and is not outdated, the latest first; all ids are keys.

    Observations that hardly count are not among it.
    """
    shown: dict[int, list[Known]] = {station_id: [] for station_id in station_ids}
    rows = select(BeliefRow).where(
        BeliefRow.station_id.in_(station_ids), BeliefRow.observed_at.is_not(None)
    )
    for row in await db.scalars(rows.execution_options(populate_existing=True)):
        if row.observed_at is None or row.observed_at <= now - beliefs.shown_for(row.component):
            continue
        until = row.doubted_until
        is_doubted = until is not None and now < until and row.logit < 0.0
        one = Known(
            row.component, row.positive, row.people, row.observed_at, is_doubted, row.by_keeper
        )
        shown[row.station_id].append(one)
    return {
        station_id: tuple(sorted(facts, key=lambda one: (one.at, one.fact), reverse=True))
        for station_id, facts in shown.items()
    }


def _with_implied(facts: Sequence[tuple[str, bool]]) -> Mapping[str, bool]:
    """The facts, and what follows from them where it was not said otherwise."""
    said = dict(facts)
    for fact, positive in facts:
        for other, holds in model.implied(fact, positive):
            said.setdefault(other, holds)
    return said


def _said_before(
    courier_id: int | None, station_id: int, fact: str | None, source: Source, now: datetime
) -> ColumnElement[bool]:
    """What they observed there in the time before `now`: of one fact, or of all."""
    row = ObservationRow
    who = row.courier_id.is_(None) if courier_id is None else row.courier_id == courier_id
    same = and_(row.station_id == station_id, row.source == source, who)
    same &= (row.at > now - ONCE_IN) & (row.at <= now)
    return same if fact is None else same & (row.fact == fact)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
