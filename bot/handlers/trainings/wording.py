"""How trainings are worded: in a list, in detail, the status of a registration, a refusal."""

from datetime import datetime

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.replies import Button, Link, Part, Pin, Say
from bot.geo import map_links
from bot.geo.places import Places
from bot.handlers import labels
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal, TrainingStatus


def day(t: Translator, moment: datetime, now: datetime) -> str:
    """`today`, `tomorrow (Tue)` or `11/28 Sat`."""
    there, here = moment.astimezone(CHINA).date(), now.astimezone(CHINA).date()
    weekday = labels.weekday(t, there.weekday())
    if there == here:
        return t("today")
    if (there - here).days == 1:
        return t("tomorrow ({weekday})", weekday=weekday)
    return t("{date} {weekday}", date=labels.month_day(t, there), weekday=weekday)


def calendar_day(t: Translator, moment: datetime) -> str:
    """`11/28`."""
    return labels.month_day(t, moment.astimezone(CHINA).date())


def time(t: Translator, training: Training, now: datetime) -> str:
    """`11/28 Sat 09:30–11:30`."""
    begins, ends = labels.clock_time(training.starts_at), labels.clock_time(training.ends_at)
    date = day(t, training.starts_at, now)
    return t("{day} {begins}–{ends}", day=date, begins=begins, ends=ends)


def place(t: Translator, training: Training) -> str:
    """Where it is held."""
    return t("online") if training.is_online else training.place or training.address


def league(adcode: str) -> str:
    """The name of a league; the code itself where it is none that is known."""
    found = Places.load().by_adcode.get(adcode)
    return found.name if found is not None else adcode


def title(t: Translator, training: Training) -> str:
    """`“Winter riding”`, as one says a title within a sentence."""
    return t("“{title}”", title=training.title)


def title_and_time(t: Translator, training: Training, now: datetime) -> str:
    """`“Winter riding” 11/28 Sat 09:30–11:30`, so that nobody must guess which one is meant."""
    return t("“{title}” {time}", title=training.title, time=time(t, training, now))


def seats(t: Translator, training: Training, now: datetime) -> str:
    """How full it is, or that registration is closed."""
    if training.status == TrainingStatus.CANCELLED:
        return t("cancelled")
    if not training.is_open(now):
        return t("registration is closed")
    if training.seats_left and not training.waiting:
        return t.n("{n} place left", "{n} places left", training.seats_left)
    if training.waiting:
        return t("full, {n} in line", n=training.waiting)
    return t("full, nobody in line yet")


def in_list(t: Translator, number: int, training: Training, now: datetime) -> str:
    """One of several."""
    when, where = time(t, training, now), place(t, training)
    return f"{number}. {training.title}\n{when} · {where}\n{seats(t, training, now)}"


def details(
    t: Translator, training: Training, registration: Registration | None, now: datetime
) -> Part:
    """Everything about one training, with map links."""
    lines = [t("【{title}】", title=training.title), time(t, training, now)]
    if training.topic:
        lines.append(t("Topic: {text}", text=training.topic))
    if training.about:
        lines.append(training.about)
    if training.is_online:
        lines.append(t("Online; the link is sent to those who have a seat."))
    elif training.place or training.address:
        lines.append(t("Where: {text}", text=" ".join((training.place, training.address)).strip()))
    if training.only_firm:
        lines.append(t("Only for couriers of {firm}.", firm=training.only_firm))
    if training.only_league:
        where = league(training.only_league)
        lines.append(t("Only for couriers who work in {place}.", place=where))
    lines.append(t("Free. {seats}", seats=seats(t, training, now)))
    if training.is_open(now):
        until = labels.day_and_time(t, training.deadline, now)
        lines.append(t("Register until {time}.", time=until))
    if registration is not None:
        lines.append(registration_status(t, registration, now))
    if training.contact:
        lines.append(t("Questions: {contact}", contact=training.contact))
    text = "\n".join(lines)
    if training.is_online:
        has_seat = registration is not None and registration.status is RegistrationStatus.SEAT
        shown = has_seat and training.link
        return Say(text, (Link(t("Open the lesson"), training.link),) if shown else ())
    return with_map(t, training, text)


def with_map(t: Translator, training: Training, text: str) -> Part:
    """The text with a pin, the ride there and a marker, where the coordinates are known."""
    point = training.point
    if point is None:
        return Say(text)
    name = training.place or training.title
    links = (
        Link(t("Ride with Amap"), map_links.route_links(point, name).amap),
        Link(t("Tencent map"), map_links.tencent(point, name, training.address)),
    )
    return Pin(point, name, training.address, text, links)


