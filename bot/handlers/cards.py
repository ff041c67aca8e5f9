"""我卡办到哪了: recognised once by two facts, then told what to do next, and pushed when it moves.

```mermaid
stateDiagram-v2
    [*] --> consent: nothing is bound yet
    consent --> number: 同意
    consent --> [*]: 不同意
    number --> number: no such thing as an application number, or far too much
    number --> fact: application number
    fact --> number: 返回
    fact --> answer: both facts belong together
    fact --> number: they do not (the same words, whichever is wrong)
    fact --> [*]: too many tries
    [*] --> answer: one application is bound
    [*] --> list: several are
    list --> answer
    answer --> [*]: 解除绑定
```
"""

from datetime import datetime

from bot.conversation.context import Context, Db, StaleButtonError
from bot.conversation.replies import Button, Buttons, Part, Reply, Say, Then
from bot.geo.point import Point
from bot.handlers import card_words, names, station_words
from bot.handlers.card_words import Outlet
from bot.handlers.feature import Feature
from bot.handlers.flow import too_much, typed, ways_out
from bot.handlers.notices import Occasion
from bot.handlers.station_answers import pending
from bot.language import Translator
from bot.services import cards, consents, facts, stations
from bot.services.board import Board
from bot.services.card_requests import CardRequests
from bot.services.cards import Application, Cards
from bot.services.errors import TriesUsedUp

CONSENT, CONSENT_ABROAD = "card", "card_abroad"


