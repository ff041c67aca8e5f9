"""Documents of a training for the organiser: check-in sheet, attendance list and poster."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from bot.commands import output
from bot.common.clock import CHINA
from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.services.trainings.catalogue import Training
    from bot.store.engine import Store


async def roster(
    args: argparse.Namespace,
    store: "Store",
    training: "Training",
    settings: "Settings",
    t: Translator,
) -> int:
    """Writes the list to sign, or prints attendance and writes who attended; the exit code."""
    from bot.commands.trainings import reports
    from bot.config.database import check_keys
    from bot.config.keys import keyring
    from bot.documents.rosters import attendance_list, check_in_sheet
    from bot.services.trainings import rosters

    is_sheet = args.what == "check-in-sheet"
    endings = (".xlsx",) if is_sheet else (".csv", ".xlsx")
    if args.file is not None and (wrong := output.unwritable(args.file, endings, t)):
        return output.refuse(wrong)
    async with store.reading() as db:
        if args.file is None or not is_sheet:
            attendance = await rosters.attendance(db, training.id)
            for line in reports.numbers(training, attendance, t):
                print(line)
        has_comments = not is_sheet and await rosters.has_comments(db, training.id)
        if args.file is None and not has_comments:
            return 0
        keys = keyring(settings, make=store.is_sqlite)
        await check_keys(store, keys)
        if has_comments:
            for line in reports.comments(await rosters.comments(db, keys, training.id), t):
                print(line)
        if args.file is None:
            return 0
        attendees = await rosters.roster(db, keys, training.id)
    rows = check_in_sheet(attendees) if is_sheet else attendance_list(attendees)
    done = t(
        "{n} people written to {file}; it holds names, keep it safe.",
        n=len(attendees),
        file=args.file,
    )
    data = output.table(args.file, t("Attendance"), rows)
    return await output.write(args.file, data, done, t, mode=0o600)


async def poster(
    args: argparse.Namespace, training: "Training", settings: "Settings", t: Translator
) -> int:
    """Writes the poster with the check-in code; the exit code."""
    from bot.documents.posters import training_poster
    from bot.services.trainings.catalogue import checkin_start

    done = t(
        "{file}: check-in code {code}, valid around {when}",
        file=args.file,
        code=training.checkin_code,
        when=f"{training.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
    )
    codes = output.chat_codes(args.telegram, settings, checkin_start(training))
    build = partial(training_poster, training)
    return await output.poster(args.file, build, codes, settings, done, t)
