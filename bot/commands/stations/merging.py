"""`yizhan stations merge KEPT OTHER`: two stations that are one, which was entered twice.

A dry run unless `--apply` is given. Exit codes: 0 done, 1 one of them was changed meanwhile, 2
wrongly called.
"""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.commands import imports, output
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.stations.merging.merge import Merge
    from bot.store.engine import Store

SubParsers: TypeAlias = "argparse._SubParsersAction[Any]"


def add_parser(what: SubParsers, t: Translator) -> None:
    """Adds the command; imports nothing that is slow to load."""
    merge = what.add_parser("merge", help=t("two stations that are one: the first stays"))
    merge.add_argument("code", metavar="KEPT")
    merge.add_argument("other", metavar="OTHER")
    merge.add_argument(
        "--take",
        nargs="+",
        default=[],
        metavar="FIELD",
        help=t("fields as the other one has them: name hours place …"),
    )
    imports.add_apply(merge, t)
    merge.set_defaults(run=run)


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
    from bot.services.stations.editing.errors import StationUnknown
    from bot.services.stations.merging import merge
    from bot.services.stations.merging.errors import MergeOutdated, MergeRefused
    from bot.services.stations.merging.redirects import StationMerged

    code, other, now = args.code, args.other, clock()
    try:
        async with store.reading() as db:
            found = await merge.preview(db, code, other, now)
        differing = {one.field for one in found.choices}
        if unknown := sorted(set(args.take) - differing):
            names = t(", ").join(sorted(differing))
            return output.refuse(
                t("“{name}” does not differ; what differs is {names}", name=unknown[0], names=names)
            )
        for line in _lines(found, frozenset(args.take), t):
            print(line)
        if not args.apply:
            print(t("Dry run: nothing was written. Add --apply to write."))
            return 0
        picks = dict.fromkeys(args.take, merge.Pick.OTHER)
        async with store.writing() as db:
            number = await merge.merge(db, code, other, picks, actor(), now, version=found.version)
    except StationUnknown as unknown_code:
        return output.refuse(t("There is no station {code}.", code=unknown_code.code))
    except StationMerged as merged:
        into = merged.into
        said = t(
            "{code} was merged into {into} {name}; change that one.",
            code=merged.code,
            into=into.code,
            name=into.name,
        )
        return output.refuse(said)
    except MergeRefused:
        return output.refuse(t("These are one station already, or one of them is a sample."))
    except MergeOutdated:
        print(t("Nothing was written: one of the two was changed meanwhile. Try again."))
        return 1
    print(written(number, "stations", t))
    return 0


def _lines(found: "Merge", taken: frozenset[str], t: Translator) -> Iterator[str]:
    """What differs and what is taken, and how much goes over."""
    from bot.operator_wording import revision_words
    from bot.services.operators.revisions import RevisionKind
    from bot.services.stations.importing.columns import COLUMNS
    from bot.services.stations.merging.merge import PLACED

    for one in found.choices:
        own, other = (
            revision_words.said(RevisionKind.STATIONS, one.field, value, t) or t("(blank)")
            for value in (one.own, one.other)
        )
        if one.field == PLACED:
            own, other = (
                f"{of.point.lon:.5f},{of.point.lat:.5f}" for of in (found.kept, found.other)
            )
        heading = PLACED if one.field == PLACED else f"{one.field} {COLUMNS[one.field][0]}"
        chosen = (own, other) if one.field not in taken else (other, own)
        yield t(
            "{field}: {kept} (not: {dropped})", field=heading, kept=chosen[0], dropped=chosen[1]
        )
    moves = found.moves
    yield t(
        "{metres} m apart; {favourites} favourites ({both} of couriers who keep both), "
        "{observations} observations, {requests} pre-applications and {appointments} appointments "
        "go over.",
        metres=round(found.metres),
        favourites=moves.favourites,
        both=moves.favourites_of_both,
        observations=moves.observations,
        requests=moves.pre_applications,
        appointments=moves.appointments,
    )
