"""What the domain refuses. A closed set: each docstring is the message, words for people are made
from the class and its fields by whoever talks to them."""


class DomainError(Exception):
    """The request cannot be carried out."""

    def __str__(self) -> str:
        return " ".join((type(self).__doc__ or "").split())


class LinkInvalid(DomainError):
    """The link to a file was not made by us, or (`expired`) its time is over."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__()
        self.expired = expired
