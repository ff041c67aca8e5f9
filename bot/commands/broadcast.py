"""`yizhan broadcast …`: one message to many, seen beforehand, stopped at will.

`send` shows whom it would reach and how long that takes, and asks. The sending itself is the
delivery worker's: this command may end, and be asked again with `status`.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import CHINA, Clock, system_clock

if TYPE_CHECKING:
    from bot.services.audiences import Preview
    from bot.services.broadcasts import Broadcast
    from bot.settings import Settings
    from bot.store.engine import Store

Say = Callable[..., str]
LOOK_SECONDS = 2.0
DEFAULT = "zh_CN"


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Say) -> None:
    """Adds `broadcast` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser("broadcast", help=t("one message to many couriers"))
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


async def run(args: argparse.Namespace, settings: "Settings", t: Say) -> int:
    """Opens the database and chooses the command; its exit code. Raises `SettingsError`."""
    from bot.settings import SettingsError
    from bot.store import schema
    from bot.store.engine import open_store

    try:
        store = await open_store(settings.database_url)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_DATABASE_URL is wrong: {error}") from None
    try:
        await schema.migrate(store)
        return await run_in(args, store, t)
    finally:
        await store.close()


async def run_in(
    args: argparse.Namespace,
    store: "Store",
    t: Say,
    *,
    clock: Clock = system_clock,
    ask: Callable[[str], str] | None = None,
) -> int:
    """The command on an open database. `ask` puts a question; None where nobody can answer."""
    from bot.commands.training_report import broadcast_refused
    from bot.services import broadcasts
    from bot.services.errors import BroadcastRefused

    now = clock()
    try:
        match args.what:
            case "send":
                return await _send(args, store, now, t, ask or _asker())
            case "list":
                async with store.reading() as db:
                    found = await broadcasts.listed(db)
                for one in found:
                    print(_line(one, t))
                if not found:
                    print(t("No broadcasts yet."))
            case "status":
                return await _status(args.id, store, t, watch=args.watch)
            case "pause":
                async with store.writing() as db:
                    await broadcasts.pause(db, args.id)
                print(t("Paused. A few that are on their way still arrive."))
            case "resume":
                async with store.writing() as db:
                    await broadcasts.resume(db, args.id, now)
                print(t("It goes on."))
            case _:
                async with store.writing() as db:
                    spared = await broadcasts.cancel(db, args.id, now)
                print(t("Called off; {n} couriers do not get it.", n=spared))
    except BroadcastRefused as error:
        print(broadcast_refused(error, t))
        return 1
    return 0


async def _send(
    args: argparse.Namespace,
    store: "Store",
    now: datetime,
    t: Say,
    ask: Callable[[str], str] | None,
) -> int:
    from bot.geo.places import Places
    from bot.services import audiences, broadcasts
    from bot.services.errors import BroadcastRefused
    from bot.services.training_vocabulary import read_moment

    texts = dict(map(_split, args.text))
    for locale, name in map(_split, args.file):
        try:
            texts[locale] = (await asyncio.to_thread(Path(name).read_text, "utf-8")).strip()
        except (OSError, UnicodeDecodeError):
            return _refuse(t("{file} cannot be read as UTF-8 text.", file=name))
    broadcasts.check_texts(texts)
    at = read_moment(args.at, now) if args.at else now
    if at is None:
        return _refuse(
            t("--{name} {value}: write the time as “2026-11-28 09:00”.", name="at", value=args.at)
        )
    league = ""
    if args.league:
        place = next(iter(Places.load().find(args.league)), None)
        if place is None:
            return _refuse(t("“{name}” is no league that I know.", name=args.league))
        league = place.league
    at = max(at, now)
    until = at + timedelta(hours=args.hours)
    audience = audiences.Audience(args.topic, league, args.firm.strip())
    async with store.reading() as db:
        found = await audiences.preview(db, audience, now)
    for line in _preview(texts, found, at, until, t):
        print(line)
    if not found.total:
        raise BroadcastRefused("nobody")
    if not args.yes:
        if ask is None:
            print(t("Nothing was sent. Add --yes to send."))
            return 0
        answer = await asyncio.to_thread(ask, t("Send it? (yes/no)") + " ")
        if answer.strip().casefold() not in {"yes", "y", "是", "发"}:
            print(t("Nothing was sent."))
            return 1
    async with store.writing() as db:
        broadcast_id = await broadcasts.create(db, texts, audience, at, until, now)
    print(t("Started as broadcast {id}. See: yizhan broadcast status {id}", id=broadcast_id))
    return await _status(broadcast_id, store, t, watch=True) if args.watch else 0


