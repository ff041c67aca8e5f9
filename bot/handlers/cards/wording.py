"""How an application is worded: what its status means, what to do next, where, and until when."""

from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.common.values import value
from bot.handlers import labels
from bot.handlers.stations import wording
from bot.hours.opening import Opening
from bot.hours.weekly import DayHours
from bot.services.cards.applications import Application
from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.cards.statuses import CardStatus
from bot.services.cards.usual_times import Usual
from bot.services.stations.catalogue import Station
from bot.services.stations.results import StationMatch

STAGES_SHOWN = 4


@value
class BankOutlet:
    """The station where something is to be done: today's hours, and how far where one knows.

    `seen_from`: the place that was typed, from the centre of which it is so far; empty where the
    courier shared where they are.
    """

    station: Station
    opening: Opening
    today: DayHours | None
    way: StationMatch | None
    seen_from: str = ""


def status(t: Translator, code: CardStatus, label: str) -> str:
    """A status in plain words; an unknown one as the bank gave it."""
    match code:
        case CardStatus.SUBMITTED:
            return t("received, waiting to be checked")
        case CardStatus.NEED_DOCS:
            return t("papers are missing")
        case CardStatus.REVIEWING:
            return t("being checked")
        case CardStatus.INTERVIEW:
            return t("please come in person with your ID card")
        case CardStatus.APPROVED:
            return t("approved")
        case CardStatus.MAKING:
            return t("the card is being made")
        case CardStatus.MADE:
            return t("the card is made")
        case CardStatus.SHIPPED:
            return t("the card is on its way")
        case CardStatus.AT_BRANCH:
            return t("at the outlet, come and collect it")
        case CardStatus.COLLECTED:
            return t("collected, not activated yet")
        case CardStatus.ACTIVATED:
            return t("activated, ready to use")
        case CardStatus.REJECTED:
            return t("not approved")
        case CardStatus.RETURNED:
            return t("the card came back")
        case CardStatus.CANCELLED:
            return t("this application is closed")
        case CardStatus.UNKNOWN:
            return t("“{label}”", label=label)


def next_step(t: Translator, one: Application) -> str:
    """What to do now, and what it means where that is not plain."""
    match one.status:
        case CardStatus.SUBMITTED:
            return t("Nothing to do, it will be checked.")
        case CardStatus.NEED_DOCS if one.missing_docs:
            return t(
                "Missing: {list}. Hand it in at the outlet, with your original ID card.",
                list=one.missing_docs,
            )
        case CardStatus.NEED_DOCS:
            return t("Ask the outlet which papers are missing, and hand them in there.")
        case CardStatus.REVIEWING:
            return t("Nothing to do, just wait.")
        case CardStatus.INTERVIEW:
            return t("Bring your original ID card to the outlet: they check that you are you.")
        case CardStatus.APPROVED:
            return t("Nothing to do, the card is made next.")
        case CardStatus.MAKING:
            return t("Usually 2 to 5 working days. Nothing to do.")
        case CardStatus.MADE:
            return t("It goes to the outlet or by post next. Nothing to do.")
        case CardStatus.SHIPPED if one.parcel:
            return t(
                "Parcel number {parcel}. Keep your phone on; have your ID card ready.",
                parcel=one.parcel,
            )
        case CardStatus.SHIPPED:
            return t("It comes by post or to the outlet. Keep your phone on.")
        case CardStatus.AT_BRANCH:
            return t("Bring your original ID card, and collect it yourself.")
        case CardStatus.COLLECTED:
            return t(
                "It must be activated before you can use it: ask at the outlet's counter, "
                "with your ID card."
            )
        case CardStatus.ACTIVATED:
            return t("You can use it. The outlet tells you about its benefits.")
        case CardStatus.REJECTED if one.reject_reason:
            return t(
                "The bank's reason: {reason}. Ask the outlet when you may apply again.",
                reason=one.reject_reason,
            )
        case CardStatus.REJECTED:
            return t(
                "The bank gave no reason, and I do not guess. Ask the outlet why, and when you may "
                "apply again."
            )
        case CardStatus.RETURNED:
            return t("Ask the outlet: apply again, or have the address corrected.")
        case CardStatus.CANCELLED:
            return t("This application is over. To apply anew, say “how do I get a card”.")
        case CardStatus.UNKNOWN:
            return t(
                "The bank reports it in these words, which I do not know. I have told the "
                "operators; meanwhile ask the outlet."
            )


def answer(
    t: Translator, one: Application, outlet: BankOutlet | None, usual: Usual | None, now: datetime
) -> str:
    """The whole answer: status, next step, outlet, deadline, history, age of the data."""
    lines = [
        t("【奋斗卡】{status}", status=status(t, one.status, one.label)),
        next_step(t, one),
        *_where(t, one, outlet, now),
        *(_deadline(t, one.seal_by, now) if one.status is CardStatus.AT_BRANCH else ()),
        *_usual_duration(t, one, usual, now),
        *_history(t, one),
        " · ".join(part for part in (one.name, one.phone, _number(t, one)) if part),
        t("Data of {time}. Tell nobody a password or an SMS code.", time=_moment(t, one.as_of)),
    ]
    return "\n".join(lines)


