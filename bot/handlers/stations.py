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

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.events import Location
from bot.conversation.replies import AskLocation, Button, Buttons, Reply, Say, Then
from bot.facilities import FACILITIES, mask
from bot.geo.places import Place, Places
from bot.handlers import station_answers, station_words
from bot.handlers.feature import Feature
from bot.handlers.station_answers import PAGE, Search, pending
from bot.language import Translator
from bot.services import stations
from bot.services.board import Board, Found, Wish

PAGES = 10  # further than the thirtieth nobody rides


class StationTalk:
    """All answers about stations."""

    def __init__(self, board: Board, places: Places, radius: float) -> None:
        self._board = board
        self._places = places
        self._radius = radius

    def feature(self) -> Feature:
        """What buttons and spoken words about stations do; free text about them goes to `Talk`."""

        def near(t: Translator) -> Button:
            return Button(t("Stations near me"), "locate")

        def kept(t: Translator) -> Button:
            return Button(t("My favourites"), "favourites")

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "favourites, my favourites, /favourites"), "favourites"),
                (t.p("spoken words", "another one, more, next"), "near.more"),
                (t.p("spoken words", "near me, stations near me, /near"), "locate"),
                (t.p("spoken words", "send my location"), "locate.otherwise"),
            )

        return Feature(
            actions={
                "locate": self.ask,
                "locate.otherwise": self.ask_otherwise,
                "near.with": self.filtered,
                "near.more": self.more,
                "near.place": self.at_chosen_place,
                "station.card": self.card,
                "station.keep": self.keep,
                "station.drop": self.drop,
                "favourites": self.favourites,
            },
            words=words,
            meanings={"favourites": self.favourites},
            offers={
                "nearest": near,
                "facility": near,
                "open_now": near,
                "place": near,
                "favourites": kept,
            },
        )

    async def ask(self, ctx: Context) -> Reply:
        """Asks where the courier is; a pending wish for facilities is kept."""
        t = ctx.t
        wanted = ctx.data.get("mask", 0)
        return Reply(
            (
                Say(t("Send me where you are, or type the name of your town or district.")),
                ask_location(ctx),
            ),
            Then("", {"mask": wanted}),
        )

    async def ask_otherwise(self, ctx: Context) -> Reply:
        """The location button's label came as text: this device cannot share by that button."""
        t = ctx.t
        said = t(
            "This device only sent me the button's words. Share the location by the attachment "
            "menu (📎 or ＋), or type where you are, such as “东胜” or “海拉尔火车站”."
        )
        return Reply((Say(said),), Then("", {"mask": ctx.data.get("mask", 0)}))

    async def at_location(self, ctx: Context) -> Reply:
        """The shared location itself."""
        content = ctx.event.content
        if not isinstance(content, Location):
            raise StaleButtonError
        # A wish that waited for a place counts; one that already had its answer does not.
        waiting = 0 if "at" in ctx.data else ctx.data.get("mask", 0)
        bits = waiting if isinstance(waiting, int) else 0
        return await self.search(ctx, Search(content.point, bits))

    async def at_place(self, ctx: Context, found: list[Place], wish: Search | None) -> Reply:
        """A typed place: its seat of government, or a choice where several bear the name."""
        t = ctx.t
        if len(found) == 1:
            place = found[0]
            base = wish or Search(place.point)
            return await self.search(ctx, replace(base, point=place.point, name=place.name, skip=0))
        rows = tuple(
            (Button(self._full_name(place), f"near.place:{place.adcode}"),) for place in found[:6]
        )
        return Reply((Say(t("There are several places of that name.")), Buttons(rows, t("Which?"))))

    async def at_chosen_place(self, ctx: Context) -> Reply:
        """One of several places of the same name."""
        place = self._places.by_adcode.get(ctx.args[0]) if ctx.args else None
        if place is None:
            raise StaleButtonError
        return await self.at_place(ctx, [place], None)

    async def filtered(self, ctx: Context) -> Reply:
        """The same place with other wishes; without a place, asks for it first."""
        wanted = ctx.number(0)
        if wanted >= 1 << len(FACILITIES):
            raise StaleButtonError
        before = pending(ctx)
        if before is None:
            return await self.ask(replace(ctx, data={"mask": wanted}))
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
        wish = Wish(search.mask, within, search.skip)
        found = self._board.find(search.point, ctx.now, wish)
        await self._record(ctx, search, found)
        ids = [one.id for one in station_answers.mentioned(found)]
        described = await stations.describe(ctx.db, ids, self._board.known)
        if found.best:
            parts = station_answers.best(ctx, search, found, described)
        elif search.skip:
            parts = [Say(ctx.t("That was all there is nearby that will be open."))]
        elif found.nearest is None or found.nearest.metres > within:
            parts = station_answers.nothing_near(ctx, search, found, described, within)
        else:
            parts = station_answers.none_open(ctx, found, described, within)
        over = search.skip and not found.best  # no list is shown, so there is no 第1家 in it
        shown = [] if over else station_answers.shown(found, within)
        numbered = [one.id for one in shown if one.id in described]
        return Reply((*parts, station_answers.choices(ctx, search, found, numbered)), search.then())

    async def card(self, ctx: Context) -> Reply:
        """放心进: everything about one station."""
        station_id = ctx.number(0)
        station = (await stations.describe(ctx.db, [station_id], self._board.known)).get(station_id)
        if station is None:
            raise StaleButtonError
        t = ctx.t
        opening = self._board.state(station.schedule, ctx.now)
        kept = station_id in await stations.favourites(ctx.db, ctx.courier.id)
        action = "drop" if kept else "keep"
        label = t("Forget this one") if kept else t("Keep this one")
        row = [Button(label, f"station.{action}:{station_id}")]
        search = pending(ctx)
        if search is not None:
            row.append(Button(t("Another one"), f"near.more:{search.skip + PAGE}"))
        else:
            row.append(Button(t("Stations near me"), "locate"))
        pin = station_words.card(t, station, opening, ctx.now)
        return Reply((pin, Buttons((tuple(row),), "")), self._still(ctx))

    async def keep(self, ctx: Context) -> Reply:
        """Adds to the favourites."""
        station_id = ctx.number(0)
        if not await stations.describe(ctx.db, [station_id], self._board.known):
            raise StaleButtonError
        t = ctx.t
        if await stations.keep(ctx.db, ctx.courier.id, station_id, ctx.now):
            said = t("Kept. Say “my favourites” to see the list.")
        else:
            said = t("You already keep {n}. Forget one first.", n=stations.FAVOURITES_MOST)
        row = (Button(t("My favourites"), "favourites"),)
        return Reply((Say(said), Buttons((row,), "")), self._still(ctx))

    async def drop(self, ctx: Context) -> Reply:
        """Removes from the favourites and shows what is left."""
        await stations.drop(ctx.db, ctx.courier.id, ctx.number(0))
        reply = await self.favourites(ctx)
        return replace(reply, parts=(Say(ctx.t("Forgotten.")), *reply.parts))

    async def favourites(self, ctx: Context) -> Reply:
        """The kept stations, each with its state right now."""
        t = ctx.t
        kept = await stations.favourites(ctx.db, ctx.courier.id)
        described = await stations.describe(ctx.db, kept, self._board.known)
        if not described:
            said = t("You keep no station yet. Open one and press “Keep this one”.")
            row = (Button(t("Stations near me"), "locate"),)
            return Reply((Say(said), Buttons((row,), "")), self._still(ctx))
        lines, rows = [], []
        for number, station_id in enumerate((one for one in kept if one in described), 1):
            station = described[station_id]
            opening = self._board.state(station.schedule, ctx.now)
            lines.append(
                f"{number}. {station.name}\n{station_words.state_now(t, station, opening, ctx.now)}"
            )
            rows.append(
                (
                    Button(t("How to get in {n}", n=number), f"station.card:{station_id}"),
                    Button(t("Forget {n}", n=number), f"station.drop:{station_id}"),
                )
            )
        return Reply(
            (Say(t("Your stations:") + "\n" + "\n".join(lines)), Buttons(tuple(rows), "")),
            self._still(ctx),
        )

    def _full_name(self, place: Place) -> str:
        league = self._places.by_adcode[place.league]
        return place.name if league is place else f"{league.name} {place.name}"

    async def _record(self, ctx: Context, search: Search, found: Found) -> None:
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
        await stations.record_demand(
            ctx.db,
            courier_id=ctx.courier.id,
            now=ctx.now,
            cell=stations.coarse_cell(search.point),
            league=self._places.league_of(search.point).adcode,
            wanted=station_answers.codes(search.mask),
            outcome=outcome,
            nearest_m=nearest.metres if nearest else None,
        )

    def _still(self, ctx: Context) -> Then | None:
        search = pending(ctx)
        return search.then() if search else None


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


def wish_mask(codes: frozenset[str]) -> int:
    """The facilities that a courier named, as a mask."""
    return mask(codes)
