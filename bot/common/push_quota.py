"""Words that a channel with a push quota shares with whoever counts it."""

from enum import StrEnum


class Grant(StrEnum):
    """From which of the two grants of the quota a pushed message is taken."""

    CLICKS = "clicks"
    """A few messages within a minute after a click, a follow or a scan."""
    MESSAGES = "messages"
    """Some more within two days after a message."""


class LocationPush(StrEnum):
    """What a pushed location is, where the platform sends one location twice."""

    FIRST = "first"
    """To be answered."""
    SECOND = "second"
    """The same place again: it is answered already."""
    STRANGER = "stranger"
    """From a chat that is not known yet."""
