"""Where to nominate from a channel whose messages leave mainland China."""

from bot.conversation.context import Context
from bot.conversation.replies import Buttons, Reply
from bot.handlers.abroad import nomination_elsewhere
from bot.handlers.honours import wording


def elsewhere(ctx: Context, public_url: str) -> Reply:
    """The web page or WeChat; what can be done here is offered."""
    t = ctx.t
    row = (wording.to_vote(t), wording.to_winners(t))
    return Reply((nomination_elsewhere(t, public_url), Buttons((row, (wording.to_start(t),)), "")))
