"""Sign-up decided: each step returns one of `sign_up_outcomes`, which `sign_up_replies` words."""

from collections.abc import Sequence
from typing import Final

from bot.common.values import value
from bot.conversation.context import Context, StepInterruptedError
from bot.conversation.replies import Json
from bot.geo.places import Places
from bot.handlers.form_steps import left_in_words, says_no, says_yes, typed
from bot.handlers.trainings.about_shown import interrupt_for_question
from bot.handlers.trainings.sign_up_outcomes import (
    AS_LEADER,
    AT_THE_DOOR,
    NO_INVITATION,
    AskConsent,
    AskIdentity,
    AskMembership,
    Identity,
    IdentityPrompt,
    NotAMember,
    Outcome,
    Question,
    Registered,
)
from bot.intents import contacts
from bot.intents.normalise import normalise
from bot.intents.own_firm import own_firm
from bot.services.couriers.firms import firm_of, firms, is_same_firm
from bot.services.couriers.profiles import Profile, Profiles
from bot.services.lockout.counters import Counter
from bot.services.personal_data import validation
from bot.services.trainings import registration_queries, team_code_lockout
from bot.services.trainings.catalogue import Training
from bot.services.trainings.checkin import CheckIn
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.invitations import Invitations
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.statuses import TrainingRefusal, TrainingStatus

IS_MEMBER: Final = frozenset({"在", "在的", "我在", "我在的", "在呢"})
IS_NO_MEMBER: Final = frozenset({"不在", "我不在", "不在的"})


@value
class SignUpSteps:
    """The steps. None of them words anything; each may raise `TrainingRefused`."""

    registrations: Registrations
    profiles: Profiles
    invitations: Invitations
    checkin: CheckIn

    async def register_at_the_door(self, ctx: Context, training: Training, code: str) -> Outcome:
        """Registers and checks in at once if name and phone are known, else asks for them."""
        invitation = f"{AT_THE_DOOR}{code}"
        if (await self.profiles.read(ctx.db, ctx.courier.id)).phone:
            return await self.enrol(ctx, training, invitation)
        return AskIdentity(training, invitation)

    async def request_registration(self, ctx: Context, training: Training) -> Outcome:
        """Registers at once if name and phone are known, else asks what is missing."""
        if not training.is_open(ctx.now):
            reason = TrainingRefusal.DEADLINE
            if training.status is TrainingStatus.CANCELLED:
                reason = TrainingRefusal.CANCELLED
            raise TrainingRefused(reason, training.id)
        if await registration_queries.live_registration(ctx.db, training.id, ctx.courier.id):
            return await self.enrol(ctx, training)  # refused, as a double registration
        profile = await self.profiles.read(ctx.db, ctx.courier.id)
        if (question := _membership_question(training, profile)) is not None:
            return question
        identity = typed_identity(ctx)
        if identity is not None and not ctx.abroad:
            return AskConsent(training, identity)
        return await self.enrol(ctx, training) if profile.phone else AskIdentity(training)

    async def receive_identity(self, ctx: Context, training: Training) -> Outcome:
        """Reads name and phone from a message, together with those typed before."""
        text, identity = typed(ctx), typed_identity(ctx)
        invitation = invitation_of(ctx, training)
        if ctx.abroad:
            return AskIdentity(training, invitation)
        interrupt_for_question(ctx, training)
        if identity is not None and says_yes(ctx) and invitation != AS_LEADER:
            return await self.agree(ctx, training)
        if identity is not None and says_no(ctx) and not contacts.gives_up(text):
            return AskIdentity(training, invitation)
        if contacts.people(text)[1:]:  # taking one of them would drop the others unseen
            earlier = (_text(ctx.data.get("name")), _text(ctx.data.get("phone")))
            return AskIdentity(training, invitation, IdentityPrompt.SEVERAL, *earlier)
        phone, name = contacts.phone(text), contacts.name(text, asked=True)
        if name is None and text and text == ctx.data.get("doubt"):
            name = validation.person_name(text)  # sent again, so it is meant as a name
        earlier_name = _text(ctx.data.get("name"))
        problem = None
        if not (phone or name):
            if validation.contains_full_id_or_card(text):
                problem = IdentityPrompt.FULL_ID
            elif (left := left_in_words(ctx)) is not None:
                return left
            elif not (earlier_name or validation.is_digits(text)):
                problem = IdentityPrompt.NOT_A_NAME
        phone, name = phone or _text(ctx.data.get("phone")), name or earlier_name
        if name and phone:
            return AskConsent(training, Identity(name, phone), invitation)
        doubtful_name = text if problem is not None else ""
        prompt = problem or _missing(name, phone)
        return AskIdentity(training, invitation, prompt, name, phone, doubtful_name)

    def open_question(self, ctx: Context, training: Training) -> Question:
        """What is still to be asked, from what was typed so far."""
        invitation, identity = invitation_of(ctx, training), typed_identity(ctx)
        if identity is not None:
            return AskConsent(training, identity, invitation)
        name, phone = _text(ctx.data.get("name")), _text(ctx.data.get("phone"))
        prompt = _missing(name, phone) if name or phone else IdentityPrompt.FIRST
        return AskIdentity(training, invitation, prompt, name, phone)

    async def agree(self, ctx: Context, training: Training) -> Outcome:
        """Stores the name and phone that were agreed to, then registers."""
        invitation = invitation_of(ctx, training)
        if not await self.remember(ctx):
            return AskIdentity(training, invitation)
        return await self.enrol(ctx, training, invitation)

    async def remember(self, ctx: Context) -> bool:
        """Stores the name and phone that were agreed to; False if none were typed."""
        identity = typed_identity(ctx)
        if identity is None:
            return False
        await self.profiles.remember(
            ctx.db,
            ctx.courier.id,
            identity.name,
            identity.phone,
            ctx.now,
            ctx.event.sender.channel,
        )
        return True

    async def confirm_membership(self, ctx: Context, training: Training) -> Outcome:
        """The courier says that they are of the firm or league that a training is for."""
        await self.profiles.belong(
            ctx.db,
            ctx.courier.id,
            ctx.now,
            firm=training.only_firm or None,
            league=training.only_league or None,
        )
        return await self.request_registration(ctx, training)

    async def receive_membership(self, ctx: Context, training: Training) -> Outcome:
        """Reads a yes, a no or the name of a firm; the firm is kept for all trainings.

        Raises `StepInterruptedError` for anything else.
        """
        word = normalise(typed(ctx))
        interrupt_for_question(ctx, training)
        if says_yes(ctx) or word in IS_MEMBER:
            return await self.confirm_membership(ctx, training)
        if says_no(ctx) or word in IS_NO_MEMBER:
            return NotAMember(training)
        firm = own_firm(word, lambda name: firms().get(firm_of(name), ""))
        if not firm or Places.load().find(firm):
            raise StepInterruptedError(data=ctx.data)
        await self.profiles.belong(ctx.db, ctx.courier.id, ctx.now, firm=firm)
        if training.only_firm and not is_same_firm(firm, training.only_firm):
            return NotAMember(training)
        return await self.request_registration(ctx, training)

    async def enrol(
        self, ctx: Context, training: Training, invitation: str = NO_INVITATION
    ) -> Outcome:
        """Registers, alone or as a member of a team."""
        courier_id = ctx.courier.id
        if invitation.startswith(AT_THE_DOOR):
            code = invitation.removeprefix(AT_THE_DOOR)
            registration = await self.checkin.register_at_the_door(
                ctx.db, courier_id, code, ctx.now
            )
        elif invitation not in {NO_INVITATION, AS_LEADER}:
            charged = await admit_team_code(ctx, self.profiles)
            registration = await self.invitations.accept(
                ctx.db, invitation, courier_id, ctx.now, charged
            )
        else:
            registration = await self.registrations.register(
                ctx.db, training.id, courier_id, ctx.now
            )
        until = await registration_queries.waits_for_team(ctx.db, registration.id, ctx.now)
        return Registered(training, registration, until)


