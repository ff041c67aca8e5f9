"""A session on paper: who is in it, who came, and the poster for its door."""

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


async def people(
    args: argparse.Namespace,
    store: "Store",
    session: "Training",
    settings: "Settings",
    t: Translator,
) -> int:
    """The two lists with names in them: to sign, and of who came."""
    from bot.commands.trainings import reports
    from bot.config.database import check_keys
    from bot.config.keys import keyring
    from bot.services.trainings import rosters
    from bot.services.trainings.importing.columns import STANDING_NAMES, write_moment

    endings = (".xlsx",) if args.what == "check-in-sheet" else (".csv", ".xlsx")
    if args.file is not None and (wrong := output.unwritable(args.file, endings, t)):
        return output.refuse(wrong)
    async with store.reading() as db:
        if args.file is None or args.what == "attendance":
            found = await rosters.attendance(db, session.id)
            for line in reports.numbers(session, found, t):
                print(line)
        if args.file is None:
            return 0
        keys = keyring(settings, make=store.is_sqlite)
        await check_keys(store, keys)
        present = await rosters.roster(db, keys, session.id)
    if args.what == "check-in-sheet":
        heading = ["序号", "姓名", "手机尾号", "公司", "状态", "签到", "备注"]
        rows = [
            [str(n), one.name, one.phone_end, one.firm, STANDING_NAMES[one.status], "", ""]
            for n, one in enumerate(present, 1)
        ]
    else:
        heading = ["姓名", "手机尾号", "公司", "状态", "确认会来", "报名时间", "签到时间", "评分"]
        rows = [
            [
                one.name,
                one.phone_end,
                one.firm,
                STANDING_NAMES[one.status],
                "是" if one.confirmed else "",
                write_moment(one.registered_at),
                write_moment(one.attended_at) if one.attended_at else "",
                str(one.score or ""),
            ]
            for one in present
        ]
    done = t(
        "{n} people written to {file}; it holds names, keep it safe.", n=len(rows), file=args.file
    )
    data = output.table(args.file, t("Attendance"), [heading, *rows])
    return await output.write(args.file, data, done, t, mode=0o600)


async def poster(
    args: argparse.Namespace, session: "Training", settings: "Settings", t: Translator
) -> int:
    """The check-in poster."""
    from bot.documents.posters import session_poster
    from bot.services.trainings.catalogue import checkin_start

    done = t(
        "{file}: check-in code {code}, valid around {when}",
        file=args.file,
        code=session.checkin_code,
        when=f"{session.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
    )
    codes = output.chat_codes(args.telegram, settings, checkin_start(session))
    return await output.poster(
        args.file, partial(session_poster, session), codes, settings, done, t
    )
