"""What can be wrong with content, beside the faults of its Markdown, lessons and pictures."""

from enum import StrEnum


class ContentFault(StrEnum):
    """The report turns each into advice."""

    NOT_TEXT = "not_text"
    TOO_LARGE = "text_file_too_large"  # most, in MB
    NO_FRONT_MATTER = "no_front_matter"
    NOT_CLOSED = "front_matter_not_closed"
    NO_VALUE = "not_key_and_value"
    UNKNOWN_KEY = "unknown_key"  # known
    KEY_TWICE = "key_twice"
    LANGUAGE = "unknown_language"
    LANGUAGE_TWICE = "language_twice"
    BEFORE_LANGUAGE = "text_before_language"
    REQUIRED = "required"
    TOO_LONG = "too_long"  # max_length
    KIND = "kind"  # known
    CODE = "code"
    CODE_TWICE = "code_twice"  # other
    DATE = "date"
    DATES_REVERSED = "dates_reversed"
    FLAG = "flag"
    NUMBER = "number"  # most
    LEAGUE = "league"
    OTHER_SHAPE = "other_shape"
    """The English lesson has other cards, questions or right answers than the Chinese one."""
    NOT_A_LESSON = "not_a_lesson"
    """Only lessons have minutes and a series."""
