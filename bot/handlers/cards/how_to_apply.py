"""怎么办卡: who may have one, what to bring, and where; the form is in `application_form`."""

from collections.abc import Sequence

from bot.common.i18n import Translator
from bot.conversation.context import Context, Handler, StaleButtonError
from bot.conversation.events import Location
from bot.conversation.replies import Button, Buttons, Part, Reply, Say, Then
from bot.geo.places import Places
from bot.handlers.abroad import card_form_elsewhere
from bot.handlers.cards import wording
from bot.handlers.cards.application_form import PreApplicationForm
from bot.handlers.cards.form_draft import form_of
from bot.handlers.cards.outlet_choice import nearest_outlets
from bot.handlers.cards.status import CardHandlers
from bot.handlers.feature import Feature, join
from bot.handlers.stations import wording as station_wording
from bot.handlers.stations.location_request import ask_location
from bot.handlers.stations.remembered import Search, remembered_search, waits_for_location
from bot.intents import Intent
from bot.services.cards.pre_applications import PreApplications
from bot.services.stations.catalogue import Station
from bot.services.stations.search import StationSearch


class ApplyHandlers:
    """How to get a card. `public_url`: where the web chat is, empty if nowhere."""

    def __init__(
        self,
        requests: PreApplications,
        stations: StationSearch,
        places: Places,
        card_handlers: CardHandlers,
        otherwise_stations: Handler,
        public_url: str = "",
    ) -> None:
        self._stations = stations
        self._card_handlers = card_handlers
        self._otherwise_stations = otherwise_stations
        self._public_url = public_url
        self._form = PreApplicationForm(requests, stations, places, public_url)

    def feature(self) -> Feature:
        """What buttons and words about a new card do."""

        def offer(t: Translator) -> Button:
            return Button(t("How to get a card"), "card.apply")

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            spoken = t.p("spoken words", "get a card, how do I get a card, apply, /apply")
            return ((spoken, "card.apply"),)

        own = Feature(
            actions={"card.apply": self.how, "card.outlet": self.nearest},
            words=words,
            intent_handlers={Intent.CARD_APPLY: self.how},
            intent_buttons={Intent.CARD_APPLY: offer},
        )
        return join([own, self._form.feature()])

    async def how(self, ctx: Context) -> Reply:
        """Who, what to bring, what it brings; what only the bank can say is left to the bank."""
        t = ctx.t
        message = t(
            "【How to get the 奋斗卡】\n"
            "Who: couriers at work in Inner Mongolia. A debit card of ICBC.\n"
            "Bring: your original ID card and your phone, and go yourself. Whether the outlet "
            "wants to see where you work: phone it first.\n"
            "Where: at the counter of an ICBC outlet; debit cards are often made right there.\n"
            "Fees and benefits: what the bank says counts; ask before you sign."
        )
        parts: list[Part] = [Say(f"{message}\n{wording.warning(t)}")]
        if ctx.abroad:
            parts.append(card_form_elsewhere(t, self._public_url))
        search = remembered_search(ctx)
        if search is not None and (found := await self._nearest(ctx, search)):
            parts.append(self._way(ctx, found[0], search))
        else:
            parts.append(Say(t("Send me where you are and I name the nearest outlet.")))
            parts.append(ask_location(ctx))
        status = Button(t("Where is my card"), "card.status")
        if ctx.abroad:
            buttons = Buttons(((status,),), t("What next?"))
        else:
            row = (Button(t("Register now"), "apply.begin"), status)
            buttons = Buttons((row,), t("Or have an outlet phone you:"))
        then = search.then() if search else Then("", {"seek": "outlet"})
        return Reply((*parts, buttons), then)

    async def nearest(self, ctx: Context) -> Reply:
        """最近的网点: from the place in the conversation, else asks for a location."""
        search = remembered_search(ctx)
        if search is not None and (found := await self._nearest(ctx, search)):
            return self._found(ctx, found, search)
        message = Say(ctx.t("Send me where you are and I name the nearest outlet."))
        row = (Button(ctx.t("Back"), "card.apply"), Button(ctx.t("Cancel"), "cancel"))
        buttons = Buttons((row,), ctx.t("Or:"))
        return Reply((message, ask_location(ctx), buttons), Then("", {"seek": "outlet"}))

    async def at_location(self, ctx: Context) -> Reply:
        """A shared location: the outlet while one is looked for, else the nearest stations."""
        content = ctx.event.content
        if not isinstance(content, Location):
            raise StaleButtonError
        form = form_of(ctx)
        if form is not None and form.firm and not waits_for_location(ctx):
            return await self._form.outlets.offer(ctx, form, content.point, "")
        search = Search(content.point)
        if ctx.data.get("seek") == "outlet" and (found := await self._nearest(ctx, search)):
            return self._found(ctx, found, search)
        return await self._otherwise_stations(ctx)

    def _found(self, ctx: Context, found: Sequence[Station], search: Search) -> Reply:
        t = ctx.t
        row: tuple[Button, ...] = (Button(t("Stations near me"), "near.more:0"),)
        if not ctx.abroad:
            row = (Button(t("Register now"), "apply.begin"), *row)
        return Reply((self._way(ctx, found[0], search), Buttons((row,), "")), search.then())

    def _way(self, ctx: Context, station: Station, search: Search) -> Part:
        t = ctx.t
        outlet = self._card_handlers.outlet(station, search, ctx.now)
        lines = [t("Nearest outlet"), *wording.outlet_lines(t, outlet, ctx.now)]
        return station_wording.pin(t, station, "\n".join(lines))

    async def _nearest(self, ctx: Context, search: Search) -> list[Station]:
        return await nearest_outlets(ctx, self._stations, search.point)
