"""Questions about the station on the screen: 远不远, 几点关门, 电话多少, each in a line or two."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Context, Handler
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Link, Part, Pin, Reply, Say, Then
from bot.handlers import labels
from bot.handlers.form_steps import typed
from bot.handlers.stations import door_photos, wording
from bot.handlers.stations.feedback.visit_questions import PlanVisit
from bot.handlers.stations.remembered import (
    Search,
    current_station,
    numbered_stations,
    remembered_search,
    with_current,
)
from bot.hours.opening import Opening
from bot.intents.about_shown import Question, question
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.photos import shown as photos
from bot.services.stations.search import StationSearch
from bot.services.stations.statuses import StationStatus


def about_station(
    t: Translator, station: Station, opening: Opening, now: datetime, asked: Question
) -> Part:
    """The answer to a question that the station alone answers; where it is, to any other."""
    name = station.name
    match asked:
        case Question.HOURS:
            state = wording.state_now(t, station, opening, now)
            if opening.is_open and station.status is StationStatus.OPEN:
                return Say(t("{name}: open now, {state}.", name=name, state=state))
            return Say(t("{name}: {state}.", name=name, state=state))
        case Question.PHONE if station.phone:
            link = Link(t("Call {phone}", phone=station.phone), f"tel:{station.phone}")
            return Say(t("Phone of {name}: {phone}", name=name, phone=station.phone), (link,))
        case Question.PHONE:
            return Say(t("No phone is registered for {name}.", name=name))
        case Question.PARKING if station.parking:
            return Say(t("Parking at {name}: {text}", name=name, text=station.parking))
        case Question.PARKING:
            return Say(t("Parking is not registered for {name}; look near the door.", name=name))
        case Question.BRING:
            return Say(t("Nothing at all. Just go in and say: I came for a rest."))
        case _:
            where = t("{name}: {address}", name=name, address=station.address or name)
            door = t("Door: {text}", text=station.door) if station.door else ""
            return wording.pin(t, station, "\n".join(line for line in (where, door) if line))


class ShownStationHandlers:
    """Answers about the station whose details were shown last, else the first of the list.

    `keep`, `more` and `search` are the handlers of those buttons and of a search; `plan`: the
    courier chose that station.
    """

    def __init__(
        self,
        stations: StationSearch,
        keep: Handler,
        more: Handler,
        search: Callable[[Context, Search], Awaitable[Reply]],
        plan: PlanVisit,
        public_url: str = "",
    ) -> None:
        self._public_url = public_url
        self._stations = stations
        self._plan = plan
        self._keep = keep
        self._more = more
        self._search = search

    async def picked(self, ctx: Context) -> Reply | None:
        """The answer to a question about the station shown; None where it is about none."""
        asked = question(typed(ctx))
        if asked is None or ctx.data.keys() - CARRIED:
            return None
        station = await self._shown(ctx)
        if station is None:
            search = remembered_search(ctx)
            if asked is Question.TOO_FAR and search is not None:  # after an answer that found none
                return await self._search(ctx, search)
            return None
        match asked:
            case Question.KEEP:
                reply = await self._keep(replace(ctx, args=(str(station.id),)))
                return replace(reply, then=with_current(ctx, station.id))
            case Question.MORE:
                return await self._more(ctx)
            case Question.TOO_FAR if (search := remembered_search(ctx)) is not None:
                return await self._nearer(ctx, search)
            case (
                Question.CALENDAR
                | Question.BEGINS
                | Question.CONTENT
                | Question.PRICE
                | Question.SEATS
                | Question.TOO_FAR
            ):
                return None
            case _:
                opening = self._stations.state(station.schedule, ctx.now)
                has_photos = False
                if asked is Question.WAY:
                    await self._plan(ctx, station)
                    has_photos = await photos.has_photos(ctx.db, station.id)
                if asked is Question.DISTANCE:
                    part: Part = Say(self.distance(ctx, station))
                else:
                    part = about_station(ctx.t, station, opening, ctx.now, asked)
                if has_photos and isinstance(part, Pin):
                    seen = door_photos.link(ctx.t, station, self._public_url)
                    part = replace(part, links=(*part.links, *seen))
                more = self._more_of(ctx, station, has_photos=has_photos)
                return Reply((part, more), with_current(ctx, station.id))

    async def _shown(self, ctx: Context) -> Station | None:
        ids = [current_station(ctx) or 0]
        search, shown = remembered_search(ctx), numbered_stations(ctx)
        page = shown[search.skip :] if search is not None else shown
        ids += [*page[:1], *shown[:1]]
        described = await catalogue.describe(ctx.db, [one for one in ids if one])
        return next((described[one] for one in ids if one in described), None)

    def distance(self, ctx: Context, station: Station) -> str:
        """How far it is from the place of the search, and how long the ride takes."""
        t, search = ctx.t, remembered_search(ctx)
        if search is None:
            return t("Send me where you are, and I tell you how far {name} is.", name=station.name)
        way = self._stations.arrive(station.point, station.schedule, search.point, ctx.now)
        distance, ride = labels.kilometres(t, way.metres), labels.minutes(t, way.ride)
        if search.name:
            return t(
                "{name}: {distance} from the centre of {place}, about {ride} by e-bike.",
                name=station.name,
                distance=distance,
                place=search.name,
                ride=ride,
            )
        return t(
            "{name}: {distance} from you, about {ride} by e-bike.",
            name=station.name,
            distance=distance,
            ride=ride,
        )

    async def _nearer(self, ctx: Context, search: Search) -> Reply:
        """What is nearest without filters; where that was shown, a word that nothing is nearer."""
        t = ctx.t
        if search.mask or search.always or search.skip or search.within is not None:
            nearest = replace(search, mask=0, always=False, skip=0, within=None)
            reply = await self._search(ctx, nearest)
            said = t("Nearest first, whatever they have:")
            return replace(reply, parts=(Say(said), *reply.parts))
        said = t(
            "Nothing nearer will be open when you get there. If you are somewhere else now, send "
            "me where."
        )
        row = (Button(t("Stations near me"), "locate"), Button(t("Another one"), "near.more"))
        return Reply((Buttons((row,), said),), Then("", dict(ctx.data)))

    def _more_of(self, ctx: Context, station: Station, *, has_photos: bool) -> Buttons:
        t = ctx.t
        row = [Button(t("How to get in"), f"station.card:{station.id}")]
        if remembered_search(ctx) is not None:
            row.append(Button(t("Another one"), "near.more"))
        rows = [tuple(row)]
        if has_photos:
            rows.append((door_photos.button(t, station.id),))
        return Buttons(tuple(rows), "")
