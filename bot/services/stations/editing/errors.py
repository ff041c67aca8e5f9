"""Why a change by hand is refused."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.hours.doubts import Doubt
from bot.services.errors import DomainError

if TYPE_CHECKING:  # neither lists nor the history are for the chat
    from bot.services.operators.revisions import Record, Revision
    from bot.services.spreadsheets.tables import Problem


class EditFault(StrEnum):
    """What can be wrong with a change by hand, beside the faults of a list."""

    NO_END = "no_end"
    """A closure has a first day and no last one."""
    PAST = "past"
    """A closure is over already."""


class StationUnknown(DomainError):
    """There is no station with that code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StationExists(DomainError):
    """There is a station with that code already."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EditRefused(DomainError):
    """What is to be stored is wrong; each of `problems` says where."""

    def __init__(self, problems: "Sequence[Problem]") -> None:
        super().__init__(len(problems))
        self.problems = problems


class HoursDoubtful(DomainError):
    """The hours were read, but had better be confirmed."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        super().__init__(len(doubts))
        self.doubts = doubts


class StationEdited(DomainError):
    """Somebody changed the same thing of the station since: `changes`, the oldest first."""

    def __init__(self, code: str, changes: "Sequence[tuple[Revision, Record]]") -> None:
        super().__init__(code)
        self.code = code
        self.changes = changes
