"""A station that a courier found wrong: left out of that courier's answers until the next morning,
noted for the operator, and observed for all."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, EXISTS
from bot.common.clock import CHINA
from bot.geo.point import Point
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.stations.catalogue import Station
from bot.services.stations.evidence.left_out import leave_out
from bot.services.stations.observations import Observed, Observer
from bot.store.encryption import Keyring

WORDS_KEPT: Final = 200
"""Characters of the courier's message that the operator's note holds."""


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

    def __init__(self, keys: Keyring, observer: Observer) -> None:
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
    ) -> Observed:
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
