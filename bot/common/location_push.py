"""Which one of a location's two events a channel received; whoever keeps them tells the channel."""

from enum import StrEnum


class LocationPush(StrEnum):
    """What a pushed location is, where the platform sends one location twice."""

    FIRST = "first"
    """To be answered."""
    SECOND = "second"
    """The same place again: it is answered already."""
    STRANGER = "stranger"
    """From a chat that is not known yet."""
