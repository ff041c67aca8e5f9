"""The states of an outbox row, and why it is in one."""

from enum import IntEnum, StrEnum


class OutboxStatus(StrEnum):
    """ready → claimed → sending → one of the final states; `held` waits in the 待看箱."""

    READY = "ready"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    SHOWN = "shown"
    UNKNOWN = "unknown"
    DEAD = "dead"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


WAITING = (OutboxStatus.READY, OutboxStatus.CLAIMED, OutboxStatus.HELD)
"""Not sent and not shown yet: may still be taken back."""


class Reason(StrEnum):
    """Why a notice was not pushed, or ended as it did."""

    NONE = ""
    UNREACHABLE = "unreachable"  # no chat that can be written to
    WINDOW = "window"  # the courier wrote longer ago than the channel allows
    AWAY = "away"  # nobody is there just now; the address itself is good
    LEFT = "left"  # the courier blocked the bot or left
    QUIET = "quiet"  # quiet hours last until it is too late
    LATE = "late"  # past `not_after`
    TOPIC = "topic"  # the courier switched its topic off
    MOOT = "moot"  # nothing left to say when it was rendered
    SUPERSEDED = "superseded"  # a newer notice of the same subject tells it
    CALLED_OFF = "called_off"  # an operator cancelled the broadcast
    REFUSED = "refused"  # the platform does not take such a message
    UNWORDED = "unworded"  # rendering failed
    UNKNOWN = "unknown"  # nobody knows whether it arrived, twice
    REPEATED = "repeated"  # unknown once, sent once more


class DeliveryResult(StrEnum):
    """What became of a claimed notice, as it is counted."""

    SENT = "sent"
    LATER = "later"
    AGAIN = "again"
    REROUTED = "rerouted"
    HELD = "held"
    FENCED = "fenced"  # the lease was lost to another worker
    RELEASED = "released"  # its lease ran out before it was begun
    UNKNOWN = "unknown"
    DEAD = "dead"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNWORDED = "unworded"


class Priority(IntEnum):
    """The lower is sent first; a column keeps the number."""

    INTERACTIVE = 0
    REMINDER = 1
    BROADCAST = 5