class CardTalk:
    """Everything about an application that the bank knows of."""

    def __init__(self, known: Cards, requests: CardRequests, board: Board) -> None:
        self._cards = known
        self._requests = requests
        self._board = board

    def feature(self) -> Feature:
        """What buttons and words about an application do."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "my card, card status, /card"), "card.status"),
                (t.p("spoken words", "unbind, unbind card"), "card.bound"),
            )

        def offer(t: Translator) -> Button:
            return Button(t("Where is my card"), "card.status")

        return Feature(
            actions={
                "card.status": self.status,
                "card.bound": self.bound,
                "card.agree": self.agree,
                "card.refuse": self.refuse,
                "card.add": self.ask_number,
                "card.show": self.show,
                "card.unbind": self.unbind,
            },
            steps={
                "card.consent": self.hear_consent,
                "card.number": self.hear_number,
                "card.fact": self.hear_fact,
            },
            words=words,
            meanings={"card_status": self.status},
            offers={"card_status": offer},
            wordings={cards.MOVED: self.moved},
        )

    async def status(self, ctx: Context) -> Reply:
        """The one bound application, a list of several, or the way to the first."""
        mine = await self._cards.mine(ctx.db, ctx.courier.id)
        waiting = await self._requests.mine(ctx.db, ctx.courier.id)
        if len(mine) == 1 and not waiting:
            return await self._answer(ctx, mine[0].id)
        if not mine and not waiting:
            return await self._begin(ctx)
        t = ctx.t
        said: list[Part] = [
            Say(
                t(
                    "Pre-application {number} of {day}: {status}",
                    number=one.number,
                    day=names.month_day(t, one.created_at.date()),
                    status=request_status(t, one.status),
                )
            )
            for one in waiting
        ]
        rows = [(Button(card_words.in_short(t, one), f"card.show:{one.id}"),) for one in mine]
        rows += [(Button(t("Look up an application"), "card.add"),)]
        rows += [
            (Button(t("Take {number} back", number=one.number), f"apply.withdraw:{one.id}"),)
            for one in waiting
        ]
        return Reply((*said, Buttons(tuple(rows), t("Which one?"))), _still(ctx))

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
        return Reply((ways_out(ctx, "card.status", first=rows, prompt=t("Which one?")),))

    async def _begin(self, ctx: Context) -> Reply:
        if await consents.given(ctx.db, ctx.courier.id, _purpose(ctx)):
            return await self.ask_number(ctx)
        return self._ask_consent(ctx)

    def _ask_consent(self, ctx: Context) -> Reply:
        t = ctx.t
        if ctx.abroad:
            said = t(
                "To find your application I need its number and the last 4 digits of the phone on "
                "the form. May I use them, only to tell you how it stands? What you write here "
                "passes through servers outside mainland China; I never ask for your name or a "
                "whole number here. “Delete my data” takes it all back."
            )
        else:
            said = t(
                "To find your application I need its number and the last 4 digits of the phone or "
                "ID card on the form. May I use them, only to tell you how it stands? “Delete my "
                "data” takes it all back."
            )
        yes_no = (Button(t("I agree"), "card.agree"), Button(t("No"), "card.refuse"))
        return Reply((Say(said), Buttons((yes_no,), "")), Then("card.consent"))

    async def hear_consent(self, ctx: Context) -> Reply:
        """A yes or no in words; anything else is asked again."""
        word = typed(ctx).strip().strip("。.!！").casefold()
        if word in YES:
            return await self.agree(ctx)
        if word in NO:
            return await self.refuse(ctx)
        return self._ask_consent(ctx)

    async def agree(self, ctx: Context) -> Reply:
        """Remembers the yes, and goes on."""
        where = ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, _purpose(ctx), where, ctx.now, yes=True)
        return await self.ask_number(ctx)

    async def refuse(self, ctx: Context) -> Reply:
        """Remembers the no, and says what works without it."""
        where = ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, _purpose(ctx), where, ctx.now, yes=False)
        t = ctx.t
        said = t("All right, I look nothing up. The outlet tells you at the counter.")
        row = (Button(t("How to get a card"), "card.apply"), Button(t("Talk to a person"), "human"))
        return Reply((Say(said), Buttons((row,), "")))

    async def ask_number(self, ctx: Context) -> Reply:
        """The first fact. Without a consent it is asked for first, whoever kept an old button."""
        if not await consents.given(ctx.db, ctx.courier.id, _purpose(ctx)):
            return self._ask_consent(ctx)
        t = ctx.t
        said = t("Type your application number. It is on the receipt, or in the bank's message.")
        return self._at_number(ctx, said)

    def _at_number(self, ctx: Context, said: str, *more: Part) -> Reply:
        warned = Say(f"{said}\n{card_words.warning(ctx.t)}")
        return Reply((warned, *more, ways_out(ctx, "start")), Then("card.number"))

    async def hear_number(self, ctx: Context) -> Reply:
        """The application number."""
        t = ctx.t
        text = typed(ctx)
        if facts.is_too_much(text):
            return self._at_number(ctx, too_much(t))
        number = facts.application_number(text)
        if number is None:
            said = t("That is no application number: letters and digits, at least 6. Once more?")
            return self._at_number(ctx, said)
        return self._at_fact(ctx, number, "")

    def _at_fact(self, ctx: Context, number: str, said: str) -> Reply:
        t = ctx.t
        if ctx.abroad:
            asked = t("And the last 4 digits of the phone on the form.")
        else:
            asked = t("And the last 4 of the phone or of the ID card on the form, either will do.")
        lines = [line for line in (said, asked, card_words.warning(t)) if line]
        then = Then("card.fact", {"number": number})
        return Reply((Say("\n".join(lines)), ways_out(ctx, "card.add")), then)

    async def hear_fact(self, ctx: Context) -> Reply:
        """The second fact: both together are right or not, and nothing else is ever said."""
        number = ctx.data.get("number")
        if not isinstance(number, str):
            return await self.ask_number(ctx)
        text = typed(ctx)
        if facts.is_too_much(text):
            return self._at_fact(ctx, number, too_much(ctx.t))
        digits = facts.last_four(text)
        if digits is None:
            return self._at_fact(ctx, number, ctx.t("Only four: such as 1234, or 123X."))
        return await self._prove(ctx, number, digits)

    async def _prove(self, ctx: Context, number: str, digits: str) -> Reply:
        t = ctx.t
        try:
            kinds = ("phone",) if ctx.abroad else ("phone", "id")
            found = await self._cards.prove(ctx.db, ctx.courier.id, number, digits, ctx.now, kinds)
        except TriesUsedUp as refused:
            return _locked(ctx, everybody=refused.everybody)
        if found is not None:
            return await self._answer(ctx, found)
        said = t(
            "Number and digits do not belong together, or the bank has not reported it yet. "
            "Type the number once more, or ask the outlet: many cards are made at the counter "
            "and have no application. After 5 wrong tries I lock for 24 hours."
        )
        row = (Button(t("How to get a card"), "card.apply"), Button(t("Talk to a person"), "human"))
        more = ways_out(ctx, "start", first=(row,))
        return Reply((Say(f"{said}\n{card_words.warning(t)}"), more), Then("card.number"))

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
            for purpose in (CONSENT, CONSENT_ABROAD):
                if await consents.given(db, courier, purpose):
                    await consents.record(db, courier, purpose, where, ctx.now, yes=False)
        t = ctx.t
        row = (Button(t("Where is my card"), "card.status"), Button(t("My data"), "privacy"))
        said = t("Unbound. I no longer know that it is yours, and push nothing about it.")
        return Reply((Say(said), Buttons((row,), "")))

    async def moved(self, occasion: Occasion) -> Reply | None:
        """A stage was reached; nothing where the next one was reached since, or it was unbound."""
        number, stage = (occasion.params.get(name) for name in ("application", "stage"))
        if not (isinstance(number, int) and isinstance(stage, int)):
            return None
        db, t = occasion.db, occasion.t
        one = await self._cards.show(db, occasion.courier_id, number)
        if one is None or await cards.latest_stage(db, number) != stage:
            return None
        parts = await self._parts(db, t, one, None, occasion.now)
        row = (Button(t("Show it again"), f"card.show:{number}"),)
        news = Say(t("Your card has moved:"))
        return Reply((news, *parts, Buttons((row,), "")))

    async def _answer(self, ctx: Context, application_id: int) -> Reply:
        one = await self._cards.show(ctx.db, ctx.courier.id, application_id)
        if one is None:
            raise StaleButtonError
        t = ctx.t
        search = pending(ctx)
        origin = search.point if search else None
        parts = await self._parts(ctx.db, t, one, origin, ctx.now)
        another = Button(t("Another application"), "card.add")
        rows: list[tuple[Button, ...]] = [(another, Button(t("Unbind"), f"card.unbind:{one.id}"))]
        if one.status in ("rejected", "returned", "cancelled"):
            rows.insert(0, (Button(t("How to get a card"), "card.apply"),))
        if one.status in ("rejected", "unknown"):
            rows.append((Button(t("Talk to a person"), "human"),))
        return Reply((*parts, Buttons(tuple(rows), "")), _still(ctx))

    async def _parts(
        self, db: Db, t: Translator, one: Application, origin: Point | None, now: datetime
    ) -> list[Part]:
        outlet = None
        if one.status in card_words.VISITED:
            station = await stations.by_code(db, one.outlet_code)
            outlet = self.outlet(station, origin, now) if station else None
        usual = None
        if one.status in WAITED:
            usual = await cards.usual_time(db, one.status)
        text = card_words.answer(t, one, outlet, usual, now)
        if outlet is None:
            return [Say(text)]
        return [station_words.pin(t, outlet.station, text)]

    def outlet(self, station: stations.Station, origin: Point | None, now: datetime) -> Outlet:
        """A station with today's hours, and the way from where the talk is about."""
        schedule = station.schedule
        way = self._board.arrive(station.point, schedule, origin, now) if origin else None
        opening = self._board.state(schedule, now)
        return Outlet(station, opening, self._board.today(schedule, now), way)


