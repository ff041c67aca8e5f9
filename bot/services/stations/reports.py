"""A station that a courier found wrong: left out of that courier's answers until the next morning,
noted for the operator, and observed for all."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, EXISTS
from bot.common.clock import CHINA
from bot.geo.point import Point
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.stations.catalogue import Station
from bot.store.encryption import Keyring
from bot.store.models.stations import LeftOutStationRow
from bot.store.prepared import Prepared
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from bot.services.stations.observations import Observed, Observer

MORNING: Final = time(5)
"""Local time at which a reported station counts again: the working day of a courier is over."""
AT_LEAST: Final = timedelta(hours=3)
WORDS_KEPT: Final = 200
"""Characters of the courier's message that the operator's note holds."""
_LEFT_OUT: Final = cast(Table, LeftOutStationRow.__table__)
LEFT_OUT: Final = Prepared(
    select(_LEFT_OUT.c.station_id).where(
        _LEFT_OUT.c.courier_id == bindparam("of_courier"), _LEFT_OUT.c.until > bindparam("at")
    )
)


class StationProblem(StrEnum):
    """What a courier found wrong with a station; the values are stored in notes."""

    CLOSED = "closed"
    """Locked, dark, nobody there."""
    BROKEN = "broken"
    """Something in it does not work."""
    REFUSED = "refused"
    """Somebody at the door let no courier in."""
    MISPLACED = "misplaced"
    """It is not at the address given."""
    GONE = "gone"
    """It was given up or has moved."""
    OTHER = "other"


class StationReporter:
    """Takes reports and has them observed; what the courier wrote is sealed with these keys."""

    def __init__(self, keys: Keyring, observer: "Observer") -> None:
        self._keys = keys
        self._observer = observer

    async def report(
        self,
        db: AsyncSession,
        courier_id: int,
        station: Station,
        problem: StationProblem,
        words: str,
        now: datetime,
        *,
        location: Point | None = None,
        facilities: Sequence[str] = (),
    ) -> "Observed":
        """Leaves the station out for this courier and notes it, once a day for each problem.

        `words`: the courier's message. `facilities`: codes of what does not work. `location`: as
        `Observer.observe` takes it.
        """
        await leave_out(db, courier_id, station.id, now)
        day = now.astimezone(CHINA).date().isoformat()
        params = {"code": station.code, "name": station.name, "problem": str(problem)}
        kind = NoteKind.STATION_PROBLEM
        once = f"{kind}:{station.id}:{problem}:{day}"
        await notes.write(db, self._keys, kind, once, params, now, words[:WORDS_KEPT])
        facts = [(fact, False) for fact in facts_of(problem, facilities)]
        return await self._observer.observe(
            db, courier_id, station.id, facts, now, location=location, words=words
        )

    async def take_back(
        self, db: AsyncSession, courier_id: int, station_id: int, now: datetime
    ) -> None:
        """The report was a slip: the station counts again for this courier, and for all."""
        await self._observer.withdraw(db, courier_id, station_id, now)

    async def note(
        self, db: AsyncSession, courier_id: int, problem: StationProblem, words: str, now: datetime
    ) -> None:
        """Notes a report that names no station known here; what was written may tell which."""
        day = now.astimezone(CHINA).date().isoformat()
        params = {"code": "?", "name": "?", "problem": str(problem)}
        kind = NoteKind.STATION_PROBLEM
        once = f"{kind}:courier-{courier_id}:{problem}:{day}"
        await notes.write(db, self._keys, kind, once, params, now, words[:WORDS_KEPT])


async def leave_out(db: AsyncSession, courier_id: int, station_id: int, now: datetime) -> None:
    """The courier is not sent to this station until the morning."""
    until = _next_morning(now)
    expired = LeftOutStationRow.until <= now
    await db.execute(
        delete(LeftOutStationRow).where(LeftOutStationRow.courier_id == courier_id, expired)
    )
    row = upsert(db, LeftOutStationRow).values(
        courier_id=courier_id, station_id=station_id, until=until
    )
    key = [LeftOutStationRow.courier_id, LeftOutStationRow.station_id]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_={"until": until}))


async def left_out(db: AsyncSession, courier_id: int, now: datetime) -> frozenset[int]:
    """Ids of the stations that this courier reported and is not sent to yet."""
    rows = await LEFT_OUT.rows(db, {"of_courier": courier_id, "at": now})
    return frozenset(station_id for (station_id,) in rows)


async def restore(db: AsyncSession, courier_id: int, station_id: int) -> None:
    """The station counts for this courier again; one that is not left out stays as it is."""
    mine = (LeftOutStationRow.courier_id == courier_id) & (
        LeftOutStationRow.station_id == station_id
    )
    await db.execute(delete(LeftOutStationRow).where(mine))


def _next_morning(now: datetime) -> datetime:
    """The next `MORNING` that is `AT_LEAST` away."""
    earliest = now.astimezone(CHINA) + AT_LEAST
    morning = datetime.combine(earliest.date(), MORNING, CHINA)
    return morning if morning >= earliest else morning + timedelta(days=1)


def facts_of(problem: StationProblem, facilities: Sequence[str]) -> Sequence[str]:
    """What does not hold where this was found."""
    match problem:
        case StationProblem.CLOSED | StationProblem.REFUSED:
            return [ENTER]
        case StationProblem.MISPLACED | StationProblem.GONE:
            return [EXISTS]
        case StationProblem.BROKEN:
            return facilities
        case StationProblem.OTHER:
            return []
