"""Searching for stations: by a shared location, a typed place, or a facility such as hot water.

```mermaid
stateDiagram-v2
    [*] --> near: location shared, or place named
    near --> near: filter button, 更多, "有热水吗", another place
    near --> details: 怎么进
    details --> near: 更多, 收藏
```

The place one searches from is in `then` (encrypted) while the conversation is about it; for good
only a coarse cell and what was wanted are kept.
"""

from dataclasses import replace

from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.events import Location
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.geo.places import Place, Places
from bot.geo.point import Point
from bot.handlers.feature import Feature, join
from bot.handlers.stations.about_shown import ShownStationHandlers
from bot.handlers.stations.alert_notices import AlertNotices
from bot.handlers.stations.answers import answer
from bot.handlers.stations.details import DetailsHandlers
from bot.handlers.stations.door_photos import DoorPhotoHandlers
from bot.handlers.stations.feedback.proposals import ProposalHandlers
from bot.handlers.stations.feedback.usual import UsualStationHandlers
from bot.handlers.stations.feedback.visit_questions import VisitHandlers
from bot.handlers.stations.location_request import ask_location
from bot.handlers.stations.longer_questions import LongerStationQuestions
from bot.handlers.stations.notices import StationNotices
from bot.handlers.stations.questions import StationQuestions
from bot.handlers.stations.remembered import (
    Filters,
    Search,
    filters_without_place,
    proposes_station_somewhere,
    remembered_search,
    waiting_filters,
)
from bot.handlers.stations.reports import StationReports
from bot.intents import Intent
from bot.services.stations import catalogue, demand, observations
from bot.services.stations.evidence.left_out import left_out
from bot.services.stations.observations import Observer
from bot.services.stations.reports import StationReporter
from bot.services.stations.results import PAGE
from bot.services.stations.search import StationSearch

PAGES = 10  # further than the thirtieth nobody rides


