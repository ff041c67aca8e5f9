"""Longer messages about the stations on the screen: 第二个有微波炉吗, 这仨的地址电话给我."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Context, Handler
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Link, Reply, Say, Then
from bot.geo.places import Places
from bot.handlers.form_steps import typed
from bot.handlers.stations import facilities, wording
from bot.handlers.stations.feedback.visit_questions import PlanVisit
from bot.handlers.stations.remembered import (
    current_station,
    numbered_stations,
    remembered_search,
    with_current,
)
from bot.intents.longer_questions import Asked, asked_of_station, means_all, numbers
from bot.intents.normalise import normalise
from bot.intents.vocabulary import facilities as named_facilities
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.results import PAGE
from bot.services.stations.search import StationSearch

LONGEST = 80  # characters: what is longer tells a story


@value
class _Subject:
    """The stations asked about, and the others of the page."""

    stations: Sequence[Station]
    page: Sequence[Station]


class LongerStationQuestions:
    """Answers where a station is open, or the message says which of the list it means.

    `keep`, `details` and `more` are the handlers of those buttons; `distance` words how far a
    station is; `plan`: the courier chose that station.
    """

    def __init__(
        self,
        stations: StationSearch,
        places: Places,
        keep: Handler,
        details: Handler,
        more: Handler,
        distance: Callable[[Context, Station], str],
        plan: PlanVisit,
    ) -> None:
        self._stations = stations
        self._places = places
        self._keep = keep
        self._details = details
        self._more = more
        self._distance = distance
        self._plan = plan

    async def picked(self, ctx: Context) -> Reply | None:
        """All that is asked, a line each; None where nothing is or no station is meant."""
        text = typed(ctx)
        if ctx.data.keys() - CARRIED or len(text) > LONGEST or self._places.find(text):
            return None
        asked = asked_of_station(text)
        wanted = named_facilities(normalise(text)) - (
            {"ebike"} if Asked.PARKING in asked else set()
        )
        named = numbers(text)
        if not (asked or wanted or named):
            return None
        if asked == (Asked.MORE,):
            return await self._more(ctx) if remembered_search(ctx) else None
        subject = await self._subject(ctx, bool(asked))
        if subject is None:
            return None
        if len(subject.stations) == 1:
            only = replace(ctx, args=(str(subject.stations[0].id),))
            if Asked.KEEP in asked:
                reply = await self._keep(only)
                return replace(reply, then=with_current(ctx, subject.stations[0].id))
            if Asked.WAY in asked or asked == (Asked.DETAILS,):
                await self._plan(ctx, subject.stations[0])
            if asked == (Asked.DETAILS,) or not (asked or wanted):
                return await self._details(only)
        elif not (asked or wanted):
            return None
        says = [
            self._about(ctx, station, asked, wanted, several=len(subject.stations) > 1)
            for station in subject.stations
        ]
        if wanted and len(subject.stations) == 1:
            says += _instead(ctx.t, subject, wanted)
        rows = tuple(
            (Button(ctx.t("How to get in: {name}", name=one.name), f"station.card:{one.id}"),)
            for one in subject.stations
        )
        then = Then("", dict(ctx.data))
        if len(subject.stations) == 1:
            then = with_current(ctx, subject.stations[0].id)
        return Reply((*says, Buttons(rows, "")), then)

    async def _subject(self, ctx: Context, asks: bool) -> _Subject | None:
        """By number, all of the page, else the one whose details were shown last."""
        text, shown, search = typed(ctx), numbered_stations(ctx), remembered_search(ctx)
        page = [one for one in shown[search.skip if search else 0 :][:PAGE] if one]
        by_number = [shown[n - 1] for n in numbers(text) if n <= len(shown) and shown[n - 1]]
        current = current_station(ctx)
        if by_number:
            wanted = by_number
        elif means_all(text) and asks and page:
            wanted = page
        elif current:
            wanted = [current]
        else:
            return None
        known = await catalogue.describe(ctx.db, [*wanted, *page], self._stations.described)
        stations = [known[one] for one in wanted if one in known]
        if not stations:
            return None
        return _Subject(stations, [known[one] for one in page if one in known])

    def _about(
        self,
        ctx: Context,
        station: Station,
        asked: Sequence[Asked],
        wanted: frozenset[str] | set[str],
        *,
        several: bool,
    ) -> Say:
        lines = [self._line(ctx, station, one) for one in asked]
        lines += [_has(ctx.t, station, code) for code in sorted(wanted)]
        said = [line for line in lines if line]
        links: tuple[Link, ...] = ()
        if Asked.PHONE in asked and station.phone:
            links = (Link(ctx.t("Call {phone}", phone=station.phone), f"tel:{station.phone}"),)
        head = ctx.t("【{name}】", name=station.name)
        return Say("\n".join([head, *said]), () if several else links)

    def _line(self, ctx: Context, station: Station, asked: Asked) -> str:
        t = ctx.t
        match asked:
            case Asked.DISTANCE:
                return self._distance(ctx, station)
            case Asked.WAY | Asked.DETAILS:
                return t("Address: {text}", text=station.address or station.name)
            case Asked.HOURS:
                opening = self._stations.state(station.schedule, ctx.now)
                now = t("Now: {text}", text=wording.state_now(t, station, opening, ctx.now))
                hours = t("Hours: {text}", text=wording.week_line(t, station))
                return f"{now}\n{hours}"
            case Asked.PHONE:
                return t("Phone: {text}", text=station.phone or t("not registered"))
            case Asked.PARKING:
                text = station.parking or t("not registered, ask inside")
                return t("E-bike parking: {text}", text=text)
            case Asked.ENTRY:
                entry = station.entry or t("not registered, ask inside")
                return (
                    t("Getting in: {text}", text=entry)
                    + "\n"
                    + t(
                        "Couriers come in free, without ID as far as I know: say you came for a "
                        "rest. If anybody stops you, tell me."
                    )
                )
            case Asked.KEEP | Asked.MORE:
                return ""


def _has(t: Translator, station: Station, code: str) -> str:
    """Whether a facility is there, and works."""
    word = facilities.facility(t, code)
    known = next((one for one in station.facilities if one.code == code), None)
    if known is None:
        return t("{facility}: not on its list.", facility=word)
    if wrong := facilities.state(t, known.state):
        return t("{facility}: {state}.", facility=word, state=wrong)
    return t("{facility}: yes.", facility=word)


def _instead(t: Translator, subject: _Subject, wanted: frozenset[str] | set[str]) -> list[Say]:
    """Which others of the page have what this one lacks."""
    one = subject.stations[0]
    if all(one.has(code) for code in wanted):
        return []
    names = [
        other.name
        for other in subject.page
        if other.id != one.id and all(other.has(code) for code in wanted)
    ]
    if not names:
        return []
    return [Say(t("These have it: {names}.", names=t.p("between names", ", ").join(names)))]
