"""Changes of one station by an operator: within their leagues, each with a row in the audit log."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Places
from bot.hours.calendar import Day, Holidays
from bot.services.dataset_version import Dataset, dataset_version
from bot.services.operators import audit, revisions
from bot.services.operators.audit import SubjectKind
from bot.services.operators.revisions import Record, Revision, RevisionAction, RevisionKind
from bot.services.operators.roles import Operator, Right
from bot.services.stations import catalogue, observations
from bot.services.stations.administration.access import require
from bot.services.stations.catalogue import Station
from bot.services.stations.editing import edits, undo
from bot.services.stations.editing.edit_kinds import Edit, action_of
from bot.services.stations.editing.edits import Draft
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.importing.rows import cells_of
from bot.services.stations.observations import Known
from bot.store.models.stations import FavouriteRow, HolidayRow


@value
class StationView:
    """One station as its page shows it. `cells` as in a list; `keepers`: who has it as favourite.

    `version`: of the stations when it was read; a change is saved against it.
    """

    station: Station
    league: str
    cells: Mapping[str, str]
    version: int
    keepers: int
    history: tuple[tuple[Revision, Record], ...]


async def view(db: AsyncSession, places: Places, operator: Operator, code: str) -> StationView:
    """Raises `StationUnknown`, and `NotAllowed` for another league's."""
    _, league = await require(db, places, operator, code, Right.READ)
    version = await dataset_version(db, Dataset.STATIONS)
    found = await edits.find(db, code)
    if found is None:
        raise StationUnknown(code)
    described = await catalogue.describe(db, [found.id])
    kept = select(func.count()).where(FavouriteRow.station_id == found.id)
    return StationView(
        described[found.id],
        league,
        cells_of(found.entry),
        version,
        await db.scalar(kept) or 0,
        tuple(await revisions.history(db, RevisionKind.STATIONS, code)),
    )


async def known(db: AsyncSession, station: Station, now: datetime) -> Sequence[Known]:
    """What was observed there lately, as couriers are told."""
    return (await observations.known(db, [station.id], now))[station.id]


async def draft(
    db: AsyncSession, places: Places, operator: Operator, code: str, edit: Edit, now: datetime
) -> Draft:
    """What the change would do. Raises `StationUnknown`, `StationExists`, `NotAllowed`."""
    await require(db, places, operator, code, Right.STATIONS)
    return await edits.draft(db, code, edit, now.astimezone(CHINA).date())


async def save(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    code: str,
    edit: Edit,
    now: datetime,
    *,
    version: int,
    accept_doubtful: bool = False,
) -> int | None:
    """Does it and enters it in the audit log; the number of its revision. Raises as `edits.save`.

    Also `NotAllowed` where the station is, or would be, in a league that is not the operator's.
    """
    await require(db, places, operator, code, Right.STATIONS)
    number = await edits.save(
        db, code, edit, operator.name, now, version=version, accept_doubtful=accept_doubtful
    )
    _, league = await require(db, places, operator, code, Right.STATIONS)
    if number is None:
        return None
    (_, done), *_ = await revisions.history(db, RevisionKind.STATIONS, code, 1)
    await audit.record(
        db,
        operator.name,
        f"station.{action_of(edit)}",
        SubjectKind.STATION,
        code,
        now,
        league=league,
        before=done.before,
        after=done.after,
    )
    return number


async def take_back(
    db: AsyncSession, places: Places, operator: Operator, code: str, number: int, now: datetime
) -> int:
    """Undoes a revision of this station alone, or a merge; the number of the revision that this is.

    Raises `StationUnknown`, `NotAllowed` for a station of another league, and `UndoRefused`.
    """
    _, league = await require(db, places, operator, code, Right.STATIONS)
    subjects = {code: league}
    is_merge = await revisions.action_of(db, number) is RevisionAction.MERGE
    async for piece in revisions.records_of(db, number):
        for one in piece:
            if one.code != code and not is_merge:
                raise StationUnknown(code)  # an import: that is undone where imports are
            of = await require(db, places, operator, one.code, Right.STATIONS, merged=True)
            subjects[one.code] = of[1]
    done = await undo.undo_revision(db, number, operator.name, now)
    async for piece in revisions.records_of(db, done):
        for record in piece:
            await audit.record(
                db,
                operator.name,
                "station.undo",
                SubjectKind.STATION,
                record.code,
                now,
                league=subjects[record.code],
                before=record.before,
                after=record.after,
            )
    return done


async def holidays(db: AsyncSession, bundled: Holidays) -> Holidays:
    """The bundled public holidays with those that were imported."""
    rows = await db.scalars(select(HolidayRow))
    days = {row.day: Day(row.name, row.is_off, row.replaces) for row in rows}
    return Holidays({**bundled.days, **days})
