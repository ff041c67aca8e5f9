"""Questions about the stations shown: any will do, where to park, and the hours of another day."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.conversation.context import Context
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.geo.places import Places
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.stations.remembered import (
    Filters,
    Search,
    current_station,
    numbered_stations,
    remembered_search,
)
from bot.hours.calendar import Flag
from bot.hours.weekly import DayHours
from bot.intents.days import AskedFestival, asked_day
from bot.intents.normalise import normalise
from bot.services.stations import catalogue
from bot.services.stations.catalogue import Station
from bot.services.stations.results import PAGE, SearchOutcome
from bot.services.stations.search import StationSearch

_ANY: Final = LazyPattern(
    "(?:给我|我要|就要|就|去|找|看|要)*(?:最近的?(?:那?一?[家个站])?(?:就行|就好)?|哪[家个]最近|离我最近的?(?:是?哪[家个])?"
    "|随便(?:哪[家个])?|哪[家个]都[行可成](?:以)?|都行|都可以|随便都行|随便哪[家个]都[行可成](?:以)?|不挑|没要求|不限(?:距离)?|多远都(?:行|可以)"
    "|不筛了?|看全部|全部)(?:吧|呗|的|啊|了|呢)*[.! ]*"
    "|(?:the )?nearest(?: one)?|any(?: one)?(?: will do)?"
)
_PARKING: Final = LazyPattern(
    "(?:那里?|这家|那家|这里|它|门口|附近|现在|请问|电动车|电瓶车|摩托车?|我?的?车|哪里|哪儿|哪能|哪|有没有|有地方|有|能不能|能"
    "|可以|可不可以|方便|好|怎么|往哪)*(?:停车位?|停电动车|停电瓶车|停车的?地方|放车|停哪里?|放哪里?|停在?哪儿?|停得下)"
    "(?:方便|的地方|位)?(?:吗|么|不|呢|啊|呀|嘛|没有?)*[.!?? ]*|(?:can i park|parking)\\??"
)
FIXED: Final = {"元旦": (1, 1), "劳动节": (5, 1), "国庆节": (10, 1)}
"""Holidays whose first day needs no announcement: month and day."""


@value
class _Days:
    """The days asked for, first to last, and the holiday's name if it is one."""

    days: tuple[date, ...]
    name: str = ""


