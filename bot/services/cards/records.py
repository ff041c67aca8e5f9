"""What a bank reports of an application, what an application is, and what a report changes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True, repr=False)
class CardRecord:
    """One application as a bank reports it; texts are "" where nothing is said.

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


Kind = Literal["new", "moved", "updated", "unchanged", "outdated", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a record does; outdated: something newer is known.

    `reason` of refused: no_fact, backwards, twice, future.
    """

    kind: Kind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage to be added to the history."""

    code: str
    label: str
    at: datetime
    office: str
    backwards: bool


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """An application, opened; `id` 0 for one that is new."""

    id: int
    number: str
    status: str
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


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be written about one application."""

    before: State | None
    after: State
    stages: tuple[Stage, ...]
    moves: bool
