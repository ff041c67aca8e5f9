"""The uploaded workbook with what is wrong marked in it."""

from collections.abc import Sequence

from bot.services.spreadsheets.marked import marked_copy
from bot.services.spreadsheets.tables import Problem

Worded = tuple[Problem, str]
"""A problem, and what is said about it."""


def marked(data: bytes, name: str, problems: Sequence[Worded]) -> bytes:
    """The workbook; takes seconds for a long list. Raises `FileRefused`."""
    words = {id(problem): said for problem, said in problems}
    return marked_copy(
        data, name, [problem for problem, _ in problems], reason=lambda one: words[id(one)]
    )
