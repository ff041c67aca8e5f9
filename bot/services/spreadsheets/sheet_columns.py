"""The columns of one sheet: which is read as which field, and what is to be said about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

from bot.services.spreadsheets.cells import whole_key
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.formats.grids import Grid
from bot.services.spreadsheets.headings import Headings, Label, is_reason
from bot.services.spreadsheets.matching import Basis, Match
from bot.services.spreadsheets.tables import Column, Problem, Question

_SAMPLES = 3


@dataclass(slots=True)
class SheetColumns:
    """`places`: field → column (from 0), in the order of the sheet. `row` of the headings."""

    sheet: str
    row: int
    written: Mapping[str, str]
    places: dict[str, int] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    qualifiers: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    listed: list[Column] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        grid: Grid,
        headings: Headings,
        matches: Sequence[Match],
        cells: Callable[[int], Sequence[str]],
        written: Mapping[str, str],
    ) -> "SheetColumns":
        """From what each column matches.

        `cells` gives some cells of a column that are not blank, `written` is how fields are called.
        """
        columns = cls(grid.name, headings.last, written)
        for place, match in enumerate(matches):
            if match.basis in {Basis.UNKNOWN, Basis.ASKED} and is_reason(match.heading):
                continue
            if match.field and match.basis is not Basis.ASKED:
                columns._take(place, match)
                if place in grid.hidden_columns:
                    columns._warn(match.heading, TableFault.HIDDEN_COLUMN)
            columns._list(match, cells(place))
            columns._tell(match, lambda place=place: cells(place))  # type: ignore[misc]
        return columns

    def _list(self, match: Match, cells: Sequence[str]) -> None:
        if match.heading:
            samples = () if match.basis is Basis.PERSONAL else tuple(dict.fromkeys(cells))
            decided = None if match.basis is Basis.ASKED else match.field
            self.listed.append(
                Column(
                    match.heading,
                    decided,
                    match.basis.value,
                    samples[:_SAMPLES],
                    match.candidates,
                )
            )

    def _take(self, place: int, match: Match) -> None:
        name = match.field
        if name is None:
            return
        if name in self.places:
            params = MappingProxyType({"other": self.headings[name]})
            code = TableFault.DUPLICATE_COLUMN
            self.problems.append(
                Problem(self.sheet, self.row, match.heading, match.heading, code, params)
            )
            return
        self.places[name] = place
        self.headings[name] = match.heading
        if match.qualifier:
            self.qualifiers[name] = match.qualifier

    def _tell(self, match: Match, cells: Callable[[], Sequence[str]]) -> None:
        name = self.written.get(match.field or "", "")
        match match.basis:
            case Basis.EXACT | Basis.SEQUENCE:
                return
            case Basis.ANSWER:
                self.answers[match.heading] = match.field
            case Basis.REMEMBERED:
                self.answers[match.heading] = match.field
                self._warn(match.heading, TableFault.AS_LAST_TIME, field=name)
            case Basis.ALIKE:
                self._warn(match.heading, TableFault.READ_AS, field=name)
            case Basis.PERSONAL:
                self._warn(match.heading, TableFault.PERSONAL_COLUMN)
            case Basis.UNKNOWN:
                if match.heading:
                    self._warn(match.heading, TableFault.UNKNOWN_COLUMN)
            case Basis.ASKED:
                samples = tuple(dict.fromkeys(cells()))[:_SAMPLES]
                self.questions.append(
                    Question(
                        self.sheet,
                        self.row,
                        match.heading,
                        samples,
                        match.field,
                        match.candidates,
                    )
                )

    def _warn(self, heading: str, code: TableFault, **params: str) -> None:
        about: Mapping[str, str] = MappingProxyType(params)
        self.warnings.append(Problem(self.sheet, self.row, heading, "", code, about))


def fingerprint(labels: Sequence[Label]) -> str:
    """The same for lists with the same headings, in whatever order: 32 hexadecimal digits."""
    headings = sorted(whole_key(one.text) for one in labels if one.text)
    return sha256("\n".join(headings).encode()).hexdigest()[:32]
