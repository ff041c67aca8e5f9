"""Free text: a number that was shown, a place, a wish, a question, or the likeliest choices."""

from dataclasses import replace

from bot.common.clock import CHINA
from bot.common.facilities import mask
from bot.conversation.context import Context
from bot.conversation.events import Text
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.conversation.router import normalise
from bot.geo.place_text import is_outside, names_landmark
from bot.geo.places import Place, Places
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.form_steps import too_much, typed
from bot.handlers.stations.remembered import Search, remembered_search
from bot.handlers.stations.search import StationHandlers, ask_location
from bot.intents import Understanding, understand
from bot.intents.normalise import normalise as plain
from bot.intents.time_of_day import moment
from bot.services.personal_data import validation

ABOUT_STATIONS = frozenset({"nearest", "facility", "open_now", "place"})


class FreeTextHandler:
    """What is made of words that no button, command or step has taken."""

    def __init__(self, stations: StationHandlers, places: Places, known: Feature) -> None:
        self._stations = stations
        self._places = places
        self._known = known

    async def free_text(self, ctx: Context) -> Reply:
        """The first that fits, from the plainest sign to a guess."""
        text = typed(ctx)
        if validation.contains_full_id_or_card(text):
            return Reply((Say(too_much(ctx.t)),))
        for sign, knower in self._known.signs.items():
            if code := sign.fullmatch(normalise(text)):
                return await knower(replace(ctx, args=code.groups()))
        for pick in self._known.picks:
            if (reply := await pick(ctx)) is not None:
                return reply
        heard = understand(text)
        card_status = self._known.meanings.get("card_status")
        if card_status is not None and validation.looks_like_application(text):
            return await card_status(ctx)
        if not heard.sure or heard.intent in ABOUT_STATIONS:
            reply = await self._about_stations(ctx, text, heard)
            if reply is not None:
                return reply
        handler = self._known.meanings.get(heard.intent or "") if heard.sure else None
        return await handler(ctx) if handler is not None else self._fallback(ctx, heard)

    async def _about_stations(self, ctx: Context, text: str, heard: Understanding) -> Reply | None:
        content = ctx.event.content
        if isinstance(content, Text) and content.place is not None:
            search = Search(content.place, name=text.strip()[:40])
            return await self._search(ctx, _wish(ctx, heard, search))
        read = self._places.read(text)
        if read.places:
            return await self._at_place(ctx, text, read.places, names_landmark(read.rest), heard)
        t = ctx.t
        if is_outside(text):
            said = t(
                "I know stations in Inner Mongolia only. Send me your location, or type the name "
                "of your banner, county or district."
            )
            return Reply((Say(said), ask_location(ctx)))
        if lost := names_landmark(read.rest):
            said = t(
                "I did not find “{landmark}”. Send me your location, or type the name of your "
                "banner, county or district.",
                landmark=lost,
            )
            return Reply((Say(said), ask_location(ctx)))
        about = heard.intent in ABOUT_STATIONS and (heard.sure or heard.always)
        if not (heard.facilities or about):
            return None
        before = remembered_search(ctx)
        if before is None:
            return self._stations.ask_for(ctx, mask(heard.facilities), always=heard.always)
        return await self._search(ctx, _wish(ctx, heard, before))

    async def _at_place(
        self, ctx: Context, text: str, found: tuple[Place, ...], lost: str, heard: Understanding
    ) -> Reply:
        wish = _wish(ctx, heard, Search(found[0].point))
        lost = _as_typed(text, lost) if lost else ""
        reply = await self._stations.at_place(ctx, list(found), wish, lost)
        return _announced(ctx, wish, reply) if len(found) == 1 else reply

    async def _search(self, ctx: Context, search: Search) -> Reply:
        return _announced(ctx, search, await self._stations.search(ctx, search))

    def _fallback(self, ctx: Context, heard: Understanding) -> Reply:
        t = ctx.t
        known = self._known.offers
        offers = [known[one](t) for one in heard.likeliest if one in known]
        offers = [*offers, Button(t("Talk to a person"), "human")]
        unique = {button.action: button for button in offers}
        rows = tuple((button,) for button in unique.values())
        return Reply((Buttons(rows, t("I did not quite get that. Did you mean:")),))


def _wish(ctx: Context, heard: Understanding, base: Search) -> Search:
    """What is looked for now: something taken back, something named, or what it was."""
    wanted = base.mask
    if heard.dropped:
        wanted = (base.mask & ~mask(heard.dropped)) | mask(heard.facilities)
    elif heard.facilities:
        wanted = mask(heard.facilities)
    within = heard.radius_m if heard.radius_m is not None else base.within
    at = moment(plain(typed(ctx)), ctx.now.astimezone(CHINA)) if heard.after else None
    return replace(base, mask=wanted, within=within, skip=0, always=heard.always, at=at)


def _announced(ctx: Context, search: Search, reply: Reply) -> Reply:
    """The reply, and the later hour for which it holds."""
    if search.at is None:
        return reply
    if search.at.date() == ctx.now.astimezone(CHINA).date():
        time = labels.clock_time(search.at)
    else:
        time = labels.day_and_time(ctx.t, search.at, ctx.now)
    return replace(reply, parts=(Say(ctx.t("If you set out at {time}:", time=time)), *reply.parts))


def _as_typed(text: str, lost: str) -> str:
    """The landmark with the town before it, where they were typed as one (呼和浩特东站)."""
    end = text.find(lost)
    return text[: end + len(lost)].strip().removeprefix("我在") if 0 <= end <= 8 else lost
