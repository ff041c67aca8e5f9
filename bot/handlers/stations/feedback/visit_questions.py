"""Asks what was found at a station that was chosen, takes the answer by one tap, tells the outcome.

```mermaid
stateDiagram-v2
    [*] --> planned: 怎么进, 怎么走, 去这家
    planned --> asked: some minutes after the arrival
    planned --> answered: 门锁着, 开着呢
    asked --> answered: ✅ 🔒 🚰 🔌
    asked --> other: 其他
    other --> answered: a tap, or words
    answered --> [*]: told once it is in order again
```

A button carries the station and the moment it asked for: it works later, and twice is once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.belief.model import ENTER, EXISTS
from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.notifications import NoticeContext
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.stations import facilities
from bot.handlers.stations.remembered import (
    current_station,
    remembered_search,
    shared_point,
    with_current,
)
from bot.intents.normalise import normalise
from bot.intents.station_words import found_open
from bot.services.notifications.kinds import NoticeKind
from bot.services.stations import catalogue, visits
from bot.services.stations.catalogue import Station
from bot.services.stations.feedback.visit_questions import (
    ASKED_FOR,
    as_seconds,
    from_seconds,
    may_ask,
)
from bot.services.stations.observations import Observer
from bot.services.stations.reports import StationProblem, StationReporter
from bot.services.stations.search import StationSearch
from bot.services.stations.statuses import StationStatus

ACTION: Final = "station.found"
FRESH: Final = visits.ASKED_AFTER + ASKED_FOR
"""From the arrival: a tap after that tells how it was, and nobody stands at the door any more."""
UNKNOWN_RIDE: Final = timedelta(minutes=15)
"""Of a courier who chose a station without telling where they are."""
FARTHEST: Final = timedelta(hours=2)
"""A longer ride is no visit that is planned: nobody rides so far for a rest."""


@value
class Finding:
    """What one button says: a problem with these facilities; without a problem all is well."""

    problem: StationProblem | None = None
    facilities: tuple[str, ...] = ()


OPEN: Final = "open"
FINDINGS: Final[Mapping[str, Finding]] = {
    OPEN: Finding(),
    "locked": Finding(StationProblem.CLOSED),
    "water": Finding(StationProblem.BROKEN, ("water",)),
    "charge": Finding(StationProblem.BROKEN, ("charge",)),
    "refused": Finding(StationProblem.REFUSED),
    "misplaced": Finding(StationProblem.MISPLACED),
    "gone": Finding(StationProblem.GONE),
}
"""By the last word of the action; stored in buttons."""
OTHER: Final = "other"

PlanVisit = Callable[[Context, Station], Awaitable[None]]
"""The courier chose this station."""
Accept = Callable[
    [Context, Station, StationProblem, Sequence[str]],
    Awaitable[Reply],
]
"""Takes a report of a station at which the courier is now, and names the next one."""


class VisitHandlers:
    """Plans visits, asks about them, and takes what was found; `accept` answers a report."""

    def __init__(
        self,
        stations: StationSearch,
        observer: Observer,
        reporter: StationReporter,
        accept: Accept,
    ) -> None:
        self._stations = stations
        self._observer = observer
        self._reporter = reporter
        self._accept = accept

    def feature(self) -> Feature:
        """The buttons of the question, its words, and the notices."""
        return Feature(
            actions={ACTION: self.found},
            renderers={
                NoticeKind.STATION_VISIT: self.question,
                NoticeKind.STATION_RESOLVED: resolved,
            },
            repeats=frozenset({NoticeKind.STATION_RESOLVED}),
            references=(self.found_open,),
        )

    async def plan(self, ctx: Context, station: Station) -> None:
        """The courier chose this station; nothing where it will be closed or is too far away."""
        if station.status is not StationStatus.OPEN:
            return
        ride, search = UNKNOWN_RIDE, remembered_search(ctx)
        if search is not None:
            way = self._stations.arrive(station.point, station.schedule, search.point, ctx.now)
            ride, opening = way.ride, way.opening
        else:
            opening = self._stations.state(station.schedule, ctx.now + ride)
        if opening.is_open is not False and ride <= FARTHEST:
            await visits.plan(ctx.db, ctx.courier.id, station.id, ride, ctx.now)

    async def question(self, context: NoticeContext) -> Reply | None:
        """Asks what they found; None where they have told, or must not be disturbed."""
        t, params = context.t, context.params
        station_id = int(params["station"] or 0)
        planned = from_seconds(int(params["planned"] or 0), context.now)
        arrived = from_seconds(int(params["arrived"] or 0), context.now)
        station = (await catalogue.describe(context.db, [station_id])).get(station_id)
        if station is None or station.status is not StationStatus.OPEN:
            return None
        if not await may_ask(context.db, context.courier_id, station.id, planned, context.now):
            return None
        return Reply((_asked(t, station, arrived),))

    async def found(self, ctx: Context) -> Reply:
        """A tap on what was found: counts for the moment that was asked about."""
        t, at = ctx.t, from_seconds(ctx.number(1), ctx.now)
        station = await self._described(ctx, ctx.number(0))
        code = ctx.args[2] if len(ctx.args) > 2 else ""
        if code == OTHER:
            rows = tuple((_button(label, station, at, one),) for one, label in _others(t))
            text = t("What is wrong at {name}? Tap it or say it in a few words.", name=station.name)
            return Reply((Buttons(rows, text),), with_current(ctx, station.id))
        if code not in FINDINGS:
            raise StaleButtonError
        finding, is_fresh = FINDINGS[code], ctx.now - at <= FRESH
        if finding.problem is None:
            return await self._confirm(ctx, station, ctx.now if is_fresh else at)
        if is_fresh:
            return await self._accept(ctx, station, finding.problem, finding.facilities)
        await self._reporter.report(
            ctx.db,
            ctx.courier.id,
            station,
            finding.problem,
            "",
            at,
            facilities=finding.facilities,
        )
        said = t("Thank you, noted for {name}. I tell you what comes of it.", name=station.name)
        return Reply((Say(said),))

    async def found_open(self, ctx: Context) -> Reply | None:
        """开着呢, 进来了: said of a station that they rode to; None where they rode to none."""
        station_id = current_station(ctx)
        if ctx.data.keys() - CARRIED or station_id is None or not found_open(normalise(typed(ctx))):
            return None
        visit = await visits.latest(ctx.db, ctx.courier.id, station_id, ctx.now)
        if visit is None or not visit.can_have_arrived(ctx.now):
            return None
        return await self._confirm(ctx, await self._described(ctx, station_id), ctx.now)

    async def _confirm(self, ctx: Context, station: Station, at: datetime) -> Reply:
        location = shared_point(ctx) if at == ctx.now else None
        await self._observer.observe(
            ctx.db, ctx.courier.id, station.id, [(ENTER, True)], at, location=location
        )
        said = ctx.t("Thank you! Others see that {name} is open.", name=station.name)
        return Reply((Say(said),))

    async def _described(self, ctx: Context, station_id: int) -> Station:
        described = await catalogue.describe(ctx.db, [station_id], self._stations.described)
        if station_id not in described:
            raise StaleButtonError
        return described[station_id]


async def resolved(context: NoticeContext) -> Reply | None:
    """What the courier reported is in order again."""
    t, station_id = context.t, int(context.params["station"] or 0)
    station = (await catalogue.describe(context.db, [station_id])).get(station_id)
    if station is None or station.status is not StationStatus.OPEN:
        return None
    fact = str(context.params["fact"])
    if fact == ENTER:
        text = t(
            "You reported that {name} was locked: it was looked into, and it opens as listed "
            "again. Thank you.",
            name=station.name,
        )
    elif fact == EXISTS:
        text = t(
            "You reported that {name} was not there: it was checked and put right. Thank you.",
            name=station.name,
        )
    else:
        text = t(
            "What you reported at {name} works again: {facility}. Thank you.",
            name=station.name,
            facility=facilities.facility(t, fact),
        )
    details = Button(t("How to get in: {name}", name=station.name), f"station.card:{station.id}")
    return Reply((Say(text), Buttons(((details,),), "")))


def _asked(t: Translator, station: Station, arrived: datetime) -> Buttons:
    """The question with one tap for each answer; only facilities that the station claims."""
    first = [(OPEN, t("✅ Open")), ("locked", t("🔒 Locked"))]
    second = []
    if station.has("water"):
        second.append(("water", t("🚰 No hot water")))
    if station.has("charge"):
        second.append(("charge", t("🔌 No charging")))
    second.append((OTHER, t("Something else")))
    rows = tuple(
        tuple(_button(label, station, arrived, code) for code, label in row)
        for row in (first, second)
    )
    text = t("How was {name}? One tap spares the next courier a wasted way.", name=station.name)
    return Buttons(rows, text)


def _others(t: Translator) -> tuple[tuple[str, str], ...]:
    return (
        ("refused", t("Not let in")),
        ("misplaced", t("Not at that place")),
        ("gone", t("Gone for good")),
    )


def _button(label: str, station: Station, at: datetime, code: str) -> Button:
    return Button(label, f"{ACTION}:{station.id}:{as_seconds(at)}:{code}")
