"""`yizhan cards labels`: what the labels of the bank stand for, and those that are not known yet.

Exit codes: 0 done, 1 no such label, 2 wrongly called.
"""

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.commands import output
from bot.commands.cards.card_lists import actor
from bot.common.clock import CHINA, Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.store.encryption import Keyring
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `labels`; imports nothing that is slow to load."""
    parser = commands.add_parser("labels", help=t("what the bank's status labels stand for"))
    does = parser.add_subparsers(dest="does", metavar=t("COMMAND"))
    one = does.add_parser("set", help=t("say what a label stands for; it applies at once"))
    one.add_argument("label", metavar="LABEL")
    one.add_argument(
        "status", metavar="STATUS", help=t("such as approved, or a label with that status")
    )
    gone = does.add_parser("remove", help=t("take back what was said of a label"))
    gone.add_argument("label", metavar="LABEL")


async def run(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """Lists, sets or removes; the exit code."""
    match args.does:
        case "set":
            return await _set(args, store, keys, t, clock())
        case "remove":
            return await _remove(args, store, keys, t, clock())
        case _:
            return await _list(store, keys, t, clock())


async def _list(store: "Store", keys: "Keyring", t: Translator, now: datetime) -> int:
    from bot.services.cards import labels
    from bot.services.cards.statuses import CardStatus

    async with store.writing() as db:
        known = await labels.listed(db)
        unknown = await labels.unknown(db, keys, actor(), now)
    for one in known:
        status = t("(set aside)") if one.status is CardStatus.UNKNOWN else one.status.value
        line = f"{one.text} → {status}"
        if one.set_at is not None:
            line += "  " + t("set by {who} on {day}", who=one.set_by, day=_day(one.set_at))
        print(line)
    for seen in unknown:
        print(
            t(
                "Not known: {label}: {n} applications, first on {first}, last on {last}",
                label=seen.text or t("(not shown, may be personal)"),
                n=seen.count,
                first=_day(seen.first),
                last=_day(seen.last),
            )
        )
    print(t("{n} labels, {unknown} not known", n=len(known), unknown=len(unknown)))
    if unknown:
        print(t("Say what one stands for: yizhan cards labels set LABEL STATUS"))
    return 0


async def _set(
    args: argparse.Namespace, store: "Store", keys: "Keyring", t: Translator, now: datetime
) -> int:
    from bot.services.cards import labels
    from bot.services.cards.statuses import LABELS, CardStatus

    async with store.writing() as db:
        status = (await labels.labels_of(db)).status_of(args.status)
        if status is CardStatus.UNKNOWN:
            names = "、".join(f"{one.value} {texts[0]}" for one, texts in LABELS.items())
            return output.refuse(
                t("{status} is no status; statuses are {names}", status=args.status, names=names)
            )
        try:
            count = await labels.set_label(db, keys, args.label, status, actor(), now)
        except ValueError:
            return _no_label(args.label, t)
    print(t("{label} → {status}", label=args.label.strip(), status=status.value))
    _tell_reread(count, t)
    return 0


async def _remove(
    args: argparse.Namespace, store: "Store", keys: "Keyring", t: Translator, now: datetime
) -> int:
    from bot.services.cards import labels
    from bot.services.cards.statuses import CardStatus

    async with store.writing() as db:
        try:
            count = await labels.remove_label(db, keys, args.label, actor(), now)
        except ValueError:
            return _no_label(args.label, t)
        status = (await labels.labels_of(db)).status_of(args.label)
    label = args.label.strip()
    if count is None:
        print(t("{label} has no status.", label=label))
        return 1
    if status is CardStatus.UNKNOWN:
        print(t("{label} has no status any more.", label=label))
    else:
        print(t("{label} → {status}", label=label, status=status.value))
    _tell_reread(count, t)
    return 0


def _no_label(label: str, t: Translator) -> int:
    return output.refuse(
        t("{label}: a label has 1 to 60 characters and is no status itself.", label=label)
    )


def _tell_reread(count: int, t: Translator) -> None:
    if count:
        print(t("{n} applications that came with it are read so now.", n=count))


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d}"
