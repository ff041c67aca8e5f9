"""Why a change of the stations is refused."""

from bot.services.errors import DomainError


class StationsChanged(DomainError):
    """The stations were changed by somebody else since the file was compared with them."""
