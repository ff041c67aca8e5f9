"""Long lists taken piece by piece, so that memory and each statement stay small."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def pieces(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in order, `size` at a time; the last piece may be shorter."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece
