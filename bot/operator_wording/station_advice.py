"""What is wrong with a row of a station list, or doubtful about it, and what to do, in words."""

from collections.abc import Mapping

from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.handlers import labels
from bot.hours.doubts import Doubt
from bot.hours.errors import Fault, HoursError
from bot.hours.parser import read as read_hours
from bot.operator_wording import import_report
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Problem
from bot.services.stations.editing.errors import EditFault
from bot.services.stations.importing.faults import StationDoubt, StationFault, StationNote
from bot.services.stations.importing.vocabulary import STATE_NAMES, STATUS_NAMES


def edit_advice(problem: Problem, t: Translator) -> str:
    """What is wrong with a change by hand, and what to do about it."""
    match import_report.fault(EditFault, problem):
        case None:
            return advice(problem, t)
        case EditFault.NO_END:
            return t("a closure with a first day needs the last one too")
        case EditFault.PAST:
            return t("these days are over already")


def advice(problem: Problem, t: Translator) -> str:
    """What is wrong with a row of a station list, and what to do about it."""
    given = problem.params
    match import_report.fault(StationFault, problem):
        case None:
            return _other(problem, t)
        case StationFault.DUPLICATE_CODE:
            return t(
                "this code is in row {row} of {sheet} already; give each station its own", **given
            )
        case StationFault.NO_COORDINATES:
            return t("coordinates are missing; fill in both, or try --geocode")
        case StationFault.NOT_FOUND:
            return t("the address was not found; fill in the coordinates")
        case StationFault.ZERO:
            return t("0,0 is no place; fill in the coordinates")
        case StationFault.OUT_OF_RANGE:
            return t("not on earth; longitude comes first, then latitude, in degrees")
        case StationFault.OUT_OF_CHINA:
            return t("not in China; check each digit of both coordinates")
        case StationFault.DATUM_BLANK:
            return t("the datum is blank; write wgs84, gcj02 or bd09 in each row")
        case StationFault.ADCODE:
            return t("not a division code; write its 6 digits")
        case StationFault.DUPLICATE_PLACE:
            return t(
                "the same place and name as {code} {name}; remove one, or correct name or "
                "coordinates",
                **given,
            )
        case StationFault.SHARED_PLACE:
            return t("within 20 m of {code} {name}; make sure that these are two stations", **given)
        case StationFault.MOVED:
            return t(
                "{metres} m away from where it was; check the coordinates and --datum", **given
            )
        case StationFault.HOURS:
            return hours_advice(given, t)
        case StationFault.FACILITY if given.get("nearest"):
            return t(
                "“{text}” is no known facility; use a standard name or remove it; "
                "nearest: {nearest}",
                text=import_report.shortened(given["text"]),
                nearest=given["nearest"],
            )
        case StationFault.FACILITY:
            return t(
                "“{text}” is no known facility; use a standard name or remove it",
                text=import_report.shortened(given["text"]),
            )
        case StationFault.FACILITY_STATE:
            states = t(", ").join(STATE_NAMES.values())
            return t("“{text}” is no state; write one of {states}", states=states, **given)
        case StationFault.FACILITY_TWICE:
            return t("“{text}” is there twice in different states; keep one", **given)
        case StationFault.CHANGES:
            return t(
                "“{text}” is not understood; write 2026-10-01..2026-10-08 closed reason", **given
            )
        case StationFault.CHANGES_ORDER:
            return t("{text} ends before it begins; exchange the dates", **given)
        case StationFault.PHONE:
            return t("not a phone number; write digits only, no names")
        case StationFault.STAR:
            return t("not a rank; write 1 to 5 or leave it blank")
        case StationFault.STATUS:
            return t(
                "unknown status; write one of {names}", names=t(", ").join(STATUS_NAMES.values())
            )
        case StationFault.PLACE_CELL:
            return t("not two coordinates and no link with them; write 111.6659,40.8264")
        case StationFault.SPLIT_HOURS:
            return t(
                "opening and closing time, 24小时 and hours do not fit together; write one of them"
            )
        case StationFault.MARK:
            return t("write 有, 无 or 故障 in the column of a facility")
        case StationFault.NEEDS_COLUMNS:
            return t("no station has this code; a new one needs {columns} too", **given)
        case StationFault.NO_SUCH_STATION:
            return t(
                "no station has this name and address; write its 编号, or its coordinates if it "
                "is new"
            )
        case StationFault.DATUM_HEADING:
            return t(
                "the heading says {datum}, the option says {given}; use --datum {datum}, or "
                "correct the heading",
                **given,
            )
        case StationFault.DATUM_OF_HEADING:
            return t("{text} is not read; convert the coordinates to gcj02 or wgs84", **given)
        case StationFault.REMOVES:
            names = t(", ").join(FACILITIES[one].name_zh for one in given["names"].split())
            return t(
                "{count} facilities would go: {names}; write +饮水机=故障 to change one only",
                count=given["count"],
                names=names,
            )
        case StationFault.MERGED:
            return t(
                "it was merged into {code} {name}: this row is skipped; change the row of {code}",
                **given,
            )
        case StationFault.NOT_YOUR_LEAGUE:
            return t("you import stations of {leagues} only; it stays as it is", **given)


