"""What operators read of trainings; what couriers read is made by the functions of the chat."""

from datetime import timedelta

from bot.common.i18n import Translator
from bot.console.visits import Visit
from bot.conversation.replies import Pin, Say
from bot.handlers.trainings import notifications, wording
from bot.services.trainings.catalogue import Training
from bot.services.trainings.editing.edit_kinds import Cancel
from bot.services.trainings.editing.edits import Draft
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.notifications import hold_end
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal, TrainingStatus


def status_name(t: Translator, status: TrainingStatus) -> str:
    """The state of a training."""
    match status:
        case TrainingStatus.PLANNED:
            return t("registration runs")
        case TrainingStatus.CANCELLED:
            return t("called off")
        case TrainingStatus.DONE:
            return t("over")


def audience_name(t: Translator, status: RegistrationStatus) -> str:
    """Couriers with a registration of that status."""
    match status:
        case RegistrationStatus.SEAT:
            return t("with a seat")
        case RegistrationStatus.OFFERED:
            return t("with an offer of a seat")
        case _:
            return t("in line")


def told(visit: Visit, training: Training) -> list[str]:
    """What couriers read when they look at the training, line by line."""
    part = wording.details(visit.bot_words, training, None, visit.now)
    return part.text.splitlines() if isinstance(part, Say | Pin) else []


def messages(visit: Visit, draft: Draft) -> list[tuple[str, int, list[str]]]:
    """Who is told of the change, how many they are, and the lines that they get."""
    t, words, now, after = visit.t, visit.bot_words, visit.now, draft.after
    hold = timedelta(minutes=visit.parts.settings.hold_minutes)
    if isinstance(draft.edit, Cancel):
        text = notifications.cancelled_text(words, after, now, has_file=True)
        said = [(t("everybody"), sum(draft.told.values()), text)] if draft.told else []
    else:
        said = [
            (
                audience_name(t, status),
                count,
                notifications.changed_text(
                    words,
                    after,
                    Registration(0, after.id, 0, status, 1, hold_end(now, hold)),
                    draft.old,
                    now,
                ),
            )
            for status, count in draft.told.items()
        ]
    if draft.offered:
        until = hold_end(now, hold)
        offer = notifications.offer_text(words, after, until, now)
        text = offer if hold else notifications.promoted_text(words, after, now)
        said.append((t("first in line, who get a seat"), draft.offered, text))
    return [(who, count, text.splitlines()) for who, count, text in said]


def refusal(t: Translator, refused: TrainingRefused) -> str:
    """Why an operator cannot do it, in one sentence with what to do."""
    match refused.reason:
        case TrainingRefusal.CANCELLED:
            return t("It is called off or over already.")
        case TrainingRefusal.STARTED:
            return t("It has begun or is over, or would begin in the past.")
        case TrainingRefusal.CAPACITY:
            return t.n(
                "{n} seat is taken already; no fewer are possible.",
                "{n} seats are taken already; no fewer are possible.",
                refused.count,
            )
        case TrainingRefusal.NOT_OPEN:
            return t("It is too early or too late for that: look at the time of the training.")
        case TrainingRefusal.FULL:
            return t("Every seat is taken. Raise the number of seats first.")
        case TrainingRefusal.FIRM | TrainingRefusal.LEAGUE:
            return t("This training is for couriers of another firm or league.")
        case TrainingRefusal.OVERLAP:
            return t("This courier has a seat in another training at that time.")
        case TrainingRefusal.ALREADY:
            return t("This courier is in line for it: there is no free seat.")
        case _:
            return t("That is not possible any more. Load the page again.")
