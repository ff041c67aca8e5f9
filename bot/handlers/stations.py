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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.events import Location
from bot.conversation.replies import AskLocation, Button, Buttons, Part, Reply, Say, Then
from bot.facilities import FACILITIES, mask
from bot.geo.places import Place, Places
from bot.geo.point import Point
from bot.handlers import names, station_words
from bot.handlers.feature import Feature
from bot.language import Translator
from bot.services import stations
from bot.services.board import Board, Found, Match, Wish

PAGES = 10  # further than the thirtieth nobody rides
FAR_AWAY = 300_000.0  # metres: likelier a wrong position than a courier


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for from where; `name` is the typed place, empty for a shared location."""

    point: Point
    mask: int = 0
    skip: int = 0
    within: float | None = None
    name: str = ""

    def then(self) -> Then:
        """This search as a conversation's memory."""
        return Then(
            "",
            {
                "at": [self.point.lat, self.point.lon],
                "mask": self.mask,
                "skip": self.skip,
                "within": self.within,
                "name": self.name,
            },
        )


def pending(ctx: Context) -> Search | None:
    """The search that the conversation is about, if it is about one."""
    data: Mapping[str, Any] = ctx.data
    if "at" not in data:
        return None
    lat, lon = data["at"]
    return Search(Point(lat, lon), data["mask"], data["skip"], data["within"], data["name"])


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
                (t.p("spoken words", "near me, send my location, /near"), "locate"),
            )

        return Feature(
            actions={
                "locate": self.ask,
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
        skip = ctx.number(0) if ctx.args else before.skip + 3
        return await self.search(ctx, replace(before, skip=min(skip, 3 * PAGES)))

    async def search(self, ctx: Context, search: Search) -> Reply:
        """Finds, words and records one search."""
        within = min(search.within or self._radius, self._radius)
        wish = Wish(search.mask, within, search.skip)
        found = self._board.find(search.point, ctx.now, wish)
        await self._record(ctx, search, found)
        ids = [one.id for one in _mentioned(found)]
        described = await stations.describe(ctx.db, ids)
        if found.best:
            parts = self._best(ctx, search, found, described)
        elif search.skip:
            parts = [Say(ctx.t("That was all there is nearby that will be open."))]
        elif found.nearest is None or found.nearest.metres > within:
            parts = self._nothing_near(ctx, search, found, described, within)
        else:
            parts = self._none_open(ctx, found, described, within)
        numbered = [one.id for one in _shown(found, within) if one.id in described]
        return Reply((*parts, self._choices(ctx, search, found, numbered)), search.then())

    async def card(self, ctx: Context) -> Reply:
        """放心进: everything about one station."""
        station_id = ctx.number(0)
        station = (await stations.describe(ctx.db, [station_id])).get(station_id)
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
            row.append(Button(t("Another one"), f"near.more:{search.skip + 3}"))
        else:
            row.append(Button(t("Stations near me"), "locate"))
        pin = station_words.card(t, station, opening, ctx.now)
        return Reply((pin, Buttons((tuple(row),), "")), self._still(ctx))

    async def keep(self, ctx: Context) -> Reply:
        """Adds to the favourites."""
        station_id = ctx.number(0)
        if not await stations.describe(ctx.db, [station_id]):
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
        described = await stations.describe(ctx.db, kept)
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

    def _best(
        self,
        ctx: Context,
        search: Search,
        found: Found,
        described: Mapping[int, stations.Station],
    ) -> list[Part]:
        t = ctx.t
        wanted = _codes(search.mask)
        if search.name:
            head = t("Seen from the centre of {place}, open when you get there:", place=search.name)
        else:
            head = t("Nearest that will be open when you get there:")
        if wanted:
            head = t("With {list}. ", list=station_words.listed(t, wanted)) + head
        parts: list[Part] = [Say(head)]
        shown = [one for one in found.best if one.id in described]
        for number, one in enumerate(shown, 1):
            reason = _reason(ctx, search, shown, described, number - 1)
            pin = station_words.in_list(t, number, described[one.id], one, reason, ctx.now)
            parts.append(pin if number == 1 else Say(pin.text, pin.links))
        return parts

    def _none_open(
        self,
        ctx: Context,
        found: Found,
        described: Mapping[int, stations.Station],
        within: float,
    ) -> list[Part]:
        t = ctx.t
        parts: list[Part] = [Say(t("Nothing nearby will be open when you get there."))]
        for number, one in enumerate(_shown(found, within), 1):
            station = described.get(one.id)
            if station is None:
                continue
            if one is found.opens_next:
                reason = t("opens first")
            elif one is found.round_the_clock:
                reason = t("nearest round the clock")
            elif one is found.unknown_hours:
                reason = t("nearest, hours not registered")
            else:
                reason = t("nearest")
            pin = station_words.in_list(t, number, station, one, reason, ctx.now)
            parts.append(pin if not parts[1:] else Say(pin.text, pin.links))
        return parts

    def _nothing_near(
        self,
        ctx: Context,
        search: Search,
        found: Found,
        described: Mapping[int, stations.Station],
        within: float,
    ) -> list[Part]:
        t = ctx.t
        wanted = station_words.listed(t, _codes(search.mask))
        nearest = found.nearest
        if nearest is None or nearest.id not in described:
            if wanted:
                return [Say(t("No station has {list} in working order now.", list=wanted))]
            return [Say(t("No station is registered yet. Please try again later."))]
        radius = names.kilometres(t, within)
        if wanted:
            said = t("No station with {list} within {radius}.", list=wanted, radius=radius)
        else:
            said = t("No station within {radius}.", radius=radius)
        parts: list[Part] = [Say(said)]
        if nearest.metres > FAR_AWAY:
            distance = names.kilometres(t, nearest.metres)
            parts.append(
                Say(
                    t(
                        "The nearest is {distance} away. If you are not that far off, your phone "
                        "sent a wrong place: send it again, or type the name of your town.",
                        distance=distance,
                    )
                )
            )
            return parts
        station = described[nearest.id]
        parts.append(station_words.in_list(t, 1, station, nearest, t("nearest"), ctx.now))
        return parts

    def _choices(self, ctx: Context, search: Search, found: Found, numbered: list[int]) -> Buttons:
        t = ctx.t
        doors = tuple(
            Button(t("How to get in {n}", n=number), f"station.card:{station_id}")
            for number, station_id in enumerate(numbered, 1)
        )
        filters = []
        for code in names.FILTERS:
            bit = 1 << FACILITIES[code].bit
            word = names.facility(t, code)
            label = t("✓ {facility}", facility=word) if search.mask & bit else word
            filters.append(Button(label, f"near.with:{search.mask ^ bit}"))
        if found.more:
            filters.append(Button(t("More"), f"near.more:{search.skip + 3}"))
        elif search.skip:
            filters.append(Button(t("Back to the nearest"), "near.more:0"))
        rows = [doors] if doors else []
        rows += [tuple(filters[i : i + 3]) for i in range(0, len(filters), 3)]
        return Buttons(tuple(rows), t("Need something else?"))

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
            wanted=_codes(search.mask),
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


def _codes(bits: int) -> list[str]:
    return [code for code, one in FACILITIES.items() if bits >> one.bit & 1]


def _mentioned(found: Found) -> list[Match]:
    others = (found.opens_next, found.round_the_clock, found.unknown_hours, found.nearest)
    return [*found.best, *(one for one in others if one is not None)]


def _shown(found: Found, within: float) -> list[Match]:
    """The matches that an answer numbers, each station once."""
    if found.best or found.nearest is None:
        return list(found.best)
    if found.nearest.metres > within:
        return [found.nearest] if found.nearest.metres <= FAR_AWAY else []
    others = (found.opens_next, found.round_the_clock, found.unknown_hours)
    shown: list[Match] = []
    for one in others:
        if one is not None and all(one.id != other.id for other in shown):
            shown.append(one)
    return shown or [found.nearest]


def _reason(
    ctx: Context,
    search: Search,
    shown: list[Match],
    described: Mapping[int, stations.Station],
    index: int,
) -> str:
    """Why this one is in the list where it is not just the nearest."""
    t = ctx.t
    if index == 0:
        return t("nearest") if not search.skip else ""
    first, here = shown[0], shown[index]
    if described[here.id].has("water") and not described[first.id].has("water"):
        return t("has hot water and is open")
    ends = [one.opening.until for one in shown]
    mine = here.opening.until
    if mine is None and ends.count(None) == 1:
        return t("open round the clock")
    if mine is not None and None not in ends:
        latest = max(end for end in ends if end is not None)
        if mine == latest and ends.count(latest) == 1:
            return t("open latest")
    return ""
