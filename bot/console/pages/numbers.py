"""Numbers of rows in addresses, and counts that stop at a limit."""

from typing import Final

from bot.services.bounded import COUNTED

DIGITS: Final = 18
"""Of a row's number, at most."""


def row_number(text: str) -> int | None:
    """The number, None for anything else."""
    right = text.isascii() and text.isdecimal() and len(text) < DIGITS
    return int(text) if right else None


def counted(number: int) -> str:
    """A count as it is shown; beyond `COUNTED` it was not counted on."""
    return f"{COUNTED}+" if number > COUNTED else str(number)
