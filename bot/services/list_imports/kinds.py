"""The kinds of lists that the console imports, and who may import which."""

from typing import Final

from bot.services.operators.roles import NotAllowed, Operator, Right
from bot.services.spreadsheets.mappings import ListKind

KINDS: Final = (ListKind.STATIONS, ListKind.TRAININGS, ListKind.CARDS, ListKind.HONOURS)
"""In the order in which they are offered."""
REGION: Final = ""
_RIGHTS: Final = {
    ListKind.STATIONS: Right.STATIONS,
    ListKind.TRAININGS: Right.TRAININGS,
    ListKind.CARDS: Right.CARDS,
    ListKind.HONOURS: Right.HONOURS,
}
_OF_THE_REGION: Final = frozenset({ListKind.CARDS, ListKind.HONOURS})
"""Their rows are of all leagues: they belong to operators of the whole region."""


def require(operator: Operator, kind: ListKind | None) -> None:
    """Raises `NotAllowed` unless the operator may import such lists. None: not known yet."""
    operator.require(Right.IMPORTS)
    if kind is not None:
        operator.require(_RIGHTS[kind], REGION if kind in _OF_THE_REGION else None)


def may_import(operator: Operator, kind: ListKind) -> bool:
    """Whether the operator may import lists of that kind."""
    try:
        require(operator, kind)
    except NotAllowed:
        return False
    return True


def importable(operator: Operator) -> list[ListKind]:
    """The kinds of lists that the operator may import."""
    return [kind for kind in KINDS if may_import(operator, kind)]
