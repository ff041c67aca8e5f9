"""The 待看箱: held notices, rendered when they are shown with an answer, never earlier."""

from collections.abc import Mapping

import structlog

from bot.common.redaction import error_fields
from bot.conversation.context import Context
from bot.conversation.notifications import NoticeContext, NotNow, Renderer
from bot.conversation.replies import Part, Say
from bot.services.notifications import pending_box
from bot.services.notifications.pending_box import Held

log = structlog.get_logger()


class PendingMessages:
    """待看箱: what could not be pushed, shown with the courier's next message."""

    def __init__(self, renderers: Mapping[str, Renderer]) -> None:
        self._renderers = renderers

    async def __call__(self, ctx: Context) -> tuple[Part, ...]:
        """The newest three, rendered; they count as shown once this turn commits.

        What is due later is pushed then, as this chat can be written to again.
        One that cannot be rendered is marked dead: kept, it would break every answer to them.
        """
        await pending_box.push_held(ctx.db, ctx.courier.id, ctx.courier.chat_id, ctx.now)
        waiting = await pending_box.held(ctx.db, ctx.courier.id, ctx.now)
        parts: list[Part] = []
        shown: list[int] = []
        for one in waiting:
            renderer = self._renderers.get(one.kind)
            if renderer is None:
                continue  # a newer version queued it, and will show it
            try:
                parts += await _rendered(ctx, one, renderer)
            except NotNow:
                continue
            except pending_box.DATABASE_ERRORS:
                raise  # the renderer is not to blame
            except Exception as error:  # noqa: BLE001 - one bad row must not block a conversation
                log.error("waiting.unworded", kind=one.kind, **error_fields(error))  # noqa: TRY400 - a traceback could hold values
                await pending_box.mark_dead(ctx.db, one.id, ctx.now)
            else:
                shown.append(one.id)
        await pending_box.mark_shown(ctx.db, shown, ctx.now)
        return (Say(ctx.t("While you were away:")), *parts) if parts else ()


async def _rendered(ctx: Context, one: Held, renderer: Renderer) -> tuple[Part, ...]:
    reply = await renderer(NoticeContext(ctx.db, ctx.courier.id, ctx.t, ctx.now, one.params))
    return reply.parts if reply is not None else ()
