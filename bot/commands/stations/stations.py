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

from bot.commands import output, revisions
from bot.commands.stations import edits, importing, keepers, merging, oversight, upkeep
from bot.commands.stations.importing import run_import
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `stations` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser("stations", help=t("station lists: import, export, poster"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    importing.add_import(what, t)
    save = what.add_parser("export", help=t("write all stations as a list"))
    save.add_argument(
        "file", type=Path, metavar="FILE", nargs="?", help=t("csv or xlsx; absent: csv to stdout")
    )
    template = what.add_parser("template", help=t("a workbook for a new list, to be filled in"))
    template.add_argument("file", type=Path, metavar="FILE", help="xlsx")
    poster = what.add_parser("poster", help=t("a poster for a station's door (pdf)"))
    poster.add_argument("code", metavar="CODE")
    poster.add_argument("file", type=Path, metavar="FILE")
    poster.add_argument(
        "--telegram", metavar="NAME", help=t("the bot's name, for a QR code that opens it")
    )
    edits.add_parsers(what, t)
    merging.add_parser(what, t)
    upkeep.add_parsers(what, t)
    keepers.add_parsers(what, t)
    oversight.add_parsers(what, t)
    revisions.add_parsers(what, "stations", t)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Chooses between the commands; its exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    if args.what == "template":
        return await run_template(args, t)
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


async def run_template(args: argparse.Namespace, t: Translator) -> int:
    """Writes the workbook that clerks fill in; needs no database."""
    from bot.documents.station_template import station_template

    if wrong := output.unwritable(args.file, (".xlsx",), t):
        return output.refuse(wrong)
    done = t("Template written to {file}", file=args.file)
    return await output.write(args.file, station_template(), done, t)


async def run_export(args: argparse.Namespace, store: "Store", t: Translator) -> int:
    """Writes all stations to a new file, csv or xlsx by its name, or as csv to stdout.

    Beside the hours a column says in words how they are read; it is not imported.
    """
    from bot.services.spreadsheets.writer import csv_bytes
    from bot.services.stations.importing.stored import export

    path: Path | None = args.file
    if path is not None and (wrong := output.unwritable(path, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    async with store.reading() as db:
        rows = _with_words(await export(db))
    if path is None:
        sys.stdout.buffer.write(csv_bytes(rows))
        return 0
    done = t("{n} stations written to {file}", n=len(rows) - 1, file=path)
    return await output.write(path, output.table(path, t("Stations"), rows), done, t)


def _with_words(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The list with the hours as couriers read them, in Chinese, behind the column of the hours."""
    from bot.common.i18n import load_languages
    from bot.handlers import labels
    from bot.hours.weekly import parse
    from bot.services.stations.importing.columns import COLUMNS, READ_BACK

    chinese = load_languages().of(None, None)
    at = rows[0].index(COLUMNS["hours"][0]) + 1

    def words(hours: str) -> str:
        return labels.week_and_closures(chinese, parse(hours)) if hours else ""

    told = [READ_BACK, *(words(row[at - 1]) for row in rows[1:])]
    return [(*row[:at], word, *row[at:]) for row, word in zip(rows, told, strict=True)]


async def run_poster(
    args: argparse.Namespace, store: "Store", settings: "Settings", t: Translator
) -> int:
    """A page for the door, in Chinese whatever language the command line speaks.

    It carries WeChat's own code of this station where an account is set up.
    """
    from bot.commands.running.wechat import scene_url
    from bot.common.i18n import load_languages
    from bot.documents.posters import station_poster
    from bot.operator_wording.station_printing import poster_of
    from bot.services.stations.catalogue import describe, with_code
    from bot.services.stations.public_codes import arrival_code, public_code

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
    page = poster_of(load_languages().of(None, None), station)
    public = public_code(args.code)
    codes = output.chat_codes(args.telegram, settings, arrival, f"s/{public}", wechat_url)
    done = t("Poster written to {file}", file=args.file)
    return await output.poster(args.file, partial(station_poster, page), codes, settings, done, t)
