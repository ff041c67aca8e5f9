"""Free text: a code, something shown before, a place, a facility, an intent, or a question back."""

from collections.abc import Sequence
from dataclasses import replace

from bot.common.clock import CHINA
from bot.common.facilities import mask
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context
from bot.conversation.events import Text
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.conversation.router import comparable
from bot.geo.homophones import known_landmark, sounds_like
from bot.geo.place_text import is_outside, names_landmark, names_somewhere
from bot.geo.places import Place, Places
from bot.geo.region import region_name
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.form_steps import too_much, typed
from bot.handlers.stations.location_request import ask_location
from bot.handlers.stations.remembered import (
    Filters,
    Search,
    filters_without_place,
    remembered_search,
    waiting_filters,
)
from bot.handlers.stations.search import StationHandlers
from bot.intents import Intent, Understanding, understand
from bot.intents.normalise import normalise
from bot.intents.slots import are_coordinates, asks_within
from bot.intents.time_of_day import moment
from bot.services.personal_data import validation

NUMBER = LazyPattern(r"[0-9]{1,2}")
ABOUT_STATIONS = frozenset({Intent.NEAREST, Intent.FACILITY, Intent.OPEN_NOW, Intent.PLACE})


class FreeTextHandler:
    """Answers the messages that no button, command or step has taken.

    `features` are all subjects joined.
    """

    def __init__(self, stations: StationHandlers, places: Places, features: Feature) -> None:
        self._stations = stations
        self._places = places
        self._features = features

    async def free_text(self, ctx: Context) -> Reply:
        """The first that fits: a code, something shown before, a place, the meaning."""
        text = typed(ctx)
        if validation.contains_full_id_or_card(text):
            return Reply((Say(too_much(ctx.t)),))
        for sign, handler in self._features.code_patterns.items():
            if code := sign.fullmatch(comparable(text)):
                return await handler(replace(ctx, args=code.groups()))
        for pick in self._features.references:
            if (reply := await pick(ctx)) is not None:
                return reply
        if NUMBER.fullmatch(text.strip()):  # no choice has it, and it means nothing by itself
            return self._no_such_number(ctx)
        if are_coordinates(text):
            return self._no_coordinates(ctx)
        meaning = understand(text)
        card_status = self._features.intent_handlers.get(Intent.CARD_STATUS)
        if card_status is not None and validation.looks_like_application(text):
            return await card_status(ctx)
        if asks_within(text) or not meaning.sure or meaning.intent in ABOUT_STATIONS:
            reply = await self._about_stations(ctx, text, meaning)
            if reply is not None:
                return reply
        if meaning.intent is not None and meaning.sure:
            by_intent = self._features.intent_handlers.get(meaning.intent)
            if by_intent is not None:
                return await by_intent(ctx)
        return self._fallback(ctx, meaning)

    def _no_coordinates(self, ctx: Context) -> Reply:
        """Which datum they are of is not said: a guess may be 500 m off."""
        t = ctx.t
        said = t(
            "I cannot tell where coordinates are, as each map counts them in its own way. Send me "
            "your location, or type the name of your banner, county or district."
        )
        before = remembered_search(ctx)
        then = before.then() if before else filters_without_place(waiting_filters(ctx))
        return Reply((Say(said), ask_location(ctx)), then)

    async def _about_stations(
        self, ctx: Context, text: str, meaning: Understanding
    ) -> Reply | None:
        content = ctx.event.content
        if asks_within(text):
            return await self._filtered(ctx, meaning)
        if isinstance(content, Text) and content.place is not None:
            search = Search(content.place, name=text.strip()[:40])
            return await self._search(ctx, _search_for(ctx, meaning, search))
        read = self._places.read(text)
        landmark = known_landmark(text, self._places)
        if landmark is not None and _agrees(landmark[1], read.places):
            name, place = landmark
            search = _search_for(ctx, meaning, Search(place.point))
            reply = await self._stations.at_place(ctx, [place], search, name)
            return _with_departure_time(ctx, search, reply)
        if read.places:
            return await self._at_place(ctx, text, read.places, names_landmark(read.rest), meaning)
        t = ctx.t
        if (heard := sounds_like(text, self._places)) is not None:
            if heard.certain:
                reply = await self._at_place(ctx, text, heard.places, "", meaning)
                taken = Say(t("I take that as {place}.", place=heard.places[0].name))
                return replace(reply, parts=(taken, *reply.parts))
            rows = tuple(
                (Button(place.name, f"near.place:{place.adcode}"),) for place in heard.places[:4]
            )
            named = Filters(mask(meaning.facilities), meaning.always, meaning.radius_m)
            then = filters_without_place(named)
            return Reply((Buttons(rows, t("Which place do you mean? Perhaps:")),), then)
        if is_outside(text):
            said = t(
                "This is a service of {region}. Elsewhere, the union hotline 12351 knows the "
                "stations around you. If you are in {region}, send me your location, or type the "
                "name of your banner, county or district.",
                region=region_name(t.locale),
            )
            return Reply((Say(said), ask_location(ctx)))
        lost = names_landmark(read.rest)
        before = remembered_search(ctx)
        may_be = meaning.intent in ABOUT_STATIONS or meaning.intent is None
        if not lost and may_be and before is None:
            lost = names_somewhere(text)
        if lost:
            said = t(
                "I did not find “{landmark}”. Send me your location, or type the name of your "
                "banner, county or district.",
                landmark=lost,
            )
            return Reply((Say(said), ask_location(ctx)))
        about = meaning.intent in ABOUT_STATIONS and (meaning.sure or meaning.always)
        about = about or (before is not None and meaning.radius_m is not None)
        if not (meaning.facilities or about):
            return None
        return await self._filtered(ctx, meaning)

    async def _filtered(self, ctx: Context, meaning: Understanding) -> Reply:
        """The place that is known with the filters named, else the question for a place."""
        before = remembered_search(ctx)
        if before is not None:
            return await self._search(ctx, _search_for(ctx, meaning, before))
        waiting = waiting_filters(ctx)
        named = Filters(mask(meaning.facilities), meaning.always, meaning.radius_m)
        if not meaning.facilities and named.within is not None:
            named = replace(waiting, within=named.within)
        return self._stations.ask_for(ctx, named)

    async def _at_place(
        self,
        ctx: Context,
        text: str,
        found: tuple[Place, ...],
        lost: str,
        meaning: Understanding,
    ) -> Reply:
        search = _search_for(ctx, meaning, Search(found[0].point))
        lost = _as_typed(text, lost) if lost else ""
        reply = await self._stations.at_place(ctx, list(found), search, lost)
        if len(found) == 1 and reply.then is not None:
            there = replace(ctx, data=reply.then.data)
            if (then := await self._stations.another_day(there)) is not None:
                return replace(then, then=reply.then)
        return _with_departure_time(ctx, search, reply) if len(found) == 1 else reply

    async def _search(self, ctx: Context, search: Search) -> Reply:
        return _with_departure_time(ctx, search, await self._stations.search(ctx, search))

    def _no_such_number(self, ctx: Context) -> Reply:
        t = ctx.t
        text = t("There is no number {n} to choose. What do you need?", n=typed(ctx).strip())
        rows = ((Button(t("Stations near me"), "locate"), Button(t("Help"), "help")),)
        return Reply((Say(text), Buttons(rows, "")), Then("", dict(ctx.data)))

    def _fallback(self, ctx: Context, meaning: Understanding) -> Reply:
        t = ctx.t
        known = self._features.intent_buttons
        offers = [known[one](t) for one in meaning.likeliest if one in known]
        offers = [*offers, Button(t("Talk to a person"), "human")]
        unique = {button.action: button for button in offers}
        rows = tuple((button,) for button in unique.values())
        return Reply((Buttons(rows, t("I did not quite get that. Did you mean:")),))


