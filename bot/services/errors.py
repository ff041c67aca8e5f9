"""What the domain refuses. A closed set: each docstring is the message, words for people are made
from the class and its fields by whoever talks to them."""

from collections.abc import Mapping


class DomainError(Exception):
    """The request cannot be carried out."""

    def __str__(self) -> str:
        return " ".join((type(self).__doc__ or "").split())


class FileRefused(DomainError):
    """The file is not a table that can be read."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = params

    def __str__(self) -> str:
        return f"{super().__str__()} ({self.code})"


class TriesUsedUp(DomainError):
    """Too many wrong answers were given; `everybody`: not by this courier alone."""

    def __init__(self, *, everybody: bool) -> None:
        super().__init__()
        self.everybody = everybody


class StationsChanged(DomainError):
    """The stations were changed by somebody else since the file was compared with them."""


class PlanRefused(DomainError):
    """The file has problems, or moves stations and nobody has said that they may move."""


class CardsChanged(DomainError):
    """The applications were changed by somebody else since the records were compared with them."""
