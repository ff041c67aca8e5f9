"""The warning of the month against fraud, as it is pushed to those who switched it on."""

from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply
from bot.handlers.feature import Feature
from bot.handlers.finance.texts import MoneyTexts
from bot.services.notifications.kinds import NoticeKind


class FraudWarnings:
    """Renders warnings from `texts`."""

    def __init__(self, texts: MoneyTexts) -> None:
        self._texts = texts

    def feature(self) -> Feature:
        """Its notice, which is sent again where it is unknown whether it arrived."""
        return Feature(
            renderers={NoticeKind.WARNING: self.warning}, repeats=frozenset({NoticeKind.WARNING})
        )

    async def warning(self, notice: NoticeContext) -> Reply | None:
        """The warning; nothing where it is no longer in force."""
        code, t = notice.params.get("code"), notice.t
        if not isinstance(code, str):
            return None
        parts = await self._texts.warning(notice.db, t, code, notice.now)
        if not parts:
            return None
        row = (
            Button(t("Is it a scam?"), "scam.ask"),
            Button(t("Stop fraud warnings"), "remind.set:warning:0"),
        )
        return Reply((*parts, Buttons((row,), "")))
