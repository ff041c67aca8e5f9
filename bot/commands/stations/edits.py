"""`yizhan stations add|set|close|reopen|verify|facility CODE …`: one station, without a file.

A dry run unless `--apply` is given: what would change in words, and how many couriers would be
told. Exit codes: 0 done, 1 nothing written because of what is asked, 2 wrongly called.
"""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import imports, output
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.spreadsheets.tables import Problem
    from bot.services.stations.editing.edit_kinds import Edit
    from bot.services.stations.editing.edits import Draft
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"


def add_parsers(what: SubParsers, t: Translator) -> None:
    """Adds the commands; imports nothing that is slow to load."""
    new = what.add_parser("add", help=t("a new station: add CODE name NAME lng 111.7 lat 40.8 …"))
    change = what.add_parser("set", help=t("other values: set CODE hours “周一至周五 9:00-17:00”"))
    shut = what.add_parser("close", help=t("closed on some days, or until it is reopened"))
    back = what.add_parser("reopen", help=t("open again before a closure is over"))
    check = what.add_parser("verify", help=t("somebody was there and all is as stored"))
    facility = what.add_parser("facility", help=t("states: facility CODE water=broken 空调=无"))

    def day(text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            words = t("{text} is no date; write 2026-12-01", text=text)
            raise argparse.ArgumentTypeError(words) from None

    for parser in (new, change, shut, back, check, facility):
        parser.add_argument("code", metavar="CODE")
        imports.add_apply(parser, t)
        parser.set_defaults(run=run)
    for parser in (new, change):
        parser.add_argument(
            "values", nargs="+", metavar="FIELD VALUE", help=t("or FIELD=VALUE; headings do too")
        )
        parser.add_argument(
            "--anywhere", action="store_true", help=t("accept places outside of Inner Mongolia")
        )
        parser.add_argument(
            "--accept-doubtful", action="store_true", help=t("take hours that are doubtful")
        )
    for parser in (shut, back):
        parser.add_argument(
            "--from",
            dest="first",
            type=day,
            metavar="DATE",
            help=t("the first day, such as 2026-12-01"),
        )
        parser.add_argument("--to", dest="last", type=day, metavar="DATE", help=t("the last day"))
    shut.add_argument("--reason", default="", help=t("couriers read it"))
    shut.add_argument("--for-good", action="store_true", help=t("it is given up"))
    check.add_argument("--on", type=day, metavar="DATE", help=t("when; absent: today"))
    facility.add_argument("states", nargs="+", metavar="FACILITY=STATE")


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and does it; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """The command on an open database."""
    from bot.commands.cards.card_lists import actor
    from bot.commands.revisions import written
    from bot.services.stations.editing import edits, errors
    from bot.services.stations.merging.redirects import StationMerged

    now = clock()
    today = now.astimezone(CHINA).date()
    edit = _edit(args, today, t)
    if edit is None:
        return 2
    try:
        async with store.reading() as db:
            draft = await edits.draft(db, args.code, edit, today)
        for line in _lines(draft, t):
            print(line)
        if code := _refused(draft, args, t):
            return code
        if not draft.differences:
            if args.what == "reopen":
                print(t("It is open on those days; for others add --from and --to."))
            return 0
        if not args.apply:
            print(t("Dry run: nothing was written. Add --apply to write."))
            return 0
        async with store.writing() as db:
            number = await edits.save(
                db, args.code, edit, actor(), now, version=draft.version, accept_doubtful=True
            )
    except errors.StationUnknown:
        return output.refuse(t("There is no station {code}.", code=args.code))
    except StationMerged as merged:
        into = merged.into
        said = t(
            "{code} was merged into {into} {name}; change that one.",
            code=args.code,
            into=into.code,
            name=into.name,
        )
        return output.refuse(said)
    except errors.StationExists:
        return output.refuse(
            t("There is a station {code} already; change it with: set", code=args.code)
        )
    except errors.EditRefused as error:
        for problem in error.problems:
            print(_problem(problem, t))
        return 1
    except errors.StationEdited as error:
        for line in _meanwhile(error, t):
            print(line)
        return 1
    print(written(number, "stations", t))
    return 0


def _edit(args: argparse.Namespace, today: date, t: Translator) -> "Edit | None":
    """What is asked for; None after printing what is wrong with it."""
    from bot.services.stations.editing.edit_kinds import (
        Add,
        Close,
        Reopen,
        SetFacilities,
        SetFields,
        Verify,
    )

    match args.what:
        case "add" | "set":
            cells = _cells(args.values, t)
            if cells is None:
                return None
            edit = Add if args.what == "add" else SetFields
            return edit(cells, anywhere=args.anywhere)
        case "close":
            return Close(args.first, args.last, args.reason, for_good=args.for_good)
        case "reopen":
            first = args.first or today
            return Reopen(first, args.last or (args.first and first))
        case "verify":
            return Verify(args.on or today)
        case _:
            pairs = [one.replace("＝", "=").partition("=") for one in args.states]
            if any(not sign for _, sign, _ in pairs):
                output.refuse(t("Write each facility with its state: water=broken, 空调=无"))
                return None
            return SetFacilities({name.strip(): state for name, _, state in pairs})


def _cells(words: Sequence[str], t: Translator) -> dict[str, str] | None:
    """`FIELD VALUE` and `FIELD=VALUE` as cells; None after printing what is wrong with them."""
    from bot.services.spreadsheets.cells import whole_key
    from bot.services.stations.editing.edit_kinds import EDITABLE
    from bot.services.stations.importing.columns import COLUMNS

    known = {whole_key(name): field for field in EDITABLE for name in (field, *COLUMNS[field])}
    cells: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, value = word, None
        if whole_key(word) not in known and "=" in word:
            name, _, value = word.partition("=")
        field = known.get(whole_key(name))
        if field is None:
            names = "、".join(COLUMNS[one][0] for one in EDITABLE)
            output.refuse(t("“{name}” is no field; fields are {names}", name=name, names=names))
            return None
        value = next(rest, None) if value is None else value
        if value is None:
            output.refuse(t("“{name}” has no value; “” clears it", name=name))
            return None
        cells[field] = value
    return cells


def _lines(draft: "Draft", t: Translator) -> Iterator[str]:
    """What would change, in words."""
    from bot.handlers import labels
    from bot.operator_wording import revision_words as words
    from bot.services.operators.revisions import RevisionKind
    from bot.services.stations.importing.columns import COLUMNS

    for problem in (*draft.problems, *draft.warnings):
        yield _problem(problem, t)
    blank = t("(blank)")
    for one in draft.differences:
        was, now = (
            words.said(RevisionKind.STATIONS, one.field, value, t)
            for value in (one.before, one.after)
        )
        change = now if draft.new is not None else f"{was or blank} → {now or blank}"
        yield t("{field}: {value}", field=COLUMNS[one.field][0], value=change)
    for doubt in draft.doubts:
        yield t("Doubtful hours: {doubt}", doubt=labels.hours_doubt(t, doubt))
    if not draft.differences and not draft.problems:
        yield t("Nothing changes.")
    if draft.keepers:
        yield t("{n} couriers would be told.", n=draft.keepers)


def _refused(draft: "Draft", args: argparse.Namespace, t: Translator) -> int:
    """Prints why it is not written; 0 to go on."""
    if draft.problems:
        print(t("Nothing was written."))
        return 1
    if draft.doubts and not args.accept_doubtful:
        print(t("Nothing was written. If the hours are meant so, add --accept-doubtful."))
        return 1
    return 0


def _problem(problem: "Problem", t: Translator) -> str:
    from bot.operator_wording.import_report import fault
    from bot.operator_wording.station_advice import edit_advice
    from bot.services.stations.editing.errors import EditFault

    advice = edit_advice(problem, t)
    if fault(EditFault, problem) is EditFault.NO_END:
        advice += ": --to"
    value = f"{problem.column} “{problem.value}”" if problem.value else problem.column
    return t("{field}: {value}", field=value, value=advice)


def _meanwhile(error: Any, t: Translator) -> Iterator[str]:
    from bot.operator_wording import revision_words as words
    from bot.services.operators.revisions import RevisionKind

    yield t("Nothing was written: {code} was changed meanwhile:", code=error.code)
    for revision, record in error.changes:
        yield words.heading(revision, t)
        for line in words.lines(RevisionKind.STATIONS, record, t):
            yield f"  {line}"
