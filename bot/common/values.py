"""Classes of immutable values, of which there are hundreds and every turn makes many."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[_T]) -> type[_T]:
    """As `dataclass(frozen=True, slots=True)`, but the type checker alone sees to it that no
    instance is changed. Python's own guard makes each instance take twice as long to make, and each
    class a third longer.
    """
    made: Callable[[type[_T]], type[_T]] = dataclass(slots=True, unsafe_hash=True)
    return made(cls)