def _agrees(place: Place, named: Sequence[Place]) -> bool:
    """Whether a landmark lies in the place that is named besides, if there is one."""
    return not named or any(place.league == one.league for one in named)


def _search_for(ctx: Context, meaning: Understanding, base: Search) -> Search:
    """The next search: the one before, changed by what this message names or takes back."""
    wanted = base.mask
    if meaning.dropped:
        wanted = (base.mask & ~mask(meaning.dropped)) | mask(meaning.facilities)
    elif meaning.facilities:
        wanted = mask(meaning.facilities)
    within = meaning.radius_m if meaning.radius_m is not None else base.within
    at = moment(normalise(typed(ctx)), ctx.now.astimezone(CHINA)) if meaning.after else None
    return replace(base, mask=wanted, within=within, skip=0, always=meaning.always, at=at)


def _with_departure_time(ctx: Context, search: Search, reply: Reply) -> Reply:
    """The reply, headed by the later time for which it holds, if there is one."""
    if search.at is None:
        return reply
    if search.at.date() == ctx.now.astimezone(CHINA).date():
        time = labels.clock_time(search.at)
    else:
        time = labels.day_and_time(ctx.t, search.at, ctx.now)
    return replace(reply, parts=(Say(ctx.t("If you set out at {time}:", time=time)), *reply.parts))


def _as_typed(text: str, landmark: str) -> str:
    """The landmark with the town before it, where they were typed as one (呼和浩特东站)."""
    end = text.find(landmark)
    return text[: end + len(landmark)].strip().removeprefix("我在") if 0 <= end <= 8 else landmark
