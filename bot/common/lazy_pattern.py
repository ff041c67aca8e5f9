"""Regular expressions that are compiled when they are first used.

Python compiles one when its module is imported, and a long list of words takes milliseconds: most
processes never use most of them, and the first answer waits for all.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any


class LazyPattern:
    """Like a `re.Pattern`. Raises `re.error` at its first use if it is none.

    From its first use on, its methods are those of the compiled pattern and cost no more.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self._flags = flags

    def _compiled(self) -> re.Pattern[str]:
        compiled = re.compile(self.pattern, self._flags)
        self.__dict__.update({name: getattr(compiled, name) for name in _METHODS})
        return compiled

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        """What stands at index `at`."""
        return self._compiled().match(text, at)

    def fullmatch(self, text: str, at: int = 0) -> re.Match[str] | None:
        """Everything from index `at` on."""
        return self._compiled().fullmatch(text, at)

    def search(self, text: str, at: int = 0) -> re.Match[str] | None:
        """The first place from index `at` on."""
        return self._compiled().search(text, at)

    def finditer(self, text: str, at: int = 0) -> Iterator[re.Match[str]]:
        """Every place from index `at` on."""
        return self._compiled().finditer(text, at)

    def findall(self, text: str) -> list[Any]:
        """The text, group or groups of every place."""
        return self._compiled().findall(text)

    def split(self, text: str, most: int = 0) -> list[str | Any]:
        """What stands between the places, of which `most` are looked for; 0: all."""
        return self._compiled().split(text, most)

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str, most: int = 0) -> str:
        """The text with every place replaced, or the first `most`."""
        return self._compiled().sub(by, text, most)

    def subn(
        self, by: str | Callable[[re.Match[str]], str], text: str, most: int = 0
    ) -> tuple[str, int]:
        """`sub`, and how many were replaced."""
        return self._compiled().subn(by, text, most)


_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")
