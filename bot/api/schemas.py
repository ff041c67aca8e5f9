"""Request and response bodies as pydantic models: the OpenAPI document is built from these.

A body that does not fit the models is refused whole. The values in each record are checked one by
one (`services.cards.record_parser`), so that one bad record holds up no other.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.api.errors import ErrorCode
from bot.services.cards.records import OutcomeKind

MAX_ITEMS: Final = 10_000
MOMENT: Final = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$"
Moment = Annotated[str, StringConstraints(pattern=MOMENT, max_length=40)]
Text40 = Annotated[str, StringConstraints(max_length=40)]
Text60 = Annotated[str, StringConstraints(max_length=60)]
Text80 = Annotated[str, StringConstraints(max_length=80)]
Text120 = Annotated[str, StringConstraints(max_length=120)]
Text300 = Annotated[str, StringConstraints(max_length=300)]


class Model(BaseModel):
    """Strict: a number is no string, and an unknown field is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class CardApplication(Model):
    """One application and the stage that it is in. What is absent or empty stays as it is known.

    `office`, `seal_by`, `missing_docs`, `parcel` and `reject_reason` belong to the stage. Never
    send a whole ID number or card number: a record that holds one is refused.
    """

    number: Annotated[
        str,
        StringConstraints(min_length=1, max_length=64),
        Field(
            description="Application number: 6 to 32 letters and digits.", examples=["NM20260042"]
        ),
    ]
    status: Annotated[
        str,
        StringConstraints(min_length=1, max_length=60),
        Field(
            description="Status label or code; an unknown one is shown as it is.",
            examples=["制卡中"],
        ),
    ]
    status_at: Annotated[
        Moment, Field(description="When this status was reached; without a zone, UTC+8.")
    ] = ""
    name: Annotated[Text60, Field(description="Applicant's name; may be masked.")] = ""
    phone: Annotated[Text40, Field(description="Mobile number, or its last 4 digits.")] = ""
    id_last4: Annotated[Text40, Field(description="The last 4 characters of the ID.")] = ""
    firm: Annotated[Text40, Field(description="The courier's employer.")] = ""
    office: Annotated[Text80, Field(description="Office where the status was reached.")] = ""
    outlet_code: Annotated[
        str, StringConstraints(max_length=64), Field(description="Station code of the outlet.")
    ] = ""
    outlet_name: Annotated[Text120, Field(description="Where the card is collected.")] = ""
    seal_by: Annotated[Moment, Field(description="Day on which an uncollected card is sealed.")] = (
        ""
    )
    missing_docs: Annotated[Text300, Field(description="Documents that are still needed.")] = ""
    parcel: Annotated[Text80, Field(description="Carrier and parcel number.")] = ""
    reject_reason: Annotated[Text300, Field(description="Reason, if the bank gives one.")] = ""
    allow_backwards: Annotated[
        bool, Field(description="The status really goes back; it is marked as such.")
    ] = False


class Batch(Model):
    """Up to 10,000 applications as they were at one moment."""

    as_of: Annotated[Moment, Field(description="The moment that these data describe.")]
    items: Annotated[list[CardApplication], Field(min_length=1, max_length=MAX_ITEMS)]


class Result(Model):
    """What became of one item. `reason` and `field` are given for a refused one only."""

    index: int
    outcome: OutcomeKind
    reason: str | None = None
    field: str | None = None


class Results(Model):
    """One result for each item, in their order, and how many there are of each outcome."""

    results: list[Result]
    counts: dict[str, int]


class Problem(Model):
    """Why nothing was processed: a code for programs, a sentence for people."""

    code: ErrorCode
    error: str
