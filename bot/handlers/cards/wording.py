"""How an application is worded: what its status means, what to do next, where, and until when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.handlers import labels
from bot.handlers.stations import wording
from bot.hours.opening import Opening
from bot.hours.weekly import Row
from bot.services.cards.applications import Application, Usual
from bot.services.cards.statuses import UNKNOWN
from bot.services.stations.catalogue import Station
from bot.services.stations.results import StationMatch

STAGES_SHOWN = 4
OVER_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Outlet:
    """The station where something is to be done: today's hours, and how far where one knows."""

    station: Station
    opening: Opening
    today: Row | None
    way: StationMatch | None


def status(t: Translator, code: str, label: str = "") -> str:
    """A status in plain words; an unknown one as the bank gave it."""
    said = {
        "submitted": t("received, waiting to be checked"),
        "need_docs": t("papers are missing"),
        "reviewing": t("being checked"),
        "interview": t("please come in person with your ID card"),
        "approved": t("approved"),
        "making": t("the card is being made"),
        "made": t("the card is made"),
        "shipped": t("the card is on its way"),
        "at_branch": t("at the outlet, come and collect it"),
        "collected": t("collected, not activated yet"),
        "activated": t("activated, ready to use"),
        "rejected": t("not approved"),
        "returned": t("the card came back"),
        "cancelled": t("this application is closed"),
    }
    return said.get(code) or t("“{label}”", label=label)


def next_step(t: Translator, one: Application) -> str:
    """What to do now, and what it means where that is not plain."""
    match one.status:
        case "need_docs" if one.missing_docs:
            return t(
                "Missing: {list}. Hand it in at the outlet, with your original ID card.",
                list=one.missing_docs,
            )
        case "shipped" if one.parcel:
            return t(
                "Parcel number {parcel}. Keep your phone on; have your ID card ready.",
                parcel=one.parcel,
            )
        case "rejected" if one.reject_reason:
            return t(
                "The bank's reason: {reason}. Ask the outlet when you may apply again.",
                reason=one.reject_reason,
            )
    said = {
        "submitted": t("Nothing to do, it will be checked."),
        "need_docs": t("Ask the outlet which papers are missing, and hand them in there."),
        "reviewing": t("Nothing to do, just wait."),
        "interview": t("Bring your original ID card to the outlet: they check that you are you."),
        "approved": t("Nothing to do, the card is made next."),
        "making": t("Usually 2 to 5 working days. Nothing to do."),
        "made": t("It goes to the outlet or by post next. Nothing to do."),
        "shipped": t("It comes by post or to the outlet. Keep your phone on."),
        "at_branch": t("Bring your original ID card, and collect it yourself."),
        "collected": t(
            "It must be activated before you can use it: ask at the outlet's counter, "
            "with your ID card."
        ),
        "activated": t("You can use it. The outlet tells you about its benefits."),
        "rejected": t(
            "The bank gave no reason, and I do not guess. Ask the outlet why, and when you may "
            "apply again."
        ),
        "returned": t("Ask the outlet: apply again, or have the address corrected."),
        "cancelled": t("This application is over. To apply anew, say “how do I get a card”."),
    }
    return said.get(one.status) or t(
        "The bank reports it in these words, which I do not know. I have told the operators; "
        "meanwhile ask the outlet."
    )


def answer(
    t: Translator, one: Application, outlet: Outlet | None, usual: Usual | None, now: datetime
) -> str:
    """The whole answer: status, next step, outlet, deadline, history, age of the data."""
    lines = [
        t("【奋斗卡】{status}", status=status(t, one.status, one.label)),
        next_step(t, one),
        *_where(t, one, outlet, now),
        *(_deadline(t, one.seal_by, now) if one.status == "at_branch" else ()),
        *_pace(t, one, usual, now),
        *_history(t, one),
        " · ".join(part for part in (one.name, one.phone, _number(t, one)) if part),
        t("Data of {time}. Tell nobody a password or an SMS code.", time=_moment(t, one.as_of)),
    ]
    return "\n".join(lines)


def in_short(t: Translator, one: Application) -> str:
    """One of several on a button, without anything that names a person."""
    return t("No. {number}: {status}", number=one.number, status=status(t, one.status, one.label))


def warning(t: Translator) -> str:
    """Said each time that something is asked: what nobody from the bank or from us may ask for."""
    return t("Staff never ask you for a password, a whole card number or an SMS code.")


def outlet_lines(t: Translator, outlet: Outlet, now: datetime) -> list[str]:
    """Name, address, today's hours, and how far where the talk knows a place."""
    station = outlet.station
    lines = [t("Where: {name}", name=station.name)]
    if station.address:
        lines.append(t("Address: {text}", text=station.address))
    state = wording.state_now(t, station, outlet.opening, now)
    if outlet.today is not None:
        times = labels.times(t, outlet.today)
        lines.append(t("Today: {times} ({state})", times=times, state=state))
    else:
        lines.append(t("Today: {state}", state=state))
    if outlet.way is not None:
        lines.append(
            t(
                "{distance} away, about {ride} by e-bike",
                distance=labels.kilometres(t, outlet.way.metres),
                ride=labels.minutes(t, outlet.way.ride),
            )
        )
    if station.phone:
        lines.append(t("Phone: {text}", text=station.phone))
    return lines


def request_status(t: Translator, status: str) -> str:
    """How a pre-application stands."""
    return {
        "new": t("received, not passed on yet"),
        "passed": t("passed on to the outlet, which will phone you"),
        "closed": t("done"),
    }.get(status, status)


def _where(t: Translator, one: Application, outlet: Outlet | None, now: datetime) -> list[str]:
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
    {"need_docs", "interview", "at_branch", "collected", "rejected", "returned", UNKNOWN}
)
"""Where the next step, or the next question, is at the outlet."""


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


def _pace(t: Translator, one: Application, usual: Usual | None, now: datetime) -> list[str]:
    if usual is None:
        return []
    today = max(1, (now.astimezone(CHINA).date() - one.stage_at.astimezone(CHINA).date()).days + 1)
    if usual.low == usual.high:
        said = t("Usually {n} days here; today is your day {day}.", n=usual.low, day=today)
    else:
        said = t(
            "Usually {low} to {high} days here; today is your day {day}.",
            low=usual.low,
            high=usual.high,
            day=today,
        )
    return [said]


def _history(t: Translator, one: Application) -> list[str]:
    lines = []
    for stage in one.stages[-STAGES_SHOWN:]:
        said = f"· {_moment(t, stage.at)} {status(t, stage.code, stage.label)}"
        lines.append(
            t("{stage} ({office})", stage=said, office=stage.office) if stage.office else said
        )
    return [t("So far:"), *lines] if lines else []


def _number(t: Translator, one: Application) -> str:
    return t("application {number}", number=one.number)


def _moment(t: Translator, moment: datetime) -> str:
    return f"{labels.month_day(t, moment.astimezone(CHINA).date())} {labels.clock_time(moment)}"
