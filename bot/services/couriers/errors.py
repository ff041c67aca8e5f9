"""Why two chats cannot be linked."""

from enum import StrEnum

from bot.services.errors import DomainError


class LinkRefusal(StrEnum):
    """Why two chats cannot be linked."""

    CODE = "code"
    """No code, or one that is wrong, expired or used."""
    TRIES = "tries"
    """Too many wrong codes."""
    SAME = "same"
    """They are linked already."""
    BUSY = "busy"
    """The owner of the code is just being answered."""


class LinkRefused(DomainError):
    """The two chats cannot be linked now."""

    def __init__(self, reason: LinkRefusal) -> None:
        super().__init__(reason)
        self.reason = reason
