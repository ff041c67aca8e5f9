"""Regular expressions that are compiled when they are first used.

Python compiles one when its module is imported, and a long list of words takes milliseconds: most
processes never use most of them, and the first answer waits for all.
"""

import re
from functools import cached_property


class LazyPattern:
    """Like a `re.Pattern`. Raises `re.error` at its first use if it is none."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        """What stands at index `at`."""
        return self._compiled.match(text, at)

    def fullmatch(self, text: str, at: int = 0) -> re.Match[str] | None:
        """Everything from index `at` on."""
        return self._compiled.fullmatch(text, at)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place."""
        return self._compiled.search(text)

    def sub(self, by: str, text: str) -> str:
        """The text with every place replaced."""
        return self._compiled.sub(by, text)
