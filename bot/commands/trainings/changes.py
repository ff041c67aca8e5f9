"""`yizhan trainings cancel` and `reschedule`: what registered couriers are told of."""

import argparse
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.commands import output
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.operators.revisions import RevisionAction
    from bot.services.trainings.administration import TrainingAdministration
    from bot.services.trainings.catalogue import Training
    from bot.store.engine import Store


async def cancel(
    args: argparse.Namespace,
    store: "Store",
    training: "Training",
    administration: "TrainingAdministration",
    now: datetime,
    t: Translator,
) -> int:
    """Cancels a training, or prints how many would be told; the exit code."""
    from bot.commands.trainings import reports
    from bot.services.operators.revisions import RevisionAction
    from bot.services.trainings.statuses import TrainingStatus

    print(reports.one_line(training, t))
    if training.status is not TrainingStatus.PLANNED:
        print(t("Nothing was done: the session is cancelled or over."))
        return 1
    if not args.apply:
        would = t(
            "{n} couriers would be told that it is off.", n=await _recipients(store, training)
        )
        return _dry_run(would, t)
    return await _apply(
        store,
        training,
        lambda db: administration.cancel(db, training.id, now),
        RevisionAction.CANCEL,
        now,
        lambda n: t("Called off; {n} couriers are told.", n=n),
        t,
    )


async def reschedule(
    args: argparse.Namespace,
    store: "Store",
    training: "Training",
    administration: "TrainingAdministration",
    now: datetime,
    t: Translator,
) -> int:
    """Changes time or place, or prints how many would be told; the exit code."""
    from bot.commands.trainings import reports
    from bot.services.operators.revisions import RevisionAction
    from bot.services.spreadsheets.cells import read_moment, write_moment
    from bot.services.trainings.administration import NewTimes
    from bot.services.trainings.errors import TrainingRefused
    from bot.services.trainings.statuses import TrainingRefusal, TrainingStatus

    moments: dict[str, datetime | None] = {}
    day = training.starts_at
    for name in ("start", "end", "deadline"):
        given = getattr(args, name)
        moments[name] = read_moment(given, day) if given else None
        if given and moments[name] is None:
            return output.refuse(
                t("--{name} {value}: write the time as “2026-11-28 09:00”.", name=name, value=given)
            )
        day = moments["start"] or day
    new = NewTimes(moments["start"], moments["end"], moments["deadline"], args.place, args.address)
    if new == NewTimes():
        return output.refuse(
            t("Say what changes: --start, --end, --deadline, --place or --address.")
        )
    print(reports.one_line(training, t))
    starts = new.starts_at or training.starts_at
    ends = new.ends_at or training.ends_at + (starts - training.starts_at)
    place = training.place if new.place is None else new.place
    print(f"→ {write_moment(starts)} – {write_moment(ends)}  {place}")
    is_planned = training.status is TrainingStatus.PLANNED
    if not is_planned or starts <= now or ends <= starts:
        reason = TrainingRefusal.STARTED if is_planned else TrainingRefusal.CANCELLED
        print(reports.refused(TrainingRefused(reason, training.id), t))
        return 1
    if not args.apply:
        would = t("Up to {n} couriers would be told.", n=await _recipients(store, training))
        return _dry_run(would, t)
    return await _apply(
        store,
        training,
        lambda db: administration.reschedule(db, training.id, new, now),
        RevisionAction.RESCHEDULE,
        now,
        lambda n: t("Changed; {n} couriers are told.", n=n),
        t,
    )


async def _recipients(store: "Store", training: "Training") -> int:
    from bot.services.trainings.rosters import count_recipients

    async with store.reading() as db:
        return await count_recipients(db, training.id)


def _dry_run(would: str, t: Translator) -> int:
    print(would)
    print(t("Dry run: nothing was written. Add --apply to write."))
    return 0


async def _apply(
    store: "Store",
    training: "Training",
    change: "Callable[[AsyncSession], Awaitable[int]]",
    action: "RevisionAction",
    now: datetime,
    done: Callable[[int], str],
    t: Translator,
) -> int:
    """Writes the change and prints how many are told, or why it is refused; the exit code."""
    from bot.commands.cards.card_lists import actor
    from bot.commands.trainings import reports
    from bot.services.operators.revisions import Origin
    from bot.services.trainings.errors import TrainingRefused
    from bot.services.trainings.importing.recorded import recorded

    try:
        async with store.writing() as db:
            origin = Origin(actor(), action)
            recipients = await recorded(db, training.id, change, origin, now)
    except TrainingRefused as error:
        print(reports.refused(error, t))
        return 1
    print(done(recipients))
    return 0
