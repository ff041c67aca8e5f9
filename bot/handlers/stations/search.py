"""Where to go: the answer to a shared location, a typed place or a wish for hot water.

```mermaid
stateDiagram-v2
    [*] --> near: location shared, or place named
    near --> near: filter button, 更多, "有热水吗", another place
    near --> card: 怎么进
    card --> near: 更多, 收藏
```

The place one looks from lives in `then` (sealed) while the talk about it lasts; for good only a
coarse cell and what was wanted are kept.
"""

from dataclasses import replace
from datetime import datetime

from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.events import Location
from bot.conversation.replies import AskLocation, Button, Buttons, Reply, Say
from bot.geo.places import Place, Places
from bot.handlers.feature import Feature, join
from bot.handlers.stations import no_results, results
from bot.handlers.stations.details import StationDoors
from bot.handlers.stations.results import PAGE, Search, pending, waiting, wish_without_place
from bot.handlers.stations.wording import ROUND_THE_CLOCK
from bot.services.stations import catalogue, demand
from bot.services.stations.search import Match, SearchQuery, SearchResult, StationSearch
from bot.services.stations.snapshot import ALWAYS

LOOKED_AT = 30  # so many near ones are compared for the one that closes last
PAGES = 10  # further than the thirtieth nobody rides


class StationTalk:
    """All answers about stations."""

    def __init__(self, board: StationSearch, places: Places, radius: float) -> None:
        self._board = board
        self._places = places
        self._radius = radius

    def feature(self) -> Feature:
        """What buttons and spoken words about stations do; free text about them goes to `Talk`."""

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
                "near.more": self.more,
                "near.place": self.at_chosen_place,
            },
            words=words,
            offers={
                "nearest": near,
                "facility": near,
                "open_now": near,
                "place": near,
            },
        )
        return join([own, StationDoors(self._board).feature()])

    async def ask(self, ctx: Context) -> Reply:
        """Asks where the courier is; a pending wish for facilities is kept."""
        before = pending(ctx)
        if before is None:
            mask, always = waiting(ctx)
            return self.ask_for(ctx, mask, always=always)
        t = ctx.t
        again = replace(before, skip=0)
        reply = self.ask_for(ctx, 0, always=False)
        row = (Button(t("Use the place I sent before"), "near.more:0"),)
        return Reply((*reply.parts, Buttons((row,), t("Still there?"))), again.then())

    def ask_for(self, ctx: Context, mask: int, *, always: bool) -> Reply:
        """Asks where the courier is who wishes for this."""
        t = ctx.t
        said = Say(t("Send me where you are, or type the name of your town or district."))
        return Reply((said, ask_location(ctx)), wish_without_place(mask, always=always))

    async def ask_otherwise(self, ctx: Context) -> Reply:
        """The location button's label came as text: this device cannot share by that button."""
        t = ctx.t
        said = t(
            "This device only sent me the button's words. Share the location by the attachment "
            "menu (📎 or ＋), or type where you are, such as “东胜” or “海拉尔区”."
        )
        return Reply((Say(said),))

    async def at_location(self, ctx: Context) -> Reply:
        """The shared location itself."""
        content = ctx.event.content
        if not isinstance(content, Location):
            raise StaleButtonError
        mask, always = waiting(ctx)
        return await self.search(ctx, Search(content.point, mask, always=always))

    async def at_place(
        self, ctx: Context, found: list[Place], wish: Search | None, lost: str = ""
    ) -> Reply:
        """A typed place: its seat of government, or a choice where several bear the name.

        `lost` is what was named more exactly and is not known.
        """
        t = ctx.t
        if len(found) == 1:
            place = found[0]
            base = wish or Search(place.point)
            reply = await self.search(
                ctx, replace(base, point=place.point, name=place.name, skip=0)
            )
            if not lost:
                return reply
            said = t(
                "I did not find “{landmark}”, so this is seen from the centre of {place}; your "
                "location would be more exact.",
                landmark=lost,
                place=place.name,
            )
            return replace(reply, parts=(Say(said), *reply.parts))
        rows = tuple(
            (Button(self._full_name(place), f"near.place:{place.adcode}"),) for place in found[:6]
        )
        said = t("There are several places of that name.")
        then = wish_without_place(wish.mask, always=wish.always) if wish else None
        return Reply((Say(said), Buttons(rows, t("Which?"))), then)

    async def at_chosen_place(self, ctx: Context) -> Reply:
        """One of several places of the same name."""
        place = self._places.by_adcode.get(ctx.args[0]) if ctx.args else None
        if place is None:
            raise StaleButtonError
        mask, always = waiting(ctx)
        return await self.at_place(ctx, [place], Search(place.point, mask, always=always))

    async def filtered(self, ctx: Context) -> Reply:
        """The same place with other wishes; without a place, asks for it first."""
        wanted = ctx.number(0)
        if wanted >= 1 << len(FACILITIES):
            raise StaleButtonError
        before = pending(ctx)
        if before is None:
            return self.ask_for(ctx, wanted, always=waiting(ctx)[1])
        return await self.search(ctx, replace(before, mask=wanted, skip=0))

    async def more(self, ctx: Context) -> Reply:
        """The next three."""
        before = pending(ctx)
        if before is None:
            return await self.ask(ctx)
        skip = ctx.number(0) if ctx.args else before.skip + PAGE
        return await self.search(ctx, replace(before, skip=min(skip, PAGE * PAGES)))

    async def search(self, ctx: Context, search: Search) -> Reply:
        """Finds, words and records one search."""
        within = min(search.within or self._radius, self._radius)
        at = search.at or ctx.now
        if search.always:
            found = self._never_closing(search, at, within)
        else:
            found = self._board.find(
                search.point, at, SearchQuery(search.mask, within, search.skip)
            )
        await self._record(ctx, search, found)
        beside = self._beside(ctx, search, found, within)
        ids = [one.id for one in results.mentioned(found)]
        ids += [beside.id] if beside else []
        described = await catalogue.describe(ctx.db, ids, self._board.known)
        shown = results.shown(found, within)
        if found.best:
            parts = results.best(ctx, search, found, described)
            if _is_far(search, found):
                first = found.best[0]
                parts[0] = no_results.far_ride(ctx, first, beside, described)
        elif search.skip:
            parts = [Say(ctx.t("That was all there is nearby that will be open."))]
            shown = []
        elif search.always:
            parts = no_results.none_always(ctx, search, beside, described)
            shown = [beside] if beside else []
        elif found.nearest is None or found.nearest.metres > within:
            parts = no_results.nothing_near(ctx, search, found, described, within)
        else:
            parts = no_results.none_open(ctx, search, found, described, within)
        doors = [one.id for one in shown if one.id in described]
        earlier = (*search.shown, *(0 for _ in range(search.skip)))[: search.skip]
        buttons = results.choices(ctx, search, found, doors)
        return Reply((*parts, buttons), replace(search, shown=(*earlier, *doors)).then())

    def _never_closing(self, search: Search, at: datetime, within: float) -> SearchResult:
        """Those open round the clock, and those near that only a far-off change will ever shut."""
        need = search.skip + PAGE + 1
        always = self._board.find(
            search.point, at, SearchQuery(search.mask | ALWAYS, within, count=max(need, LOOKED_AT))
        )
        near = self._board.find(search.point, at, SearchQuery(search.mask, within, count=LOOKED_AT))
        late = [
            one
            for one in near.best
            if one.opening.until is None or one.opening.until - at > ROUND_THE_CLOCK
        ]
        both = {one.id: one for one in (*always.best, *late)}
        best = sorted(both.values(), key=lambda one: (one.metres, one.id))
        shown = tuple(best[search.skip : search.skip + PAGE])
        return replace(near, best=shown, more=len(best) > search.skip + PAGE)

    def _beside(
        self, ctx: Context, search: Search, found: SearchResult, within: float
    ) -> Match | None:
        """Who else is worth naming: the first to open nearby, or the last to close."""
        if _is_far(search, found):
            return self._board.find(
                search.point,
                search.at or ctx.now,
                SearchQuery(search.mask, results.FAR_RIDE),
            ).opens_next
        if not search.always or found.best:
            return None
        wish = SearchQuery(search.mask, within, count=LOOKED_AT)
        late = [
            one
            for one in self._board.find(search.point, search.at or ctx.now, wish).best
            if one.opening.until is not None
        ]
        return max(late, key=lambda one: one.opening.until or ctx.now, default=None)

    def _full_name(self, place: Place) -> str:
        league = self._places.by_adcode[place.league]
        return place.name if league is place else f"{league.name} {place.name}"

    async def _record(self, ctx: Context, search: Search, found: SearchResult) -> None:
        if search.skip:
            return
        within = min(search.within or self._radius, self._radius)
        if found.best:
            outcome = "found"
        elif found.nearest is None or found.nearest.metres > within:
            outcome = "none_near"
        else:
            outcome = "none_open"
        nearest = found.best[0] if found.best else found.nearest
        await demand.record_demand(
            ctx.db,
            courier_id=ctx.courier.id,
            now=ctx.now,
            cell=demand.coarse_cell(search.point),
            league=self._places.league_of(search.point).adcode,
            wanted=results.codes(search.mask),
            outcome=outcome,
            nearest_m=nearest.metres if nearest else None,
        )


def _is_far(search: Search, found: SearchResult) -> bool:
    first = found.best[0] if found.best else None
    far = first is not None and first.metres > results.FAR_RIDE
    return far and not search.skip and not search.always and search.within is None


def ask_location(ctx: Context) -> AskLocation:
    """The channel's own way of asking for a location."""
    t = ctx.t
    return AskLocation(
        t("Send my location"),
        {
            "menu": t("Tap 发送位置 in the menu below, or ＋ → 位置 → 发送位置."),
            "typed": t("For example: 位置 40.84,111.75 (latitude first)."),
        },
    )
