"""Recognises by the headings of a file which kind of list it is."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from types import MappingProxyType
from typing import Final

from bot.services.cards.file_import import COLUMNS as CARD_COLUMNS
from bot.services.honours.importing import COLUMNS as HONOUR_COLUMNS
from bot.services.spreadsheets.cells import key
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault
from bot.services.spreadsheets.formats.files import grids
from bot.services.spreadsheets.formats.grids import Merged
from bot.services.spreadsheets.headings import MOST_ROWS, WITHIN, Label, find_headings
from bot.services.spreadsheets.mappings import ListKind
from bot.services.spreadsheets.matching import Vocabulary
from bot.services.stations.importing.columns import LIST_COLUMNS, PERSONAL
from bot.services.stations.importing.shapes import SHAPES
from bot.services.trainings.importing.columns import COLUMNS as TRAINING_COLUMNS

AHEAD: Final = 1.0
"""By so much the likeliest kind has to lead, else the sender is asked."""
_OWN: Final = 1.0
_SHARED: Final = 0.25
"""A heading that other kinds know as well says little: 编号, 名称, 盟市, 状态."""
_ALIKE: Final = 0.5
"""A heading that is only like one of station lists, which name their columns most freely."""


def recognise(data: bytes, name: str) -> ListKind | None:
    """The kind of list, None where the headings do not tell. Raises `FileRefused`."""
    is_empty = True
    words = _vocabularies()

    def known(row: Sequence[str]) -> int:
        return max(sum(key(cell) in one.short for cell in row) for one in words.values())

    best = dict.fromkeys(words, 0.0)
    for grid in grids(data, name, known, WITHIN):
        if grid.visible:
            head = list(islice(iter(grid.rows), WITHIN + MOST_ROWS))
            is_empty = is_empty and not any(cell for row in head for cell in row)
            for kind, score in _scores(head, grid.merged, words).items():
                best[kind] = max(best[kind], score)
    if is_empty:
        raise FileRefused(FileFault.EMPTY)
    first, second, *_ = sorted(words, key=lambda kind: -best[kind])
    return first if best[first] - best[second] >= AHEAD else None


@cache
def _vocabularies() -> Mapping[ListKind, Vocabulary]:
    return MappingProxyType(
        {
            ListKind.STATIONS: Vocabulary.of(LIST_COLUMNS, PERSONAL, SHAPES),
            ListKind.TRAININGS: Vocabulary.of(TRAINING_COLUMNS, (), {}),
            ListKind.CARDS: Vocabulary.of(CARD_COLUMNS, (), {}),
            ListKind.HONOURS: Vocabulary.of(HONOUR_COLUMNS, (), {}),
        }
    )


def _scores(
    head: Sequence[Sequence[str]],
    merged: Sequence[Merged],
    words: Mapping[ListKind, Vocabulary],
) -> dict[ListKind, float]:
    """How much the headings among the first rows of a sheet say for each kind."""
    found = {
        kind: find_headings(head, merged, vocabulary.sureness) for kind, vocabulary in words.items()
    }
    labels = {label for one in found.values() if one is not None for label in one.labels}
    known: dict[Label, dict[ListKind, str]] = {}
    for label in labels:
        for kind, vocabulary in words.items():
            match = vocabulary.exact(label)
            if match is not None and match.field is not None:
                known.setdefault(label, {})[kind] = match.field
    scores: dict[ListKind, float] = {}
    for kind in words:
        fields: dict[str, float] = {}
        for kinds in known.values():
            if kind in kinds:
                worth = _OWN if len(kinds) == 1 else _SHARED
                fields[kinds[kind]] = max(worth, fields.get(kinds[kind], 0.0))
        if kind is ListKind.STATIONS:
            alike = labels - known.keys()
            fields |= {label.text: _ALIKE for label in alike if words[kind].sureness(label) > 0.0}
        elif _OWN not in fields.values():
            continue  # what it shares with lists of stations alone does not make it one
        scores[kind] = sum(fields.values())
    return scores
