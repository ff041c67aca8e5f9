"""The statuses of an application, the usual labels of banks for them, the order of the stages.

Labels differ from bank to bank and year to year: `bot/data/card_labels.csv` holds the usual ones,
operators add their bank's (`services.cards.labels`). Which of them 工行 really uses is still to be
confirmed with the bank.
"""

import csv
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.common.values import value
from bot.data import DATA

TABLE: Final = DATA / "card_labels.csv"


class CardStatus(StrEnum):
    """Every status that an application can have, in the usual order; the values are stored."""

    SUBMITTED = "submitted"
    NEED_DOCS = "need_docs"
    REVIEWING = "reviewing"
    INTERVIEW = "interview"
    APPROVED = "approved"
    MAKING = "making"
    MADE = "made"
    SHIPPED = "shipped"
    AT_BRANCH = "at_branch"
    COLLECTED = "collected"
    ACTIVATED = "activated"
    REJECTED = "rejected"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """A label of the bank whose meaning is not known."""


def _load() -> Mapping[CardStatus, tuple[str, ...]]:
    labels: dict[CardStatus, list[str]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels.setdefault(CardStatus(row["status"]), []).append(row["label"])
    return MappingProxyType({status: tuple(some) for status, some in labels.items()})


LABELS: Final = _load()
"""The labels of each known status that hold unless an operator says otherwise; the first of them
names the status. Its value itself is understood too.
"""

SETTLED: Final = frozenset(
    {CardStatus.ACTIVATED, CardStatus.REJECTED, CardStatus.RETURNED, CardStatus.CANCELLED}
)
"""Final statuses: nothing more is expected, and the time to erasure begins."""

# Checking, asking for documents and an interview take turns, so none of them is a step back.
_RANKS: Final = {
    CardStatus.SUBMITTED: 0,
    CardStatus.NEED_DOCS: 1,
    CardStatus.REVIEWING: 1,
    CardStatus.INTERVIEW: 1,
    CardStatus.APPROVED: 2,
    CardStatus.MAKING: 3,
    CardStatus.MADE: 4,
    CardStatus.SHIPPED: 5,
    CardStatus.AT_BRANCH: 6,
    CardStatus.COLLECTED: 7,
    CardStatus.ACTIVATED: 8,
    CardStatus.REJECTED: 9,
    CardStatus.RETURNED: 9,
    CardStatus.CANCELLED: 9,
}


@value
class Labels:
    """What each label of a bank stands for; `statuses` by the label as `normalised` writes it."""

    statuses: Mapping[str, CardStatus]

    def status_of(self, label: str) -> CardStatus:
        """The status of a label as a bank writes it; `UNKNOWN` for a label that is not listed."""
        return self.statuses.get(normalised(label), CardStatus.UNKNOWN)


def is_backwards(before: CardStatus, after: CardStatus) -> bool:
    """Whether a status takes a step back; to or from an unknown one never does."""
    if CardStatus.UNKNOWN in (before, after):
        return False
    return _RANKS[after] < _RANKS[before]


def normalised(label: str) -> str:
    """A label without blanks, width and case of its letters, and a full stop."""
    return "".join(unicodedata.normalize("NFKC", label).split()).casefold().strip("。.")


DEFAULT_LABELS: Final = Labels(
    MappingProxyType(
        {
            normalised(label): status
            for status, labels in LABELS.items()
            for label in (status.value, *labels)
        }
    )
)