def reason(problem: Problem, t: Translator) -> str:
    """One problem as it stands in the row that it is about."""
    words = advice(problem, t)
    return t("{column}: {advice}", column=problem.column, advice=words) if problem.column else words


def hours_advice(given: Mapping[str, str], t: Translator) -> str:
    """What is wrong with opening hours, by the fault's code, and how to write them."""
    text = given.get("text", "")
    match Fault(given["fault"]):
        case Fault.TOO_LONG:
            return t("too long; write the hours only, such as 周一至周五 9:00-17:00")
        case Fault.TIME:
            return t("“{text}” is no time of day; write 00:00 to 24:00", text=text)
        case Fault.SPAN:
            return t("“{text}” is empty or longer than a day; all day is 24/7", text=text)
        case Fault.BACKWARDS:
            return t(
                "“{text}” closes before it opens; write 14:30-17:00 or 18:00-次日2:00", text=text
            )
        case Fault.OVERLAP:
            return t("“{text}” overlap; write them as one", text=text)
        case Fault.TOO_MANY:
            return t("“{text}”: at most three times a day", text=text)
        case Fault.NO_TIMES:
            return t("days without times; write those of an ordinary week too")
        case Fault.CONFLICT:
            return t("“{text}”: different hours for one day; name each day once", text=text)
        case Fault.SEASON:
            return t(
                "“{text}” is a season without dates; write 夏季(5月1日-9月30日)8:00-20:00",
                text=text,
            )
        case Fault.UNREADABLE:
            return t(
                "“{text}” is not understood; write 周一至周五 9:00-17:00 or leave it blank",
                text=text,
            )


def _other(problem: Problem, t: Translator) -> str:
    """What is doubtful, or was done without being asked; else what any list can have."""
    given = problem.params
    if doubt := import_report.fault(StationDoubt, problem):
        return _doubt(doubt, problem, t)
    if problem.code == TableFault.MISSING_COLUMN and given.get("code"):
        return t(
            "there is no station {code} yet, and new ones need this column; add it, or correct "
            "the code",
            **given,
        )
    match import_report.fault(StationNote, problem):
        case None:
            return import_report.advice(problem, t)
        case StationNote.SWAPPED_COLUMNS:
            return t("longitude and latitude are swapped in all rows; they were exchanged")
        case StationNote.CONTACT_PHONES:
            return t(
                "{count} mobile phones beside a contact person were left out as personal; if they "
                'are the stations\' own, add --map "{column}=电话"',
                count=given["count"],
                column=problem.column,
            )
        case StationNote.PHONE_ZERO:
            return t("{count} landlines got the zero back that a spreadsheet took", **given)
        case StationNote.LINK_DATUM:
            return t("{count} links to maps were read in the datum of their map", **given)
        case StationNote.HEADING_WORD:
            return t("“{text}” in the heading is not made use of", **given)


def hours_words(text: str, t: Translator) -> str:
    """How an hours text is read, as couriers read it."""
    try:
        hours = read_hours(text)
    except HoursError:
        return t("not understood")
    return t("unknown") if hours is None else labels.week_and_closures(t, hours)


def _doubt(doubt: StationDoubt, problem: Problem, t: Translator) -> str:
    given = problem.params
    match doubt:
        case StationDoubt.HOURS:
            found = (labels.hours_doubt(t, Doubt(one)) for one in given["doubts"].split())
            return t(
                "read as {words}; check: {why}",
                words=hours_words(problem.value, t),
                why=t(", ").join(found),
            )
        case StationDoubt.OTHER_LEAGUE:
            return t("the list says {league}, but the place lies in {there}", **given)
        case StationDoubt.OTHER_BANNER:
            return t("this banner is not in {league}", **given)
        case StationDoubt.OTHER_DATUM:
            return t("{count} stations would stay where they are with --datum {datum}", **given)
        case StationDoubt.ROW_NUMBERS:
            return t(
                "the codes are 1, 2, 3 …; if they only number the rows, add --map "
                '"编号=" to have codes proposed'
            )