def _preview(
    texts: dict[str, str], found: "Preview", at: datetime, until: datetime, t: Say
) -> Iterable[str]:
    from bot.services.broadcasts import ends_at

    for locale, text in texts.items():
        yield f"[{locale}] {text}"
    yield t("Couriers: {n}", n=found.total)
    for channel, count in sorted(found.by_channel.items()):
        yield "  " + t("{channel}: {n} are pushed to", channel=channel, n=count)
    if found.waiting:
        yield "  " + t("{n} see it when they write next", n=found.waiting)
    if found.switched_off:
        yield t("Left out, they switched the topic off: {n}", n=found.switched_off)
    ends = ends_at(at, found.seconds)
    yield t(
        "Takes about {minutes} minutes at 25 a second; from {start}, through at {end}",
        minutes=max(1, round(found.seconds / 60)),
        start=_moment(at),
        end=_moment(ends),
    )
    if ends > until:
        yield t(
            "Not all will go out: it stops at {until}. Give it more --hours.", until=_moment(until)
        )


async def _status(broadcast_id: int, store: "Store", t: Say, *, watch: bool) -> int:
    from bot.services import broadcasts

    async with store.reading() as db:
        one = await broadcasts.look(db, broadcast_id)
    if watch and sys.stdout.isatty():
        one = await _watch(one, store, t)
    print(_line(one, t))
    for line in _figures(one, t):
        print(line)
    return 0


async def _watch(one: "Broadcast", store: "Store", t: Say) -> "Broadcast":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.services import broadcasts

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as progress:
        task = progress.add_task(_state(one, t), total=one.total, completed=one.done)
        while one.status in {"running", "paused"}:
            await asyncio.sleep(LOOK_SECONDS)
            async with store.reading() as db:
                one = await broadcasts.look(db, one.id)
            progress.update(task, description=_state(one, t), completed=one.done)
    return one


def _line(one: "Broadcast", t: Say) -> str:
    text = " ".join(one.texts[DEFAULT].split())
    return t(
        "{id}  {at}  {state}  {done}/{total}  {text}",
        id=one.id,
        at=_moment(one.at),
        state=_state(one, t),
        done=one.done,
        total=one.total,
        text=text if len(text) <= 40 else f"{text[:39]}…",
    )


def _figures(one: "Broadcast", t: Say) -> Iterable[str]:
    names = {
        "sent": t("arrived at the platform"),
        "shown": t("shown with their next message"),
        "held": t("waiting for their next message"),
        "unknown": t("perhaps arrived; never sent twice"),
        "dead": t("refused by the platform"),
        "expired": t("too late"),
        "cancelled": t("taken back"),
    }
    for status, name in names.items():
        if count := one.counts.get(status, 0):
            yield f"  {name}: {count}"
    waiting = sum(one.counts.get(name, 0) for name in ("ready", "claimed", "sending"))
    if one.status in {"running", "paused"} and waiting + one.unwritten:
        yield "  " + t("still to come: {n}", n=waiting + one.unwritten)
    reasons = {
        "unreachable": t("no chat that can be written to"),
        "gone": t("blocked the bot"),
        "window": t("wrote too long ago to be written to first"),
        "away": t("the page was closed"),
        "quiet": t("quiet hours to the end"),
        "late": t("its time was over"),
        "refused": t("refused by the platform"),
        "moot": t("called off"),
        "topic": t("switched the topic off meanwhile"),
        "called_off": t("called off"),
    }
    if one.reasons:
        yield t("Why not:")
        for reason, count in sorted(one.reasons.items(), key=lambda item: -item[1]):
            yield f"  {reasons.get(reason, reason)}: {count}"


def _state(one: "Broadcast", t: Say) -> str:
    from bot.commands.training_report import state

    return state(one.status, t)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _split(given: str) -> tuple[str, str]:
    """`en=Hello` as locale and text; anything else is Chinese."""
    locale, equals, text = given.partition("=")
    known = equals and locale.isascii() and locale.replace("_", "").isalpha() and len(locale) <= 8
    return (locale, text) if known else (DEFAULT, given)


def _asker() -> Callable[[str], str] | None:
    return input if sys.stdin.isatty() else None


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
