"""How each notice about trainings is worded, as things stand when it is sent or shown.

Every one names the session and its time. None is said once it is moot: no reminder to who
withdrew, no offer that somebody else has by now.
"""

from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.notifications import NotificationContext
from bot.conversation.replies import Button, Buttons, Reply
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.trainings import wording as words
from bot.handlers.trainings.teams import invitation
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training
from bot.services.trainings.registration_queries import Registration, standing
from bot.services.trainings.teams import live_code

PROMISED = frozenset(
    f"training.{kind}" for kind in ("reminder", "offer", "promoted", "changed", "cancelled")
)
"""Sent once more when it is not known whether they arrived: missing them is the greater harm."""


class TrainingNotices:
    """The renderers."""

    def feature(self) -> Feature:
        """By kind."""
        return Feature(
            renderers={
                "training.reminder": reminder,
                "training.offer": offer,
                "training.promoted": promoted,
                "training.changed": changed,
                "training.cancelled": cancelled,
                "training.feedback": feedback,
                "training.team": team,
            },
            repeats=PROMISED,
        )


async def reminder(occasion: NotificationContext) -> Reply | None:
    """A day or an hour before, with 我会来 and 来不了 on it."""
    training, mine = await _about(occasion)
    if training is None or mine is None or mine.status != "seat":
        return None
    if training.starts_at <= occasion.now:
        return None
    t = occasion.t
    said = t("Reminder: {session}", session=words.named(t, training, occasion.now))
    if not training.is_online:
        said += "\n" + t("Where: {text}", text=f"{training.place} {training.address}".strip())
    row = (
        Button(t("I come"), f"training.come:{training.id}"),
        Button(t("I cannot come"), f"training.leave:{training.id}"),
    )
    return Reply((words.pin(t, training, said), Buttons((row,), "")))


async def offer(occasion: NotificationContext) -> Reply | None:
    """A seat is held, and until when."""
    training, mine = await _about(occasion)
    if training is None or mine is None or mine.status != "offered":
        return None
    until = mine.hold_until
    if until is None or until <= occasion.now:
        return None
    t = occasion.t
    said = t(
        "A seat has become free: {session}. It is held for you until {until}; after that it goes "
        "to the next in line.",
        session=words.named(t, training, occasion.now),
        until=labels.day_and_time(t, until, occasion.now),
    )
    row = (
        Button(t("Take the seat"), f"training.accept:{training.id}"),
        Button(t("Pass it on"), f"training.pass:{training.id}"),
    )
    return Reply((Buttons((row,), said),))


async def promoted(occasion: NotificationContext) -> Reply | None:
    """From the line straight to a seat."""
    training, mine = await _about(occasion)
    if training is None or mine is None or mine.status != "seat":
        return None
    t = occasion.t
    said = t(
        "You have moved up: there is a seat for you in {session}.",
        session=words.named(t, training, occasion.now),
    )
    return Reply((words.pin(t, training, said), _own(t, training)))


async def changed(occasion: NotificationContext) -> Reply | None:
    """Another time or place; what it was and what it is."""
    training, mine = await _about(occasion)
    if training is None or mine is None or training.status != "planned":
        return None
    t, params = occasion.t, occasion.params
    lines = [t("Changed: {session}", session=words.named(t, training, occasion.now))]
    if (was := params.get("starts_at")) is not None:
        before = labels.day_and_time(t, datetime.fromisoformat(str(was)), occasion.now)
        lines.append(t("It was to begin {time}.", time=before))
    if "place" in params:
        there = f"{training.place} {training.address}".strip()
        lines.append(t("New place: {text}", text=there))
    lines.append(words.standing(t, mine, occasion.now))
    return Reply((words.pin(t, training, "\n".join(lines)), _own(t, training)))


async def cancelled(occasion: NotificationContext) -> Reply | None:
    """It is off; nobody should ride there."""
    training = await catalogue.describe_one(occasion.db, _id(occasion))
    if training is None or training.status != "cancelled":
        return None
    t = occasion.t
    said = t(
        "{session} is cancelled. You need not come, and your place is given up.",
        session=words.named(t, training, occasion.now),
    )
    row = (Button(t("Other trainings"), "training.list"),)
    return Reply((Buttons((row,), said),))


async def feedback(occasion: NotificationContext) -> Reply | None:
    """How was it, 1 to 5."""
    training, mine = await _about(occasion)
    if training is None or mine is None or mine.attended_at is None or mine.score is not None:
        return None
    t = occasion.t
    said = t("How was “{title}”? 5 is best.", title=training.title)
    row = tuple(
        Button(t("{n} points", n=score), f"training.score:{training.id}:{score}")
        for score in range(5, 0, -1)
    )
    return Reply((Buttons((row,), said),))


async def team(occasion: NotificationContext) -> Reply | None:
    """A leader named this courier's phone."""
    training = await catalogue.describe_one(occasion.db, _id(occasion))
    team_id = occasion.params.get("team")
    if training is None or training.status != "planned" or not isinstance(team_id, int):
        return None
    if training.starts_at <= occasion.now:
        return None
    code = await live_code(occasion.db, team_id, occasion.now)
    if code is None:
        return None
    part = words.card(occasion.t, training, None, occasion.now)
    return Reply((part, invitation(occasion.t, code)))


async def _about(occasion: NotificationContext) -> tuple[Training | None, Registration | None]:
    training = await catalogue.describe_one(occasion.db, _id(occasion))
    if training is None:
        return None, None
    mine = await standing(occasion.db, training.id, occasion.courier_id)
    if mine is not None and mine.id != occasion.params.get("registration"):
        return training, None  # withdrew and registered anew: this one is about the former
    return training, mine


def _id(occasion: NotificationContext) -> int:
    value = occasion.params.get("training")
    return value if isinstance(value, int) else 0


def _own(t: Translator, training: Training) -> Buttons:
    row = (
        Button(t("Calendar file"), f"training.calendar:{training.id}"),
        Button(t("I cannot come"), f"training.leave:{training.id}"),
        Button(t("My trainings"), "training.mine"),
    )
    return Buttons((row,), "")
