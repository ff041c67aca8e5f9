"""我卡办到哪了: verified once by two facts; then the status, the next step, and news as notices.

```mermaid
stateDiagram-v2
    [*] --> verification: nothing is bound yet (`verification`)
    verification --> answer
    [*] --> answer: one application is bound
    [*] --> list: several are
    list --> answer
    answer --> [*]: 解除绑定
```
"""

from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Context, Db, StaleButtonError
from bot.conversation.replies import Button, Buttons, Part, Reply, Say, Then
from bot.handlers import labels
from bot.handlers.cards import about_shown, wording
from bot.handlers.cards.about_shown import ShownCardHandlers
from bot.handlers.cards.longer_questions import LongerCardQuestions
from bot.handlers.cards.notifications import CardNotifications
from bot.handlers.cards.verification import CardVerification
from bot.handlers.cards.wording import BankOutlet
from bot.handlers.feature import Feature, join
from bot.handlers.form_steps import navigation_buttons
from bot.handlers.stations import wording as station_wording
from bot.handlers.stations.remembered import Search, remembered_search
from bot.intents import Intent
from bot.services.cards.applications import Application, Cards
from bot.services.cards.pre_applications import PreApplications
from bot.services.cards.statuses import CardStatus
from bot.services.cards.usual_times import UsualTimes
from bot.services.couriers import consents
from bot.services.couriers.consents import Purpose
from bot.services.stations import catalogue
from bot.services.stations.search import StationSearch