class StationQuestions:
    """`search` answers a search; `ask_for` asks where the courier is."""

    def __init__(
        self,
        stations: StationSearch,
        places: Places,
        search: Callable[[Context, Search], Awaitable[Reply]],
        ask_for: Callable[[Context, Filters], Reply],
    ) -> None:
        self._stations = stations
        self._places = places
        self._search = search
        self._ask_for = ask_for

    def feature(self) -> Feature:
        """Only words: no button asks these."""
        return Feature(references=(self.any_station, self.parking, self.another_day))

    async def any_station(self, ctx: Context) -> Reply | None:
        """最近的, 随便: the same place without any filter."""
        before = remembered_search(ctx)
        if before is None or not _ANY.fullmatch(normalise(typed(ctx))):
            return None
        return await self._search(ctx, before.unfiltered())

    async def parking(self, ctx: Context) -> Reply | None:
        """能停车吗: where one parks at the station spoken of, or at those of the last answer."""
        if ctx.data.keys() - CARRIED or not _PARKING.fullmatch(normalise(typed(ctx))):
            return None
        t = ctx.t
        stations = await self._spoken_of(ctx)
        if not stations:
            return self._ask_for(ctx, Filters())
        lines = [
            t(
                "{name}: {parking}",
                name=one.name,
                parking=one.parking or t("parking not registered"),
            )
            for one in stations
        ]
        return Reply((Say(t("Parking:") + "\n" + "\n".join(lines)), _details(t, stations)))

    async def another_day(self, ctx: Context) -> Reply | None:
        """国庆开吗, 10月10号开门吗, 周日呢: that day's hours of the station spoken of.

        None where a place is named: its stations are looked for first.
        """
        if ctx.data.keys() - CARRIED or self._places.find(typed(ctx)):
            return None
        return await self.hours_of_day(ctx)

    async def hours_of_day(self, ctx: Context) -> Reply | None:
        """The hours of the day that the text asks for; None where it asks for no other day."""
        t, today = ctx.t, ctx.now.astimezone(CHINA).date()
        asked = asked_day(normalise(typed(ctx)), today)
        if asked is None:
            return None
        stations = await self._spoken_of(ctx)
        if not stations:
            return self._ask_for(ctx, Filters())
        station = stations[0]
        if isinstance(asked, date):
            days = self._day(asked)
        elif (holiday := self._holiday(asked, today)) is not None:
            days = holiday
        else:
            text = t(
                "The days of {holiday} are not published yet, so I cannot say whether {name} is "
                "open then.",
                holiday=_titled(t, asked),
                name=station.name,
            )
            lines = [text, *_phone(t, station)]
            return Reply((Say("\n".join(lines)), _details(t, [station])))
        parts: list[Part] = [Say("\n".join(self._said(t, station, days, today)))]
        if self._is_shut(station, days.days[0]):
            instead = await self._instead(ctx, station, days.days[0])
            parts += [Say(instead)] if instead else []
        return Reply((*parts, _details(t, [station])))

    async def _spoken_of(self, ctx: Context) -> Sequence[Station]:
        """The station whose details were shown last, else those of the last page."""
        current, search = current_station(ctx), remembered_search(ctx)
        if current is not None:
            wanted = [current]
        else:
            shown = numbered_stations(ctx)
            wanted = [one for one in shown[search.skip if search else 0 :][:PAGE] if one]
        if not wanted and search is not None:
            near = self._stations.around(search.point, ctx.now, 0, 1)
            wanted = [one.id for one in near]
        described = await catalogue.describe(ctx.db, wanted, self._stations.described)
        return [described[one] for one in wanted if one in described]

    def _day(self, day: date) -> _Days:
        entry = self._stations.holidays.days.get(day)
        return _Days((day,), entry.name if entry and entry.is_off else "")

    def _holiday(self, asked: AskedFestival, today: date) -> _Days | None:
        """Its days in the table, or its first day where that is fixed; None: not known yet."""
        holidays = self._stations.holidays.days
        named = sorted(
            day
            for day, entry in holidays.items()
            if asked.name in entry.name
            and entry.is_off
            and (day.year == asked.year if asked.year else day >= today)
        )
        # Of two years in the table the next one is meant: its days lie within a fortnight.
        if named:
            first = named[0]
            days = tuple(day for day in named if day - first < timedelta(days=14))
            return _Days(days, asked.name)
        if asked.name not in FIXED:
            return None
        month, day = FIXED[asked.name]
        year = asked.year or today.year
        found = date(year, month, day)
        if asked.year is None and found < today:
            found = date(year + 1, month, day)
        return _Days((found,), asked.name)

    def _said(self, t: Translator, station: Station, days: _Days, today: date) -> list[str]:
        """The hours of each run of equal days, and under which reservation they hold."""
        lines: list[str] = []
        runs: list[tuple[date, date, DayHours | None]] = []
        for day in days.days:
            row = self._stations.on(station.schedule, day)
            if runs and runs[-1][1] == day - timedelta(days=1) and runs[-1][2] == row:
                runs[-1] = (runs[-1][0], day, row)
            else:
                runs.append((day, day, row))
        for first, last, row in runs:
            when = _dates(t, first, last, today)
            hours = t("hours not registered") if row is None else labels.times(t, row)
            if days.name:
                when = t("{when} ({holiday})", when=when, holiday=days.name)
            lines.append(t("{name}, {when}: {hours}", name=station.name, when=when, hours=hours))
        hours_then = station.schedule.on(days.days[0])
        if hours_then is None:
            return [*lines, *_phone(t, station)]
        changed = station.schedule.change(days.days[0])
        flags = self._stations.holidays.flags(hours_then, days.days[0])
        if changed is None and Flag.YEAR_UNKNOWN in flags:
            year = days.days[0].year
            lines.append(
                t(
                    "The public holidays of {year} are not published yet: these are the ordinary "
                    "hours of that weekday.",
                    year=year,
                )
            )
            lines += _phone(t, station)
        elif changed is None and Flag.PHONE_FIRST in flags:
            lines.append(t("Its holiday hours are not registered: it may be closed."))
            lines += _phone(t, station)
        return lines

    def _is_shut(self, station: Station, day: date) -> bool:
        return self._stations.on(station.schedule, day) == ()

    async def _instead(self, ctx: Context, station: Station, day: date) -> str:
        """The nearest that is open at noon of that day; empty where none is near."""
        search = remembered_search(ctx) or Search(station.point)
        noon = datetime.combine(day, time(12), CHINA)
        result = self._stations.search(Search(search.point).query(noon))
        if result.outcome is not SearchOutcome.FOUND:
            return ""
        described = await catalogue.describe(ctx.db, result.mentioned, self._stations.described)
        found = next((described[one.id] for one in result.listed if one.id in described), None)
        row = self._stations.on(found.schedule, day) if found else None
        if found is None or row is None:
            return ""
        return ctx.t(
            "Open that day: {name}, {hours}.", name=found.name, hours=labels.times(ctx.t, row)
        )


def _dates(t: Translator, first: date, last: date, today: date) -> str:
    def said(day: date) -> str:
        text = labels.month_day(t, day)
        if day.year != today.year:
            text = t("{year}/{day}", year=day.year, day=text)
        return text

    if first == last:
        return t("{day}, {weekday}", day=said(first), weekday=labels.weekday(t, first.weekday()))
    return t("{first} to {last}", first=said(first), last=labels.month_day(t, last))


def _titled(t: Translator, asked: AskedFestival) -> str:
    return t("{year} {holiday}", year=asked.year, holiday=asked.name) if asked.year else asked.name


def _phone(t: Translator, station: Station) -> list[str]:
    if not station.phone:
        return []
    return [t("Phone first: {phone}", phone=station.phone)]


def _details(t: Translator, stations: Sequence[Station]) -> Buttons:
    rows = tuple(
        (Button(t("How to get in: {name}", name=one.name), f"station.card:{one.id}"),)
        for one in stations
    )
    return Buttons(rows, "")
