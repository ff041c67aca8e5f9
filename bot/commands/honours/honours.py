"""`yizhan honours …`: import campaigns, review nominations and votes, publish the result.

Exit codes: 0 done, 1 nothing written because of what was found, 2 wrongly called.
"""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands import imports, output, revisions
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config.settings import Settings
    from bot.store.encryption import Keyring
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `honours` with its own commands; imports nothing that is slow to load."""
    parser = commands.add_parser(
        "honours", help=t("最美快递员: campaigns, nominations, votes, results")
    )
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    load = what.add_parser("import", help=t("compare a csv or xlsx list with the campaigns"))
    load.add_argument("file", type=Path, metavar="FILE")
    imports.add_apply(load, t)
    listed = what.add_parser("list", help=t("campaigns, or the nominations of one"))
    listed.add_argument("campaign", nargs="?", metavar="CAMPAIGN")
    show = what.add_parser("show", help=t("a nomination with its story; entered in the log"))
    show.add_argument("number", metavar="NUMBER")
    show.add_argument("--photo", type=Path, metavar="FILE", help=t("write the photo to FILE"))
    for name, text in (
        ("approve", t("take nominations into the choice for the short list")),
        ("decline", t("leave nominations out")),
        ("shortlist", t("put approved nominations on the short list")),
    ):
        decision = what.add_parser(name, help=text)
        decision.add_argument("numbers", nargs="+", metavar="NUMBER")
        decision.add_argument("--reason", default="", metavar="TEXT", help=t("for the history"))
    cast = what.add_parser("votes", help=t("votes of a campaign, by firm, and bursts on hold"))
    cast.add_argument("campaign", metavar="CAMPAIGN")
    decided = cast.add_mutually_exclusive_group()
    decided.add_argument("--count", metavar="NUMBER", help=t("let the held votes of one count"))
    decided.add_argument("--drop", metavar="NUMBER", help=t("drop the held votes of one"))
    result = what.add_parser("publish", help=t("publish the result once the voting is over"))
    result.add_argument("campaign", metavar="CAMPAIGN")
    imports.add_apply(result, t)
    revisions.add_history(what, "honours", t)


async def run(args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and chooses the command; its exit code. Raises `SettingsError`."""
    from bot.config.database import with_keys

    async with with_keys(settings) as (store, keys):
        return await run_in(args, store, keys, t)


