"""What the steps of every flow share: the two ways out, and what is typed."""

from bot.conversation.context import Context
from bot.conversation.events import Text
from bot.conversation.replies import Button, Buttons
from bot.language import Translator

Rows = tuple[tuple[Button, ...], ...]


def ways_out(ctx: Context, back: str, *, first: Rows = (), prompt: str = "") -> Buttons:
    """`first`, then 返回 to the action `back` and 取消."""
    t = ctx.t
    last = (Button(t("Back"), back), Button(t("Cancel"), "cancel"))
    return Buttons((*first, last), prompt)


def too_much(t: Translator) -> str:
    """What to say to somebody who typed a whole ID or card number."""
    return t(
        "That looks like a whole ID or card number. I have forgotten it already; please never "
        "type it in a chat, and delete your message if you can."
    )


def typed(ctx: Context) -> str:
    """What was typed; empty for anything else."""
    return ctx.event.content.text if isinstance(ctx.event.content, Text) else ""
