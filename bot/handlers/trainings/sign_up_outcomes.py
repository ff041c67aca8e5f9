"""What a step of sign-up leads to, as values: decided in `sign_up_steps`, worded in
`sign_up_replies`."""

from datetime import datetime
from enum import StrEnum, auto
from typing import Final

from bot.common.values import value
from bot.conversation.replies import Reply
from bot.services.trainings.catalogue import Training
from bot.services.trainings.registration_queries import Registration

NO_INVITATION: Final = ""
AT_THE_DOOR: Final = "door-"
"""In place of an invitation's code, before a check-in code: who stands there without a seat."""
AS_LEADER: Final = "leader"
"""In place of an invitation's code: who is asked for name and phone is about to lead a team."""


@value
class Identity:
    """Name and phone as typed; kept in `then` (sealed) until the courier agrees."""

    name: str
    phone: str


class IdentityPrompt(StrEnum):
    """How name and phone are asked for."""

    FIRST = auto()
    PHONE_MISSING = auto()
    NAME_MISSING = auto()
    BOTH_MISSING = auto()
    NOT_A_NAME = auto()
    FULL_ID = auto()
    SEVERAL = auto()


@value
class AskIdentity:
    """Name and phone are needed. `doubtful_name`: what is taken as a name if it is sent again.

    `invitation`: the code with which a member of a team answers. `introduction` is said before the
    question.
    """

    training: Training
    invitation: str = NO_INVITATION
    prompt: IdentityPrompt = IdentityPrompt.FIRST
    name: str = ""
    phone: str = ""
    doubtful_name: str = ""
    introduction: str = ""


@value
class AskConsent:
    """Name and phone are complete: may they be kept?"""

    training: Training
    identity: Identity
    invitation: str = NO_INVITATION


@value
class AskMembership:
    """The training is for a firm or a league; is the courier part of it?

    `firm` is empty where the league is asked for; `said`: the other firm that they named before.
    """

    training: Training
    firm: str
    said: str = ""


@value
class NotAMember:
    """The courier is not of the firm or league that the training is for."""

    training: Training


@value
class Registered:
    """The courier has a seat, an offer, or a place on the waitlist.

    `waits_until`: the seat counts only if the whole team has accepted by then.
    """

    training: Training
    registration: Registration
    waits_until: datetime | None = None


Question = AskIdentity | AskConsent | AskMembership
Outcome = Question | NotAMember | Registered | Reply
"""What a step of sign-up leads to; a `Reply` leaves the form."""
