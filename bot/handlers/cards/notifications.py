"""Renders each notification about a card, from what is true when it is sent or shown."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.stations.remembered import Search
from bot.services.cards import applications
from bot.services.cards.applications import Application, Cards
from bot.services.notifications.kinds import NoticeKind

Describe = Callable[[Db, Translator, Application, Search | None, datetime], Awaitable[list[Part]]]
"""An application in words, with the way to its outlet from a point, as of a moment."""


class CardNotifications:
    """The renderers, by kind of notification; `describe` words the application."""

    def __init__(self, cards: Cards, describe: Describe) -> None:
        self._cards = cards
        self._describe = describe

    def feature(self) -> Feature:
        """Its renderers."""
        return Feature(
            renderers={
                NoticeKind.CARD_STAGE: self.stage_changed,
                NoticeKind.CARD_BOUND_ELSEWHERE: self.bound_elsewhere,
            }
        )

    async def stage_changed(self, notice: NoticeContext) -> Reply | None:
        """A stage was reached; nothing where the next one was reached since, or it was unbound."""
        number, stage = (notice.params.get(name) for name in ("application", "stage"))
        if not (isinstance(number, int) and isinstance(stage, int)):
            return None
        db, t = notice.db, notice.t
        one = await self._cards.show(db, notice.courier_id, number)
        if one is None or await applications.latest_stage(db, number) != stage:
            return None
        parts = await self._describe(db, t, one, None, notice.now)
        row = (Button(t("Show it again"), f"card.show:{number}"),)
        head = Say(t("Your card has moved:"))
        return Reply((head, *parts, Buttons((row,), "")))

    async def bound_elsewhere(self, notice: NoticeContext) -> Reply | None:
        """Another chat was bound to an application; nothing where this courier unbound it since."""
        number, t = notice.params.get("application"), notice.t
        if not isinstance(number, int):
            return None
        one = await self._cards.show(notice.db, notice.courier_id, number)
        if one is None:
            return None
        message = t(
            "Another chat has just proved to own your application {number}, and sees its progress "
            "now. If that was you or somebody you asked, all is well. If not, talk to a person or "
            "tell the outlet: somebody knows your application number and last digits.",
            number=one.number,
        )
        row = (
            Button(t("Talk to a person"), "human"),
            Button(t("Where is my card"), f"card.show:{number}"),
        )
        return Reply((Say(message), Buttons((row,), "")))
