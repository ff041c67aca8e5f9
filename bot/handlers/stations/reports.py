"""A courier reports a station: it is left out for them, and the next open one is named at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from bot.common.facilities import FACILITIES, mask
from bot.common.values import value
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.stations.remembered import (
    Search,
    current_station,
    numbered_stations,
    remembered_search,
    shared_point,
)
from bot.intents import Intent
from bot.intents.normalise import normalise
from bot.intents.slots import ordinal
from bot.intents.station_reports import (
    ReportedProblem,
    broken_facilities,
    calls_owner,
    is_about_something_else,
    reported_problem,
)
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.feedback.visit_questions import visited_lately
from bot.services.stations.reports import StationProblem, StationReporter
from bot.services.stations.results import PAGE
from bot.services.stations.search import StationSearch

CORRECTIONS: Final = 2  # other stations that a report may have been about


@value
class _Subject:
    """The station that a report is about; `others` are shown too and may be meant instead."""

    station: Station
    others: tuple[Station, ...] = ()


class StationReports:
    """Takes reports in words at any time; `search` answers a search."""

    def __init__(
        self,
        stations: StationSearch,
        reporter: StationReporter,
        search: Callable[[Context, Search], Awaitable[Reply]],
    ) -> None:
        self._stations = stations
        self._reporter = reporter
        self._search = search

    def feature(self) -> Feature:
        """Words that report something, and the corrections of a report."""
        return Feature(
            actions={"station.restore": self.restore, "station.meant": self.meant},
            intent_handlers={Intent.REPORT_PROBLEM: self.reported},
            references=(self.picked,),
        )

    async def picked(self, ctx: Context) -> Reply | None:
        """门锁着, 热水坏了, 换一家 这家没开 …; None where nothing is reported."""
        if ctx.data.keys() - CARRIED:
            return None
        problem = reported_problem(normalise(typed(ctx)))
        return None if problem is None else await self._report(ctx, _stored(problem))

    async def reported(self, ctx: Context) -> Reply:
        """A text that surely reports something, whatever its words."""
        t = ctx.t
        if is_about_something_else(normalise(typed(ctx))):
            said = t("I can only note what is wrong with a station. A person can help you:")
            return Reply((Say(said), Buttons(((Button(t("Talk to a person"), "human"),),), "")))
        return await self._report(ctx, StationProblem.OTHER)

    async def restore(self, ctx: Context) -> Reply:
        """The report was a slip: the station counts again."""
        station = await self._described(ctx, ctx.number(0))
        await self._reporter.take_back(ctx.db, ctx.courier.id, station.id, ctx.now)
        reply = await self._next(ctx, station, 0)
        said = Say(ctx.t("All right, {name} is back in the list.", name=station.name))
        return replace(reply, parts=(said, *reply.parts))

    async def meant(self, ctx: Context) -> Reply:
        """Another of the stations shown was meant: it is reported in place of the first."""
        wrong, right = ctx.number(0), await self._described(ctx, ctx.number(1))
        try:
            problem = StationProblem(ctx.args[2])
        except (IndexError, ValueError):
            raise StaleButtonError from None
        await self._reporter.take_back(ctx.db, ctx.courier.id, wrong, ctx.now)
        said = [one for one in ctx.args[3:] if one in FACILITIES]
        return await self._accept(ctx, _Subject(right), problem, "", said)

    async def _report(self, ctx: Context, problem: StationProblem) -> Reply:
        t = ctx.t
        subject = await self._subject(ctx)
        if subject is None:
            await self._reporter.note(ctx.db, ctx.courier.id, problem, typed(ctx), ctx.now)
            said = t(
                "Sorry about that; I have noted it for the operator. Which station is it? Open it "
                "by “favourites” or send me where "
                "you are, and then say once more what is wrong."
            )
            row = (Button(t("Stations near me"), "locate"), Button(t("Talk to a person"), "human"))
            return Reply((Say(said), Buttons((row,), "")))
        broken: Sequence[str] = ()
        if problem is StationProblem.BROKEN:
            broken = sorted(broken_facilities(normalise(typed(ctx))))
        return await self._accept(ctx, subject, problem, typed(ctx), broken)

    async def accept(
        self, ctx: Context, station: Station, problem: StationProblem, broken: Sequence[str]
    ) -> Reply:
        """A report by one tap of the station that was asked about."""
        return await self._accept(ctx, _Subject(station), problem, "", broken)

    async def _accept(
        self,
        ctx: Context,
        subject: _Subject,
        problem: StationProblem,
        words: str,
        broken: Sequence[str],
    ) -> Reply:
        """Takes it; `broken` are the facilities that do not work."""
        t, station = ctx.t, subject.station
        observed = await self._reporter.report(
            ctx.db,
            ctx.courier.id,
            station,
            problem,
            words,
            ctx.now,
            location=shared_point(ctx),
            facilities=broken,
        )
        said = t(
            "Sorry for the wasted way. I leave {name} out for you today and have noted it for the "
            "operator to check.",
            name=station.name,
        )
        if problem is StationProblem.REFUSED:
            said += t(" Couriers are free to come in: the union hotline 12351 takes complaints.")
        if observed.needs_check:
            said += t(" Others found the same: until it is checked, nobody is sent there first.")
        reply = await self._next(ctx, station, mask(broken))
        parts: list[Part] = [Say(said), *reply.parts]
        corrections = _corrections(ctx, subject, problem, broken)
        parts.append(Buttons(corrections, t("Did I get that wrong?")))
        return replace(reply, parts=tuple(parts))

    async def _next(self, ctx: Context, station: Station, needed: int) -> Reply:
        """The nearest open ones from where the courier was, else from that station's door."""
        before = remembered_search(ctx) or Search(station.point)
        return await self._search(ctx, replace(before, mask=before.mask | needed, skip=0, shown=()))

    async def _subject(self, ctx: Context) -> _Subject | None:
        """By number, by name, by what was opened last, else the first of the last answer.

        With nothing shown any more, the station that they chose lately.
        """
        shown = [one for one in numbered_stations(ctx) if one]
        current = current_station(ctx)
        wanted = [*shown, *([current] if current else [])]
        described = await catalogue.describe(ctx.db, wanted, self._stations.described)
        text = normalise(typed(ctx))
        number = ordinal(text)
        if number is not None and number <= len(numbered_stations(ctx)):
            found = described.get(numbered_stations(ctx)[number - 1])
            if found is not None:
                return _Subject(found)
        for station in described.values():
            if normalise(station.name.removesuffix("驿站")) in text:
                return _Subject(station)
        owned = [one for one in described.values() if calls_owner(text, one.name)]
        if len(owned) == 1:
            return _Subject(owned[0])
        if current in described:
            return _Subject(described[current])
        if shown:
            return _first(described, self._latest(ctx))
        chosen = await visited_lately(ctx.db, ctx.courier.id, ctx.now)
        described = await catalogue.describe(ctx.db, chosen, self._stations.described)
        return _first(described, chosen)

    def _latest(self, ctx: Context) -> Sequence[int]:
        """The stations of the last page."""
        search = remembered_search(ctx)
        shown = numbered_stations(ctx)
        page = shown[search.skip :] if search is not None else shown
        return page[:PAGE]

    async def _described(self, ctx: Context, station_id: int) -> Station:
        described = await catalogue.describe(ctx.db, [station_id], self._stations.described)
        if station_id not in described:
            raise StaleButtonError
        return described[station_id]


