"""Weather modes: an operator declares cold, dust or heat in a league until a moment.

While one is in force, searches there prefer stations with what it calls for. It ends by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.facilities import mask
from bot.common.values import value
from bot.services.dataset_version import Dataset, raise_version
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import BulkNotice, Topic
from bot.services.notifications.quiet_hours import USUAL
from bot.services.operators.access_log import ACTOR_LENGTH
from bot.store.models.couriers import CourierRow
from bot.store.models.keepers import WeatherModeRow
from bot.store.models.notifications import TopicRow
from bot.store.models.profiles import ProfileRow
from bot.store.models.stations import DemandRow, FavouriteRow, StationRow

LONGEST: Final = timedelta(days=31)
"""A mode that nobody ends was forgotten."""
SEARCHED_WITHIN: Final = timedelta(days=30)
"""Who searched in the league so recently works there."""
TOLD_WITHIN: Final = timedelta(days=1)


class Weather(StrEnum):
    """What couriers need shelter from; the values are stored."""

    COLD = "cold"
    DUST = "dust"
    HEAT = "heat"


PREFERRED: Final[Mapping[Weather, int]] = MappingProxyType(
    {
        Weather.COLD: mask(("hvac", "charge", "water")),
        Weather.DUST: mask(("hvac", "water")),
        Weather.HEAT: mask(("hvac", "water", "fridge")),
    }
)
"""Facility bits that searches prefer."""


@value
class WeatherMode:
    """A mode of a league (`league`: its adcode), in force from `since` to `until`."""

    id: int
    league: str
    kind: Weather
    since: datetime
    until: datetime
    actor: str

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at a moment."""
        return self.since <= at < self.until


async def declare(
    db: AsyncSession, league: str, kind: Weather, until: datetime, actor: str, now: datetime
) -> tuple[WeatherMode, int]:
    """The mode in force, and how many couriers are told of it.

    One that is in force already only gets another end, and nobody is told again.
    """
    await raise_version(db, Dataset.STATIONS)  # replicas load the modes with the stations
    found = select(WeatherModeRow).where(
        WeatherModeRow.league == league, WeatherModeRow.kind == kind, WeatherModeRow.until > now
    )
    if (row := (await db.scalars(found)).first()) is not None:
        row.until = until
        await db.flush()
        return _mode(row), 0
    row = WeatherModeRow(
        league=league, kind=kind, since=now, until=until, actor=actor[:ACTOR_LENGTH]
    )
    db.add(row)
    await db.flush()
    mode = _mode(row)
    return mode, await _tell(db, mode, now)


async def end(db: AsyncSession, league: str, kind: Weather | None, now: datetime) -> int:
    """Ends the league's modes now, `kind` None: all; how many were in force."""
    await raise_version(db, Dataset.STATIONS)
    ended = update(WeatherModeRow).where(
        WeatherModeRow.league == league, WeatherModeRow.until > now
    )
    if kind is not None:
        ended = ended.where(WeatherModeRow.kind == kind)
    ended = ended.values(until=now).returning(WeatherModeRow.id)
    return len((await db.scalars(ended)).all())


async def in_force(db: AsyncSession, now: datetime) -> tuple[WeatherMode, ...]:
    """The modes that are not over, by league."""
    found = select(WeatherModeRow).where(WeatherModeRow.until > now)
    rows = await db.scalars(found.order_by(WeatherModeRow.league, WeatherModeRow.kind))
    return tuple(map(_mode, rows))


async def mode(db: AsyncSession, mode_id: int) -> WeatherMode | None:
    """The mode of this id."""
    row = await db.get(WeatherModeRow, mode_id)
    return None if row is None else _mode(row)


def preferred(modes: Iterable[WeatherMode], league: str, at: datetime) -> int:
    """The facility bits that the modes of a league prefer at a moment."""
    bits = 0
    for one in modes:
        if one.league == league and one.holds(at):
            bits |= PREFERRED[one.kind]
    return bits


async def _tell(db: AsyncSession, mode: WeatherMode, now: datetime) -> int:
    """One notice to each courier of the league who switched notices about stations on."""
    due_at = USUAL.next_gap(now) or now
    notice = BulkNotice(
        kind=NoticeKind.STATION_WEATHER,
        params={"mode": mode.id},
        topic=Topic.STATION,
        dedupe_prefix=f"{NoticeKind.STATION_WEATHER}:{mode.id}",
        due_at=due_at,
        not_after=min(mode.until, due_at + TOLD_WITHIN),
    )
    opted_in = exists().where(
        TopicRow.courier_id == CourierRow.id,
        TopicRow.topic == Topic.STATION,
        TopicRow.is_on.is_(True),
    )
    lives = exists().where(ProfileRow.courier_id == CourierRow.id, ProfileRow.league == mode.league)
    searched = exists().where(
        DemandRow.courier_id == CourierRow.id,
        DemandRow.league == mode.league,
        DemandRow.at > now - SEARCHED_WITHIN,
    )
    keeps = exists().where(
        FavouriteRow.courier_id == CourierRow.id,
        FavouriteRow.station_id == StationRow.id,
        StationRow.adcode.startswith(mode.league[:4]),
    )
    audience = select(CourierRow.id).where(opted_in, or_(lives, searched, keeps))
    return await queue.enqueue_all(db, audience, notice, now)


def _mode(row: WeatherModeRow) -> WeatherMode:
    return WeatherMode(
        id=row.id,
        league=row.league,
        kind=Weather(row.kind),
        since=row.since,
        until=row.until,
        actor=row.actor,
    )
