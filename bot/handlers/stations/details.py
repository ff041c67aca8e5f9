"""One station: its details (放心进), and the favourites that a courier keeps."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Pin, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.stations import door_photos, facilities, links, wording
from bot.handlers.stations.feedback import known
from bot.handlers.stations.feedback.visit_questions import PlanVisit
from bot.handlers.stations.remembered import (
    current_station,
    numbered_stations,
    remembered_search,
    with_current,
    with_numbers,
)
from bot.hours.opening import Opening
from bot.intents import Intent
from bot.intents.normalise import normalise
from bot.intents.slots import pointed
from bot.intents.station_words import chooses_shown
from bot.services.stations import catalogue, observations
from bot.services.stations import favourites as station_favourites
from bot.services.stations.catalogue import Station
from bot.services.stations.observations import Known
from bot.services.stations.photos import shown as photos
from bot.services.stations.public_codes import ARRIVAL, with_public_code
from bot.services.stations.results import PAGE
from bot.services.stations.search import StationSearch


class DetailsHandlers:
    """Answers about a single station, and the list of favourites.

    `plan`: the courier chose that station.
    """

    def __init__(self, stations: StationSearch, plan: PlanVisit, public_url: str = "") -> None:
        self._stations = stations
        self._plan = plan
        self._public_url = public_url

    def feature(self) -> Feature:
        """Details, favourites, and numbers that mean a station listed before."""

        def offer(t: Translator) -> Button:
            return Button(t("My favourites"), "favourites")

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return ((t.p("spoken words", "favourites, my favourites, /favourites"), "favourites"),)

        return Feature(
            actions={
                "station.card": self.chosen,
                "station.keep": self.keep,
                "station.drop": self.drop,
                "favourites": self.favourites,
            },
            words=words,
            intent_handlers={Intent.FAVOURITES: self.favourites},
            intent_buttons={Intent.FAVOURITES: offer},
            arrivals={ARRIVAL: self.arrived},
            references=(self.picked,),
        )

    async def picked(self, ctx: Context) -> Reply | None:
        """第二家, 2号怎么进, 收藏第二家: one of the stations that the last answers numbered."""
        text = typed(ctx)
        shown = numbered_stations(ctx)
        if not ctx.data.keys() - CARRIED and chooses_shown(normalise(text)):
            return await self._chosen_of(ctx, shown)
        number = pointed(text)
        if ctx.data.keys() - CARRIED or number is None or number > len(shown):
            return None
        if not shown[number - 1]:
            return None
        ctx = replace(ctx, args=(str(shown[number - 1]),))
        if "收藏" in text:
            return await (self.drop(ctx) if re.search("取消|删", text) else self.keep(ctx))
        if re.search("电话|几点|介绍|详情", text):
            return await self.details(ctx)
        return await self.chosen(ctx)

    async def chosen(self, ctx: Context) -> Reply:
        """The details of a station that the courier chose: they are expected there."""
        reply = await self.details(ctx)
        described = await catalogue.describe(ctx.db, [ctx.number(0)], self._stations.described)
        await self._plan(ctx, described[ctx.number(0)])
        return reply

    async def _chosen_of(self, ctx: Context, shown: Sequence[int]) -> Reply | None:
        """去这家: the one whose details were shown last, else the first of the last page."""
        search = remembered_search(ctx)
        page = shown[search.skip :] if search is not None else shown
        first = current_station(ctx) or next((one for one in page if one), None)
        return None if first is None else await self.chosen(replace(ctx, args=(str(first),)))

    async def arrived(self, ctx: Context) -> Reply:
        """A QR code at the station's door: its details."""
        found = await with_public_code(ctx.db, ctx.args[0])
        if found is None:
            t = ctx.t
            text = t("That code belongs to no station any more. I look for the nearest one:")
            return Reply((Say(text), Buttons(((Button(t("Stations near me"), "locate"),),), "")))
        return await self.details(replace(ctx, args=(str(found),)))

    async def details(self, ctx: Context) -> Reply:
        """放心进: everything about one station."""
        station_id = ctx.number(0)
        described = await catalogue.describe(ctx.db, [station_id], self._stations.described)
        station = described.get(station_id)
        if station is None:
            raise StaleButtonError
        t = ctx.t
        station_id = station.id  # another one where the button's was merged into it
        opening = self._stations.state(station.schedule, ctx.now)
        kept = station_id in await station_favourites.favourites(ctx.db, ctx.courier.id)
        action = "drop" if kept else "keep"
        label = t("Forget this one") if kept else t("Keep this one")
        row = [Button(label, f"station.{action}:{station_id}")]
        search = remembered_search(ctx)
        if search is not None:
            row.append(Button(t("Another one"), f"near.more:{search.skip + PAGE}"))
        else:
            row.append(Button(t("Stations near me"), "locate"))
        found = (await observations.known(ctx.db, [station_id], ctx.now))[station_id]
        rows, has_photos = [tuple(row)], await photos.has_photos(ctx.db, station.id)
        if has_photos:
            rows.append((door_photos.button(t, station.id),))
        pin = details_pin(
            t, station, opening, ctx.now, found, self._public_url, has_photos=has_photos
        )
        return Reply((pin, Buttons(tuple(rows), "")), with_current(ctx, station_id))

    async def keep(self, ctx: Context) -> Reply:
        """Adds to the favourites."""
        station_id = ctx.number(0)
        described = await catalogue.describe(ctx.db, [station_id], self._stations.described)
        if station_id not in described:
            raise StaleButtonError
        t, current = ctx.t, described[station_id].id
        if await station_favourites.keep(ctx.db, ctx.courier.id, current, ctx.now):
            text = t("Kept. Say “my favourites” to see the list.")
        else:
            text = t(
                "You already keep {n}. Forget one first.", n=station_favourites.FAVOURITES_MOST
            )
        row = (Button(t("My favourites"), "favourites"),)
        return Reply((Say(text), Buttons((row,), "")))

    async def drop(self, ctx: Context) -> Reply:
        """Removes from the favourites and shows what is left."""
        station_id = ctx.number(0)
        described = await catalogue.describe(ctx.db, [station_id], self._stations.described)
        merged = {one.id for one in described.values()}  # another one where it was merged into it
        for one in sorted({station_id} | merged):
            await station_favourites.drop(ctx.db, ctx.courier.id, one)
        reply = await self.favourites(ctx)
        return replace(reply, parts=(Say(ctx.t("Forgotten.")), *reply.parts))

    async def favourites(self, ctx: Context) -> Reply:
        """The kept stations, each with its state right now."""
        t = ctx.t
        kept = await station_favourites.favourites(ctx.db, ctx.courier.id)
        described = await catalogue.describe(ctx.db, kept, self._stations.described)
        if not described:
            text = t("You keep no station yet. Open one and press “Keep this one”.")
            row = (Button(t("Stations near me"), "locate"),)
            return Reply((Say(text), Buttons((row,), "")))
        says, rows = [Say(t("Your stations:"))], []
        for number, station_id in enumerate((one for one in kept if one in described), 1):
            station = described[station_id]
            opening = self._stations.state(station.schedule, ctx.now)
            state = wording.state_now(t, station, opening, ctx.now)
            way = links.shortest_way(t, station, self._public_url)
            says.append(Say(f"{number}. {station.name} · {state}", way))
            rows.append(
                (
                    Button(t("How to get in {n}", n=number), f"station.card:{station_id}"),
                    Button(t("Forget {n}", n=number), f"station.drop:{station_id}"),
                )
            )
        return Reply(
            (*says, Buttons(tuple(rows), "")),
            with_numbers(ctx, [one for one in kept if one in described]),
        )


