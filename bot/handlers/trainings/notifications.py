"""Renders each notification about trainings, from what is true when it is sent or shown.

Each names the training and its time. What no longer applies is not sent: no reminder to a courier
who withdrew, no offer that somebody else has accepted by now.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.common.i18n import Translator
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.files import CourierFiles
from bot.handlers.trainings import navigation, wording
from bot.services.notifications.kinds import NoticeKind
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training
from bot.services.trainings.registration_queries import Registration, live_registration
from bot.services.trainings.statuses import RegistrationStatus, TrainingStatus

REPEATED: Final[frozenset[str]] = frozenset(
    {
        NoticeKind.TRAINING_REMINDER,
        NoticeKind.TRAINING_OFFER,
        NoticeKind.TRAINING_PROMOTED,
        NoticeKind.TRAINING_CHANGED,
        NoticeKind.TRAINING_CANCELLED,
    }
)
"""Sent again when it is unknown whether they arrived: better twice than never."""


class TrainingNotifications:
    """The renderers, by kind of notification."""

    def __init__(self, files: CourierFiles) -> None:
        self._files = files

    def feature(self) -> Feature:
        """Its renderers."""
        return Feature(
            renderers={
                NoticeKind.TRAINING_REMINDER: reminder,
                NoticeKind.TRAINING_OFFER: offer,
                NoticeKind.TRAINING_PROMOTED: promoted,
                NoticeKind.TRAINING_CHANGED: changed,
                NoticeKind.TRAINING_CANCELLED: self.cancelled,
                NoticeKind.TRAINING_FEEDBACK: feedback,
            },
            repeats=REPEATED,
        )

    async def cancelled(self, context: NoticeContext) -> Reply | None:
        """The training is cancelled, with the file that takes it out of a calendar."""
        training = await catalogue.get_training(context.db, _id(context))
        if training is None or training.status != TrainingStatus.CANCELLED:
            return None
        t = context.t
        file = await self._files.calendar(context.db, training.id, t, context.now)
        said = cancelled_text(t, training, context.now, has_file=file is not None)
        parts: tuple[Part, ...] = () if file is None else (file,)
        row = (Button(t("Other trainings"), "training.list"),)
        return Reply((Say(said), *parts, Buttons((row,), t("Anything else?"))))


def cancelled_text(t: Translator, training: Training, now: datetime, *, has_file: bool) -> str:
    """What the notice of a cancelled training says. `has_file`: a calendar file comes with it."""
    lines = [
        t(
            "{session} is cancelled. You need not come, and your place is given up.",
            session=wording.title_and_time(t, training, now),
        )
    ]
    if has_file:
        lines.append(t("Is it in your calendar? The file below takes it out: open it once."))
    return "\n".join(lines)


async def reminder(context: NoticeContext) -> Reply | None:
    """A day or an hour before, with 我会来 and 来不了 on it."""
    training, registration = await _subject(context)
    if training is None or registration is None or registration.status != RegistrationStatus.SEAT:
        return None
    if training.starts_at <= context.now:
        return None
    t = context.t
    said = t("Reminder: {session}", session=wording.title_and_time(t, training, context.now))
    if not training.is_online:
        said += "\n" + t("Where: {text}", text=f"{training.place} {training.address}".strip())
    row = (
        Button(t("I come"), f"training.come:{training.id}"),
        Button(t("I cannot come"), f"training.leave:{training.id}"),
    )
    return Reply((wording.with_map(t, training, said), Buttons((row,), "")))


async def offer(context: NoticeContext) -> Reply | None:
    """A seat is held, and until when: accept or decline."""
    training, registration = await _subject(context)
    if (
        training is None
        or registration is None
        or registration.status != RegistrationStatus.OFFERED
    ):
        return None
    until = registration.hold_until
    if until is None or until <= context.now:
        return None
    t = context.t
    said = offer_text(t, training, until, context.now)
    return Reply((Buttons((navigation.accept_or_decline(t, training.id),), said),))


def offer_text(t: Translator, training: Training, until: datetime, now: datetime) -> str:
    """What the offer of a seat says that is held until then."""
    return t(
        "A seat has become free: {session}. It is held for you until {until}; after that it goes "
        "to the next in line.",
        session=wording.title_and_time(t, training, now),
        until=labels.day_and_time(t, until, now),
    )


async def promoted(context: NoticeContext) -> Reply | None:
    """A seat from the waitlist, given without asking."""
    training, registration = await _subject(context)
    if training is None or registration is None or registration.status != RegistrationStatus.SEAT:
        return None
    t = context.t
    said = promoted_text(t, training, context.now)
    return Reply((wording.with_map(t, training, said), _buttons(t, training)))


def promoted_text(t: Translator, training: Training, now: datetime) -> str:
    """What is said to those who get a seat without being asked."""
    return t(
        "You have moved up: there is a seat for you in {session}.",
        session=wording.title_and_time(t, training, now),
    )


async def changed(context: NoticeContext) -> Reply | None:
    """Another time or place; what it was and what it is."""
    training, registration = await _subject(context)
    if training is None or registration is None or training.status != TrainingStatus.PLANNED:
        return None
    t = context.t
    said = changed_text(t, training, registration, context.params, context.now)
    return Reply((wording.with_map(t, training, said), _buttons(t, training)))


def changed_text(
    t: Translator,
    training: Training,
    registration: Registration,
    old: Mapping[str, object],
    now: datetime,
) -> str:
    """What the notice of a change says; `old`: the values before, of what is different."""
    lines = [t("Changed: {session}", session=wording.title_and_time(t, training, now))]
    if (old_start := old.get("starts_at")) is not None:
        before = labels.day_and_time(t, datetime.fromisoformat(str(old_start)), now)
        lines.append(t("It was to begin {time}.", time=before))
    if training.is_online:
        if "is_online" in old:
            lines.append(t("It is held online now."))
        if "is_online" in old or "link" in old:
            lines.append(t("The link is under “my trainings” once you have a seat."))
    elif not old.keys().isdisjoint(("place", "address", "is_online")):
        place = f"{training.place} {training.address}".strip()
        lines.append(t("New place: {text}", text=place))
    lines.append(wording.registration_status(t, registration, now))
    return "\n".join(lines)


async def feedback(context: NoticeContext) -> Reply | None:
    """Asks for a score, 1 to 5."""
    training, registration = await _subject(context)
    if training is None or registration is None:
        return None
    if registration.attended_at is None or registration.score is not None:
        return None
    t = context.t
    said = t("How was “{title}”? 5 is best.", title=training.title)
    row = tuple(
        Button(t("{n} points", n=score), f"training.score:{training.id}:{score}", number=score)
        for score in range(5, 0, -1)
    )
    return Reply((Buttons((row,), said),))


async def _subject(context: NoticeContext) -> tuple[Training | None, Registration | None]:
    training = await catalogue.get_training(context.db, _id(context))
    if training is None:
        return None, None
    registration = await live_registration(context.db, training.id, context.courier_id)
    if registration is not None and registration.id != context.params.get("registration"):
        return training, None  # withdrew and registered again: this is about the old registration
    return training, registration


def _id(context: NoticeContext) -> int:
    value = context.params.get("training")
    return value if isinstance(value, int) else 0


def _buttons(t: Translator, training: Training) -> Buttons:
    row = (
        Button(t("Calendar file"), f"training.calendar:{training.id}"),
        Button(t("I cannot come"), f"training.leave:{training.id}"),
        navigation.to_my_trainings(t),
    )
    return Buttons((row,), "")
