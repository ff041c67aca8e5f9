"""What an answer says, in every channel: each station that could be shown, or why it is not."""

import random
import re
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.channels.telegram.abilities import ABILITIES as TELEGRAM
from bot.channels.terminal.channel import ABILITIES as TERMINAL
from bot.channels.web.channel import ABILITIES as WEB
from bot.channels.wechat.abilities import ABILITIES as WECHAT
from bot.common.facilities import FACILITIES, codes
from bot.common.i18n import load_languages
from bot.conversation.context import Context, Courier, Db
from bot.conversation.degrade import degrade
from bot.conversation.events import Address, Event, Location
from bot.conversation.replies import Abilities, Reply, Words
from bot.geo.ellipsoid import geodesic
from bot.geo.point import Point
from bot.handlers import labels
from bot.handlers.stations import facilities
from bot.handlers.stations.answers import answer
from bot.handlers.stations.remembered import Search
from bot.handlers.system_phrases import turn_phrases
from bot.hours.calendar import Holidays
from bot.hours.opening import status
from bot.services.stations import catalogue
from bot.services.stations.catalogue import schedule_of
from bot.services.stations.results import LONG_RIDE, SearchQuery, Travel
from bot.services.stations.search import StationSearch
from bot.store.engine import open_store
from bot.store.models.stations import FacilityRow, StationRow
from tests.conftest import ManualClock
from tests.services.stations.random_stations import (
    create_random_beliefs,
    create_random_stations,
    random_query,
)

T = load_languages().of("zh_CN", None)
CHANNELS = {"telegram": TELEGRAM, "terminal": TERMINAL, "web": WEB, "wechat": WECHAT}
QUERIES = 40
FURTHER = re.compile(r"(?:还有|另有)(\d+)家")


@dataclass(frozen=True)
class Known:
    """A station as the database has it."""

    id: int
    point: Point
    hours: str | None
    having: int


@pytest.mark.parametrize("seed", range(4))
async def test_a_station_that_could_be_shown_is_named_or_the_words_say_why_not(
    sqlite_url: str, clock: ManualClock, seed: int
) -> None:
    chance = random.Random(seed)
    travel = Travel(1.3, 18, 30_000.0, timedelta(minutes=chance.choice([0, 15, 45])))
    store = await open_store(sqlite_url)
    try:
        await create_random_stations(store, chance)
        if seed % 2:
            await create_random_beliefs(store, chance, clock())
        search = StationSearch(store, travel, Holidays({}), clock, demo=False)
        await search.refresh()
        unnamed = 0
        async with store.reading() as db:
            stations = await _stations(db)
            for _ in range(QUERIES):
                query = random_query(chance, [one.id for one in stations])
                pages = await _pages(db, search, query)
                for abilities in CHANNELS.values():
                    text = "\n".join(_words(page, abilities) for page in pages)
                    unnamed += _check(query, travel, stations, text)
    finally:
        await store.close()
    assert unnamed > 10  # else nothing was passed over, and nothing is tested


def _check(query: SearchQuery, travel: Travel, stations: list[Known], text: str) -> int:
    """How many stations that could be shown are not named, each with its reason in the text."""
    further = unnamed = 0
    for one in stations:
        metres = geodesic(query.point, one.point)
        ride = travel.ride(metres)
        opening = status(schedule_of(one.hours, ()), Holidays({}), query.at + ride)
        if not opening.is_open or metres > travel.radius or ride >= LONG_RIDE:
            continue
        if re.search(rf"站{one.id}(?!\d)", text):
            continue
        unnamed += 1
        stay = None if opening.until is None else opening.until - query.at - ride
        reasons = []
        if one.having & query.mask != query.mask:
            reasons += [facilities.facility(T, code) for code in codes(query.mask)]
        if query.within is not None and metres > query.within:
            reasons.append(labels.kilometres(T, query.within) + "内")
        if query.round_the_clock and one.hours != "24/7":
            reasons.append("24小时")
        if reasons:
            assert any(reason in text for reason in reasons), (one, reasons, text)
            continue
        # only one that is left out for the day or closes too soon may be counted and not named
        assert one.id in query.left_out or (stay is not None and stay < travel.least_stay), text
        further += 1
    assert further <= sum(map(int, FURTHER.findall(text))), text
    return unnamed


async def _stations(db: Db) -> list[Known]:
    rows = (await db.execute(StationRow.__table__.select())).all()
    having = {row.id: 0 for row in rows}
    for one in (await db.execute(FacilityRow.__table__.select())).all():
        having[one.station_id] |= 1 << FACILITIES[one.code].bit
    return [Known(row.id, Point(row.lat, row.lon), row.hours, having[row.id]) for row in rows]


async def _pages(db: Db, search: StationSearch, query: SearchQuery) -> list[Reply]:
    """The answer and all that 更多 shows after it."""
    sender = Address("web", "1")
    ctx = Context(Event("1", sender, query.at, Location(query.point)), db, Courier(1, 1, None), T,
                  query.at)  # fmt: skip
    asked = Search(query.point, query.mask, 0, query.within, always=query.round_the_clock)
    pages = []
    while True:
        result = search.search(asked.query(query.at, query.left_out))
        described = await catalogue.describe(db, result.mentioned, search.described)
        pages.append(answer(ctx, asked, result, described, {}))
        if not result.more:
            return pages
        asked = replace(asked, skip=asked.skip + len(result.listed) - result.relaxed)


def _words(reply: Reply, abilities: Abilities) -> str:
    """All that a channel with these abilities writes in letters, buttons apart."""
    shown = degrade(reply, abilities, turn_phrases(T).fitting)
    return "\n".join(
        paragraph.text
        for message in shown.messages
        if isinstance(message, Words)
        for paragraph in message.paragraphs
    )
