"""`yizhan stations import`: a list is compared, reported, and written where nothing forbids it."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output, revisions
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.services.spreadsheets.tables import Table
    from bot.services.stations.importing.plan import Geocoder, Plan
    from bot.services.stations.importing.terms import Terms
    from bot.store.engine import Store

MAX_BYTES = 100_000_000
"""180,000 stations with every column are some 60 MB."""
ALL = "all"
"""Every doubtful row is right."""


def add_import(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `import` to the commands of stations."""
    load = commands.add_parser("import", help=t("compare a csv or xlsx list with the stations"))
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
        "--good-rows",
        action="store_true",
        help=t("leave faulty rows and cells out; with --apply they come back marked in a workbook"),
    )
    load.add_argument(
        "--accept-doubtful",
        nargs="?",
        const=ALL,
        metavar=t("ROWS"),
        help=t("what is doubtful is right: in all rows, or in rows such as 3,5-8"),
    )
    load.add_argument(
        "--allow-moves", action="store_true", help=t("let stations move by more than 300 m")
    )
    load.add_argument(
        "--allow-removals",
        action="store_true",
        help=t("let a list take facilities away that it does not name"),
    )
    load.add_argument(
        "--anywhere", action="store_true", help=t("accept places outside of Inner Mongolia")
    )
    load.add_argument(
        "--geocode",
        action="store_true",
        help=t("look up rows without coordinates by their address (YIZHAN_GEOCODER)"),
    )
    load.add_argument(
        "--codes",
        type=Path,
        metavar="FILE",
        help=t("write the list with the codes that were found or proposed (csv or xlsx)"),
    )


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
    from bot.services.spreadsheets.mappings import ListKind
    from bot.services.stations.errors import StationsChanged
    from bot.services.stations.importing.apply import apply
    from bot.services.stations.importing.columns import LIST_COLUMNS
    from bot.services.stations.importing.plan import locate_missing, plan_import

    terms = _terms(args, t)
    if terms is None:
        return 2
    if args.codes is not None and (wrong := output.unwritable(args.codes, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    table = await _read(args, store, t)
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
            terms=terms,
            places=places,
        )
    report = reports.lines(plan, table, terms, t)
    code = imports.reported(
        report, plan.problems, t, apply=args.apply, table=table, columns=LIST_COLUMNS
    )
    if args.codes is not None and (failed := await _write_codes(args.codes, table, plan, t)):
        return failed
    if code is not None:
        return code
    if forbidden := reports.forbidden(plan, terms, t):
        print(forbidden)
        return 1
    try:
        async with store.writing() as db:
            number = await apply(
                db,
                plan,
                now,
                allow_moves=args.allow_moves,
                allow_removals=args.allow_removals,
                origin=Origin(actor(), RevisionAction.IMPORT, args.file.name),
            )
        await imports.remember(args, store, ListKind.STATIONS, table, now)
    except StationsChanged:
        print(t("Nothing was written: the stations were changed meanwhile. Import it again."))
        return 1
    print(revisions.written(number, "stations", t))
    if plan.left_out or plan.unread:
        return await _write_marked(args.file, plan, t)
    return 0


def _terms(args: argparse.Namespace, t: Translator) -> "Terms | None":
    """What the options allow; None after printing what is wrong with them."""
    from bot.services.stations.importing.terms import Terms

    rows: set[int] = set()
    if args.accept_doubtful not in {None, ALL}:
        for part in re.split("[,，、 ]+", args.accept_doubtful):
            found = re.fullmatch(r"([0-9]{1,7})(?:-([0-9]{1,7}))?", part)
            if found is None:
                output.refuse(t("--accept-doubtful {rows}: write rows such as 3,5-8", rows=part))
                return None
            rows.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return Terms(
        anywhere=args.anywhere,
        good_rows=args.good_rows,
        allow_moves=args.allow_moves,
        allow_removals=args.allow_removals,
        accept_all=args.accept_doubtful == ALL,
        accepted=frozenset(rows),
    )


async def _read(args: argparse.Namespace, store: "Store", t: Translator) -> "Table | None":
    """The list as a table; None after printing why it cannot be read."""
    from bot.services.spreadsheets import reader
    from bot.services.spreadsheets.mappings import ListKind
    from bot.services.stations.importing.columns import LIST_COLUMNS, PERSONAL, PROSE
    from bot.services.stations.importing.shapes import SHAPES

    mapping = imports.mapping(args, LIST_COLUMNS, t)
    if mapping is None:
        return None
    remembered = await imports.remembered(args, store, ListKind.STATIONS)
    with imports.progress(t) as progress:

        def parse(data: bytes) -> reader.Table:
            return reader.read(
                data,
                LIST_COLUMNS,
                csv_name=args.file.name,
                personal=PERSONAL,
                prose=PROSE,
                shapes=SHAPES,
                mapping=mapping,
                remembered=remembered,
                progress=progress,
                max_bytes=MAX_BYTES,
            )

        return await imports.read_table(args.file, parse, MAX_BYTES, t)


async def _write_codes(path: Path, table: "Table", plan: "Plan", t: Translator) -> int:
    """The list with a code in each row that has one; the exit code."""
    from bot.services.stations.importing.columns import COLUMNS

    codes = {(one.sheet, one.row): one.code for one in plan.proposed}
    fields = list(dict.fromkeys(field for one in table.sheets for field in one.fields))
    fields = ["code", *(field for field in fields if field != "code")]
    names = {field: one.headings[field] for one in table.sheets for field in one.fields}
    rows = [tuple(names.get(field, COLUMNS["code"][0]) for field in fields)]
    for sheet in table.sheets:
        for row, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            values["code"] = codes.get((sheet.name, row)) or values.get("code", "")
            rows.append(tuple(values.get(field, "") for field in fields))
    done = t("{n} rows with their codes written to {file}", n=len(rows) - 1, file=path)
    return await output.write(path, output.table(path, t("Stations"), rows), done, t)


async def _write_marked(file: Path, plan: "Plan", t: Translator) -> int:
    """The list as a workbook in which is marked what was left out; the exit code."""
    from bot.operator_wording.station_advice import reason
    from bot.services.spreadsheets.marked import marked_copy

    path = next(one for one in _beside(file) if not one.exists())
    data = marked_copy(
        file.read_bytes(),
        file.name,
        [*plan.left_out, *plan.unread],
        reason=lambda problem: reason(problem, t),
    )
    done = t("What was left out is marked in {file}: correct it there and import it.", file=path)
    return await output.write(path, data, done, t)


def _beside(file: Path) -> "list[Path]":
    names = ["待改", *(f"待改{number}" for number in range(2, 1000))]
    stem = re.sub(r"-待改\d*$", "", file.stem)  # a marked workbook is marked again
    return [file.with_name(f"{stem}-{name}.xlsx") for name in names]
