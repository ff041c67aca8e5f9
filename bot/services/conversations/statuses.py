"""The states of a conversation with a person, why it was asked for and how it ended."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.services.errors import DomainError

KEPT: Final = timedelta(days=30)
"""So long messages and closed conversations are kept."""
TEXT_LENGTH: Final = 2000
"""Characters of one message that are kept."""


class PersonStatus(StrEnum):
    """waiting → taken → closed; a closed one may be taken up again. The values are stored."""

    WAITING = "waiting"
    TAKEN = "taken"
    CLOSED = "closed"


class PersonReason(StrEnum):
    """Why a person was asked for; the values are stored."""

    ASKED = "asked"
    COMPLAINT = "complaint"
    MESSAGE = "message"
    """Left outside the hours of duty."""


class Author(StrEnum):
    """Who wrote a message; the values are stored."""

    COURIER = "courier"
    OPERATOR = "operator"


class ClosedBy(StrEnum):
    """What ended a conversation; the values are stored."""

    OPERATOR = "operator"
    COURIER = "courier"
    SILENCE = "silence"
    """Its operator did nothing for the set time, or the courier did not write back."""
    NOBODY = "nobody"
    """Nobody took it in time."""


class ConversationConflict(DomainError):
    """Somebody was faster: the conversation is in another state, or with another operator."""

    def __init__(self, status: PersonStatus, operator: str) -> None:
        super().__init__()
        self.status = status
        self.operator = operator


class ConversationGone(DomainError):
    """There is no such conversation: never was, or the courier's data were erased."""


class TextRefused(DomainError):
    """A message is empty or too long (`most`: characters)."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
