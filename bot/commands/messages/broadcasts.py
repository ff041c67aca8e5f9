"""`yizhan broadcast …`: one message to many, seen beforehand, stopped at will.

`send` shows whom it would reach and how long that takes, and asks. The sending itself is the
delivery worker's: this command may end, and be asked again with `status`.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output
from bot.common.clock import Clock, system_clock

if TYPE_CHECKING:
    from bot.common.i18n import Translator
    from bot.config.settings import Settings
    from bot.services.broadcasts.campaigns import Broadcast
    from bot.store.engine import Store

LOOK_SECONDS = 2.0
DEFAULT = "zh_CN"


def add_parser(commands: "argparse._SubParsersAction[Any]", t: "Translator") -> None:
    """Adds `broadcast` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser("broadcast", help=t("one message to many couriers"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    send = what.add_parser("send", help=t("show whom it reaches, ask, and start it"))
    send.add_argument(
        "--text",
        action="append",
        default=[],
        metavar="[LOCALE=]TEXT",
        help=t("what is said, once per language; without LOCALE= in Chinese"),
    )
    send.add_argument(
        "--file",
        action="append",
        default=[],
        metavar="[LOCALE=]FILE",
        help=t("the same from a text file (UTF-8)"),
    )
    send.add_argument(
        "--topic",
        required=True,
        choices=["training", "card", "station"],
        help=t("what it is about: whoever switched that off does not get it"),
    )
    send.add_argument("--league", default="", help=t("only couriers of this league"))
    send.add_argument("--firm", default="", help=t("only couriers of this firm"))
    send.add_argument("--at", metavar="TIME", help=t("“2026-11-28 09:00”; absent: now"))
    send.add_argument(
        "--hours", type=float, default=24.0, help=t("what has not gone out by then is dropped (24)")
    )
    send.add_argument(
        "--again", action="store_true", help=t("although they got the same text within a day")
    )
    send.add_argument("--yes", action="store_true", help=t("do not ask"))
    send.add_argument("--watch", action="store_true", help=t("then show the progress"))
    what.add_parser("list", help=t("the latest broadcasts"))
    for name, words in (
        ("status", t("how far it is, and what did not arrive")),
        ("pause", t("send no more for now")),
        ("resume", t("go on")),
        ("cancel", t("call it off; what is out stays out")),
    ):
        one = what.add_parser(name, help=words)
        one.add_argument("id", type=int, metavar="ID")
        if name == "status":
            one.add_argument("--watch", action="store_true", help=t("until it is through"))


async def run(args: argparse.Namespace, settings: "Settings", t: "Translator") -> int:
    """Opens the database and chooses the command; its exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await run_in(args, store, t)


async def run_in(
    args: argparse.Namespace,
    store: "Store",
    t: "Translator",
    *,
    clock: Clock = system_clock,
    ask: Callable[[str], str] | None = None,
) -> int:
    """The command on an open database. `ask` puts a question; None where nobody can answer."""
    from bot.commands.messages import reports
    from bot.services.broadcasts import campaigns
    from bot.services.broadcasts.errors import BroadcastRefused

    now = clock()
    try:
        match args.what:
            case "send":
                return await _send(args, store, now, t, ask or _asker())
            case "list":
                async with store.reading() as db:
                    found = await campaigns.listed(db)
                for one in found:
                    print(reports.one_line(one, t))
                if not found:
                    print(t("No broadcasts yet."))
            case "status":
                return await _status(args.id, store, t, watch=args.watch)
            case "pause":
                async with store.writing() as db:
                    await campaigns.pause(db, args.id)
                print(t("Paused. A few that are on their way still arrive."))
            case "resume":
                async with store.writing() as db:
                    await campaigns.resume(db, args.id, now)
                print(t("It goes on."))
            case _:
                async with store.writing() as db:
                    spared = await campaigns.cancel(db, args.id, now)
                print(t("Called off; {n} couriers do not get it.", n=spared))
    except BroadcastRefused as error:
        print(reports.refused(error, t))
        return 1
    return 0


async def _send(
    args: argparse.Namespace,
    store: "Store",
    now: datetime,
    t: "Translator",
    ask: Callable[[str], str] | None,
) -> int:
    from bot.commands.messages import reports
    from bot.geo.places import Places
    from bot.operator_wording.message_previews import WINDOWS
    from bot.services.broadcasts import audience as broadcast_audience
    from bot.services.broadcasts import campaigns
    from bot.services.broadcasts.errors import BroadcastRefusal, BroadcastRefused
    from bot.services.broadcasts.repeats import last_with_text
    from bot.services.notifications.queue import Topic
    from bot.services.spreadsheets.cells import read_moment

    texts = dict(map(_split, args.text))
    for locale, name in map(_split, args.file):
        text = await imports.read_text(Path(name), t)
        if text is None:
            return 2
        texts[locale] = text.strip()
    campaigns.check_texts(texts)
    at = read_moment(args.at, now) if args.at else now
    if at is None:
        return output.refuse(
            t("--{name} {value}: write the time as “2026-11-28 09:00”.", name="at", value=args.at)
        )
    campaigns.check_start(at, now)
    league = ""
    if args.league:
        place = next(iter(Places.load().find(args.league)), None)
        if place is None:
            return output.refuse(t("“{name}” is no league that I know.", name=args.league))
        league = place.league
    at = max(at, now)
    until = at + timedelta(hours=args.hours)
    audience = broadcast_audience.Audience(Topic(args.topic), league, args.firm.strip())
    async with store.reading() as db:
        found = await broadcast_audience.preview(db, audience, now, WINDOWS)
        earlier = await last_with_text(db, texts, audience, at, now)
    for line in reports.preview(texts, found, at, until, t):
        print(line)
    if not found.total:
        raise BroadcastRefused(BroadcastRefusal.NOBODY)
    again = args.again
    if earlier is not None and not again:
        if ask is None or args.yes:
            raise BroadcastRefused(BroadcastRefusal.REPEATED, str(earlier.id))
        print(t("Some of these couriers get the same text by broadcast {id}.", id=earlier.id))
        again = True  # the question below is about that, too
    if not args.yes:
        if ask is None:
            print(t("Nothing was sent. Add --yes to send."))
            return 0
        answer = await asyncio.to_thread(ask, t("Send it? (yes/no)") + " ")
        if answer.strip().casefold() not in {"yes", "y", "是", "发"}:
            print(t("Nothing was sent."))
            return 1
    async with store.writing() as db:
        broadcast_id = await campaigns.create(db, texts, audience, at, until, now, again=again)
    print(t("Started as broadcast {id}. See: yizhan broadcast status {id}", id=broadcast_id))
    return await _status(broadcast_id, store, t, watch=True) if args.watch else 0


async def _status(broadcast_id: int, store: "Store", t: "Translator", *, watch: bool) -> int:
    from bot.commands.messages import reports
    from bot.services.broadcasts import campaigns

    async with store.reading() as db:
        one = await campaigns.look(db, broadcast_id)
    if watch and sys.stdout.isatty():
        one = await _watch(one, store, t)
    print(reports.one_line(one, t))
    for line in reports.figures(one, t):
        print(line)
    return 0


async def _watch(one: "Broadcast", store: "Store", t: "Translator") -> "Broadcast":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.operator_wording.broadcasts import state
    from bot.services.broadcasts import campaigns
    from bot.services.broadcasts.statuses import ACTIVE

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as progress:
        task = progress.add_task(state(one.status, t), total=one.total, completed=one.done)
        while one.status in ACTIVE:
            await asyncio.sleep(LOOK_SECONDS)
            async with store.reading() as db:
                one = await campaigns.look(db, one.id)
            progress.update(task, description=state(one.status, t), completed=one.done)
    return one


def _split(given: str) -> tuple[str, str]:
    """`en=Hello` as locale and text; anything else is Chinese."""
    locale, equals, text = given.partition("=")
    known = equals and locale.isascii() and locale.replace("_", "").isalpha() and len(locale) <= 8
    return (locale, text) if known else (DEFAULT, given)


def _asker() -> Callable[[str], str] | None:
    return input if sys.stdin.isatty() else None
