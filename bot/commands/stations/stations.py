"""`yizhan stations import`, `export` and `poster`: station lists, and a poster for the door.

An import is a dry run unless `--apply` is given: each problem on a line of its own, then what
would change. Exit codes: 0 done, 1 nothing written because of what the file says, 2 no such file,
not a table, or wrong arguments.
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output, revisions
from bot.commands.stations import deeds, keepers, oversight, upkeep
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.stations.importing.plan import Geocoder
    from bot.store.engine import Store

MAX_BYTES = 100_000_000
"""180,000 stations with every column are some 60 MB."""


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `stations` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser("stations", help=t("station lists: import, export, poster"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = what.add_parser("import", help=t("compare a csv or xlsx list with the stations"))
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument(
        "--datum",
        required=True,
        choices=["wgs84", "gcj02", "bd09"],
        help=t("of the coordinates: phones wgs84, Amap and Tencent gcj02, Baidu bd09"),
    )
    imports.add_apply(load, t)
    imports.add_map(load, t)
    load.add_argument(
        "--allow-moves", action="store_true", help=t("let stations move by more than 300 m")
    )
    load.add_argument(
        "--anywhere", action="store_true", help=t("accept places outside of Inner Mongolia")
    )
    load.add_argument(
        "--geocode",
        action="store_true",
        help=t("look up rows without coordinates by their address (YIZHAN_GEOCODER)"),
    )
    save = what.add_parser("export", help=t("write all stations as a list"))
    save.add_argument(
        "file", type=Path, metavar="FILE", nargs="?", help=t("csv or xlsx; absent: csv to stdout")
    )
    poster = what.add_parser("poster", help=t("a poster for a station's door (pdf)"))
    poster.add_argument("code", metavar="CODE")
    poster.add_argument("file", type=Path, metavar="FILE")
    poster.add_argument(
        "--telegram", metavar="NAME", help=t("the bot's name, for a QR code that opens it")
    )
    deeds.add_parsers(what, t)
    upkeep.add_parsers(what, t)
    keepers.add_parsers(what, t)
    oversight.add_parsers(what, t)
    revisions.add_parsers(what, "stations", t)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Chooses between the commands; its exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        if args.what == "export":
            return await run_export(args, store, t)
        if args.what == "poster":
            return await run_poster(args, store, settings, t)
        if not args.geocode:
            return await run_import(args, store, t)
        from bot.app.geocoding import geocoder

        geocoding = geocoder(settings)
        if geocoding is None:
            return output.refuse(t("--geocode needs a geocoder; set YIZHAN_GEOCODER."))
        try:
            return await run_import(args, store, t, geocoder=geocoding)
        finally:
            await geocoding.close()


async def run_import(
    args: argparse.Namespace,
    store: "Store",
    t: Translator,
    *,
    clock: Clock = system_clock,
    geocoder: "Geocoder | None" = None,
) -> int:
    """Reads, compares, reports, and writes with --apply if nothing is wrong."""
    from bot.commands.cards.card_lists import actor
    from bot.commands.stations import reports
    from bot.geo.datum import Datum
    from bot.services.operators.revisions import Origin, RevisionAction
    from bot.services.spreadsheets import reader
    from bot.services.spreadsheets.mappings import ListKind
    from bot.services.stations.errors import StationsChanged
    from bot.services.stations.importing.apply import apply
    from bot.services.stations.importing.columns import COLUMNS, PERSONAL, PROSE
    from bot.services.stations.importing.plan import locate_missing, plan_import
    from bot.services.stations.importing.shapes import SHAPES

    mapping = imports.mapping(args, COLUMNS, t)
    if mapping is None:
        return 2
    remembered = await imports.remembered(args, store, ListKind.STATIONS)
    with imports.progress(t) as progress:

        def parse(data: bytes) -> reader.Table:
            return reader.read(
                data,
                COLUMNS,
                csv_name=args.file.name,
                personal=PERSONAL,
                prose=PROSE,
                shapes=SHAPES,
                mapping=mapping,
                remembered=remembered,
                progress=progress,
                max_bytes=MAX_BYTES,
            )

        table = await imports.read_table(args.file, parse, MAX_BYTES, t)
    if table is None:
        return 2
    now = clock()
    async with store.reading() as db:
        places = None if geocoder is None else await locate_missing(db, table, geocoder)
        plan = await plan_import(
            db,
            table,
            Datum(args.datum),
            now.astimezone(CHINA).date(),
            anywhere=args.anywhere,
            places=places,
        )
    report = reports.lines(plan, t)
    code = imports.reported(
        report, plan.problems, t, apply=args.apply, table=table, columns=COLUMNS
    )
    if code is not None:
        return code
    if plan.moved and not args.allow_moves:
        print(
            t(
                "Nothing was written: stations would move by more than 300 m. If they really "
                "moved, add --allow-moves; if many do, check --datum."
            )
        )
        return 1
    try:
        async with store.writing() as db:
            origin = Origin(actor(), RevisionAction.IMPORT, args.file.name)
            number = await apply(db, plan, now, allow_moves=args.allow_moves, origin=origin)
        await imports.remember(args, store, ListKind.STATIONS, table, now)
    except StationsChanged:
        print(t("Nothing was written: the stations were changed meanwhile. Import it again."))
        return 1
    print(revisions.written(number, "stations", t))
    return 0


async def run_export(args: argparse.Namespace, store: "Store", t: Translator) -> int:
    """Writes all stations to a new file, csv or xlsx by its name, or as csv to stdout."""
    from bot.services.spreadsheets.writer import csv_bytes
    from bot.services.stations.importing.stored import export

    path: Path | None = args.file
    if path is not None and (wrong := output.unwritable(path, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    async with store.reading() as db:
        rows = await export(db)
    if path is None:
        sys.stdout.buffer.write(csv_bytes(rows))
        return 0
    done = t("{n} stations written to {file}", n=len(rows) - 1, file=path)
    return await output.write(path, output.table(path, t("Stations"), rows), done, t)


async def run_poster(
    args: argparse.Namespace, store: "Store", settings: "Settings", t: Translator
) -> int:
    """A page for the door, in Chinese whatever language the command line speaks.

    It carries WeChat's own code of this station where an account is set up.
    """
    from bot.commands.running.wechat import scene_url
    from bot.common.i18n import load_languages
    from bot.documents.posters import StationPoster, station_poster
    from bot.handlers import labels
    from bot.handlers.stations import facilities
    from bot.services.stations.catalogue import describe, with_code
    from bot.services.stations.public_codes import arrival_code, public_code
    from bot.services.stations.statuses import FacilityStatus

    async with store.reading() as db:
        found = await with_code(db, args.code)
        station = None if found is None else (await describe(db, [found])).get(found)
    if station is None:
        return output.refuse(t("There is no station {code}.", code=args.code))
    if wrong := output.unwritable(args.file, (".pdf",), t):
        return output.refuse(wrong)  # before one of WeChat's 100,000 codes is taken
    arrival = arrival_code(args.code)
    wechat_url = await scene_url(settings, arrival, t)
    if wechat_url is None:
        return 1
    chinese = load_languages().of(None, None)
    hours = station.schedule.hours
    working = [
        facilities.facility(chinese, one.code)
        for one in station.facilities
        if one.state is FacilityStatus.OK
    ]
    page = StationPoster(
        name=station.name,
        address=station.address,
        hours="" if hours is None else labels.week(chinese, hours),
        facilities="、".join(working),
        phone=station.phone,
    )
    public = public_code(args.code)
    codes = output.chat_codes(args.telegram, settings, arrival, f"s/{public}", wechat_url)
    done = t("Poster written to {file}", file=args.file)
    return await output.poster(args.file, partial(station_poster, page), codes, settings, done, t)
