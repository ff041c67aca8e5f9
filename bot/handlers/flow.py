"""What the steps of every flow share: the two ways out, and what is typed."""

from collections.abc import Mapping

from bot.conversation.context import Context, Handler
from bot.conversation.events import Text
from bot.conversation.replies import Button, Buttons, Reply, Then
from bot.language import Translator
from bot.services import facts

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


def cautious(steps: Mapping[str, Handler]) -> dict[str, Handler]:
    """Steps that never see a whole ID or card number: it is warned of, and they wait on."""

    def guarded(name: str, step: Handler) -> Handler:
        async def answer(ctx: Context) -> Reply:
            if not facts.is_too_much(typed(ctx)):
                return await step(ctx)
            out = ((Button(ctx.t("Cancel"), "cancel"),),)
            return Reply((Buttons(out, too_much(ctx.t)),), Then(name, dict(ctx.data)))

        return answer

    return {name: guarded(name, step) for name, step in steps.items()}
