"""Questions about the application on the screen (去哪取, 带啥去), each in a line or two."""

from collections.abc import Callable
from datetime import datetime

from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Json, Part, Reply, Say, Then
from bot.handlers.cards import wording
from bot.handlers.cards.wording import BankOutlet
from bot.handlers.form_steps import typed
from bot.handlers.stations import wording as station_wording
from bot.handlers.stations.about_shown import about_station
from bot.handlers.stations.remembered import Search, remembered_search
from bot.intents.about_shown import Question, question
from bot.services.cards.applications import Application, Cards
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.search import StationSearch

SHOWN = "card"
"""In the conversation's state: the application that was shown last."""

OutletOf = Callable[[Station, Search | None, datetime], BankOutlet]


def shown(ctx: Context, application_id: int) -> Then:
    """The conversation's state, this application being the one on the screen."""
    search = remembered_search(ctx)
    data: dict[str, Json] = dict(search.then().data) if search else {}
    return Then("", {**data, SHOWN: application_id})


class ShownCardHandlers:
    """Answers about the application that was shown last; `outlet_of` adds hours and the way."""

    def __init__(self, known: Cards, stations: StationSearch, outlet_of: OutletOf) -> None:
        self._cards = known
        self._stations = stations
        self._outlet_of = outlet_of

    async def picked(self, ctx: Context) -> Reply | None:
        """The answer to a question about the application shown; None where it is about none."""
        asked, number = question(typed(ctx)), ctx.data.get(SHOWN)
        if asked is None or not isinstance(number, int):
            return None
        one = await self._cards.show(ctx.db, ctx.courier.id, number)
        if one is None:
            return None
        if asked is Question.BRING:
            part: Part = Say(wording.next_step(ctx.t, one))
        elif asked in ABOUT_OUTLET:
            part = await self._about_outlet(ctx, one, asked)
        else:
            return None
        row = (Button(ctx.t("Where is my card"), f"card.show:{one.id}"),)
        return Reply((part, Buttons((row,), "")), shown(ctx, one.id))

    async def _about_outlet(self, ctx: Context, one: Application, asked: Question) -> Part:
        t = ctx.t
        if one.status not in wording.VISITED:
            return Say(t("You need not go anywhere now. {next}", next=wording.next_step(t, one)))
        station = await catalogue.by_code(ctx.db, one.outlet_code, self._stations.described)
        if station is None:
            if one.outlet_name:
                return Say(t("At {name}; phone it before you ride.", name=one.outlet_name))
            return Say(t("The bank has not named the outlet; phone it before you ride."))
        search = remembered_search(ctx)
        outlet = self._outlet_of(station, search, ctx.now)
        if asked not in {Question.WAY, Question.DISTANCE} or outlet.way is None:
            return about_station(t, station, outlet.opening, ctx.now, asked)
        state = station_wording.state_now(t, station, outlet.opening, ctx.now)
        way = wording.way(t, outlet.way, outlet.seen_from)
        where = t("{name}: {address}", name=station.name, address=station.address or station.name)
        return station_wording.pin(t, station, f"{where}\n{way} · {state}")


ABOUT_OUTLET = frozenset(
    {Question.WAY, Question.DISTANCE, Question.HOURS, Question.PHONE, Question.PARKING}
)
"""Questions whose answer is the outlet where the next step is to be done."""
