"""Why a registration or a change of trainings is refused."""

from bot.services.errors import DomainError


class TrainingRefused(DomainError):
    """Registering for, or changing, this session is not possible.

    `why`: gone, cancelled, started, deadline, firm, league, overlap, already, not_registered,
    no_offer, capacity, team_size, team_full, not_invited, wrong_code, tries, not_open, not_today,
    not_attended, no_name, no_phone.
    `other` is the session or the number that it is about.
    """

    def __init__(self, why: str, other: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.other = other

    def __str__(self) -> str:
        return f"the session does not allow it ({self.why})"


class TrainingsChanged(DomainError):
    """A session was changed by somebody else since the file was compared with it."""
