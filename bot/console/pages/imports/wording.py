"""Files, tabs and states of imports in words."""

from pathlib import Path

from bot.common.i18n import Translator
from bot.operator_wording import import_report
from bot.services.list_imports.states import ImportState, Tab
from bot.services.list_imports.summaries import Summary
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault


def refusal(summary: Summary, name: str, words: Translator) -> str:
    """Why the file could not be read."""
    refused = FileRefused(FileFault(summary.refused), **summary.params)
    return import_report.refusal(refused, Path(name), words)


def tab_name(t: Translator, tab: Tab) -> str:
    """The tab in words."""
    match tab:
        case Tab.NEW:
            return t("New")
        case Tab.CHANGED:
            return t("Changed")
        case Tab.FAULTY:
            return t("Cannot be imported")
        case Tab.DOUBTFUL:
            return t("Doubtful")
        case Tab.MISSING:
            return t("Not in the file")


def state_name(t: Translator, state: ImportState) -> str:
    """The state of an import in words."""
    match state:
        case ImportState.PLANNING:
            return t("being read")
        case ImportState.ASKING:
            return t("waits for an answer")
        case ImportState.READY:
            return t("not written yet")
        case ImportState.REFUSED:
            return t("could not be read")
        case ImportState.FAILED:
            return t("broke off")
        case ImportState.APPLYING:
            return t("being written")
        case ImportState.APPLIED:
            return t("written")
        case ImportState.UNDOING:
            return t("being undone")
        case ImportState.UNDONE:
            return t("undone")
