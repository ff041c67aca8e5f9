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


class TrainingRefused(DomainError):
    """Registering for, or changing, this session is not possible.

    `why`: gone, cancelled, started, deadline, firm, league, overlap, already, not_registered,
    no_offer, capacity, team_size, team_full, not_invited, wrong_code, tries, not_open, not_today,
    not_attended, no_name, no_phone.
    `other` is the session or the number that it is about.
    """

    def __init__(self, why: str, other: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.other = other

    def __str__(self) -> str:
        return f"the session does not allow it ({self.why})"


class Unprintable(DomainError):
    """No font has these characters."""

    def __init__(self, characters: str) -> None:
        super().__init__()
        self.characters = characters


class LinkInvalid(DomainError):
    """The link to a file was not made by us, or (`expired`) its time is over."""

    def __init__(self, *, expired: bool) -> None:
        super().__init__()
        self.expired = expired


class BroadcastRefused(DomainError):
    """The broadcast cannot be made, or is not in a state that allows it.

    `why`: gone, no_text, too_long, past, nobody, state (`value` says which it is in).
    """

    def __init__(self, why: str, value: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.value = value

    def __str__(self) -> str:
        return f"the broadcast cannot be done ({self.why} {self.value})".replace(" )", ")")


class TrainingsChanged(DomainError):
    """A session was changed by somebody else since the file was compared with it."""
