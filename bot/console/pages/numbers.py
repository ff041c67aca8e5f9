"""Numbers of rows in addresses."""

from typing import Final

DIGITS: Final = 18
"""Of a row's number, at most."""


def row_number(text: str) -> int | None:
    """The number, None for anything else."""
    right = text.isascii() and text.isdecimal() and len(text) < DIGITS
    return int(text) if right else None
