"""Whether an operator may see or change one station."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.leagues import league_of
from bot.services.stations.editing.errors import StationUnknown
from bot.store.models.stations import StationRow


async def require(
    db: AsyncSession, places: Places, operator: Operator, code: str, right: Right
) -> tuple[int, str]:
    """Id and league of the station. Raises `StationUnknown`; `NotAllowed` for another league's."""
    found = select(StationRow.id, StationRow.adcode, StationRow.league)
    row = (await db.execute(found.where(StationRow.code == code))).first()
    if row is None:
        raise StationUnknown(code)
    league = league_of(places, row.adcode, row.league)
    operator.require(right, league)
    return row.id, league
