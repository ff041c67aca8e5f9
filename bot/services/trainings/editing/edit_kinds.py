"""What an operator can do to a training by hand, as values."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from bot.common.values import value
from bot.services.operators.revisions import RevisionAction
from bot.services.trainings.importing.columns import COLUMNS, WRITTEN_ONLY

EDITABLE: Final = tuple(name for name in COLUMNS if name not in {"code", *WRITTEN_ONLY})
"""Fields that are changed by hand; a code is given once and stays."""
MOST_WEEKS: Final = 26


@value
class Add:
    """New trainings, one a week; `cells` as in a list, of the first: field of `EDITABLE` → text."""

    cells: Mapping[str, str]
    weeks: int = 1
    anywhere: bool = False


@value
class SetFields:
    """Other values; `cells` as in a list. Coordinates come as `lng`, `lat` and `datum` together."""

    cells: Mapping[str, str]
    anywhere: bool = False


@value
class Cancel:
    """It is off; everybody is told."""


Edit: TypeAlias = SetFields | Cancel


def action_of(edit: Add | Edit) -> RevisionAction:
    """What the revision is called."""
    match edit:
        case Add():
            return RevisionAction.ADD
        case SetFields():
            return RevisionAction.SET
        case Cancel():
            return RevisionAction.CANCEL