async def admit_team_code(ctx: Context, profiles: Profiles) -> Sequence[Counter]:
    """Limits wrong team codes by the chat and the network that a message came from.

    Returns the counters that a wrong code is charged to. Raises `TrainingRefused`
    (`CODE_TRIES`).
    """
    sender = ctx.event.sender
    chat = f"{sender.channel}|{sender.id}"
    return await team_code_lockout.admit(
        ctx.db, profiles.keys, ctx.courier.id, chat, ctx.event.network, ctx.now
    )


def typed_identity(ctx: Context) -> Identity | None:
    """Name and phone that were typed in this conversation and not agreed to yet."""
    name, phone = _text(ctx.data.get("name")), _text(ctx.data.get("phone"))
    return Identity(name, phone) if name and phone else None


def invitation_of(ctx: Context, training: Training) -> str:
    """The code with which the awaited step answers, if it is about that training."""
    invitation = ctx.data.get("invitation")
    same = ctx.data.get("training") == training.id
    return invitation if same and isinstance(invitation, str) else NO_INVITATION


def _membership_question(training: Training, profile: Profile) -> AskMembership | None:
    """Asks for the firm or league that a training is for, unless it is known."""
    if training.only_firm and not is_same_firm(profile.firm, training.only_firm):
        return AskMembership(training, training.only_firm, profile.firm)
    if training.only_league and profile.league != training.only_league:
        return AskMembership(training, "")
    return None


def _missing(name: str, phone: str) -> IdentityPrompt:
    if name:
        return IdentityPrompt.PHONE_MISSING
    return IdentityPrompt.NAME_MISSING if phone else IdentityPrompt.BOTH_MISSING


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