WAITED = frozenset(
    {"submitted", "need_docs", "reviewing", "interview", "approved", "making", "made", "shipped"}
)
"""Stages that end without the courier, or after them: how long they last is worth saying."""

SAID_YES = "同意 好 好的 可以 行 嗯 是 是的 要 ok okay yes y hao xing tongyi"
SAID_NO = "不同意 不 不行 不要 不用 不可以 否 算了 no n buyao"
YES, NO = frozenset(SAID_YES.split()), frozenset(SAID_NO.split())


def request_status(t: Translator, status: str) -> str:
    """How a pre-application stands."""
    return {
        "new": t("received, not passed on yet"),
        "passed": t("passed on to the outlet, which will phone you"),
        "closed": t("done"),
    }.get(status, status)


def _purpose(ctx: Context) -> str:
    return CONSENT_ABROAD if ctx.abroad else CONSENT


def _still(ctx: Context) -> Then | None:
    search = pending(ctx)
    return search.then() if search else None


def _locked(ctx: Context, *, everybody: bool) -> Reply:
    t = ctx.t
    if everybody:
        said = t("Too many tries are going on just now; please come back in an hour.")
    else:
        said = t(
            "Too many tries that did not match, so this is locked for 24 hours, for safety. "
            "The outlet tells you at the counter, with your ID card."
        )
    row = (Button(t("Talk to a person"), "human"), Button(t("Stations near me"), "locate"))
    return Reply((Say(f"{said}\n{card_words.warning(t)}"), Buttons((row,), "")))
