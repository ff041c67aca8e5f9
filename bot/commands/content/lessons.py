"""`yizhan lessons report`: how lessons are taken, and which questions are missed most."""

import argparse
from typing import TYPE_CHECKING, Any

from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: Translator) -> None:
    """Adds `lessons report`; imports nothing that is slow to load."""
    parser = commands.add_parser("lessons", help=t("微课: how they are taken"))
    parser.set_defaults(run=run)
    what = parser.add_subparsers(dest="what", required=True, metavar=t("COMMAND"))
    what.add_parser("report", help=t("started, finished, and questions most often missed"))


async def run(_args: argparse.Namespace, settings: "Settings", t: Translator) -> int:
    """Opens the database and prints the report; the exit code. Raises `SettingsError`."""
    from bot.config.database import migrated

    async with migrated(settings) as store:
        return await report(store, t)


async def report(store: "Store", t: Translator) -> int:
    """The report on an open database."""
    from bot.services.content.lesson_report import begun_and_finished, lesson_results

    async with store.reading() as db:
        results = await lesson_results(db, await begun_and_finished(db))
    for one in results:
        print(
            t(
                "{code} {title}: {started} started, {finished} finished",
                code=one.code,
                title=one.title,
                started=one.started,
                finished=one.finished,
            )
        )
        for question in one.missed:
            print(
                "  "
                + t(
                    "question {n} “{prompt}”: missed {missed} of {answered} times",
                    n=question.number,
                    prompt=question.prompt,
                    missed=question.missed,
                    answered=question.answered,
                )
            )
    if not results:
        print(t("No lesson was begun yet."))
    return 0