class StationHandlers:
    """Searches for stations: by location, typed place, filter and page.

    `public_url`: where the stations' pages are, empty if nowhere.
    """

    def __init__(
        self,
        stations: StationSearch,
        places: Places,
        observer: Observer,
        reporter: StationReporter,
        public_url: str = "",
    ) -> None:
        self._stations = stations
        self._public_url = public_url
        self._places = places
        self._reports = StationReports(stations, reporter, self.search)
        self._visits = VisitHandlers(stations, observer, reporter, self._reports.accept)
        self._proposals = ProposalHandlers(places)
        self._questions = StationQuestions(stations, places, self.search, self.ask_for)

    def feature(self) -> Feature:
        """Buttons and spoken words about stations; `FreeTextHandler` has the free text."""

        def near(t: Translator) -> Button:
            return Button(t("Stations near me"), "locate")

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "another one, more, next"), "near.more"),
                (t.p("spoken words", "near me, stations near me, /near"), "locate"),
                (t.p("spoken words", "send my location"), "locate.otherwise"),
            )

        own = Feature(
            actions={
                "locate": self.ask,
                "locate.otherwise": self.ask_otherwise,
                "near.with": self.filtered,
                "near.without": self.without,
                "near.more": self.more,
                "near.place": self.at_chosen_place,
            },
            words=words,
            intent_buttons={
                Intent.NEAREST: near,
                Intent.FACILITY: near,
                Intent.OPEN_NOW: near,
                Intent.PLACE: near,
            },
        )
        plan = self._visits.plan
        details = DetailsHandlers(self._stations, plan, self._public_url)
        about = ShownStationHandlers(
            self._stations, details.keep, self.more, self.search, plan, self._public_url
        )
        longer = LongerStationQuestions(
            self._stations,
            self._places,
            details.keep,
            details.details,
            self.more,
            about.distance,
            plan,
        )
        return join(
            [
                self._proposals.feature(),
                self._visits.feature(),
                self._reports.feature(),
                self._questions.feature(),
                own,
                Feature(references=(about.picked,)),
                details.feature(),
                DoorPhotoHandlers(self._stations, self._public_url).feature(),
                Feature(references=(longer.picked,)),
                UsualStationHandlers(self._stations, self._public_url).feature(),
                StationNotices(self._stations).feature(),
                AlertNotices(self._stations, self._places).feature(),
            ]
        )

    async def ask(self, ctx: Context) -> Reply:
        """Asks where the courier is; the filters of a search that waits for it are kept."""
        before = remembered_search(ctx)
        if before is None:
            return self.ask_for(ctx, waiting_filters(ctx))
        t = ctx.t
        first_page = replace(before, skip=0)
        reply = self.ask_for(ctx, Filters())
        row = (Button(t("Use the place I sent before"), "near.more:0"),)
        return Reply((*reply.parts, Buttons((row,), t("Still there?"))), first_page.then())

    def ask_for(self, ctx: Context, filters: Filters) -> Reply:
        """Asks where the courier is, with these filters remembered."""
        t = ctx.t
        prompt = Say(t("Send me where you are, or type the name of your town or district."))
        return Reply((prompt, ask_location(ctx)), filters_without_place(filters))

    async def ask_otherwise(self, ctx: Context) -> Reply:
        """The location button's label came as text: this device cannot share by that button."""
        t = ctx.t
        text = t(
            "This device only sent me the button's words. Share the location by the attachment "
            "menu (📎 or ＋), or type where you are, such as “东胜” or “海拉尔区”."
        )
        return Reply((Say(text),))

    async def at_location(self, ctx: Context) -> Reply:
        """The shared location itself."""
        content = ctx.event.content
        if not isinstance(content, Location):
            raise StaleButtonError
        search = _search_with(content.point, waiting_filters(ctx))
        search = replace(search, shared_at=ctx.now)
        if proposes_station_somewhere(ctx):
            return self._proposals.ask_kind(ctx, search)
        # nothing in this turn has left one out since it began
        hidden = None if ctx.courier.has_left_out else frozenset[int]()
        return await self.search(ctx, search, hidden)

    async def at_place(
        self, ctx: Context, found: list[Place], search: Search | None, lost: str = ""
    ) -> Reply:
        """A typed place: its seat of government, or a choice where several bear the name.

        `lost` is a landmark that was typed with it and is not known.
        """
        t = ctx.t
        if len(found) == 1:
            place = found[0]
            search = search or Search(place.point)
            search = replace(search, point=place.point, name=place.name, skip=0, shared_at=None)
            if proposes_station_somewhere(ctx):
                return self._proposals.ask_kind(ctx, search)
            reply = await self.search(ctx, search)
            if not lost:
                return reply
            text = t(
                "I did not find “{landmark}”, so this is seen from the centre of {place}; your "
                "location would be more exact.",
                landmark=lost,
                place=place.name,
            )
            return replace(reply, parts=(Say(text), *reply.parts))
        rows = tuple(
            (Button(self._full_name(place), f"near.place:{place.adcode}"),) for place in found[:6]
        )
        text = t("There are several places of that name.")
        then = filters_without_place(search.filters) if search else None
        return Reply((Say(text), Buttons(rows, t("Which?"))), then)

    async def at_chosen_place(self, ctx: Context) -> Reply:
        """One of several places of the same name."""
        place = self._places.by_adcode.get(ctx.args[0]) if ctx.args else None
        if place is None:
            raise StaleButtonError
        search = _search_with(place.point, waiting_filters(ctx))
        return await self.at_place(ctx, [place], search)

    async def filtered(self, ctx: Context) -> Reply:
        """The same place with other filters; without a place, asks for it first."""
        wanted = ctx.number(0)
        if wanted >= 1 << len(FACILITIES):
            raise StaleButtonError
        before = remembered_search(ctx)
        if before is None:
            return self.ask_for(ctx, replace(waiting_filters(ctx), mask=wanted))
        return await self.search(ctx, replace(before, mask=wanted, skip=0))

    async def without(self, ctx: Context) -> Reply:
        """The same place at any distance (`radius`) or also where it closes at night (`always`)."""
        before = remembered_search(ctx)
        match ctx.args:
            case ("radius",) if before is not None:
                return await self.search(ctx, replace(before, within=None, skip=0))
            case ("always",) if before is not None:
                return await self.search(ctx, replace(before, always=False, skip=0))
            case ("radius" | "always",):
                return await self.ask(ctx)
            case _:
                raise StaleButtonError

    async def another_day(self, ctx: Context) -> Reply | None:
        """The hours of another day that the text asks for, at the stations last shown."""
        return await self._questions.hours_of_day(ctx)

    async def more(self, ctx: Context) -> Reply:
        """The next three. A page that was not reached yet is not skipped to."""
        before = remembered_search(ctx)
        if before is None:
            return await self.ask(ctx)
        skip = min(ctx.number(0), before.following) if ctx.args else before.following
        return await self.search(ctx, replace(before, skip=min(skip, PAGE * PAGES)))

    async def search(
        self, ctx: Context, search: Search, hidden: frozenset[int] | None = None
    ) -> Reply:
        """Finds, records and words one search.

        `hidden`: the stations that this courier is not sent to, where that is known.
        """
        if hidden is None:
            hidden = await left_out(ctx.db, ctx.courier.id, ctx.now)
        query = search.query(ctx.now, hidden)
        query = self._stations.with_preference(query, self._places)
        result = self._stations.search(query)
        await demand.record_demand(ctx.db, self._places, ctx.courier.id, query, result, ctx.now)
        described = await catalogue.describe(ctx.db, result.mentioned, self._stations.described)
        observed = self._stations.observed(described)
        known = await observations.known(ctx.db, observed, ctx.now) if observed else {}
        return answer(ctx, search, result, described, known, self._public_url)

    def _full_name(self, place: Place) -> str:
        league = self._places.by_adcode[place.league]
        return place.name if league is place else f"{league.name} {place.name}"


def _search_with(point: Point, filters: Filters) -> Search:
    return Search(point, filters.mask, within=filters.within, always=filters.always)
