"""What an operator found when they looked into couriers' reports: all is in order again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.belief.model import ENTER, EXISTS, Source
from bot.services.operators.notes import NoteKind
from bot.services.stations.catalogue import with_code
from bot.services.stations.observations import Observer
from bot.services.stations.reports import StationProblem, facts_of
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.observations import ObservationRow


async def confirm_in_order(
    db: AsyncSession, observer: Observer, note_ids: Sequence[int], now: datetime
) -> None:
    """What these notes say was wrong holds again; the couriers who reported it are told once.

    Notes that are about no station change nothing.
    """
    kinds = (NoteKind.STATION_PROBLEM, NoteKind.STATION_CHECK)
    wanted = select(OperatorNoteRow).where(
        OperatorNoteRow.id.in_(note_ids), OperatorNoteRow.kind.in_(kinds)
    )
    for note in await db.scalars(wanted):
        station_id = await with_code(db, str(note.params["code"]))
        if station_id is None:
            continue
        if note.kind == NoteKind.STATION_CHECK:
            facts: Sequence[str] = [str(note.params["fact"])]
        else:
            problem = StationProblem(str(note.params["problem"]))
            facts = facts_of(problem, await _broken(db, station_id))
        holding = [(fact, True) for fact in facts]
        await observer.observe(db, None, station_id, holding, now, source=Source.LIST)


async def _broken(db: AsyncSession, station_id: int) -> Sequence[str]:
    """Facilities that couriers reported, and that nobody has put right since."""
    row = ObservationRow
    reported = select(row.fact).where(
        row.station_id == station_id,
        row.positive.is_(False),
        row.courier_id.is_not(None),
        row.resolved_at.is_(None),
        row.fact.not_in((ENTER, EXISTS)),
    )
    return sorted(set(await db.scalars(reported)))
