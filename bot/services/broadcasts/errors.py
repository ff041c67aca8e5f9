"""Why a broadcast is refused."""

from bot.services.errors import DomainError


class BroadcastRefused(DomainError):
    """The broadcast cannot be made, or is not in a state that allows it.

    `why`: gone, no_text, too_long, past, nobody, state (`value` says which it is in).
    """

    def __init__(self, why: str, value: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.value = value

    def __str__(self) -> str:
        return f"the broadcast cannot be done ({self.why} {self.value})".replace(" )", ")")
