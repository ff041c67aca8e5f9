"""Topics, wishes and states of appointments in words."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from bot.common.i18n import Translator
from bot.handlers import labels
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.appointments.wishes import CallWish, Part, TypedWish, VisitWish, Wish


def topic(t: Translator, code: str) -> str:
    """A topic as its button names it."""
    return _topics(t).get(code, code)


@cache
def _topics(t: Translator) -> Mapping[str, str]:
    return {
        "payroll": t("Wages and payroll card"),
        "saving": t("Saving and investing"),
        "loan": t("Loans"),
        "instalment": t("Credit cards, instalments"),
        "insurance": t("Insurance, work injuries"),
        "financing": t("Financing for firms"),
    }


def warning(t: Translator) -> str:
    """What is said with every topic."""
    return t(
        "Rates and amounts are what the outlet says; I name none and recommend nothing. Nobody who "
        "lends honestly takes money first or asks for a code."
    )


def changed(t: Translator, number: str, topic_code: str, state: AppointmentStatus) -> str:
    """What a courier reads when the state of an appointment was changed."""
    text = t(
        "Your appointment {number} ({topic}): {status}.",
        number=number,
        topic=topic(t, topic_code),
        status=status(t, state),
    )
    if state is AppointmentStatus.UNREACHED:
        text += t(" Ask for another time, or call the outlet yourself.")
    return text


def status(t: Translator, one: AppointmentStatus) -> str:
    """The state of an appointment."""
    match one:
        case AppointmentStatus.NEW:
            return t("new, with the operators")
        case AppointmentStatus.CONTACTED:
            return t("the outlet has been in touch")
        case AppointmentStatus.DONE:
            return t("finished")
        case AppointmentStatus.UNREACHED:
            return t("nobody answered the phone")


def wish(t: Translator, one: Wish) -> str:
    """When and how the outlet is to be met."""
    match one:
        case CallWish(part):
            return _call(t, part)
        case VisitWish(day, part):
            return t("I come on {day}, {part}", day=_day(t, day), part=_part(t, part))
        case TypedWish(words):
            return words


def _call(t: Translator, part: Part) -> str:
    match part:
        case Part.ANY:
            return t("call me, at any time")
        case Part.MORNING:
            return t("call me in the morning")
        case Part.AFTERNOON:
            return t("call me in the afternoon")


def _day(t: Translator, day: date) -> str:
    return f"{labels.month_day(t, day)} {labels.weekday(t, day.weekday())}"


def _part(t: Translator, part: Part) -> str:
    match part:
        case Part.ANY:
            return t("any time")
        case Part.MORNING:
            return t("in the morning")
        case Part.AFTERNOON:
            return t("in the afternoon")
