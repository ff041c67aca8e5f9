"""How a session is worded: a line in a list, its card, where one stands in it, why not."""

from datetime import datetime

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.replies import Button, Link, Part, Pin, Say
from bot.geo import map_links
from bot.handlers import labels
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration


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


def title(t: Translator, training: Training) -> str:
    """`“Winter riding”`, as one says a title within a sentence."""
    return t("“{title}”", title=training.title)


def named(t: Translator, training: Training, now: datetime) -> str:
    """Title and time in one line, for every notice: nobody must guess which session is meant."""
    return t("“{title}” {time}", title=training.title, time=time(t, training, now))


def seats(t: Translator, training: Training, now: datetime) -> str:
    """How full it is, or that it is too late."""
    if training.status == "cancelled":
        return t("cancelled")
    if not training.takes(now):
        return t("registration is closed")
    if training.left and not training.waiting:
        return t.n("{n} place left", "{n} places left", training.left)
    if training.waiting:
        return t("full, {n} in line", n=training.waiting)
    return t("full, nobody in line yet")


def in_list(t: Translator, number: int, training: Training, now: datetime) -> str:
    """One of several."""
    when, where = time(t, training, now), place(t, training)
    return f"{number}. {training.title}\n{when} · {where}\n{seats(t, training, now)}"


def card(t: Translator, training: Training, mine: Registration | None, now: datetime) -> Part:
    """Everything about one session, with the way there."""
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
    lines.append(t("Free. {seats}", seats=seats(t, training, now)))
    if training.takes(now):
        until = labels.day_and_time(t, training.deadline, now)
        lines.append(t("Register until {time}.", time=until))
    if mine is not None:
        lines.append(standing(t, mine, now))
    if training.contact:
        lines.append(t("Questions: {contact}", contact=training.contact))
    said = "\n".join(lines)
    if training.is_online:
        has_seat = mine is not None and mine.status == "seat" and training.link
        return Say(said, (Link(t("Open the lesson"), training.link),) if has_seat else ())
    return pin(t, training, said)


def pin(t: Translator, training: Training, said: str) -> Part:
    """The words with the way there, where the place is known."""
    point = training.point
    if point is None:
        return Say(said)
    there = training.place or training.title
    ways = (
        Link(t("Tencent map"), map_links.tencent(point, there, training.address)),
        Link(t("Amap"), map_links.amap(point, there)),
    )
    return Pin(point, there, training.address, said, ways)


def standing(t: Translator, mine: Registration, now: datetime) -> str:
    """Where the courier stands; never a word of certainty while they wait."""
    match mine.status:
        case "seat" if mine.attended_at is not None:
            return t("✓ You checked in.")
        case "seat" if mine.confirmed_at is not None:
            return t("✓ You have a seat, and said that you come.")
        case "seat":
            return t("✓ You have a seat.")
        case "offered" if mine.hold_until is not None:
            until = labels.day_and_time(t, mine.hold_until, now)
            return t("A seat is held for you until {time}: take it or pass it on.", time=until)
        case "waitlist":
            return t("You are number {n} in line; no seat yet.", n=mine.position)
        case _:
            return ""


def refusal(t: Translator, refused: TrainingRefused, other: Training | None = None) -> str:
    """Why it cannot be, in one sentence with what to do."""
    about = title(t, other) if other else ""
    match refused.why:
        case "cancelled":
            return t("That session was cancelled.")
        case "started":
            return t("That session has begun already or is over.")
        case "deadline":
            return t("Registration for that session is closed.")
        case "firm" if other is not None and other.only_firm:
            return t("That session is only for couriers of {firm}.", firm=other.only_firm)
        case "firm" | "league":
            return t("That session is for another group of couriers.")
        case "overlap":
            return t(
                "At that time you already have {title}. Give one of them back first.", title=about
            )
        case "already":
            return t("You are registered for that one already.")
        case "not_registered":
            return t("You are not registered for that session.")
        case "no_offer":
            return t("No seat is held for you there any more.")
        case "team_size":
            return t(
                "You can bring 1 to {n} people to a session, all your lists together.",
                n=refused.other,
            )
        case "team_full":
            return t("Only {n} places are left, so not everybody fits.", n=refused.other)
        case "not_invited":
            return t("Your phone number is not on that team's list. Ask your leader to check it.")
        case "not_open":
            return t(
                "It is not the time: check-in is from half an hour before until half an hour after "
                "the session."
            )
        case "not_today":
            return t("You are not registered for a training today.")
        case "wrong_code":
            return t("That check-in code is not right. Look at the screen and send it once more.")
        case "tries":
            return t(
                "That was wrong five times. Try again in 15 minutes, and let somebody beside you "
                "read the screen with you."
            )
        case "not_attended":
            return t("That is only for sessions where you checked in.")
        case "no_name":
            return t("I do not know your name yet. Register for a training first.")
        case _:
            return t("That session is no longer there.")


def choose(t: Translator, training: Training, now: datetime, action: str) -> tuple[Button, ...]:
    """A row that picks this session: short title and time."""
    short = training.title if len(training.title) <= 10 else f"{training.title[:9]}…"
    local = labels.clock_time(training.starts_at)
    label = f"{short} {day(t, training.starts_at, now)} {local}"
    return (Button(label, f"{action}:{training.id}"),)
