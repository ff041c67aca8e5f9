"""Text that must not be shown: a token, a key or a password of the settings."""

from typing import Final

_MASK: Final = "**********"


class SecretStr:
    """Holds a text; printed, logged or in a traceback it is a row of asterisks."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        """The text itself, for whoever sends it or computes with it."""
        return self._text

    def __repr__(self) -> str:
        return f"SecretStr('{_MASK}')"

    def __str__(self) -> str:
        return _MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
