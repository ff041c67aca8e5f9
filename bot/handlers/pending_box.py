"""How each kind of notice is worded, at the moment it is sent or shown, never earlier."""

import traceback
from collections.abc import Mapping

import structlog

from bot.conversation.context import Context
from bot.conversation.notifications import NotificationContext, NotNow, Renderer
from bot.conversation.replies import Part, Say
from bot.services.notifications import queue
from bot.services.notifications.queue import Held

log = structlog.get_logger()


class PendingMessages:
    """待看箱: what could not be pushed, shown with the courier's next message."""

    def __init__(self, renderers: Mapping[str, Renderer]) -> None:
        self._wordings = renderers

    async def __call__(self, ctx: Context) -> tuple[Part, ...]:
        """The newest three, worded; they count as shown once this turn commits.

        One that cannot be worded is put away: kept, it would break every answer to this courier.
        """
        waiting = await queue.held(ctx.db, ctx.courier.id, ctx.now)
        parts: list[Part] = []
        shown: list[int] = []
        for one in waiting:
            try:
                parts += await self._worded(ctx, one)
            except NotNow:
                continue
            except queue.AWAY:
                raise  # the wording is not to blame
            except Exception as error:  # noqa: BLE001 - one bad row must not wedge a conversation
                _report(one.kind, error)
                await queue.mark_dead(ctx.db, one.id, ctx.now)
            else:
                shown.append(one.id)
        await queue.mark_shown(ctx.db, shown, ctx.now)
        return (Say(ctx.t("While you were away:")), *parts) if parts else ()

    async def _worded(self, ctx: Context, one: Held) -> tuple[Part, ...]:
        wording = self._wordings.get(one.kind)
        if wording is None:
            return ()
        reply = await wording(
            NotificationContext(ctx.db, ctx.courier.id, ctx.t, ctx.now, one.params)
        )
        return reply.parts if reply is not None else ()


def _report(kind: str, error: Exception) -> None:
    """Which kind broke, and the places in our code; never its values."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename][-6:]
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in ours]
    log.error("waiting.unworded", kind=kind, error=type(error).__name__, at=places)
