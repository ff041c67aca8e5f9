"""The link of a station's keeper, made and ended by an operator of its league."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.services.stations.administration.access import require
from bot.services.stations.keepers import links
from bot.services.stations.keepers.links import KeeperLinkInvalid, LinkState

MADE: Final = "station.keeper_link"
ENDED: Final = "station.keeper_link_end"


async def state(
    db: AsyncSession, places: Places, operator: Operator, code: str, now: datetime
) -> LinkState:
    """What becomes of its link. Raises `StationUnknown` and `NotAllowed`."""
    await require(db, places, operator, code, Right.READ)
    return (await links.states(db, [code], now)).get(code, LinkState.NONE)


async def issue(
    db: AsyncSession, places: Places, operator: Operator, code: str, now: datetime
) -> str:
    """The token of a new link, in clear only here; the old link ends. Raises as `state`."""
    station_id, league = await require(db, places, operator, code, Right.STATIONS)
    token = await links.issue(db, station_id, now)
    await _record(db, operator, MADE, code, league, now)
    return token


async def revoke(
    db: AsyncSession, places: Places, operator: Operator, code: str, now: datetime
) -> bool:
    """Ends the link; False if none is in force. Raises as `state`."""
    station_id, league = await require(db, places, operator, code, Right.STATIONS)
    ended = await links.revoke(db, station_id, now)
    if ended:
        await _record(db, operator, ENDED, code, league, now)
    return ended


async def check(
    db: AsyncSession, places: Places, operator: Operator, code: str, token: str, now: datetime
) -> datetime:
    """Until when this token opens the station. Raises as `state`, and `KeeperLinkInvalid`."""
    await require(db, places, operator, code, Right.STATIONS)
    link = await links.open_link(db, token, now)
    if link.code != code:
        raise KeeperLinkInvalid(LinkState.NONE)
    return link.expires_at


async def _record(
    db: AsyncSession, operator: Operator, action: str, code: str, league: str, now: datetime
) -> None:
    await audit.record(db, operator.name, action, SubjectKind.STATION, code, now, league=league)
