"""Who an operator is and what they may do: services ask, and refuse with `NotAllowed`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from bot.common.values import value
from bot.services.errors import DomainError


class Role(StrEnum):
    """What an account is for; the values are stored."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    CARDS = "cards"
    TRAINER = "trainer"
    DUTY = "duty"
    READER = "reader"


class Right(StrEnum):
    """What a role may do; the values stand in the audit log."""

    READ = "read"
    """The overview and the stations, without any courier's data."""
    STATIONS = "stations"
    """Change and import stations."""
    IMPORTS = "imports"
    """Upload lists; what a list is about asks for the right to that, too."""
    CONVERSATIONS = "conversations"
    """Talk with couriers who asked for a person."""
    TRAININGS = "trainings"
    MESSAGES = "messages"
    CARDS = "cards"
    APPOINTMENTS = "appointments"
    """Call-backs and visits that couriers ask outlets for."""
    CONTENT = "content"
    HONOURS = "honours"
    """Nominations of the honour 最美快递员, which hold couriers' stories."""
    ACCOUNTS = "accounts"
    AUDIT = "audit"


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.EDITOR: frozenset(
        {
            Right.READ,
            Right.STATIONS,
            Right.IMPORTS,
            Right.MESSAGES,
            Right.CONTENT,
            Right.HONOURS,
            Right.AUDIT,
        }
    ),
    Role.CARDS: frozenset({Right.READ, Right.IMPORTS, Right.CARDS, Right.APPOINTMENTS}),
    Role.TRAINER: frozenset({Right.READ, Right.IMPORTS, Right.TRAININGS, Right.MESSAGES}),
    Role.DUTY: frozenset({Right.READ, Right.CONVERSATIONS, Right.APPOINTMENTS}),
    Role.READER: frozenset({Right.READ}),
}


class NotAllowed(DomainError):
    """The operator's role or leagues do not allow it."""

    def __init__(self, right: Right, league: str = "") -> None:
        super().__init__(right, league)  # so that it also reaches another process whole
        self.right = right
        self.league = league


@value
class Operator:
    """Who acts. `leagues`: the adcodes that they see and change, empty for the whole region."""

    id: int
    name: str
    role: Role
    leagues: frozenset[str] = frozenset()

    def may(self, right: Right) -> bool:
        """Whether the role has the right."""
        return right in RIGHTS[self.role]

    def covers(self, league: str) -> bool:
        """Whether the league (adcode, "" where it is not known) is one of theirs."""
        return not self.leagues or league in self.leagues

    def require(self, right: Right, league: str | None = None) -> None:
        """Raises `NotAllowed` without the right, or where `league` is given and not theirs."""
        if not self.may(right):
            raise NotAllowed(right)
        if league is not None and not self.covers(league):
            raise NotAllowed(right, league)
