"""When and how an outlet is to be met, as it is stored: `call:morning`, `visit:2026-11-27:morning`,
`words:周末都行`."""

from datetime import date
from enum import StrEnum
from typing import Final

from bot.common.values import value

LONGEST: Final = 40
"""Characters of a wish in the courier's own words."""


class Part(StrEnum):
    """A part of an outlet's day; the values are stored."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"


@value
class CallWish:
    """The outlet phones."""

    part: Part


@value
class VisitWish:
    """The courier comes to the outlet."""

    day: date
    part: Part


@value
class TypedWish:
    """As the courier put it."""

    words: str


Wish = CallWish | VisitWish | TypedWish


def written(wish: Wish) -> str:
    """As it is stored, and as the argument of a button."""
    match wish:
        case CallWish(part):
            return f"call:{part}"
        case VisitWish(day, part):
            return f"visit:{day.isoformat()}:{part}"
        case TypedWish(words):
            return f"words:{words}"


def read(text: str) -> Wish:
    """What `written` wrote. Raises `ValueError` for anything else."""
    kind, _, rest = text.partition(":")
    match kind, rest.split(":"):
        case "call", [part]:
            return CallWish(Part(part))
        case "visit", [day, part]:
            return VisitWish(date.fromisoformat(day), Part(part))
        case "words", _ if rest:
            return TypedWish(rest)
    raise ValueError("no wish")
