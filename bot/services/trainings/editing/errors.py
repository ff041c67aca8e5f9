"""Why a change by hand is refused."""

from collections.abc import Sequence

from bot.services.errors import DomainError
from bot.services.operators.revisions import Record, Revision
from bot.services.spreadsheets.tables import Problem


class EditRefused(DomainError):
    """What is to be stored is wrong; each of `problems` says where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(len(problems))
        self.problems = problems


class TrainingThere(DomainError):
    """The very same training is planned already: `title`."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


class TrainingEdited(DomainError):
    """Somebody changed the same thing of the training since: `changes`, the oldest first."""

    def __init__(self, code: str, changes: Sequence[tuple[Revision, Record]]) -> None:
        super().__init__(code)
        self.code = code
        self.changes = changes
