"""我的账号: which chats share an account, a code that links another one, and unlinking.

```mermaid
stateDiagram-v2
    [*] --> account: 我的账号
    account --> code: 生成绑定码
    code --> [*]: to be sent from the other chat
    account --> enter: 输入绑定码
    enter --> enter: no code that counts
    enter --> account: 返回
    enter --> [*]: linked, or too many tries
    [*] --> confirm: a code sent at any time
    confirm --> [*]: linked, or not
    account --> ask: 解绑
    ask --> account: 返回
    ask --> [*]: 确定解绑
```
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.services.couriers.account_linking import AccountLinking, Chat
from bot.services.couriers.errors import LinkRefusal, LinkRefused

PASTED: Final = LazyPattern(
    r"(?:我的|你的)?(?:绑定码|linking code|code)?(?:是|[: ])*"
    r"([2-9a-z]{4}-[2-9a-z]{4}|(?![a-z]{2,8}[0-9]{6,10}$)(?=[a-z]*[2-9])(?=[2-9]*[a-z])[2-9a-z]{8})"
)
"""A linking code sent without being asked for, as the router's `comparable` leaves it.

Without its hyphen only where it has letters and digits and is no application number."""


class AccountLinkingHandlers:
    """Everything about the chats of one courier."""

    def __init__(self, linking: AccountLinking) -> None:
        self._linking = linking

    def feature(self) -> Feature:
        """What buttons and words about one's account do."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "my account, account, link account, /account"), "account"),
                (t.p("spoken words", "new linking code, linking code"), "link.code"),
                (t.p("spoken words", "enter linking code, i have a linking code"), "link.enter"),
            )

        return Feature(
            actions={
                "account": self.show,
                "link.code": self.new_code,
                "link.enter": self.ask_code,
                "link.ask": self.ask_unlink,
                "link.off": self.unlink,
                "link.use": self.use_pasted,
            },
            code_patterns={PASTED: self.confirm_pasted},
            steps={"link.enter": self.receive_code},
            words=words,
        )

    async def show(self, ctx: Context) -> Reply:
        """The chats that share this account, and what can be done about it."""
        t = ctx.t
        chats = await self._linking.chats(ctx.db, ctx.courier.id)
        codes = (
            Button(t("Make a linking code"), "link.code"),
            Button(t("Enter a linking code"), "link.enter"),
        )
        data = (Button(t("My data"), "privacy"),)
        if len(chats) == 1:
            message = t(
                "Only this chat uses your account. Link your WeChat, Telegram or web page to it: "
                "kept stations, card progress and registrations are then the same in both."
            )
            return Reply((Say(message), Buttons((codes, data, _navigation(t, "start")), "")))
        lines = [t("These chats use the same account:")]
        rows = []
        for chat, name in _named(t, chats):
            if chat.id == ctx.courier.chat_id:
                lines.append(t("· {chat} (right here)", chat=name))
            else:
                day = labels.month_day(t, chat.used_at.astimezone(CHINA).date())
                lines.append(t("· {chat}, last used {day}", chat=name, day=day))
            rows.append((Button(t("Unlink {chat}", chat=name), f"link.ask:{chat.id}"),))
        buttons = Buttons((codes, *rows, data, _navigation(t, "start")), "")
        return Reply((Say("\n".join(lines)), buttons))

    async def new_code(self, ctx: Context) -> Reply:
        """A new code, how to use it and why nobody else may have it."""
        t = ctx.t
        code = await self._linking.new_code(ctx.db, ctx.courier.id, ctx.now)
        message = t(
            "Linking code: {code}\n"
            "Valid for 10 minutes, once. In the chat that you want to link, send “link account”, "
            "pick “Enter a linking code” and send it there.\n"
            "Give it to nobody: whoever has it sees your card progress and registrations.",
            code=f"{code[:4]}-{code[4:]}",
        )
        return Reply((Say(message), Buttons((_navigation(t, "account"),), "")))

    async def ask_code(self, ctx: Context) -> Reply:
        """Waits for a code, with the warning that belongs to it."""
        t = ctx.t
        message = t(
            "Send the linking code that you made in your other chat; what is kept here moves to "
            "that account.\n"
            "Only a code that you made yourself: with somebody else's, they would see what is "
            "yours."
        )
        return Reply((Say(message), Buttons((_navigation(t, "account"),), "")), Then("link.enter"))

    async def receive_code(self, ctx: Context) -> Reply:
        """Links, or says in one sentence why the code was not accepted."""
        return await self._redeem(ctx, typed(ctx))

    async def _redeem(self, ctx: Context, text: str) -> Reply:
        t = ctx.t
        chat_id, courier_id = ctx.courier.chat_id, ctx.courier.id
        try:
            owner = await self._linking.redeem(ctx.db, chat_id, courier_id, text, ctx.now)
        except LinkRefused as refused:
            return _refused(t, refused.reason)
        chats = await self._linking.chats(ctx.db, owner)
        others = [name for chat, name in _named(t, chats) if chat.id != chat_id]
        message = t(
            "Linked with {chats}: kept stations, card progress and registrations are the same in "
            "all of them now.",
            chats=t(", ").join(others),
        )
        row = (Button(t("My account"), "account"), Button(t("My favourites"), "favourites"))
        return Reply((Say(message), Buttons((row,), "")))

    async def confirm_pasted(self, ctx: Context) -> Reply:
        """A code that was sent out of the blue: asks whose it is, as the way through the menu does.

        Whoever made the code sees what is the sender's, so that it is not taken without a word.
        """
        t = ctx.t
        message = t(
            "That is a linking code. Link this chat with the one that made it? Kept stations, card "
            "progress and registrations are then the same in both.\n"
            "Only a code that you made yourself: with somebody else's, they would see what is "
            "yours."
        )
        row = (Button(t("It is mine, link"), "link.use"), Button(t("Cancel"), "cancel"))
        return Reply((Buttons((row,), message),), Then("", {"linking_code": ctx.args[0]}))

    async def use_pasted(self, ctx: Context) -> Reply:
        """Links with the code that was sent and confirmed."""
        code = ctx.data.get("linking_code")
        if not isinstance(code, str):
            raise StaleButtonError
        return await self._redeem(ctx, code)

    async def ask_unlink(self, ctx: Context) -> Reply:
        """What unlinking means, before it is done."""
        t = ctx.t
        chat_id = ctx.number(0)
        name = await self._name(ctx, chat_id)
        message = t(
            "{chat} then begins anew with an account of its own: kept stations, card progress and "
            "registrations stay with the other chats. Unlink it?",
            chat=name,
        )
        rows = (
            (Button(t("Yes, unlink"), f"link.off:{chat_id}"),),
            _navigation(t, "account"),
        )
        return Reply((Say(message), Buttons(rows, "")))

    async def unlink(self, ctx: Context) -> Reply:
        """Unlinks a chat, which has an account of its own from then on."""
        t = ctx.t
        chat_id = ctx.number(0)
        name = await self._name(ctx, chat_id)
        await self._linking.unlink(ctx.db, ctx.courier.id, chat_id, ctx.now)
        message = t("Unlinked: {chat} has an account of its own now.", chat=name)
        row = (Button(t("My account"), "account"), Button(t("Help"), "help"))
        return Reply((Say(message), Buttons((row,), "")))

    async def _name(self, ctx: Context, chat_id: int) -> str:
        """The chat as it was listed; a button of one that is no longer linked is stale."""
        chats = await self._linking.chats(ctx.db, ctx.courier.id)
        found = [name for chat, name in _named(ctx.t, chats) if chat.id == chat_id]
        if not found or len(chats) == 1:
            raise StaleButtonError
        return found[0]


