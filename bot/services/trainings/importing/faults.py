"""What can be wrong with a row of a training list."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from bot.common.values import value


class FaultCode(StrEnum):
    """The kind of a fault; the report turns it into advice."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    MOMENT = "moment"
    IN_THE_PAST = "in_the_past"
    ENDS_BEFORE = "ends_before"
    DEADLINE_LATE = "deadline_late"
    NUMBER = "number"
    FLAG = "flag"
    CAPACITY_TAKEN = "capacity_taken"
    LEAGUE = "league"
    PLACE_NEEDED = "place_needed"
    COORDINATE = "coordinate"
    DATUM = "datum"
    DATUM_NEEDED = "datum_needed"
    DATUM_CONTRADICTED = "datum_contradicted"
    SWAPPED = "swapped"
    OUT_OF_REGION = "out_of_region"
    DUPLICATE = "duplicate_session"
    CLOSED = "closed_session"
    MISSING_COLUMN = "missing_column"
    NOT_YOUR_LEAGUE = "not_your_league"
    """The operator is of other leagues than the training."""


@value
class Fault:
    """What is wrong in a column of the row; `params`: values for the advice."""

    column: str
    code: FaultCode
    params: Mapping[str, str] = field(default_factory=dict)
