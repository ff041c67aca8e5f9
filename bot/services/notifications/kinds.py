"""Every kind of notice that is queued; each has one renderer."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """The values are stored in the outbox and stand before the colon of many dedupe keys."""

    TRAINING_REMINDER = "training.reminder"
    TRAINING_OFFER = "training.offer"
    TRAINING_PROMOTED = "training.promoted"
    TRAINING_CHANGED = "training.changed"
    TRAINING_CANCELLED = "training.cancelled"
    TRAINING_FEEDBACK = "training.feedback"
    TRAINING_TEAM = "training.team"
    """A leader named this courier for a team."""
    TRAINING_TEAM_FAILED = "training.team_failed"
    """Not everybody of a team of all or nobody comes; to its leader."""
    TRAINING_TEAM_RELEASED = "training.team_released"
    """The same, to a member who had accepted."""
    TRAINING_MEMBER_LEFT = "training.member_left"
    """A member withdrew; to the leader."""
    CARD_STAGE = "card.moved"
    """The bank reported another stage of an application."""
    CARD_BOUND_ELSEWHERE = "card.bound_elsewhere"
    """Another chat was bound to an application."""
    STATION_CHANGED = "station.changed"
    """A station that the courier keeps closed, moved or has other hours."""
    BROADCAST = "broadcast"
    LATE_ANSWER = "answer.late"
    """The answer to a message that could not be given in time."""
    REMINDER_SAMPLE = "reminders.sample"
    """A courier has asked what a reminder looks like."""
