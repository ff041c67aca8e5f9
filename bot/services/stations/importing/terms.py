"""What an operator allows an import to do beyond what is beyond doubt."""

from bot.common.values import value


@value
class Terms:
    """The options of an import.

    `anywhere`: stations outside of Inner Mongolia; `good_rows`: faulty rows and cells are left out
    instead of forbidding the whole; `accept_all`, `accepted`: doubtful rows that are right, all or
    by their number in the spreadsheet; `keep_facilities`: facilities that a
    list does not name stay.
    """

    anywhere: bool = False
    good_rows: bool = False
    allow_moves: bool = False
    allow_removals: bool = False
    keep_facilities: bool = False
    accept_all: bool = False
    accepted: frozenset[int] = frozenset()

    def accepts(self, row: int) -> bool:
        """Whether what is doubtful about a row was confirmed."""
        return self.accept_all or row in self.accepted