def _refused(t: Translator, reason: LinkRefusal) -> Reply:
    match reason:
        case LinkRefusal.TRIES:
            message = t("Too many wrong codes. Try again in 10 minutes.")
            return Reply((Say(message), Buttons((_navigation(t, "account"),), "")))
        case LinkRefusal.SAME:
            message = t("This chat uses that account already. Send the code from the other chat.")
        case LinkRefusal.BUSY:
            message = t("Your other chat was just being answered. Send the code once more.")
        case LinkRefusal.CODE:
            message = t(
                "That code does not count (wrong, used or older than 10 minutes). Make a new one "
                "in your other chat and send it here."
            )
    return Reply((Say(message), Buttons((_navigation(t, "account"),), "")), Then("link.enter"))


def channel_name(t: Translator, channel: str) -> str:
    """A channel as couriers call it."""
    known = {
        "wechat": t("WeChat"),
        "telegram": t("Telegram"),
        "web": t("the web page"),
        "terminal": t("the terminal"),
    }
    return known.get(channel, channel)


def _named(t: Translator, chats: Sequence[Chat]) -> list[tuple[Chat, str]]:
    """Each chat with its channel's name, counted where there are several of a channel."""
    of_channel = Counter(chat.channel for chat in chats)
    seen: Counter[str] = Counter()
    named = []
    for chat in chats:
        name = channel_name(t, chat.channel)
        if of_channel[chat.channel] > 1:
            seen[chat.channel] += 1
            name = t("{chat} {n}", chat=name, n=seen[chat.channel])
        named.append((chat, name))
    return named


def _navigation(t: Translator, back: str) -> tuple[Button, ...]:
    return (Button(t("Back"), back), Button(t("Cancel"), "cancel"))
