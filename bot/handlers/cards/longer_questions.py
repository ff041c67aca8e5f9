"""Longer messages about the card: when and by whom it is fetched, and giving it up."""

from dataclasses import replace
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, Handler
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.cards.short_answers import answer_to_question
from bot.handlers.form_steps import typed
from bot.intents.normalise import normalise

SHOWN: Final = "card"
LONGEST: Final = 80  # characters: what is longer tells a story
_ABOUT: Final = LazyPattern(
    "领|取|拿|捎|代[办领取]|过了|没过|审核|批[了下]|下来|啥时候|什么时候|多会|多久|哪天|能好|周末|短信|统一|本人"
    r"|\b(?:approved|collect|pick up|when|how long|rejected)\b"
)
_ELSEWHERE: Final = LazyPattern("外卖|餐|快递|包裹|快件|派件|取件|单子|热水|厕所|充电|站(?!点)")
_GIVES_UP: Final = LazyPattern(
    "不(?:想|打算|准备)?[办要领]了|不稀罕|[撤退](?:了|掉|回|销|得了)|撤(?:申请|卡)|取消|作废|算[求了]"
    r"|\b(?:cancel|withdraw|drop|forget|nvm|never mind)\b"
)
_CARD: Final = LazyPattern(r"卡|申请|\bcard\b|\bapplication\b")
_NOT_CARD: Final = LazyPattern(
    "提醒|通知|消息|推送|推了|课|培训|大讲堂|名额|报名|手机卡|流量|收藏|绑|数据|登记"
    r"|\b(?:messages?|msgs?|remind)\b"
)
_NOT_YET: Final = LazyPattern("没(?:有)?(?:取消|撤|退)|别(?:取消|撤|退)|取消了?吗|不要(?:取消|撤)")


class LongerCardQuestions:
    """`show` is the handler of an application's button."""

    def __init__(self, show: Handler) -> None:
        self._show = show

    async def picked(self, ctx: Context) -> Reply | None:
        """The answer about the application shown, or to who gives a card up; None for others."""
        text = normalise(typed(ctx))
        if ctx.data.keys() - CARRIED - {SHOWN} or not 2 < len(text) <= LONGEST:
            return None
        number = ctx.data.get(SHOWN)
        shown = isinstance(number, int)
        if _NOT_CARD.search(text):
            return None
        if _GIVES_UP.search(text) and not _NOT_YET.search(text) and (shown or _CARD.search(text)):
            return self._given_up(ctx, shown=shown)
        if not shown or not _ABOUT.search(text) or _ELSEWHERE.search(text):
            return None
        reply = await self._show(replace(ctx, args=(str(number),)))
        said = answer_to_question(ctx.t, text)
        return replace(reply, parts=(Say(said), *reply.parts)) if said else reply

    def _given_up(self, ctx: Context, *, shown: bool) -> Reply:
        """Only the bank ends an application; what this service knows of it can go at once."""
        t = ctx.t
        said = t(
            "I cannot withdraw an application at the bank: tell the outlet, or simply do not "
            "fetch the card, and it costs you nothing with me. What I know of it I can drop now."
        )
        rows: list[tuple[Button, ...]] = [
            (Button(t("Where is my card"), "card.status"), Button(t("Unbind"), "card.bound"))
        ]
        if shown:
            rows = [(Button(t("Keep it"), "card.status"), Button(t("Unbind"), "card.bound"))]
        rows.append((Button(t("Talk to a person"), "human"),))
        return Reply((Say(said), Buttons(tuple(rows), "")))
