"""What is said about a list of stations: as on the command line, without its options."""

from datetime import date

from bot.common.i18n import Translator
from bot.handlers import labels
from bot.hours.errors import HoursError
from bot.hours.weekly import parse
from bot.operator_wording import station_advice
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.importing.faults import StationDoubt, StationFault, StationNote

_DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09", "wgs84": "WGS-84"}


def advice(problem: Problem, t: Translator, words: Translator) -> str:
    """What is wrong and what to do; `t` are the console's sentences, `words` those of reports."""
    given = problem.params
    match problem.code:
        case StationFault.NO_COORDINATES:
            return t("the coordinates are missing; fill in longitude and latitude")
        case StationFault.MOVED:
            return t("{metres} m away from where it was", metres=given["metres"])
        case StationFault.DATUM_HEADING:
            return t(
                "the heading says {datum}; choose that one at “Coordinates”",
                datum=_DATUM_NAMES.get(given["datum"], given["datum"]),
            )
        case StationDoubt.OTHER_DATUM:
            return t(
                "{count} stations would stay where they are with {datum}; choose that one at "
                "“Coordinates”",
                count=given["count"],
                datum=_DATUM_NAMES.get(given["datum"], given["datum"]),
            )
        case StationDoubt.ROW_NUMBERS:
            return t(
                "the codes are 1, 2, 3 …; if they only number the rows, leave the column out at "
                "“Columns”"
            )
        case StationNote.CONTACT_PHONES:
            return t(
                "{count} mobile phones beside a contact person were left out as personal",
                count=given["count"],
            )
        case _:
            return station_advice.advice(problem, words)


def strip(hours: str, words: Translator) -> list[tuple[str, str]]:
    """Stored hours as days and times."""
    try:
        read = parse(hours)
    except HoursError:
        return [("", hours)]
    return [*labels.week_rows(words, read), *(("", one) for one in _closures(hours, words))]


def _closures(hours: str, words: Translator) -> list[str]:
    return labels.closed_dates(words, parse(hours), date.min)