def details_pin(
    t: Translator,
    station: Station,
    opening: Opening,
    now: datetime,
    found: Sequence[Known],
    public_url: str = "",
    *,
    has_photos: bool = False,
) -> Pin:
    """放心进: what to look for at the door and what to say inside, hours, facilities, phone.

    `found`: what was observed there lately. With photos of its door the public page is linked as
    such, as it has everything else, too.
    """
    lines = [t("【{name}】Come right in", name=station.name)]
    if station.address:
        lines.append(t("Address: {text}", text=station.address))
    lines += [
        t("Door: {text}", text=station.door or t("look for the 爱心驿站 sign")),
        t("No queue ticket, no bank business, all free. Just say: I came for a rest."),
        t("Getting in: {text}", text=station.entry or t("not registered, ask inside")),
    ]
    if station.parking:
        lines.append(t("E-bike parking: {text}", text=station.parking))
    if station.toilet:
        lines.append(t("Toilet: {text}", text=station.toilet))
    lines.append(t("Now: {text}", text=wording.state_now(t, station, opening, now)))
    lines.append(t("Hours: {text}", text=wording.week_line(t, station)))
    lines += wording.coming_changes(t, station, now)
    lines.append(t("Facilities: {text}", text=facilities.in_full(t, station)))
    if station.phone:
        lines.append(t("Phone: {text}", text=station.phone))
    if station.star:
        lines.append(t("Rating: {stars}", stars="★" * station.star))
    lines += known.in_details(t, station, found, now)
    page = door_photos.link if has_photos else links.page
    shown = (
        *links.rides(t, station),
        *page(t, station, public_url),
        *links.phones(station.phone),
    )
    return Pin(station.point, station.name, station.address, "\n".join(lines), shown)
