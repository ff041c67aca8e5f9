"""Words that a channel with a push quota shares with whoever counts it."""

from enum import StrEnum


class Grant(StrEnum):
    """From which of the two grants of the quota a pushed message is taken."""

    CLICKS = "clicks"
    """A few messages within a minute after a click, a follow or a scan."""
    MESSAGES = "messages"
    """Some more within two days after a message."""
