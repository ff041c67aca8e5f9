"""Why a registration or a change of trainings is refused."""

from bot.services.errors import DomainError
from bot.services.trainings.statuses import TrainingRefusal


class TrainingRefused(DomainError):
    """Registering for, or changing, this training is not possible.

    `training_id`: the training that is in the way, else the one that was asked for. `count`: seats
    taken (`CAPACITY`), seats left (`TEAM_FULL`), seats that teams may still reserve (`TEAM_SHARE`)
    or members allowed (`TEAM_SIZE`, `TEAM_DAY`).
    """

    def __init__(
        self, reason: TrainingRefusal, training_id: int | None = None, *, count: int = 0
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.training_id = training_id
        self.count = count

    def __str__(self) -> str:
        return f"the training does not allow it ({self.reason})"


class LookupsUsedUp(DomainError):
    """Too many certificate numbers that do not exist were asked for."""


class TrainingsChanged(DomainError):
    """A training was changed by somebody else since the file was compared with it."""
