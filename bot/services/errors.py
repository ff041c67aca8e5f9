"""What the domain refuses. A closed set: each docstring is the message, words for people are made
from the class and its fields by whoever talks to them."""

from collections.abc import Mapping


class DomainError(Exception):
    """The request cannot be carried out."""

    def __str__(self) -> str:
        return " ".join((type(self).__doc__ or "").split())


class LinkRefused(DomainError):
    """The two chats cannot be linked now.

    `why`: code (wrong, old or used), tries (too many wrong ones), same (they are linked already),
    busy (the other one is just being answered).
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class FileRefused(DomainError):
    """The file is not a table that can be read."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = params

    def __str__(self) -> str:
        return f"{super().__str__()} ({self.code})"


class StationsChanged(DomainError):
    """The stations were changed by somebody else since the file was compared with them."""


class PlanRefused(DomainError):
    """The file has problems, or moves stations and nobody has said that they may move."""
