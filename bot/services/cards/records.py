"""What a bank reports of an application, what an application is, and what a report changes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.common.values import value
from bot.services.cards.statuses import CardStatus


@dataclass(frozen=True, slots=True, repr=False)
class CardRecord:
    """One application as a bank reports it; texts are "" where nothing is reported.

    `number`, `phone` and `id_last4` in their normal forms. `at` is when the stage was reached,
    `as_of` the moment that the report describes; both aware.
    """

    number: str
    label: str
    as_of: datetime
    at: datetime | None = None
    name: str = ""
    phone: str = ""
    id_last4: str = ""
    firm: str = ""
    outlet_code: str = ""
    outlet_name: str = ""
    office: str = ""
    seal_by: date | None = None
    missing_docs: str = ""
    parcel: str = ""
    reject_reason: str = ""
    allow_backwards: bool = False


class RecordSource(StrEnum):
    """Where a record came from; the values are stored."""

    IMPORT = "import"
    API = "api"


class OutcomeKind(StrEnum):
    """What a record does to its application; the values are the API's."""

    NEW = "new"
    MOVED = "moved"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    """Something newer is known."""
    REFUSED = "refused"


class RecordRefusal(StrEnum):
    """Why a record is refused; the values are the API's."""

    NO_FACT = "no_fact"
    """A new application without the digits that its owner is verified by."""
    BACKWARDS = "backwards"
    """A step back that nobody allowed."""
    TWICE = "twice"
    """Several records of one number, and no times that say which is the latest."""
    FUTURE = "future"


class FaultCode(StrEnum):
    """Why a field was refused; the values are the API's."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    """A whole ID or card number."""
    TOO_LONG = "too_long"
    ROUNDED = "rounded"
    """A spreadsheet wrote a long number as 1.23E+17."""
    NUMBER = "number"
    PHONE_OR_LAST4 = "phone_or_last4"
    LAST4 = "last4"
    MOMENT = "moment"
    DATE = "date"


@value
class Outcome:
    """What a record does; `reason` where it is refused."""

    kind: OutcomeKind
    reason: RecordRefusal | None = None


@value
class Stage:
    """A stage to be added to the history."""

    code: CardStatus
    label: str
    at: datetime
    office: str
    backwards: bool


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """An application, opened; `id` 0 for one that is new."""

    id: int
    number: str
    status: CardStatus
    label: str
    stage_at: datetime
    as_of: datetime
    name: str
    phone: str
    id_last4: str
    firm: str
    outlet_code: str
    outlet_name: str
    office: str
    seal_by: date | None
    missing_docs: str
    parcel: str
    reject_reason: str
    backwards: bool
    settled_at: datetime | None


@value
class Step:
    """What is to be written about one application."""

    before: State | None
    after: State
    stages: tuple[Stage, ...]
    moves: bool
