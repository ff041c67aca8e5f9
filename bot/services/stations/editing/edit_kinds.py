"""What an operator can do to one station, as values: the command line and a browser make them."""

from collections.abc import Mapping
from datetime import date
from typing import Final, TypeAlias

from bot.common.values import value
from bot.services.operators.revisions import RevisionAction
from bot.services.stations.importing.columns import COLUMNS

FIXED: Final = frozenset({"code", "is_demo"})
"""Fields that nobody changes by hand."""
EDITABLE: Final = tuple(name for name in COLUMNS if name not in FIXED)


@value
class Add:
    """A new station; `cells` as in a list: field of `EDITABLE` → text. The datum must be said."""

    cells: Mapping[str, str]
    anywhere: bool = False


@value
class SetFields:
    """Other values; `cells` as in a list. Coordinates come as `lng`, `lat` and `datum` together."""

    cells: Mapping[str, str]
    anywhere: bool = False


@value
class Close:
    """Closed from `first` to `last`, both included; without dates until it is reopened.

    `for_good`: given up, couriers are not sent there any more.
    """

    first: date | None = None
    last: date | None = None
    reason: str = ""
    for_good: bool = False


@value
class SetDays:
    """Other hours from `first` to `last`, both included, written as in a list.

    They replace what was set for exactly these dates.
    """

    first: date
    last: date
    hours: str
    reason: str = ""


@value
class DropDays:
    """Nothing special any more from `first` to `last`: what was set for exactly these dates."""

    first: date
    last: date


@value
class Reopen:
    """Open again: the status, and no dated closure from `first` to `last`.

    Without `last` only a closure that has begun on `first` ends; later ones stay.
    """

    first: date
    last: date | None = None


@value
class Verify:
    """Somebody was there on that day, and what is stored is true."""

    day: date


@value
class SetFacilities:
    """States of single facilities: name → state as in a list, "" or 无: it has none any more."""

    states: Mapping[str, str]


Edit: TypeAlias = Add | SetFields | Close | SetDays | DropDays | Reopen | Verify | SetFacilities


def action_of(edit: Edit) -> RevisionAction:
    """What the revision is called."""
    match edit:
        case Add():
            return RevisionAction.ADD
        case SetFields() | SetDays() | DropDays():
            return RevisionAction.SET
        case Close():
            return RevisionAction.CLOSE
        case Reopen():
            return RevisionAction.REOPEN
        case Verify():
            return RevisionAction.VERIFY
        case SetFacilities():
            return RevisionAction.FACILITY