def registration_status(t: Translator, registration: Registration, now: datetime) -> str:
    """Where the courier stands; nothing that sounds like a seat while they wait."""
    match registration.status:
        case RegistrationStatus.SEAT if registration.attended_at is not None:
            return t("✓ You checked in.")
        case RegistrationStatus.SEAT if registration.confirmed_at is not None:
            return t("✓ You have a seat, and said that you come.")
        case RegistrationStatus.SEAT:
            return t("✓ You have a seat.")
        case RegistrationStatus.OFFERED if registration.hold_until is not None:
            until = labels.day_and_time(t, registration.hold_until, now)
            return t("A seat is held for you until {time}: take it or pass it on.", time=until)
        case RegistrationStatus.WAITLIST:
            return t("You are number {n} in line; no seat yet.", n=registration.position)
        case (
            RegistrationStatus.OFFERED
            | RegistrationStatus.WITHDRAWN
            | RegistrationStatus.CANCELLED
            | RegistrationStatus.PASSED
            | RegistrationStatus.EXPIRED
        ):
            return ""


def refusal(t: Translator, refused: TrainingRefused, training: Training | None = None) -> str:
    """Why it cannot be, in one sentence with what to do; `training`: the one in the way."""
    match refused.reason:
        case TrainingRefusal.CANCELLED:
            return t("That session was cancelled.")
        case TrainingRefusal.STARTED:
            return t("That session has begun already or is over.")
        case TrainingRefusal.DEADLINE:
            return t("Registration for that session is closed.")
        case TrainingRefusal.FIRM if training is not None and training.only_firm:
            return t("That session is only for couriers of {firm}.", firm=training.only_firm)
        case TrainingRefusal.LEAGUE if training is not None and training.only_league:
            where = league(training.only_league)
            return t("That session is only for couriers who work in {place}.", place=where)
        case TrainingRefusal.FIRM | TrainingRefusal.LEAGUE:
            return t("That session is for another group of couriers.")
        case TrainingRefusal.OVERLAP:
            return t(
                "At that time you already have {title}. Give one of them back first.",
                title=title(t, training) if training else "",
            )
        case TrainingRefusal.ALREADY:
            return t("You are registered for that one already.")
        case TrainingRefusal.NOT_REGISTERED:
            return t("You are not registered for that session.")
        case TrainingRefusal.NO_OFFER:
            return t("No seat is held for you there any more.")
        case TrainingRefusal.TEAM_SIZE:
            return t(
                "You can bring 1 to {n} people to a session, all your lists together.",
                n=refused.count,
            )
        case TrainingRefusal.TEAM_DAY:
            return t("You can name {n} people a day. Go on tomorrow.", n=refused.count)
        case TrainingRefusal.NEW_LEADER:
            return t(
                "You are new here: I reserve seats for your team once you are here for a day. “As "
                "many as fit” works right away."
            )
        case TrainingRefusal.TEAM_SHARE:
            return t(
                "I can reserve {n} seats for teams in this session now; the others stay free for "
                "everybody. “As many as fit” works for all of you.",
                n=refused.count,
            )
        case TrainingRefusal.TEAM_FULL:
            return t("Only {n} places are left, so not everybody fits.", n=refused.count)
        case TrainingRefusal.NOT_INVITED:
            return t(
                "That code is not for your phone number. Ask your leader to check number and code."
            )
        case TrainingRefusal.CODE_USED:
            return t("That code was used by somebody already. Ask your leader for one of your own.")
        case TrainingRefusal.CODE_TRIES:
            return t(
                "Too many team codes from here were not right. Check yours with your leader and "
                "send it again in an hour."
            )
        case TrainingRefusal.NOT_OPEN:
            return t(
                "It is not the time: check-in is from half an hour before until half an hour after "
                "the session."
            )
        case TrainingRefusal.FULL:
            return t("That session is full to the last seat. Ask the organiser at the door.")
        case TrainingRefusal.NOT_TODAY:
            return t("You are not registered for a training that is still to come.")
        case TrainingRefusal.WRONG_CODE:
            return t("That check-in code is not right. Look at the screen and send it once more.")
        case TrainingRefusal.TRIES:
            return t(
                "That was wrong five times. Try again in 15 minutes, and let somebody beside you "
                "read the screen with you."
            )
        case TrainingRefusal.NOT_ATTENDED:
            return t("That is only for sessions where you checked in.")
        case TrainingRefusal.NO_NAME:
            return t("I do not know your name yet. Register for a training first.")
        case TrainingRefusal.GONE | TrainingRefusal.CAPACITY | TrainingRefusal.NO_PHONE:
            return t("That session is no longer there.")


def check_in_times(t: Translator, training: Training, now: datetime) -> str:
    """When its check-in code counts, said outside of that time."""
    begins, ends = training.checkin_opens, training.checkin_closes
    if now > ends:
        until = labels.day_and_time(t, ends, now)
        return t("Check-in for {title} closed {time}.", title=title(t, training), time=until)
    return t(
        "Not yet: check-in for {title} is {day} {begins}–{ends}. Send the code again then.",
        title=title(t, training),
        day=day(t, begins, now),
        begins=labels.clock_time(begins),
        ends=labels.clock_time(ends),
    )


def choice_row(t: Translator, training: Training, now: datetime, action: str) -> tuple[Button, ...]:
    """A row with a button that chooses this training: short title and time."""
    short = training.title if len(training.title) <= 10 else f"{training.title[:9]}…"
    local = labels.clock_time(training.starts_at)
    label = f"{short} {day(t, training.starts_at, now)} {local}"
    return (Button(label, f"{action}:{training.id}"),)
