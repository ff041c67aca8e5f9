"""The states of a broadcast."""

from enum import StrEnum


class BroadcastStatus(StrEnum):
    """draft → running ⇄ paused → done | cancelled."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


ACTIVE = (BroadcastStatus.RUNNING, BroadcastStatus.PAUSED)
"""Notices of it may still go out."""
