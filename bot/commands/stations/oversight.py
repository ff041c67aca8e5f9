"""`yizhan stations stars` and `weekly`: what an operator should look at.

Exit codes: 0 done, 2 wrongly called.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import output
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.geo.places import Places
    from bot.services.stations.oversight.stars import StarReason, StarSuggestion
    from bot.services.stations.oversight.weekly import WeeklyList
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"
SHOWN = 10
"""Lines of one kind on the screen; a file has all."""


def add_parsers(what: SubParsers, t: Translator) -> None:
    """Adds the commands; imports nothing that is slow to load."""
    stars = what.add_parser("stars", help=t("stars that the rules suggest, and why"))
    week = what.add_parser("weekly", help=t("what each league should see to this week"))
    week.add_argument("--league", default="", metavar="LEAGUE", help=t("of one league only"))
    for parser in (stars, week):
        parser.add_argument("--file", type=Path, metavar="FILE", help=t("csv or xlsx, all lines"))
        parser.set_defaults(run=run)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and does it; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """The command on an open database."""
    path: Path | None = args.file
    if path is not None and (wrong := output.unwritable(path, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    if args.what == "stars":
        return await _stars(store, path, clock, t)
    return await _weekly(args, store, path, clock, t)


async def _stars(store: "Store", path: Path | None, clock: Clock, t: Translator) -> int:
    from bot.services.stations.importing.columns import COLUMNS
    from bot.services.stations.oversight.stars import suggestions

    async with store.reading() as db:
        found = await suggestions(db, clock())
    for one in found:
        print(
            t(
                "{code} {name} ({owner}): {star} stars, suggested {suggested}: {reasons}",
                code=one.code,
                name=one.name,
                owner=one.owner or t("(no owner)"),
                star=one.star,
                suggested=_suggested(one, t),
                reasons=_reasons(one, t),
            )
        )
    print(t("{n} suggestions; a star is given with: yizhan stations set CODE star 4", n=len(found)))
    if path is None:
        return 0
    headings = [
        *(COLUMNS[name][0] for name in ("code", "name", "owner", "star")),
        t("suggested stars"),
        t("why"),
    ]
    rows = [
        [one.code, one.name, one.owner, str(one.star), _suggested(one, t), _reasons(one, t)]
        for one in found
    ]
    done = t("{n} lines written to {file}", n=len(rows), file=path)
    return await output.write(path, output.table(path, t("Stars"), [headings, *rows]), done, t)


def _suggested(one: "StarSuggestion", t: Translator) -> str:
    return str(one.suggested) if one.suggested else t("take the sign down?")


def _reasons(one: "StarSuggestion", t: Translator) -> str:
    return t(", ").join(_reason(reason, t) for reason in one.reasons)


def _reason(reason: "StarReason", t: Translator) -> str:
    from bot.services.stations.oversight.stars import StarReason

    match reason:
        case StarReason.LOCKED:
            return t("locked on several days")
        case StarReason.BROKEN:
            return t("something is broken")
        case StarReason.EMPTY:
            return t("supplies have run out")
        case StarReason.COMPLAINT:
            return t("a report waits for over a week")
        case StarReason.STALE:
            return t("not verified for 90 days")
        case StarReason.DOES_WELL:
            return t("all works, verified this month, no complaint for 90 days")


async def _weekly(
    args: argparse.Namespace, store: "Store", path: Path | None, clock: Clock, t: Translator
) -> int:
    from bot.commands.stations.weather import league_called
    from bot.geo.places import Places
    from bot.services.stations.oversight.weekly import weekly

    places = Places.load()
    league = ""
    if args.league:
        place = league_called(places, args.league)
        if place is None:
            return output.refuse(t("“{text}” is no league of the region.", text=args.league))
        league = place.adcode
    async with store.reading() as db:
        lists = await weekly(db, places, clock(), league)
    rows = [row for one in lists for row in _rows(one, places, t)]
    for one in lists:
        print(t("== {league}", league=places.by_adcode[one.league].name))
        for kind, lines in _by_kind(_rows(one, places, t)):
            print(t("{kind}: {n}", kind=kind, n=len(lines)))
            for line in lines[:SHOWN]:
                print("  " + "  ".join(cell for cell in line if cell))
            if len(lines) > SHOWN:
                print(t("… and {n} more lines; name a --file for all", n=len(lines) - SHOWN))
    if not lists:
        print(t("Nothing to see to."))
    if path is None:
        return 0
    headings = [t("league"), t("what"), t("code or place"), t("name"), t("finding"), t("owner")]
    done = t("{n} lines written to {file}", n=len(rows), file=path)
    return await output.write(path, output.table(path, t("Weekly"), [headings, *rows]), done, t)


def _by_kind(rows: Iterator[list[str]]) -> list[tuple[str, list[list[str]]]]:
    kinds: dict[str, list[list[str]]] = {}
    for _, kind, *cells in rows:
        kinds.setdefault(kind, []).append(cells)
    return list(kinds.items())


def _rows(one: "WeeklyList", places: "Places", t: Translator) -> Iterator[list[str]]:
    """The lines of a league: league, kind, code or place, name, finding, owner."""
    from bot.handlers.stations.facilities import facility, state

    league = places.by_adcode[one.league].name
    for broken in one.broken:
        finding = t(
            "{facility} {state}",
            facility=facility(t, broken.facility),
            state=state(t, broken.state),
        )
        days = broken.days
        since = t("nobody knows since when") if days is None else t("for {n} days", n=days)
        finding = f"{finding} {since}"
        yield [league, t("broken for long"), broken.code, broken.name, finding, broken.owner]
    for stale in one.unverified:
        days = stale.days
        finding = t("never verified") if days is None else t("not verified for {n} days", n=days)
        yield [league, t("not verified"), stale.code, stale.name, finding, stale.owner]
    for place in one.new_places:
        finding = t(
            "{couriers} couriers found none near in {n} searches ({lat}, {lon})",
            couriers=place.couriers,
            n=place.none_near,
            lat=f"{place.point.lat:.3f}",
            lon=f"{place.point.lon:.3f}",
        )
        yield [league, t("the next station should open here"), place.place, "", finding, ""]
    for longer in one.longer:
        finding = t(
            "also open at {hours}: up to {n} couriers an hour found none open near",
            hours=_hours(longer.hours, t),
            n=longer.couriers,
        )
        yield [league, t("should open longer"), longer.code, longer.name, finding, longer.owner]


def _hours(hours: Sequence[int], t: Translator) -> str:
    """`18:00–20:00, 22:00–23:00`: hours that follow each other together."""
    spans: list[list[int]] = []
    for hour in hours:
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return t(", ").join(f"{begin:02}:00–{end:02}:00" for begin, end in spans)
