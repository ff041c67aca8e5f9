"""Why two chats cannot be linked."""

from bot.services.errors import DomainError


class LinkRefused(DomainError):
    """The two chats cannot be linked now.

    `why`: code (wrong, old or used), tries (too many wrong ones), same (they are linked already),
    busy (the other one is just being answered).
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
