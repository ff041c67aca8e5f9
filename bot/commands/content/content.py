"""`yizhan content …`: import, export and list content; history and undo.

Exit codes: 0 done, 1 nothing written because of what the files say, 2 wrongly called.
"""

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output, revisions
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config.settings import Settings
    from bot.services.content.importing.plan import Plan
    from bot.services.content.importing.sources import Sources
    from bot.store.engine import Store

MOST_FILES = 1000


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `content` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser("content", help=t("articles, lessons, topics and warnings"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = what.add_parser("import", help=t("compare a folder or file with the content"))
    load.add_argument("path", type=Path, metavar="DIR|FILE")
    imports.add_apply(load, t)
    save = what.add_parser("export", help=t("write all content as a folder of files"))
    save.add_argument("path", type=Path, metavar="DIR")
    what.add_parser("list", help=t("what there is, and what is served"))
    revisions.add_parsers(what, "content", t)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and chooses the command; its exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """The command on an open database."""
    match args.what:
        case "import":
            return await _import(args, store, clock(), t)
        case "export":
            return await _export(args.path, store, t)
        case _:
            return await _list(store, clock(), t)


async def _import(args: argparse.Namespace, store: "Store", now: "datetime", t: Translator) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.geo.places import Places
    from bot.operator_wording import content_report
    from bot.operator_wording.import_report import refusal
    from bot.services.content.administration import league_names
    from bot.services.content.importing import plan as planning
    from bot.services.content.importing.sources import plan_import, read_sources
    from bot.services.operators.revisions import Origin, RevisionAction
    from bot.services.spreadsheets.errors import FileRefused

    root: Path = args.path
    try:
        files = await asyncio.to_thread(_files, root)
    except OSError:
        return output.refuse(t("{file} cannot be read; check the path and its rights.", file=root))
    if not files:
        return output.refuse(t("{file} holds no Markdown file and no workbook.", file=root))
    if len(files) > MOST_FILES:
        return output.refuse(t("{file} holds more than {most} files.", file=root, most=MOST_FILES))
    try:
        sources: Sources = await asyncio.to_thread(read_sources, files)
    except FileRefused as refused:
        return output.refuse(refusal(refused, root, t))
    folder = root if root.is_dir() else root.parent
    async with store.reading() as db:
        plan: Plan = await plan_import(db, sources, league_names(Places.load()), _opener(folder))
    code = imports.reported(content_report.lines(plan, t), plan.problems, t, apply=args.apply)
    if code is not None:
        return code
    origin = Origin(actor(), RevisionAction.IMPORT, root.name)
    try:
        async with store.writing() as db:
            number = await planning.apply(db, plan, origin, now)
    except planning.ContentChanged:
        print(t("Nothing was written: the content was changed meanwhile. Try again."))
        return 1
    print(revisions.written(number, "content", t))
    return 0


def _files(root: Path) -> dict[str, bytes]:
    """The Markdown files and workbooks by their names below the folder."""
    from bot.services.content.importing import drafts

    wanted = drafts.MARKDOWN | drafts.WORKBOOKS
    most = drafts.MAX_WORKBOOK + 1
    if not root.is_dir():
        with root.open("rb") as file:
            return {root.name: file.read(most)}
    found = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in wanted
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]
    files: dict[str, bytes] = {}
    for path in found[: MOST_FILES + 1]:
        with path.open("rb") as file:
            files[path.relative_to(root).as_posix()] = file.read(most)
    return files


def _opener(folder: Path) -> Any:
    """Opens pictures below the folder, and nothing that a link leads out of it."""
    from bot.services.content.pictures import MAX_BYTES

    def read(name: str) -> bytes | None:
        path = folder.joinpath(*PurePosixPath(name).parts)
        try:
            if not path.resolve().is_relative_to(folder.resolve()):
                return None
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError:
            return None

    return read


async def _export(folder: Path, store: "Store", t: Translator) -> int:
    from bot.geo.places import Places
    from bot.services.content.importing.export import export

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return output.refuse(t("{file} exists already; name a folder that does not.", file=folder))
    names = {place.adcode: place.name for place in Places.load().by_adcode.values()}
    async with store.reading() as db:
        files = await export(db, names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            await asyncio.to_thread((folder / name).write_bytes, data)
    except OSError:
        return output.refuse(
            t("{file} cannot be written; check the path and its rights.", file=folder)
        )
    print(t("{n} files are in {folder}.", n=len(files), folder=folder))
    return 0


async def _list(store: "Store", now: "datetime", t: Translator) -> int:
    from bot.services.content.importing.plan import stored_entries

    async with store.reading() as db:
        stored = await stored_entries(db)
    today = now.astimezone(CHINA).date()
    for code, entry in stored.items():
        notes = [
            (entry.is_sample, t("a sample, served with --demo only")),
            (
                entry.valid_from is not None and entry.valid_from > today,
                t("served from {day} on", day=entry.valid_from),
            ),
            (
                entry.valid_until is not None and entry.valid_until < today,
                t("no longer served since {day}", day=entry.valid_until),
            ),
            (
                entry.review_on is not None and entry.review_on < today,
                t("due for review since {day}", day=entry.review_on),
            ),
            (not entry.text_en, t("Chinese only")),
        ]
        said: Iterator[str] = (note for holds, note in notes if holds)
        print("  ".join([code, entry.kind, entry.title, t("; ").join(said)]).rstrip())
    if not stored:
        print(t("There is no content yet. Import some: yizhan content import DIR"))
    return 0
