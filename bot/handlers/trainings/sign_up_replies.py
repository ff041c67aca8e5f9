"""Sign-up worded: one reply for each outcome of a step."""

from datetime import timedelta
from typing import assert_never

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers.abroad import sign_up_elsewhere
from bot.handlers.form_steps import Rows, navigation_buttons, no_name, too_much
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.registration_replies import registered
from bot.handlers.trainings.sign_up_outcomes import (
    AS_LEADER,
    AskConsent,
    AskIdentity,
    AskMembership,
    IdentityPrompt,
    NotAMember,
    Outcome,
    Registered,
)
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.catalogue import Training


@value
class SignUpReplies:
    """Words outcomes. `hold`: how long a freed seat is held; `public_url`: of the web chat."""

    profiles: Profiles
    hold: timedelta
    public_url: str = ""

    async def render(self, ctx: Context, outcome: Outcome) -> Reply:
        """The reply that says it, with the step that awaits the answer."""
        match outcome:
            case AskMembership():
                return _ask_membership(ctx, outcome)
            case NotAMember(training):
                return _not_a_member(ctx, training)
            case AskConsent() | AskIdentity() if not ctx.abroad:
                return _ask(ctx, outcome)
            case Registered():
                who = (await self.profiles.read(ctx.db, ctx.courier.id)).masked
                return await registered(ctx, outcome, who, self.hold)
            case AskConsent() | AskIdentity():  # no name or phone is asked for or shown abroad
                return self.elsewhere(ctx)
            case Reply():
                return outcome
            case _:
                assert_never(outcome)

    async def signs_up_elsewhere(self, ctx: Context) -> bool:
        """Whether a sign-up here would have to ask for name and phone, and may not."""
        return ctx.abroad and not (await self.profiles.read(ctx.db, ctx.courier.id)).phone

    def elsewhere(self, ctx: Context) -> Reply:
        """Where one signs up instead."""
        t = ctx.t
        row = (Button(t("My account"), "account"), navigation.to_trainings(t))
        return Reply((sign_up_elsewhere(t, self.public_url), Buttons((row,), "")))


def _ask_membership(ctx: Context, outcome: AskMembership) -> Reply:
    """Asks whether the courier is of those for whom a training is."""
    t, training = ctx.t, outcome.training
    if not outcome.firm:
        place = wording.league(training.only_league)
        question = t("This session is only for couriers who work in {place}. Do you?", place=place)
    elif outcome.said:
        question = t(
            "This session is only for couriers of {firm}, and you said that you are with {said}. "
            "Are you with {firm} now?",
            firm=outcome.firm,
            said=outcome.said,
        )
    else:
        question = t("This session is only for couriers of {firm}. Are you?", firm=outcome.firm)
    kept = {key: ctx.data[key] for key in ("name", "phone") if key in ctx.data}
    row = (
        Button(t("I am"), f"training.belong:{training.id}"),
        Button(t("I am not"), f"training.not_member:{training.id}"),
    )
    return Reply(
        (Buttons((row,), question),), Then("training.belong", {**kept, "training": training.id})
    )


def _not_a_member(ctx: Context, training: Training) -> Reply:
    """Why a training cannot be theirs, and where others are."""
    t = ctx.t
    if training.only_firm:
        said = t(
            "Then this one is not for you: its organiser takes only couriers of {firm}. The others "
            "are open to you.",
            firm=training.only_firm,
        )
    else:
        said = t(
            "Then this one is not for you: its organiser takes only couriers who work in {place}. "
            "The others are open to you.",
            place=wording.league(training.only_league),
        )
    row = (navigation.to_trainings(t), navigation.to_start(t))
    return Reply((Say(said), Buttons((row,), "")))


def _ask(ctx: Context, outcome: AskConsent | AskIdentity) -> Reply:
    """Asks for name and phone, or for consent to keep them; one step awaits either answer."""
    number = outcome.training.id
    data: dict[str, Json] = {"training": number, "invitation": outcome.invitation}
    rows: Rows = ()
    match outcome:
        case AskConsent(_, identity):
            question = _consent_question(ctx, outcome)
            data |= {"name": identity.name, "phone": identity.phone}
            agree = Button(ctx.t("Agree and register"), f"training.agree:{number}")
            if outcome.invitation == AS_LEADER:
                agree = Button(ctx.t("Agree and go on"), f"training.team.agree:{number}")
            rows = ((agree,), (Button(ctx.t("That is wrong"), f"training.who:{number}"),))
        case AskIdentity():
            question = _identity_question(ctx.t, outcome)
            if outcome.prompt is not IdentityPrompt.FIRST:
                data |= {"name": outcome.name, "phone": outcome.phone}
            if outcome.doubtful_name:
                data["doubt"] = outcome.doubtful_name
            if outcome.prompt is IdentityPrompt.SEVERAL:
                rows = ((Button(ctx.t("Bring a team"), f"training.team:{number}"),),)
    buttons = navigation_buttons(ctx, f"training.show:{number}", first=rows, prompt=question)
    return Reply((buttons,), Then("training.who", data))


def _consent_question(ctx: Context, outcome: AskConsent) -> str:
    return ctx.t(
        "{who} for {session}?\n"
        "If you agree I keep name and phone encrypted, only for registering, check-in and "
        "certificates; the organiser sees them. Say “delete my data” at any time.",
        who=f"{outcome.identity.name} {outcome.identity.phone}",
        session=wording.title_and_time(ctx.t, outcome.training, ctx.now),
    )


def _identity_question(t: Translator, outcome: AskIdentity) -> str:
    question = _identity_prompt(t, outcome.training, outcome.prompt)
    return f"{outcome.introduction}\n{question}" if outcome.introduction else question


def _identity_prompt(t: Translator, training: Training, prompt: IdentityPrompt) -> str:
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
        case IdentityPrompt.SEVERAL:
            return t(
                "Several people at once go by “Bring a team”. Here only your own name and phone, "
                "please."
            )
