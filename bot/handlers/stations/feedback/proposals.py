"""这里应该有个站: a station that a courier misses, counted where the demand for stations is.

Kept is the square of about 5 km and what it should offer, as of a search.
"""

from bot.common.facilities import codes, mask
from bot.conversation.context import Context
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.geo.places import Places
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.stations import facilities
from bot.handlers.stations.location_request import ask_location
from bot.handlers.stations.remembered import (
    Search,
    proposal_without_place,
    remembered_search,
)
from bot.intents.normalise import normalise
from bot.intents.station_words import proposes_station
from bot.intents.vocabulary import facilities as named_facilities
from bot.services.stations import demand

KINDS = ("seat", "water", "charge", "toilet")
"""What is offered as the kind of station that is missing."""


class ProposalHandlers:
    """Asks where and of which kind, and counts it."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def feature(self) -> Feature:
        """The words that propose a station, and the buttons of its kind."""
        return Feature(
            actions={"station.propose": self.proposed},
            references=(self.picked,),
        )

    async def picked(self, ctx: Context) -> Reply | None:
        """A text that proposes a station, here or at a place it names; None for all others."""
        text = typed(ctx)
        if ctx.data.keys() - CARRIED or not proposes_station(normalise(text)):
            return None
        found = self._places.find(text)
        if found:
            search: Search | None = Search(found[0].point, name=found[0].name)
        else:
            search = remembered_search(ctx)
        if search is None:
            ask = ctx.t("Where should it be? Send me where you are, or type the name of the place.")
            return Reply((Say(ask), ask_location(ctx)), proposal_without_place())
        wanted = mask(named_facilities(normalise(text)) & set(KINDS))
        if wanted:
            return await self._count(ctx, search, wanted)
        return self.ask_kind(ctx, search)

    def ask_kind(self, ctx: Context, search: Search) -> Reply:
        """What it should offer, at this place."""
        t = ctx.t
        kinds = [
            Button(facilities.facility(t, code), f"station.propose:{mask([code])}")
            for code in KINDS
        ]
        all_of_it = Button(t("All of that"), f"station.propose:{mask(KINDS)}")
        prompt = t("A station is missing here. What do you need there most?")
        return Reply((Buttons((tuple(kinds), (all_of_it,)), prompt),), search.then())

    async def proposed(self, ctx: Context) -> Reply:
        """A tap on a kind: counted at the place that is talked about."""
        wanted = ctx.number(0) & mask(KINDS)
        search = remembered_search(ctx)
        if search is None:
            ask = ctx.t("Where should it be? Send me where you are, or type the name of the place.")
            return Reply((Say(ask), ask_location(ctx)), proposal_without_place())
        return await self._count(ctx, search, wanted)

    async def _count(self, ctx: Context, search: Search, wanted: int) -> Reply:
        t = ctx.t
        await demand.record_proposal(
            ctx.db, self._places, ctx.courier.id, search.point, wanted, ctx.now
        )
        said = t(
            "Thank you, counted: a station with {list} is missing there. Who decides where the "
            "next one opens sees how many ask, in squares of 5 km, and not who.",
            list=facilities.listed(t, codes(wanted)),
        )
        row = (Button(t("Stations near me"), "locate"),)
        return Reply((Say(said), Buttons((row,), "")), search.then())
