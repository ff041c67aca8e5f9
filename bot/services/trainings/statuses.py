"""The states of trainings, registrations and team members, and why a request is refused.

The values are what the tables store and what log lines and button data carry: they never change.
"""

from enum import StrEnum
from typing import Final


class TrainingStatus(StrEnum):
    """Whether a training will be held; `DONE` once its end has passed."""

    PLANNED = "planned"
    CANCELLED = "cancelled"
    DONE = "done"


class RegistrationStatus(StrEnum):
    """Where a registration stands. `OFFERED`: a seat is held for who was first on the waitlist."""

    WAITLIST = "waitlist"
    OFFERED = "offered"
    SEAT = "seat"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    PASSED = "passed"
    EXPIRED = "expired"


LIVE: Final = (RegistrationStatus.WAITLIST, RegistrationStatus.OFFERED, RegistrationStatus.SEAT)
"""What is not over yet, the weakest claim to a seat first."""
HOLDING: Final = (RegistrationStatus.OFFERED, RegistrationStatus.SEAT)
"""What takes up one of the training's seats."""


class TeamMode(StrEnum):
    """`ALL`: seats for every member or for none. `EACH`: who accepts registers like anybody."""

    ALL = "all"
    EACH = "each"


class TeamMemberStatus(StrEnum):
    """What an invited member answered; `EXPIRED`: nothing while a seat was reserved."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class TrainingRefusal(StrEnum):
    """Why a registration, an answer or a change is refused."""

    GONE = "gone"
    CANCELLED = "cancelled"
    STARTED = "started"
    DEADLINE = "deadline"
    FIRM = "firm"
    LEAGUE = "league"
    OVERLAP = "overlap"
    ALREADY = "already"
    NOT_REGISTERED = "not_registered"
    NO_OFFER = "no_offer"
    CAPACITY = "capacity"
    TEAM_SIZE = "team_size"
    TEAM_FULL = "team_full"
    TEAM_SHARE = "team_share"
    TEAM_DAY = "team_day"
    NEW_LEADER = "new_leader"
    NOT_INVITED = "not_invited"
    CODE_USED = "code_used"
    CODE_TRIES = "code_tries"
    WRONG_CODE = "wrong_code"
    TRIES = "tries"
    NOT_OPEN = "not_open"
    NOT_TODAY = "not_today"
    FULL = "full"
    NOT_ATTENDED = "not_attended"
    NO_NAME = "no_name"
    NO_PHONE = "no_phone"
