"""钱的事: what an outlet does about wages, savings, loans …, whom to ask, and where; no advice.

The texts are content of kind "topic"; where there is none, the outlets and the warning are shown
all the same. Rates and amounts are the outlet's to name.
"""

from dataclasses import replace

from bot.common.facilities import SERVICES, mask
from bot.common.i18n import Translator
from bot.conversation.context import Context, Handler, StaleButtonError
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers.feature import Feature
from bot.handlers.finance import wording
from bot.handlers.finance.texts import MoneyTexts
from bot.handlers.form_steps import typed
from bot.handlers.stations.remembered import Filters, Search, remembered_search
from bot.handlers.stations.search import StationHandlers
from bot.intents.subjects.money import (
    GENERAL,
    asks_for_appointment,
    asks_for_own_appointments,
    money_topic,
)
from bot.services.notifications import queue
from bot.services.notifications.queue import Topic


class MoneyHandlers:
    """The topics with their `texts`; `appointments` answers who asks for one."""

    def __init__(self, stations: StationHandlers, texts: MoneyTexts, appointments: Handler) -> None:
        self._stations = stations
        self._texts = texts
        self._appointments = appointments

    def feature(self) -> Feature:
        """Its buttons and words, and its place in the menu; `asked` takes free text."""

        def offer(t: Translator) -> Button:
            return Button(t("Money matters"), "money")

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return ((t.p("spoken words", "money, money matters, /money"), "money"),)

        return Feature(
            actions={"money": self.menu, "money.topic": self.show, "money.where": self.where},
            words=words,
            menu=(offer,),
        )

    async def menu(self, ctx: Context) -> Reply:
        """All topics, the check for fraud, and one's own appointments."""
        t = ctx.t
        topics = [Button(wording.topic(t, code), f"money.topic:{code}") for code in SERVICES]
        rows = [tuple(topics[at : at + 2]) for at in range(0, len(topics), 2)]
        warnings = await queue.wants(ctx.db, ctx.courier.id, Topic.WARNING)
        switch = Button(t("Warn me of tricks"), "remind.set:warning:1")
        scam = Button(t("Is it a scam?"), "scam.ask")
        rows.append((scam,) if warnings else (scam, switch))
        rows.append((Button(t("My appointments"), "appt.mine"), Button(t("Back"), "start")))
        text = t("What is it about? I say which outlet does it and whom to ask.")
        return Reply((Say(f"{text}\n{wording.warning(t)}"), Buttons(tuple(rows), t("Pick one:"))))

    async def show(self, ctx: Context) -> Reply:
        """One topic."""
        return await self._topic(ctx, _code(ctx))

    async def where(self, ctx: Context) -> Reply:
        """The outlets that do it and are open on arrival, from the place that is known."""
        wanted = mask([_code(ctx)])
        before = remembered_search(ctx)
        if before is None:
            return self._stations.ask_for(ctx, Filters(wanted))
        there = Search(before.point, wanted, name=before.name, shared_at=before.shared_at)
        return await self._stations.search(ctx, there)

    async def asked(self, ctx: Context) -> Reply | None:
        """A message about money or an appointment; None for all others."""
        text = typed(ctx)
        code = money_topic(text)
        if asks_for_own_appointments(text):
            return await self._appointments(replace(ctx, args=()))
        if asks_for_appointment(text):
            return await self._appointments(replace(ctx, args=(code,) if code else ()))
        if code is None:
            return None
        return await self.menu(ctx) if code == GENERAL else await self._topic(ctx, code)

    async def _topic(self, ctx: Context, code: str) -> Reply:
        t = ctx.t
        parts = list(await self._texts.topic(ctx.db, t, code, ctx.now))
        if not parts:
            missing = t(
                "What the outlet wants to see it says itself; bring your ID card and phone."
            )
            heading = t("【{topic}】", topic=wording.topic(t, code))
            parts = [Say(f"{heading}\n{missing}")]
        parts.append(Say(wording.warning(t)))
        rows = (
            (
                Button(t("Which outlet does it"), f"money.where:{code}"),
                Button(t("Ask for a call or a visit"), f"appt.begin:{code}"),
            ),
            (Button(t("Is it a scam?"), "scam.ask"), Button(t("Money matters"), "money")),
        )
        return Reply((*parts, Buttons(rows, "")), Then("", dict(ctx.data)))


def _code(ctx: Context) -> str:
    """The topic that a button names. Raises `StaleButtonError`."""
    code = ctx.args[0] if ctx.args else ""
    if code not in SERVICES:
        raise StaleButtonError
    return code
