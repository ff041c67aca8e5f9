"""`yizhan weather set|list|clear`: cold, dust or heat in a league, for some days.

Exit codes: 0 done, 1 nothing to clear, 2 wrongly called.
"""

import argparse
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import output
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.geo.places import Place, Places
    from bot.services.stations.alerts.weather import Weather
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"
KINDS = ("cold", "dust", "heat")


def add_parser(commands: SubParsers, t: Translator) -> None:
    """Adds `weather`; imports nothing that is slow to load."""
    parser = commands.add_parser("weather", help=t("cold, dust or heat in a league"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    start = what.add_parser(
        "set", help=t("prefer shelter there until a day, and tell couriers who opted in once")
    )
    start.add_argument("league", metavar="LEAGUE")
    start.add_argument("kind", choices=KINDS)
    start.add_argument(
        "--until",
        required=True,
        type=datetime.fromisoformat,
        metavar="DATE",
        help=t("2026-12-01, that day included, or “2026-12-01 18:00”"),
    )
    what.add_parser("list", help=t("what is in force"))
    stop = what.add_parser("clear", help=t("end it now"))
    stop.add_argument("league", metavar="LEAGUE")
    stop.add_argument("kind", choices=KINDS, nargs="?")


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and does it; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """The command on an open database."""
    from bot.geo.places import Places

    places, now = Places.load(), clock()
    if args.what == "list":
        return await _list(store, places, now, t)
    league = league_called(places, args.league)
    if league is None:
        return output.refuse(t("“{text}” is no league of the region.", text=args.league))
    if args.what == "clear":
        return await _clear(args, store, league, now, t)
    return await _set(args, store, league, now, t)


async def _set(
    args: argparse.Namespace, store: "Store", league: "Place", now: datetime, t: Translator
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.services.stations.alerts import weather
    from bot.services.stations.alerts.weather import Weather

    until = _end(args.until)
    if until <= now:
        return output.refuse(t("That is over already; name a later --until."))
    if until > now + weather.LONGEST:
        return output.refuse(t("At most {n} days; set it again then.", n=weather.LONGEST.days))
    async with store.writing() as db:
        mode, told = await weather.declare(
            db, league.adcode, Weather(args.kind), until, actor(), now
        )
    print(
        t(
            "{league}: {kind} until {end}. Searches prefer what it calls for within seconds.",
            league=league.name,
            kind=kind_name(t, mode.kind),
            end=f"{mode.until.astimezone(CHINA):%Y-%m-%d %H:%M}",
        )
    )
    print(t("{n} couriers are told, at a decent hour.", n=told))
    return 0


async def _list(store: "Store", places: "Places", now: datetime, t: Translator) -> int:
    from bot.services.stations.alerts import weather

    async with store.reading() as db:
        found = await weather.in_force(db, now)
    for one in found:
        print(
            t(
                "{league}: {kind} until {end} ({actor})",
                league=places.by_adcode[one.league].name,
                kind=kind_name(t, one.kind),
                end=f"{one.until.astimezone(CHINA):%Y-%m-%d %H:%M}",
                actor=one.actor,
            )
        )
    if not found:
        print(t("No weather mode is in force."))
    return 0


async def _clear(
    args: argparse.Namespace, store: "Store", league: "Place", now: datetime, t: Translator
) -> int:
    from bot.services.stations.alerts import weather
    from bot.services.stations.alerts.weather import Weather

    async with store.writing() as db:
        ended = await weather.end(db, league.adcode, Weather(args.kind) if args.kind else None, now)
    if not ended:
        print(t("No weather mode is in force."))
        return 1
    print(t("Ended: {n}", n=ended))
    return 0


def kind_name(t: Translator, kind: "Weather") -> str:
    """The weather in a word."""
    from bot.services.stations.alerts.weather import Weather

    match kind:
        case Weather.COLD:
            return t("cold")
        case Weather.DUST:
            return t("dust")
        case Weather.HEAT:
            return t("heat")


def _end(until: datetime) -> datetime:
    """The end of the named day, or the named moment, in China."""
    at = until if until.tzinfo else until.replace(tzinfo=CHINA)
    is_day = (at.hour, at.minute, at.second) == (0, 0, 0)
    return at + timedelta(days=1) if is_day else at


def league_called(places: "Places", name: str) -> "Place | None":
    """The league of this name or adcode; of a banner, the league that it is in."""
    found = [places.by_adcode[name]] if name in places.by_adcode else places.find(name)
    leagues = {one.league for one in found}
    return places.by_adcode[leagues.pop()] if len(leagues) == 1 else None
