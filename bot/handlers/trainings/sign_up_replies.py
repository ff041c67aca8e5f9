"""Sign-up worded: one reply for each outcome of a step."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers import labels
from bot.handlers.form_steps import navigation_buttons, no_name, too_much
from bot.handlers.overseas import sign_up_elsewhere
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.refusals import refused
from bot.handlers.trainings.sign_up_steps import (
    AS_LEADER,
    AskConsent,
    AskIdentity,
    AskMembership,
    IdentityPrompt,
    Outcome,
    Refused,
    Registered,
)
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.catalogue import Training
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.statuses import RegistrationStatus


@dataclass(frozen=True, slots=True)
class SignUpReplies:
    """Words outcomes. `hold`: how long a freed seat is held; `public_url`: of the web chat."""

    profiles: Profiles
    hold: timedelta
    public_url: str = ""

    async def render(self, ctx: Context, outcome: Outcome) -> Reply:
        """The reply that says it, with the step that awaits the answer."""
        match outcome:
            case AskIdentity() if ctx.abroad:
                return self._sign_up_elsewhere(ctx.t)
            case AskIdentity():
                return _ask_identity(ctx, outcome)
            case AskConsent():
                return _ask_consent(ctx, outcome)
            case AskMembership():
                return _ask_membership(ctx, outcome)
            case Registered():
                return await self._registered(ctx, outcome)
            case Refused():
                return await refused(ctx, outcome.refusal, outcome.training)
            case Reply():
                return outcome
            case _:
                assert_never(outcome)

    def _sign_up_elsewhere(self, t: Translator) -> Reply:
        row = (Button(t("My account"), "account"), navigation.to_trainings(t))
        return Reply((sign_up_elsewhere(t, self.public_url), Buttons((row,), "")))

    async def _registered(self, ctx: Context, outcome: Registered) -> Reply:
        """A seat, or a place on the waitlist: said so that nobody takes one for the other."""
        t, training, registration = ctx.t, outcome.training, outcome.registration
        about = wording.title_and_time(t, training, ctx.now)
        buttons = registration_buttons(t, training, registration)
        if registration.status is not RegistrationStatus.SEAT:
            said = t(
                "It is full: you are number {n} in line for {session}. When a seat becomes free "
                "I ask you first, and hold it {hold} for you; the night does not count.",
                n=registration.position,
                session=about,
                hold=labels.minutes(t, self.hold or timedelta(minutes=1)),
            )
            return Reply((Say(said), buttons))
        profile = await self.profiles.read(ctx.db, ctx.courier.id)
        lines = [t("✓ Registered: {session}", session=about)]
        if not training.is_online:
            lines.append(t("Where: {text}", text=f"{training.place} {training.address}".strip()))
        lines.append(t("As {who}. I remind you a day and an hour before.", who=profile.masked))
        return Reply((wording.with_map(t, training, "\n".join(lines)), buttons))


def registration_buttons(t: Translator, training: Training, registration: Registration) -> Buttons:
    """What one can do about a registration of one's own."""
    row: tuple[Button, ...]
    leave = f"training.leave:{training.id}"
    match registration.status:
        case RegistrationStatus.OFFERED:
            row = navigation.accept_or_decline(t, training.id)
        case RegistrationStatus.WAITLIST:
            row = (Button(t("Leave the line"), leave), navigation.to_my_trainings(t))
        case _:
            row = (
                Button(t("Calendar file"), f"training.calendar:{training.id}"),
                Button(t("Give the seat back"), leave),
                navigation.to_my_trainings(t),
            )
    return Buttons((row,), "")


def _ask_identity(ctx: Context, outcome: AskIdentity) -> Reply:
    """Asks for name and phone, once for all trainings."""
    training = outcome.training
    question = _identity_question(ctx.t, training, outcome.prompt)
    if outcome.introduction:
        question = f"{outcome.introduction}\n{question}"
    data: dict[str, Json] = {"training": training.id, "team": outcome.team}
    if outcome.prompt is not IdentityPrompt.FIRST:
        data |= {"name": outcome.name, "phone": outcome.phone}
    if outcome.doubtful_name:
        data["doubt"] = outcome.doubtful_name
    buttons = navigation_buttons(ctx, f"training.show:{training.id}", prompt=question)
    return Reply((buttons,), Then("training.who", data))


def _identity_question(t: Translator, training: Training, prompt: IdentityPrompt) -> str:
    match prompt:
        case IdentityPrompt.FIRST:
            return t(
                "Your name and phone for {title}, in one message, for example: 王强 13812345678. "
                "You are asked only once.",
                title=wording.title(t, training),
            )
        case IdentityPrompt.PHONE_MISSING:
            return t("And the phone number? Eleven digits.")
        case IdentityPrompt.NAME_MISSING:
            return t("And your name?")
        case IdentityPrompt.BOTH_MISSING:
            return t("I need a name and an eleven-digit phone number, like: 王强 13812345678")
        case IdentityPrompt.NOT_A_NAME:
            return no_name(t)
        case IdentityPrompt.FULL_ID:
            return too_much(t)


def _ask_consent(ctx: Context, outcome: AskConsent) -> Reply:
    """Shows name and phone, and asks whether they may be kept for registrations."""
    t, training, identity = ctx.t, outcome.training, outcome.identity
    question = t(
        "{who} for {session}?\n"
        "If you agree I keep name and phone encrypted, only for registering, check-in and "
        "certificates; the organiser sees them. Say “delete my data” at any time.",
        who=f"{identity.name} {identity.phone}",
        session=wording.title_and_time(t, training, ctx.now),
    )
    agree = Button(t("Agree and register"), f"training.agree:{training.id}")
    if outcome.team == AS_LEADER:
        agree = Button(t("Agree and go on"), f"training.team.agree:{training.id}")
    rows = ((agree,), (Button(t("That is wrong"), f"training.who:{training.id}"),))
    data: dict[str, Json] = {
        "training": training.id,
        "team": outcome.team,
        "name": identity.name,
        "phone": identity.phone,
    }
    buttons = navigation_buttons(ctx, f"training.show:{training.id}", first=rows, prompt=question)
    return Reply((buttons,), Then("training.who", data))


def _ask_membership(ctx: Context, outcome: AskMembership) -> Reply:
    """Asks whether the courier is of those for whom a training is."""
    t = ctx.t
    if outcome.firm:
        question = t("This session is only for couriers of {firm}. Are you?", firm=outcome.firm)
    else:
        question = t("This session is only for couriers who work there. Do you?")
    kept = {key: ctx.data[key] for key in ("name", "phone") if key in ctx.data}
    row = (
        Button(t("Yes, I am"), f"training.belong:{outcome.training.id}"),
        Button(t("No"), "training.list"),
    )
    return Reply((Buttons((row,), question),), Then("", kept))
