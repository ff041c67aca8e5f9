"""Why a broadcast is refused."""

from enum import StrEnum

from bot.services.errors import DomainError


class BroadcastRefusal(StrEnum):
    """The reasons; what `BroadcastRefused.value` holds stands beside each."""

    GONE = "gone"  # the id that there is not
    NO_TEXT = "no_text"  # the locale
    TOO_LONG = "too_long"  # the locale
    PAST = "past"
    START_PAST = "start_past"
    REPEATED = "repeated"  # the id of the broadcast with the same text
    NOBODY = "nobody"
    STATE = "state"  # the status that does not allow it


class BroadcastRefused(DomainError):
    """The broadcast cannot be made, or is not in a state that allows it."""

    def __init__(self, why: BroadcastRefusal, value: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.value = value

    def __str__(self) -> str:
        return f"the broadcast cannot be done ({self.why} {self.value})".replace(" )", ")")