class CardHandlers:
    """Everything about an application that the bank has reported."""

    def __init__(self, known: Cards, requests: PreApplications, stations: StationSearch) -> None:
        self._cards = known
        self._requests = requests
        self._stations = stations
        self._usual_times = UsualTimes()
        self._verification = CardVerification(known, self._answer)
        self._notifications = CardNotifications(known, self._parts)

    def feature(self) -> Feature:
        """What buttons and words about an application do."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "my card, card status, /card"), "card.status"),
                (t.p("spoken words", "unbind, unbind card"), "card.bound"),
            )

        def offer(t: Translator) -> Button:
            return Button(t("Where is my card"), "card.status")

        own = Feature(
            actions={
                "card.status": self.status,
                "card.bound": self.bound,
                "card.show": self.show,
                "card.unbind": self.unbind,
            },
            words=words,
            intent_handlers={Intent.CARD_STATUS: self.status},
            intent_buttons={Intent.CARD_STATUS: offer},
            references=(
                ShownCardHandlers(self._cards, self._stations, self.outlet).picked,
                LongerCardQuestions(self.show).picked,
            ),
        )
        return join([own, self._verification.feature(), self._notifications.feature()])

    async def status(self, ctx: Context) -> Reply:
        """The one bound application, a list of several, or the way to the first."""
        mine, may_wait = await self._cards.whole(ctx.db, ctx.courier.id)
        waiting = await self._requests.mine(ctx.db, ctx.courier.id) if may_wait else []
        if len(mine) == 1 and not waiting:
            return await self._worded(ctx, mine[0])
        if not mine and not waiting:
            return await self._verification.ask_number(ctx)
        t = ctx.t
        messages: list[Part] = [
            Say(
                t(
                    "Pre-application {number} of {day}: {status}",
                    number=one.number,
                    day=labels.month_day(t, one.created_at.date()),
                    status=wording.pre_application_status(t, one.status),
                )
            )
            for one in waiting
        ]
        rows = [(Button(wording.in_short(t, one), f"card.show:{one.id}"),) for one in mine]
        rows += [(Button(t("Look up an application"), "card.add"),)]
        rows += [
            (Button(t("Take {number} back", number=one.number), f"apply.withdraw:{one.id}"),)
            for one in waiting
        ]
        return Reply((*messages, Buttons(tuple(rows), t("Which one?"))), _keep_place(ctx))

    async def bound(self, ctx: Context) -> Reply:
        """What is bound, each with its way out."""
        t = ctx.t
        mine = await self._cards.mine(ctx.db, ctx.courier.id)
        if not mine:
            row = (Button(t("Where is my card"), "card.status"),)
            return Reply((Say(t("No application is bound to this chat.")), Buttons((row,), "")))
        rows = tuple(
            (Button(t("Unbind {number}", number=one.number), f"card.unbind:{one.id}"),)
            for one in mine
        )
        return Reply((navigation_buttons(ctx, "card.status", first=rows, prompt=t("Which one?")),))

    async def show(self, ctx: Context) -> Reply:
        """One bound application, from a button of any age."""
        return await self._answer(ctx, ctx.number(0))

    async def unbind(self, ctx: Context) -> Reply:
        """Forgets an application; with the last one the consent ends too."""
        db, courier = ctx.db, ctx.courier.id
        if not await self._cards.unbind(db, courier, ctx.number(0)):
            raise StaleButtonError
        if not await self._cards.mine(db, courier):
            where = ctx.event.sender.channel
            for purpose in (Purpose.CARD, Purpose.CARD_OVERSEAS):
                if await consents.given(db, courier, purpose):
                    await consents.record(db, courier, purpose, where, ctx.now, yes=False)
        t = ctx.t
        row = (Button(t("Where is my card"), "card.status"), Button(t("My data"), "privacy"))
        message = t("Unbound. I no longer know that it is yours, and push nothing about it.")
        return Reply((Say(message), Buttons((row,), "")))

    async def _answer(self, ctx: Context, application_id: int) -> Reply:
        one = await self._cards.show(ctx.db, ctx.courier.id, application_id)
        if one is None:
            raise StaleButtonError
        return await self._worded(ctx, one)

    async def _worded(self, ctx: Context, one: Application) -> Reply:
        t = ctx.t
        search = remembered_search(ctx)
        parts = await self._parts(ctx.db, t, one, search, ctx.now)
        another = Button(t("Another application"), "card.add")
        rows: list[tuple[Button, ...]] = [(another, Button(t("Unbind"), f"card.unbind:{one.id}"))]
        if one.status in (CardStatus.REJECTED, CardStatus.RETURNED, CardStatus.CANCELLED):
            rows.insert(0, (Button(t("How to get a card"), "card.apply"),))
        if one.status in (CardStatus.REJECTED, CardStatus.UNKNOWN):
            rows.append((Button(t("Talk to a person"), "human"),))
        return Reply((*parts, Buttons(tuple(rows), "")), about_shown.shown(ctx, one.id))

    async def _parts(
        self, db: Db, t: Translator, one: Application, search: Search | None, now: datetime
    ) -> list[Part]:
        outlet = None
        if one.status in wording.VISITED:
            station = await catalogue.by_code(db, one.outlet_code, self._stations.described)
            outlet = self.outlet(station, search, now) if station else None
        usual = None
        if one.status in WAITED:
            usual = await self._usual_times.usual_time(db, one.status, now)
        text = wording.answer(t, one, outlet, usual, now)
        if outlet is None:
            return [Say(text)]
        return [station_wording.pin(t, outlet.station, text, aside=True)]

    def outlet(
        self, station: catalogue.Station, search: Search | None, now: datetime
    ) -> BankOutlet:
        """A station with today's hours, and the way from the place in the conversation."""
        schedule = station.schedule
        if search is None:
            way, seen_from = None, ""
        else:
            way = self._stations.arrive(station.point, schedule, search.point, now)
            seen_from = search.name
        opening = self._stations.state(schedule, now)
        return BankOutlet(station, opening, self._stations.today(schedule, now), way, seen_from)


WAITED = frozenset(
    {
        CardStatus.SUBMITTED,
        CardStatus.NEED_DOCS,
        CardStatus.REVIEWING,
        CardStatus.INTERVIEW,
        CardStatus.APPROVED,
        CardStatus.MAKING,
        CardStatus.MADE,
        CardStatus.SHIPPED,
    }
)
"""Stages whose usual duration is shown: the bank or the outlet ends them."""


def _keep_place(ctx: Context) -> Then | None:
    search = remembered_search(ctx)
    return search.then() if search else None
