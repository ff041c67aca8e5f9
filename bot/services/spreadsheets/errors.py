"""Why a file, or the plan made from it, is refused."""

from collections.abc import Mapping

from bot.services.errors import DomainError
from bot.services.spreadsheets.faults import FileFault


class FileRefused(DomainError):
    """The file is not a table that can be read."""

    def __init__(self, code: FileFault, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = params

    def __str__(self) -> str:
        return f"{super().__str__()} ({self.code})"


class PlanRefused(DomainError):
    """The file has problems, or moves stations while no moves are allowed."""
