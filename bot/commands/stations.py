"""`yizhan stations import`, `export` and `poster`: station lists in and out, a page for a door.

An import is a dry run unless `--apply` is given: each problem on a line of its own, then what
would change. Exit codes: 0 done, 1 nothing written because of what the file says, 2 no such file,
not a table, or wrong arguments.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import CHINA, Clock, system_clock

if TYPE_CHECKING:
    from bot.services.sheets import Table
    from bot.services.station_files import Geocoder
    from bot.settings import Settings
    from bot.store.engine import Store

Say = Callable[..., str]
MAX_BYTES = 100_000_000
"""180,000 stations with every column are some 60 MB."""


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Say) -> None:
    """Adds `stations` with its own two commands; imports nothing that is slow to load."""
    parser = commands.add_parser("stations", help=t("station lists: import, export, poster"))
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = what.add_parser("import", help=t("compare a csv or xlsx list with the stations"))
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument(
        "--datum",
        required=True,
        choices=["wgs84", "gcj02", "bd09"],
        help=t("of the coordinates: phones wgs84, Amap and Tencent gcj02, Baidu bd09"),
    )
    load.add_argument("--apply", action="store_true", help=t("write; without it a dry run"))
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


async def run(args: argparse.Namespace, settings: "Settings", t: Say) -> int:
    """Chooses between the commands; its exit code. Raises `SettingsError`."""
    from bot.settings import SettingsError
    from bot.store import schema
    from bot.store.engine import open_store

    try:
        store = await open_store(settings.database_url)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_DATABASE_URL is wrong: {error}") from None
    try:
        await schema.migrate(store)
        if args.what == "export":
            return await run_export(args, store, t)
        if args.what == "poster":
            return await run_poster(args, store, settings, t)
        if not args.geocode:
            return await run_import(args, store, t)
        if not settings.geocoder:
            return _refuse(t("--geocode needs a geocoder; set YIZHAN_GEOCODER."))
        from bot.geo.datum import Datum
        from bot.services.geocoding import Geocoder

        try:
            geocoder = Geocoder(
                settings.geocoder, settings.geocoder_options, Datum(settings.geocoder_datum)
            )
        except ValueError as error:
            raise SettingsError(f"YIZHAN_GEOCODER is wrong: {error}") from None
        try:
            return await run_import(args, store, t, geocoder=geocoder)
        finally:
            await geocoder.close()
    finally:
        await store.close()


async def run_import(
    args: argparse.Namespace,
    store: "Store",
    t: Say,
    *,
    clock: Clock = system_clock,
    geocoder: "Geocoder | None" = None,
) -> int:
    """Reads, compares, reports, and writes if told to and if nothing is wrong."""
    from bot.commands import station_report
    from bot.geo.datum import Datum
    from bot.services.errors import FileRefused, StationsChanged
    from bot.services.station_changes import apply
    from bot.services.station_files import locate_missing, plan_import

    try:
        table = await asyncio.to_thread(_read, args.file)
    except OSError:
        return _refuse(t("{file} cannot be read; check the path and its rights.", file=args.file))
    except FileRefused as refusal:
        return _refuse(station_report.refusal(refusal, args.file, t))
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
    for line in station_report.lines(plan, t):
        print(line)
    if plan.problems:
        print(t("Nothing was written. Correct the file and import it again."))
        return 1
    if not args.apply:
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
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
            await apply(db, plan, now, allow_moves=args.allow_moves)
    except StationsChanged:
        print(t("Nothing was written: the stations were changed meanwhile. Import it again."))
        return 1
    print(t("Written."))
    return 0


async def run_export(args: argparse.Namespace, store: "Store", t: Say) -> int:
    """Writes all stations to a new file, csv or xlsx by its name, or as csv to stdout."""
    from bot.services.sheets import csv_bytes, xlsx_bytes
    from bot.services.station_files import export

    path: Path | None = args.file
    if path is not None:
        if path.suffix.lower() not in {".csv", ".xlsx"}:
            return _refuse(t("{file}: name it .csv or .xlsx.", file=path))
        if path.exists():
            return _refuse(t("{file} exists already; name a file that does not.", file=path))
        if not path.parent.is_dir():
            return _refuse(t("The folder of {file} does not exist; make it first.", file=path))
    async with store.reading() as db:
        rows = await export(db)
    if path is None:
        sys.stdout.buffer.write(csv_bytes(rows))
        return 0
    is_csv = path.suffix.lower() == ".csv"
    data = csv_bytes(rows) if is_csv else xlsx_bytes(t("Stations"), rows)
    try:
        await asyncio.to_thread(path.write_bytes, data)
    except OSError:
        return _refuse(t("{file} cannot be written; check the path and its rights.", file=path))
    print(t("{n} stations written to {file}", n=len(rows) - 1, file=path))
    return 0


async def run_poster(args: argparse.Namespace, store: "Store", settings: "Settings", t: Say) -> int:
    """A page for the door, in Chinese whatever language the command line speaks."""
    from bot.commands import files
    from bot.handlers import names
    from bot.language import load_languages
    from bot.services.posters import StationPoster, station_poster
    from bot.services.stations import describe, with_code

    async with store.reading() as db:
        found = await with_code(db, args.code)
        station = None if found is None else (await describe(db, [found])).get(found)
    if station is None:
        return _refuse(t("There is no station {code}.", code=args.code))
    chinese = load_languages().of(None, None)
    hours = station.schedule.hours
    said = [names.facility(chinese, one.code) for one in station.facilities if one.state == "ok"]
    page = StationPoster(
        name=station.name,
        address=station.address,
        hours="" if hours is None else names.week(chinese, hours),
        facilities="、".join(said),
        phone=station.phone,
    )
    codes = files.chat_codes(args.telegram, settings)
    done = t("Poster written to {file}", file=args.file)
    return await files.poster(args.file, partial(station_poster, page), codes, settings, done, t)


def _read(path: Path) -> "Table":
    from bot.services.errors import FileRefused
    from bot.services.sheets import read
    from bot.services.station_vocabulary import COLUMNS, PERSONAL

    if path.stat().st_size > MAX_BYTES:
        raise FileRefused("too_big", most=str(MAX_BYTES // 1_000_000))
    return read(
        path.read_bytes(), COLUMNS, csv_name=path.name, personal=PERSONAL, max_bytes=MAX_BYTES
    )


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
