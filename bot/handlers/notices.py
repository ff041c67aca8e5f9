"""How each kind of notice is worded, at the moment it is sent or shown, never earlier."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.context import Context, Db
from bot.conversation.replies import Part, Reply, Say
from bot.language import Translator
from bot.services import notices
from bot.services.notices import Plain


class NotNow(Exception):
    """It is held back for now and may be said later."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a notice is worded from. `params` are the ids that the outbox row holds."""

    db: Db
    courier_id: int
    t: Translator
    now: datetime
    params: Mapping[str, Plain]


Wording = Callable[[Occasion], Awaitable[Reply | None]]
"""The message as things stand now; None when there is nothing left to say. Raises `NotNow`."""


class WaitingBox:
    """待看箱: what could not be pushed, shown with the courier's next message."""

    def __init__(self, wordings: Mapping[str, Wording]) -> None:
        self._wordings = wordings

    async def __call__(self, ctx: Context) -> tuple[Part, ...]:
        """The newest three, worded; they count as shown once this turn commits."""
        waiting = await notices.held(ctx.db, ctx.courier.id, ctx.now)
        parts: list[Part] = []
        shown = []
        for one in waiting:
            wording = self._wordings.get(one.kind)
            occasion = Occasion(ctx.db, ctx.courier.id, ctx.t, ctx.now, one.params)
            try:
                reply = await wording(occasion) if wording else None
            except NotNow:
                continue
            shown.append(one.id)
            if reply is not None:
                parts += reply.parts
        await notices.mark_shown(ctx.db, shown, ctx.now)
        return (Say(ctx.t("While you were away:")), *parts) if parts else ()
