"""What the lists of one kind have to offer, so that the steps of an import are the same for all."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.places import Places
from bot.services.list_imports.answers import ImportAnswers
from bot.services.list_imports.states import Tab
from bot.services.list_imports.summaries import JsonRow, Summary
from bot.services.operators.revisions import Origin
from bot.services.operators.roles import Operator
from bot.services.spreadsheets.tables import Answers, Table


@value
class Situation:
    """For whom and when a list is compared. `hold`: so long an offered seat is kept."""

    operator: Operator
    now: datetime
    places: Places
    hold: timedelta

    @property
    def today(self) -> date:
        """The day in China."""
        return self.now.astimezone(CHINA).date()


@value
class Comparison:
    """What importing a list would do. Comparisons with the same `effect` write the same.

    `leagues`: adcodes of what is written. `write` writes it in the caller's transaction; the number
    of the revision, None where nothing changes. It raises one of `worker.CHANGED_MEANWHILE`.
    """

    rows: Mapping[Tab, list[JsonRow]]
    effect: str
    leagues: tuple[str, ...]
    write: Callable[[AsyncSession, Origin], Awaitable[int | None]]


@value
class Hindrances:
    """Why a revision is not taken back: codes of records that were changed since, and codes of
    those that cannot be brought back, each with the reason."""

    conflicts: tuple[str, ...]
    obstacles: tuple[tuple[str, str], ...] = ()


class Subject(Protocol):
    """A module for the lists of one kind."""

    def read(
        self, data: bytes, name: str, answers: ImportAnswers, remembered: Mapping[str, Answers]
    ) -> Table:
        """The list with the operator's answers and mended cells. Raises `FileRefused`."""

    def about(self, table: Table, today: date) -> Summary:
        """The columns of the list, and what has to be asked before it can be compared."""

    async def compare(
        self,
        db: AsyncSession,
        table: Table,
        answers: ImportAnswers,
        summary: Summary,
        situation: Situation,
    ) -> Comparison:
        """What importing would do within the operator's leagues; counted in the summary."""

    async def undo(self, db: AsyncSession, number: int, situation: Situation) -> int:
        """Takes a revision back; the number of the revision that this is. Raises `UndoRefused`."""

    async def hindrances(self, db: AsyncSession, number: int, now: datetime) -> Hindrances:
        """Why a revision is not taken back."""
