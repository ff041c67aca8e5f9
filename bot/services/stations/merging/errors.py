"""Why two stations are not merged."""

from collections.abc import Sequence
from enum import StrEnum

from bot.services.errors import DomainError
from bot.services.operators.revisions import Record, Revision


class MergeRefusal(StrEnum):
    """What speaks against it whatever the operator chooses."""

    SAME = "same"
    """It is one station."""
    SAMPLE = "sample"
    """One of them is a sample, the other is not."""


class MergeRefused(DomainError):
    """These two are not merged."""

    def __init__(self, reason: MergeRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


class MergeOutdated(DomainError):
    """One of the two was changed since the preview: `changes` by code, the oldest first."""

    def __init__(self, changes: Sequence[tuple[str, Revision, Record]]) -> None:
        super().__init__(len(changes))
        self.changes = changes
