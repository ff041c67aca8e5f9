"""The reply after a registration, and the buttons for a registration of one's own."""

from datetime import datetime, timedelta

from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers import labels
from bot.handlers.form_steps import Rows
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.sign_up_outcomes import Registered
from bot.services.trainings import notifications
from bot.services.trainings.catalogue import Training
from bot.services.trainings.notifications import PlannedReminder
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.statuses import RegistrationStatus, TrainingStatus


async def registered(ctx: Context, outcome: Registered, who: str, hold: timedelta) -> Reply:
    """A seat, or a place on the waitlist: said so that nobody takes one for the other.

    `who`: name and phone, masked; `hold`: how long a freed seat is held.
    """
    t, training, registration = ctx.t, outcome.training, outcome.registration
    buttons = registration_buttons(t, training, registration)
    about = wording.title_and_time(t, training, ctx.now)
    if registration.status is not RegistrationStatus.SEAT:
        said = t(
            "It is full: you are number {n} in line for {session}. When a seat becomes free "
            "I ask you first, and hold it {hold} for you; the night does not count.",
            n=registration.position,
            session=about,
            hold=labels.minutes(t, hold or timedelta(minutes=1)),
        )
        return Reply((Say(said), buttons))
    if registration.attended_at is not None:
        said = t("✓ Registered and checked in: {session}. Come in!", session=about)
        row = (navigation.to_stamps(t), navigation.to_my_trainings(t))
        return Reply((Say(said), Buttons((row,), "")))
    lines = [t("✓ Registered: {session}", session=about)]
    if not training.is_online:
        lines.append(t("Where: {text}", text=f"{training.place} {training.address}".strip()))
    if outcome.waits_until is not None:
        until = labels.day_and_time(t, outcome.waits_until, ctx.now)
        lines.append(t("It counts once your whole team has said yes, until {time}.", time=until))
    lines.append(t("As {who}.", who=who))
    lines += await reminders(ctx, training, registration)
    return Reply((wording.with_map(t, training, "\n".join(lines)), buttons))


async def reminders(ctx: Context, training: Training, registration: Registration) -> list[str]:
    """Which reminders are still to come, and that some of them wait for the courier's message."""
    t = ctx.t
    planned = await notifications.planned_reminders(ctx.db, registration.id, training.sequence)
    sure = frozenset(one.name for one in planned if _surely_arrives(ctx, one))
    lines = []
    if sure == {"24h", "1h"}:
        lines.append(t("I remind you a day and an hour before."))
    elif "24h" in sure:
        lines.append(t("I remind you a day before."))
    elif "1h" in sure:
        lines.append(t("I remind you an hour before."))
    if len(sure) < len(planned):
        lines.append(t("I cannot write first here then; a reminder waits until you write to me."))
    return lines


def _surely_arrives(ctx: Context, reminder: PlannedReminder) -> bool:
    """Whether it can be pushed when it is due, if the courier writes nothing more until then."""
    if reminder.chat_id is None:
        return False
    if reminder.chat_id != ctx.courier.chat_id or ctx.sure_pushes is None:
        return True
    return reminder.due_at - ctx.now <= ctx.sure_pushes


def registration_buttons(t: Translator, training: Training, registration: Registration) -> Buttons:
    """What one can do about a registration of one's own."""
    row: tuple[Button, ...]
    leave = f"training.leave:{training.id}"
    match registration.status:
        case RegistrationStatus.OFFERED:
            row = navigation.accept_or_decline(t, training.id)
        case RegistrationStatus.WAITLIST:
            row = (Button(t("Leave the line"), leave), navigation.to_my_trainings(t))
        case (
            RegistrationStatus.SEAT
            | RegistrationStatus.WITHDRAWN
            | RegistrationStatus.CANCELLED
            | RegistrationStatus.PASSED
            | RegistrationStatus.EXPIRED
        ):
            row = (
                Button(t("Calendar file"), f"training.calendar:{training.id}"),
                Button(t("Give the seat back"), leave),
                navigation.to_my_trainings(t),
            )
    return Buttons((row,), "")


def training_actions(
    ctx: Context, training: Training, registration: Registration | None, *, elsewhere: bool
) -> Rows:
    """What one can do about a training, by the status of one's registration.

    `elsewhere`: signing up takes name and phone, which are not taken here.
    """
    t, now = ctx.t, ctx.now
    number = training.id
    if training.status == TrainingStatus.CANCELLED:
        return ()
    if registration is None:
        if not training.is_open(now):
            return ()
        free = training.seats_left and not training.waiting
        label = t("Register") if free else t("Join the line")
        if elsewhere:
            label = t("Where to register")
        row = [Button(label, f"training.register:{number}")]
        if not ctx.abroad:
            row.append(Button(t("Bring a team"), f"training.team:{number}"))
        return (tuple(row),)
    match registration.status:
        case RegistrationStatus.OFFERED:
            return (navigation.accept_or_decline(t, number),)
        case RegistrationStatus.WAITLIST:
            return ((Button(t("Leave the line"), f"training.leave:{number}"),),)
        case (
            RegistrationStatus.SEAT
            | RegistrationStatus.WITHDRAWN
            | RegistrationStatus.CANCELLED
            | RegistrationStatus.PASSED
            | RegistrationStatus.EXPIRED
        ):
            return (_seat_actions(t, training, now),)


def _seat_actions(t: Translator, training: Training, now: datetime) -> tuple[Button, ...]:
    number = training.id
    row = [Button(t("Calendar file"), f"training.calendar:{number}")]
    if training.checkin_opens <= now <= training.checkin_closes:
        row.insert(0, Button(t("Check in"), "training.checkin"))
    if now < training.starts_at:
        row.append(Button(t("Give the seat back"), f"training.leave:{number}"))
    return tuple(row)
