"""The states of a station and of its facilities, as they are stored."""

from enum import StrEnum


class StationStatus(StrEnum):
    """Whether couriers are sent there: only while it is open."""

    OPEN = "open"
    PAUSED = "paused"
    MOVED = "moved"
    CLOSED = "closed"


class FacilityStatus(StrEnum):
    """Whether a facility can be used."""

    OK = "ok"
    BROKEN = "broken"
    EMPTY = "empty"
    UNCONFIRMED = "unconfirmed"