def _first(described: dict[int, Station], shown: Sequence[int]) -> _Subject | None:
    stations = [described[one] for one in shown if one in described]
    if not stations:
        return None
    return _Subject(stations[0], tuple(stations[1 : 1 + CORRECTIONS]))


def _corrections(
    ctx: Context, subject: _Subject, problem: StationProblem, broken: Sequence[str]
) -> tuple[tuple[Button, ...], ...]:
    t, wrong = ctx.t, subject.station.id
    # An action holds 64 bytes: two ids, the problem and one facility.
    said = ":".join([problem, *broken[:1]])
    meant = [
        Button(t("I mean {name}", name=one.name), f"station.meant:{wrong}:{one.id}:{said}")
        for one in subject.others
    ]
    undo = Button(
        t("Not {name}, take it back", name=subject.station.name), f"station.restore:{wrong}"
    )
    return tuple((button,) for button in (*meant, undo))


def _stored(problem: ReportedProblem) -> StationProblem:
    match problem:
        case ReportedProblem.CLOSED:
            return StationProblem.CLOSED
        case ReportedProblem.BROKEN:
            return StationProblem.BROKEN
        case ReportedProblem.REFUSED:
            return StationProblem.REFUSED
        case ReportedProblem.MISPLACED:
            return StationProblem.MISPLACED
        case ReportedProblem.GONE:
            return StationProblem.GONE
