"""Lists of cards: what is late, how long stages take, and the pre-applications to hand on.

Whatever shows a person's data leaves rows in the access log, under the name of the system's user.
"""

import argparse
import getpass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands import output
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.store.encryption import Keyring
    from bot.store.engine import Store


async def overdue(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """Open applications that stay in their stage longer than nine in ten did."""
    from bot.services.cards import statistics as card_statistics
    from bot.services.cards.statuses import LABELS

    now = clock()
    async with store.writing() as db:
        late = await card_statistics.overdue(db, keys, now, _since(now, args.days), actor())
    for one in late:
        print(
            t(
                "{number} {stage}: {days} days, usually up to {usual} · {outlet}",
                number=one.number,
                stage=LABELS[one.code][0],
                days=_days(one.days),
                usual=_days(one.usual),
                outlet=one.outlet or "-",
            )
            + (t(" · sealed on {day}", day=one.seal_by) if one.seal_by else "")
        )
    print(t("{n} applications take longer than usual", n=len(late)))
    return 0


async def statistics(
    args: argparse.Namespace, store: "Store", t: Translator, *, clock: Clock = system_clock
) -> int:
    """A table: how long each stage took, over all and by outlet."""
    from bot.services.cards.statistics import spreads
    from bot.services.cards.statuses import LABELS, CardStatus

    async with store.reading() as db:
        found = await spreads(db, _since(clock(), args.days), by_outlet=True)
    if not found:
        print(t("No stage was left in that time yet."))
        return 0
    for one in found:
        print(
            t(
                "{stage} · {outlet}: {cases} cases, median {median} days, half of them "
                "{low}–{high}, nine in ten within {late}",
                stage="?" if one.code is CardStatus.UNKNOWN else LABELS[one.code][0],
                outlet=one.outlet or t("all outlets"),
                cases=one.cases,
                median=_days(one.median),
                low=_days(one.low),
                high=_days(one.high),
                late=_days(one.late),
            )
        )
    return 0


async def requests(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: Translator,
    *,
    clock: Clock = system_clock,
) -> int:
    """Pre-applications: masked on the screen, whole in a new file that only its owner can read."""
    from bot.operator_wording import pre_application_rows
    from bot.services.cards import pre_application_export
    from bot.services.cards.pre_applications import PreApplicationStatus
    from bot.services.operators.access_log import AccessAction

    path: Path | None = args.file
    if args.passed and path is None:
        return output.refuse(t("--passed marks what a file was written for; name the file."))
    if path is not None and (wrong := output.unwritable(path, (".csv", ".xlsx"), t)):
        return output.refuse(wrong)
    statuses = [PreApplicationStatus.NEW]
    if args.all:
        statuses.append(PreApplicationStatus.PASSED)
    action = AccessAction.READ if path is None else AccessAction.EXPORT
    async with store.writing() as db:
        found = await pre_application_export.export(
            db, keys, actor(), action, clock(), statuses=statuses
        )
    if path is None:
        for one in found:
            print("  ".join(filter(None, pre_application_rows.row(one.masked()))))
        print(t("{n} pre-applications; name a file to see them whole", n=len(found)))
        return 0
    rows = [
        pre_application_rows.HEADINGS,
        *(pre_application_rows.row(one) for one in found),
    ]
    data = output.table(path, t("Pre-applications"), rows)
    done = t("{n} pre-applications written to {file}", n=len(found), file=path)
    if code := await output.write(path, data, done, t, mode=0o600):
        return code
    if args.passed:
        async with store.writing() as db:
            await pre_application_export.mark_passed(db, [one.id for one in found])
    return 0


def actor() -> str:
    """The system's name of whoever runs the command."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # a container's user without a name
        return "cli"


def _since(now: datetime, days: int) -> datetime:
    return now - timedelta(days=max(1, min(days, 36_500)))


def _days(days: float) -> str:
    return f"{days:.1f}".removesuffix(".0")
