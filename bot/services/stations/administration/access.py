"""Whether an operator may see or change one station."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.leagues import league_of
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.merging.redirects import refuse_merged
from bot.store.models.stations import StationRow


async def require(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    code: str,
    right: Right,
    *,
    merged: bool = False,
) -> tuple[int, str]:
    """Id and league of the station; with `merged` of one, too, that was merged into another.

    Raises `StationUnknown`; `NotAllowed` for another league's; else `StationMerged`.
    """
    found = select(StationRow.id, StationRow.adcode, StationRow.league)
    row = (await db.execute(found.where(StationRow.code == code))).first()
    if row is None:
        raise StationUnknown(code)
    league = league_of(places, row.adcode, row.league)
    operator.require(right, league)
    if not merged:
        await refuse_merged(db, code)
    return row.id, league
