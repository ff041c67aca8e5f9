"""How a courier is asked where they are."""

from bot.conversation.context import Context
from bot.conversation.replies import AskLocation


def ask_location(ctx: Context, *, shown_before: bool = False) -> AskLocation:
    """The channel's own way of asking for a location; `shown_before` as in `AskLocation`."""
    t = ctx.t
    return AskLocation(
        t("Send my location"),
        {
            "menu": t("Tap 发送位置 in the menu below, or ＋ → 位置 → 发送位置."),
            "typed": t("For example: 位置 40.84,111.75 (latitude first)."),
        },
        shown_before,
    )