async def run_in(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """The command on an open database."""
    from bot.operator_wording import honour_report as report
    from bot.services.honours.statuses import HonourRefused

    now = clock()
    try:
        match args.what:
            case "import":
                return await _import(args, store, now, t)
            case "list" if args.campaign is None:
                return await _campaigns(store, t)
            case "list":
                return await _nominations(args.campaign, store, keys, now, t)
            case "show":
                return await _show(args, store, keys, now, t)
            case "votes":
                return await _votes(args, store, keys, now, t)
            case "publish":
                return await _publish(args, store, keys, now, t)
            case _:
                return await _decide(args, store, keys, now, t)
    except HonourRefused as refused:
        return output.refuse(report.refusal(refused.reason, t))


async def _import(args: argparse.Namespace, store: "Store", now: "datetime", t: Translator) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.geo.places import Places
    from bot.operator_wording import honour_report as report
    from bot.services.honours import importing
    from bot.services.operators.revisions import Origin, RevisionAction

    path: Path = args.file
    table = await imports.read_table(
        path, lambda data: importing.read(data, path.name), importing.MAX_BYTES, t
    )
    if table is None:
        return 2
    async with store.reading() as db:
        plan = await importing.plan(db, table, importing.league_names(Places.load()))
    code = imports.reported(
        report.lines(plan, t),
        plan.problems,
        t,
        apply=args.apply,
        table=table,
        columns=importing.COLUMNS,
    )
    if code is not None:
        return code
    origin = Origin(actor(), RevisionAction.IMPORT, path.name)
    async with store.writing() as db:
        number = await importing.apply(db, plan, origin, now)
    print(report.written(number, t))
    return 0


async def _campaigns(store: "Store", t: Translator) -> int:
    from sqlalchemy import select

    from bot.operator_wording import honour_report as report
    from bot.store.models.honours import CampaignRow

    async with store.reading() as db:
        rows = list(await db.scalars(select(CampaignRow).order_by(CampaignRow.vote_until)))
    for row in rows:
        print(report.campaign(row, t))
    if not rows:
        print(t("There is no campaign yet. Import some: yizhan honours import FILE"))
    return 0


async def _nominations(
    code: str, store: "Store", keys: "Keyring", now: "datetime", t: Translator
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.operator_wording import honour_report as report
    from bot.services.honours import review

    async with store.writing() as db:  # what is shown is entered in the access log
        campaign = await review.campaign_with(db, code)
        found = await review.listed(db, keys, campaign, actor(), now)
    for one in found:
        print(report.nomination(one, t))
    if not found:
        print(t("No nominee has agreed yet."))
    return 0


async def _show(
    args: argparse.Namespace, store: "Store", keys: "Keyring", now: "datetime", t: Translator
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.operator_wording import honour_report as report
    from bot.services.honours import review

    async with store.writing() as db:
        one = await review.opened(db, keys, args.number, actor(), now, photo=bool(args.photo))
    print(report.whole(one, t))
    if args.photo is None:
        return 0
    if one.photo is None:
        print(t("There is no photo."))
        return 1
    try:
        await asyncio.to_thread(args.photo.write_bytes, one.photo)
    except OSError:
        return output.refuse(
            t("{file} cannot be written; check the path and its rights.", file=args.photo)
        )
    return 0


async def _decide(
    args: argparse.Namespace, store: "Store", keys: "Keyring", now: "datetime", t: Translator
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.operator_wording import honour_report as report
    from bot.services.honours import review
    from bot.services.operators.revisions import Origin, RevisionAction

    action, who = RevisionAction(args.what), actor()
    async with store.writing() as db:
        number = await review.decide(db, keys, args.numbers, Origin(who, action, args.reason), now)
    print(report.written(number, t))
    return 0


async def _votes(
    args: argparse.Namespace, store: "Store", keys: "Keyring", now: "datetime", t: Translator
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.operator_wording import honour_report as report
    from bot.services.honours import review, votes
    from bot.services.operators.revisions import Origin, RevisionAction

    decided = args.count or args.drop
    async with store.writing() as db:
        campaign = await review.campaign_with(db, args.campaign)
        if decided:
            origin = Origin(actor(), RevisionAction.REVIEW)
            done = await review.review_votes(
                db, keys, campaign.id, decided, origin, now, counted=bool(args.count)
            )
            print(t("{n} held votes were decided on.", n=done))
        found = await review.listed(db, keys, campaign, actor(), now)
        bursts = await votes.bursts(db, campaign.id)
        firms = await votes.by_firm(db, campaign.id)
    for line in report.votes(found, bursts, firms, t):
        print(line)
    return 0


async def _publish(
    args: argparse.Namespace, store: "Store", keys: "Keyring", now: "datetime", t: Translator
) -> int:
    from bot.commands.cards.card_lists import actor
    from bot.operator_wording import honour_report as report
    from bot.services.honours import review
    from bot.services.operators.revisions import Origin, RevisionAction

    async with store.writing() as db:
        campaign = await review.campaign_with(db, args.campaign)
        found = await review.ranked(db, keys, campaign, actor(), now)
    for place, one in enumerate(found, 1):
        print(f"{place}. {report.nomination(one, t)}")
    if not found:
        print(t("Nobody is on the short list; nothing to publish."))
        return 1
    if not args.apply:
        print(t("Dry run: nothing was written. Add --apply to write."))
        return 0
    origin = Origin(actor(), RevisionAction.PUBLISH)
    async with store.writing() as db:
        number = await review.publish(db, keys, args.campaign, origin, now)
    print(report.written(number, t))
    return 0
