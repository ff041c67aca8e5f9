"""Why a document cannot be made."""

from bot.services.errors import DomainError


class Unprintable(DomainError):
    """No font has these characters."""

    def __init__(self, characters: str) -> None:
        super().__init__()
        self.characters = characters
