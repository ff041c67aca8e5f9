"""A week of demo couriers' doings, so that the operators' pages are not empty: 示例 throughout.

Its couriers are known by the address of their chat, to which nothing can be sent. The story ends
in the hour it is told, and is told anew when that was over a day ago. It is written in small
transactions, so that nobody waits for it.
"""

import random
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Kind, Places
from bot.services.demo import (
    week_cards,
    week_conversations,
    week_deliveries,
    week_lists,
    week_messages,
    week_photos,
    week_pushes,
    week_requests,
    week_reviews,
    week_stations,
    week_trainings,
)
from bot.services.demo.stations import has_demo, has_own
from bot.services.stations.demand import DemandOutcome, coarse_cell
from bot.services.storage import Database, Keys
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.observations import ObservationRow
from bot.store.models.stations import DemandRow

MARK: Final = "示例-"
"""Begins the address of their chats."""
DAYS: Final = 7
FRESH: Final = timedelta(days=1)
PIECE: Final = 500
CHANNELS: Final = ("telegram", "wechat", "wechat", "web")
COURIERS: Final = {"150100": 60, "150200": 40, "150400": 30, "150600": 26}
FEWER: Final = 14
"""Couriers of each other league."""
VAIN: Final = ((DemandOutcome.NONE_OPEN, 14), (DemandOutcome.NONE_NEAR, 8))
"""Per cent of the searches."""


@value
class DemoCourier:
    """A courier of the story: where they work, and how they write."""

    id: int
    league: str
    banner: str
    channel: str


async def tell_week(store: Database, keys: Keys, places: Places, now: datetime) -> bool:
    """Writes the week unless it is there; whether it did. Never among stations of one's own."""
    async with store.reading() as db:
        if await has_own(db) or not await has_demo(db) or await _is_fresh(db, now):
            return False
    dice = random.Random(f"{now:%Y%m%d}")  # noqa: S311 - a story, no secret
    async with store.writing() as db:
        await remove_week(db, keys)
        couriers = await _couriers(db, places, dice, now)
    await _searches(store, couriers, places, dice, now)
    await week_stations.tell(store, keys, couriers, dice, now)
    await week_photos.tell(store, now)
    await week_trainings.tell(store, keys, couriers, dice, now)
    await week_deliveries.tell(store, couriers, dice, now)
    await week_cards.tell(store, keys, now)
    await week_conversations.tell(store, keys, couriers, now)
    await week_requests.tell(store, keys, couriers, now)
    await week_messages.tell(store, couriers, now)
    await week_trainings.plan(store, now)
    await week_pushes.tell(store, keys, dice, now)
    await week_lists.tell(store, keys, now)
    await week_reviews.tell(store, keys, now)
    async with store.writing() as db:  # last: what was told in part is told anew
        await db.execute(update(CourierRow).where(CourierRow.id.in_(_theirs())).values(seen_at=now))
    return True


async def remove_week(db: AsyncSession, keys: Keys) -> None:
    """Removes the story with its couriers; its trainings go with the demo trainings."""
    ids = list(await db.scalars(_theirs()))
    await db.execute(delete(ChatRow).where(ChatRow.external_id.like(f"{MARK}%")))
    for some in pieces(ids, PIECE):
        observed = ObservationRow.courier_id.in_(some)
        await db.execute(delete(ObservationRow).where(observed))
        await week_requests.remove(db, some)
        await db.execute(delete(CourierRow).where(CourierRow.id.in_(some)))
    await week_stations.remove(db)
    await week_photos.remove(db)
    await week_trainings.remove(db)
    await week_cards.remove(db, keys)
    await week_messages.remove(db)
    await week_pushes.remove(db)
    await week_lists.remove(db)
    await week_reviews.remove(db, keys)


def _theirs() -> Select[int]:
    return select(ChatRow.courier_id).where(ChatRow.external_id.like(f"{MARK}%"))


async def _is_fresh(db: AsyncSession, now: datetime) -> bool:
    latest = select(func.max(CourierRow.seen_at)).where(CourierRow.id.in_(_theirs()))
    told = await db.scalar(latest)
    return told is not None and told > now - FRESH


async def _couriers(
    db: AsyncSession, places: Places, dice: random.Random, now: datetime
) -> list[DemoCourier]:
    banners: dict[str, list[str]] = {}
    for place in places.by_adcode.values():
        if place.kind is Kind.BANNER:
            banners.setdefault(place.league, []).append(place.adcode)
    wanted = [
        (league, dice.choice(theirs[:5]), dice.choice(CHANNELS))
        for league, theirs in sorted(banners.items())
        for _ in range(COURIERS.get(league, FEWER))
    ]
    rows = [
        {"created_at": now - timedelta(days=dice.randint(8, 60)), "seen_at": now - 2 * FRESH}
        for _ in wanted
    ]
    ids = list(await db.scalars(insert(CourierRow).returning(CourierRow.id), rows))
    couriers = [DemoCourier(number, *one) for number, one in zip(sorted(ids), wanted, strict=True)]
    await db.execute(
        insert(ChatRow),
        [
            {
                "channel": one.channel,
                "external_id": f"{MARK}{one.id}",
                "courier_id": one.id,
                "reachable": False,
                "pushable": False,
                "state_at": now,
            }
            for one in couriers
        ],
    )
    return couriers


async def _searches(
    store: Database,
    couriers: list[DemoCourier],
    places: Places,
    dice: random.Random,
    now: datetime,
) -> None:
    """Up to three a day and courier, at the hours at which couriers rest, near their banner."""
    rows = []
    for one in couriers:
        home = places.by_adcode[one.banner].point
        for back in range(DAYS):
            for hour in dice.sample((9, 11, 13, 15, 16, 18, 20, 21), dice.choice((0, 1, 1, 2, 3))):
                at = _hour(now, back, hour)
                if at > now:
                    continue
                point = type(home)(
                    home.lat + dice.choice((-0.05, 0, 0, 0.05)),
                    home.lon + dice.choice((0, 0, 0.05)),
                )
                outcome = _outcome(dice, late=hour >= 20)
                rows.append(
                    {
                        "courier_id": one.id,
                        "at": at,
                        "cell": coarse_cell(point),
                        "league": places.league_of(point).adcode,
                        "wanted": dice.choice(("", "", "water", "charge", "toilet", "microwave")),
                        "outcome": outcome,
                        "nearest_m": dice.randrange(200, 4000, 100),
                    }
                )
    for some in pieces(rows, PIECE):
        async with store.writing() as db:
            await db.execute(insert(DemandRow), list(some))


def _outcome(dice: random.Random, *, late: bool) -> DemandOutcome:
    """What they found: in the evening fewer are open."""
    (closed, often), (far, seldom) = VAIN
    thrown = dice.randrange(100)
    if thrown < seldom:
        return far
    return closed if thrown < seldom + often * (2 if late else 1) else DemandOutcome.FOUND


def _hour(now: datetime, back: int, hour: int) -> datetime:
    day = now.astimezone(CHINA) - timedelta(days=back)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)
