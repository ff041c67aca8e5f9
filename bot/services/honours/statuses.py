"""Statuses and refusals of nominations and votes."""

from enum import StrEnum

from bot.services.errors import DomainError


class NominationStatus(StrEnum):
    """The values are stored."""

    ASKED = "asked"
    """The nominee has not answered; nobody but the nominator and they see it."""
    NEW = "new"
    """The nominee agreed; operators have not looked yet."""
    APPROVED = "approved"
    DECLINED = "declined"
    SHORTLISTED = "shortlisted"
    """Couriers can vote for it."""
    WINNER = "winner"
    """Honoured: on the public page once its campaign is published."""


class HoldReason(StrEnum):
    """Why a vote is not counted before an operator has looked; the values are stored."""

    NONE = ""
    NETWORK = "network"
    """Many votes for one nominee came from one network within an hour."""
    FIRM = "firm"
    """Many came from couriers of one firm."""
    FRESH = "fresh"
    """Many came from couriers whom nobody knew a day before."""


class VoteReview(StrEnum):
    """What an operator decided on a vote that was held; the values are stored."""

    NONE = ""
    COUNTED = "counted"
    DROPPED = "dropped"


class HonourRefusal(StrEnum):
    """Why something is refused."""

    CLOSED = "closed"
    """The campaign takes no nominations or votes now."""
    TOO_MANY = "too_many"
    """The courier has as many open nominations as one may have."""
    OWN = "own"
    """The nominator answers in place of the nominee."""
    ANSWERED = "answered"
    """Another courier has answered with this code."""
    UNKNOWN = "unknown"
    """There is no such nomination, or not any more."""
    USED_UP = "used_up"
    """Too many codes that do not exist were tried."""
    NOT_LINKED = "not_linked"
    """The courier writes from no account that stands for one person."""
    STATUS = "status"
    """The nomination is not in a status in which that can be done."""
    VOTING = "voting"
    """The voting is not over yet."""
    HELD = "held"
    """Votes are held that nobody has reviewed."""
    PUBLISHED = "published"
    """The result of the campaign was published."""


class HonourRefused(DomainError):
    """It cannot be done, for `reason`."""

    def __init__(self, reason: HonourRefusal) -> None:
        super().__init__(reason)
        self.reason = reason