def in_short(t: Translator, one: Application) -> str:
    """One of several on a button, without anything that names a person."""
    return t("No. {number}: {status}", number=one.number, status=status(t, one.status, one.label))


def warning(t: Translator) -> str:
    """Shown with each question: what nobody from the bank or from us may ask for."""
    return t("Staff never ask you for a password, a whole card number or an SMS code.")


def outlet_lines(t: Translator, outlet: BankOutlet, now: datetime) -> list[str]:
    """Name, address, today's hours, and how far where the conversation has a place."""
    station = outlet.station
    lines = [t("Where: {name}", name=station.name)]
    if station.address:
        lines.append(t("Address: {text}", text=station.address))
    # beside the hours of the whole day the state need not say when it opens again after noon
    opening = outlet.opening
    if outlet.today is not None and opening.reopens is not None:
        opening = replace(opening, reopens=None)
    state = wording.state_now(t, station, opening, now)
    if outlet.today is not None:
        times = labels.times(t, outlet.today)
        lines.append(t("Today: {times} ({state})", times=times, state=state))
    else:
        lines.append(t("Today: {state}", state=state))
    if outlet.way is not None:
        lines.append(way(t, outlet.way, outlet.seen_from))
    if station.phone:
        lines.append(t("Phone: {text}", text=station.phone))
    return lines


def way(t: Translator, there: StationMatch, seen_from: str) -> str:
    """How far the outlet is: from the courier, or from the centre of the place they typed."""
    distance, ride = labels.kilometres(t, there.metres), labels.minutes(t, there.ride)
    if not seen_from:
        return t("{distance} away, about {ride} by e-bike", distance=distance, ride=ride)
    return t(
        "{distance} from the centre of {place}, about {ride} by e-bike",
        distance=distance,
        place=seen_from,
        ride=ride,
    )


def pre_application_status(t: Translator, status: PreApplicationStatus) -> str:
    """The status of a pre-application in plain words."""
    match status:
        case PreApplicationStatus.NEW:
            return t("received, not passed on yet")
        case PreApplicationStatus.PASSED:
            return t("passed on to the outlet, which will phone you")
        case PreApplicationStatus.CLOSED:
            return t("done")


def _where(t: Translator, one: Application, outlet: BankOutlet | None, now: datetime) -> list[str]:
    if one.status not in VISITED:
        return []
    if outlet is not None:
        return outlet_lines(t, outlet, now)
    if one.outlet_name:
        return [
            t("Where: {name}", name=one.outlet_name),
            t("Its hours are not in my list; phone first."),
        ]
    return [t("The bank has not named the outlet; phone it before you ride.")]


VISITED = frozenset(
    {
        CardStatus.NEED_DOCS,
        CardStatus.INTERVIEW,
        CardStatus.AT_BRANCH,
        CardStatus.COLLECTED,
        CardStatus.REJECTED,
        CardStatus.RETURNED,
        CardStatus.UNKNOWN,
    }
)
"""Statuses whose next step, or next question, is at the outlet."""


def _deadline(t: Translator, seal_by: date | None, now: datetime) -> list[str]:
    if seal_by is None:
        return []
    left = (seal_by - now.astimezone(CHINA).date()).days
    day = t("{year}-{month}-{day}", year=seal_by.year, month=seal_by.month, day=seal_by.day)
    if left < 0:
        return [t("It was to be sealed on {day}: phone the outlet before you ride.", day=day)]
    if left == 0:
        return [t("Today is the last day; from tomorrow it is sealed.")]
    return [
        t.n(
            "{n} day left, sealed after {day}.", "{n} days left, sealed after {day}.", left, day=day
        )
    ]


def _usual_duration(
    t: Translator, one: Application, usual: Usual | None, now: datetime
) -> list[str]:
    if usual is None:
        return []
    today = max(1, (now.astimezone(CHINA).date() - one.stage_at.astimezone(CHINA).date()).days + 1)
    if usual.low == usual.high:
        line = t("Usually {n} days here; today is your day {day}.", n=usual.low, day=today)
    else:
        line = t(
            "Usually {low} to {high} days here; today is your day {day}.",
            low=usual.low,
            high=usual.high,
            day=today,
        )
    return [line]


def _history(t: Translator, one: Application) -> list[str]:
    lines = []
    for stage in one.stages[-STAGES_SHOWN:]:
        line = f"· {_moment(t, stage.at)} {status(t, stage.code, stage.label)}"
        lines.append(
            t("{stage} ({office})", stage=line, office=stage.office) if stage.office else line
        )
    return [t("So far:"), *lines] if lines else []


def _number(t: Translator, one: Application) -> str:
    return t("application {number}", number=one.number)


@lru_cache(maxsize=1024)  # thousands of applications are of one file, and of its time
def _moment(t: Translator, moment: datetime) -> str:
    return f"{labels.month_day(t, moment.astimezone(CHINA).date())} {labels.clock_time(moment)}"
