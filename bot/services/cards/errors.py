"""Why a card operation is refused."""

from bot.services.errors import DomainError


class TriesUsedUp(DomainError):
    """Too many wrong answers were given; `everybody`: not by this courier alone."""

    def __init__(self, *, everybody: bool) -> None:
        super().__init__()
        self.everybody = everybody


class CardsChanged(DomainError):
    """The applications were changed by somebody else since the records were compared with them."""
