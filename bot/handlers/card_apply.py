"""怎么办卡: who may have one and what to bring, and a pre-application that an outlet calls back on.

```mermaid
stateDiagram-v2
    [*] --> how: 怎么办卡
    how --> name: 先登记
    name --> phone
    phone --> firm
    firm --> outlet
    outlet --> outlet: another place or league
    outlet --> check: one of the nearest, or a typed one
    check --> [*]: 提交 (number YQ-…)
    phone --> name: 返回
    firm --> phone: 返回
    outlet --> firm: 返回
    check --> outlet: 返回
```

取消 leaves at every step. Nothing is written before 提交: until then it is in the sealed
conversation. On a channel whose messages leave mainland China no name and no phone are asked for.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from bot.clock import CHINA
from bot.conversation.context import Context, Handler, StaleButtonError
from bot.conversation.events import Location
from bot.conversation.replies import Button, Buttons, Json, Part, Reply, Say, Then
from bot.facilities import mask
from bot.geo.places import Kind, Places
from bot.geo.point import Point
from bot.handlers import card_words, names, station_words
from bot.handlers.cards import CardTalk, request_status
from bot.handlers.feature import Feature
from bot.handlers.flow import Rows, too_much, typed, ways_out
from bot.handlers.station_answers import Search, pending
from bot.handlers.stations import ask_location
from bot.language import Translator
from bot.services import consents, facts, stations
from bot.services.board import Board
from bot.services.card_requests import CardRequests, Draft
from bot.services.firms import firm_of, firms
from bot.services.masking import mask_name, mask_phone

CONSENT: Final = "card_apply"
BANK: Final = mask(["bank"])
FIRMS_A_PAGE: Final = 6
OUTLETS: Final = 3
LONGEST: Final = 40  # characters of a typed firm or outlet


@dataclass(frozen=True, slots=True)
class Form:
    """What has been told so far; lives in the conversation only."""

    name: str = ""
    phone: str = ""
    firm: str = ""
    outlet_id: int | None = None
    outlet: str = ""

    def then(self, step: str) -> Then:
        """Waits at a step with all of it."""
        said: dict[str, Json] = {
            "name": self.name,
            "phone": self.phone,
            "firm": self.firm,
            "outlet_id": self.outlet_id,
            "outlet": self.outlet,
        }
        return Then(step, {"apply": said})


def form_of(ctx: Context) -> Form | None:
    """The form that the conversation is about, if it is about one."""
    said: Any = ctx.data.get("apply")
    return Form(**said) if isinstance(said, dict) else None


class ApplyTalk:
    """How to get a card, and the pre-application."""

    def __init__(
        self,
        requests: CardRequests,
        board: Board,
        places: Places,
        card_talk: CardTalk,
        elsewhere: Handler,
    ) -> None:
        self._requests = requests
        self._board = board
        self._places = places
        self._card_talk = card_talk
        self._elsewhere = elsewhere

    def feature(self) -> Feature:
        """What buttons and words about a new card do."""

        def offer(t: Translator) -> Button:
            return Button(t("How to get a card"), "card.apply")

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            spoken = t.p("spoken words", "get a card, how do I get a card, apply, /apply")
            return ((spoken, "card.apply"),)

        return Feature(
            actions={
                "card.apply": self.how,
                "apply.begin": self.begin,
                "apply.name": self.ask_name,
                "apply.phone": self.ask_phone,
                "apply.firms": self.ask_firm,
                "apply.firm": self.pick_firm,
                "apply.outlets": self.ask_outlet,
                "apply.near": self.outlets_of,
                "apply.at": self.pick_outlet,
                "apply.send": self.send,
                "apply.withdraw": self.withdraw,
            },
            steps={
                "apply.name": self.hear_name,
                "apply.phone": self.hear_phone,
                "apply.firm": self.hear_firm,
                "apply.outlet": self.hear_outlet,
                "apply.check": self.check,
            },
            words=words,
            meanings={"card_apply": self.how},
            offers={"card_apply": offer},
        )

    async def how(self, ctx: Context) -> Reply:
        """Who, what to bring, what it brings; what only the bank can say is left to the bank."""
        t = ctx.t
        said = t(
            "【How to get the 奋斗卡】\n"
            "Who: couriers at work in Inner Mongolia. A debit card of ICBC.\n"
            "Bring: your original ID card and your phone, and go yourself. Whether the outlet "
            "wants to see where you work: phone it first.\n"
            "Where: at the counter of an ICBC outlet; debit cards are often made right there.\n"
            "Fees and benefits: what the bank says counts; ask before you sign."
        )
        parts: list[Part] = [Say(f"{said}\n{card_words.warning(t)}")]
        search = pending(ctx)
        if search is not None and (found := await self._nearest(ctx, search.point)):
            station = found[0]
            outlet = self._card_talk.outlet(station, search.point, ctx.now)
            lines = [t("Nearest outlet"), *card_words.outlet_lines(t, outlet, ctx.now)]
            parts.append(station_words.pin(t, station, "\n".join(lines)))
        else:
            parts.append(Say(t("Send me where you are and I name the nearest outlet.")))
            parts.append(ask_location(ctx))
        row = (
            Button(t("Register now"), "apply.begin"),
            Button(t("Where is my card"), "card.status"),
        )
        then = search.then() if search else Then("", {"seek": "outlet"})
        return Reply((*parts, Buttons((row,), t("Or have an outlet phone you:"))), then)

    async def at_location(self, ctx: Context) -> Reply:
        """A shared location: the outlet while one is looked for, else the nearest stations."""
        content = ctx.event.content
        if not isinstance(content, Location):
            raise StaleButtonError
        form = form_of(ctx)
        if form is not None and form.firm:
            return await self._offer_outlets(ctx, form, content.point, "")
        if ctx.data.get("seek") != "outlet":
            return await self._elsewhere(ctx)
        t = ctx.t
        found = await self._nearest(ctx, content.point)
        if not found:
            return await self._elsewhere(ctx)
        outlet = self._card_talk.outlet(found[0], content.point, ctx.now)
        lines = [t("Nearest outlet"), *card_words.outlet_lines(t, outlet, ctx.now)]
        pin = station_words.pin(t, found[0], "\n".join(lines))
        row = (
            Button(t("Register now"), "apply.begin"),
            Button(t("Stations near me"), "near.more:0"),
        )
        return Reply((pin, Buttons((row,), "")), Search(content.point).then())

    async def begin(self, ctx: Context) -> Reply:
        """The form from its first line; one that is on its way is shown instead."""
        t = ctx.t
        open_ones = [
            one
            for one in await self._requests.mine(ctx.db, ctx.courier.id)
            if one.status != "closed"
        ]
        if open_ones:
            one = open_ones[0]
            said = t(
                "You have registered already: {number} of {day}, {status}.",
                number=one.number,
                day=names.month_day(t, one.created_at.astimezone(CHINA).date()),
                status=request_status(t, one.status),
            )
            back = (Button(t("Take {number} back", number=one.number), f"apply.withdraw:{one.id}"),)
            return Reply((Say(said), Buttons((back,), "")))
        if ctx.abroad:
            said = t(
                "Here I take no names and no phone numbers: what you write passes through servers "
                "outside mainland China. Register in our web chat or on WeChat, or go to the "
                "outlet with your ID card."
            )
            row = (Button(t("Stations near me"), "locate"), Button(t("Talk to a person"), "human"))
            return Reply((Say(said), Buttons((row,), "")))
        return self._name(ctx, Form(), "")

    async def ask_name(self, ctx: Context) -> Reply:
        """Back to the name."""
        return self._name(ctx, self._form(ctx), "")

    def _name(self, ctx: Context, form: Form, wrong: str) -> Reply:
        said = ctx.t("Your name, as on the ID card?")
        return self._step(ctx, form, "apply.name", "card.apply", wrong, said)

    async def hear_name(self, ctx: Context) -> Reply:
        """The name."""
        form, text = self._form(ctx), typed(ctx)
        if facts.is_too_much(text):
            return self._name(ctx, form, too_much(ctx.t))
        name = facts.person_name(text)
        if name is None:
            return self._name(ctx, form, ctx.t("Only the name, please."))
        return self._phone(ctx, replace(form, name=name), "")

    async def ask_phone(self, ctx: Context) -> Reply:
        """Back to the phone."""
        return self._phone(ctx, self._form(ctx), "")

    def _phone(self, ctx: Context, form: Form, wrong: str) -> Reply:
        said = ctx.t("The mobile phone on which the outlet reaches you?")
        return self._step(ctx, form, "apply.phone", "apply.name", wrong, said)

    async def hear_phone(self, ctx: Context) -> Reply:
        """The phone."""
        form, text = self._form(ctx), typed(ctx)
        phone = facts.mobile_phone(text)
        if phone is None:
            wrong = too_much(ctx.t) if facts.is_too_much(text) else ctx.t("Eleven digits, please.")
            return self._phone(ctx, form, wrong)
        return self._firm(ctx, replace(form, phone=phone), 0, "")

    async def ask_firm(self, ctx: Context) -> Reply:
        """A page of firms."""
        page = ctx.number(0) if ctx.args else 0
        return self._firm(ctx, self._form(ctx), page, "")

    def _firm(self, ctx: Context, form: Form, page: int, wrong: str) -> Reply:
        t = ctx.t
        every = list(firms().items())
        first = page * FIRMS_A_PAGE
        shown = every[first : first + FIRMS_A_PAGE] or every[:FIRMS_A_PAGE]
        buttons = [Button(name, f"apply.firm:{code}") for code, name in shown]
        rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
        more = page + 1 if first + FIRMS_A_PAGE < len(every) else 0
        rows.append((Button(t("More firms"), f"apply.firms:{more}"),))
        said = t("Which firm do you ride for? Pick one or type it.")
        return self._step(ctx, form, "apply.firm", "apply.phone", wrong, said, tuple(rows))

    async def pick_firm(self, ctx: Context) -> Reply:
        """One of the list."""
        name = firms().get(ctx.args[0]) if ctx.args else None
        if name is None:
            raise StaleButtonError
        return await self._outlets(ctx, replace(self._form(ctx), firm=name), "")

    async def hear_firm(self, ctx: Context) -> Reply:
        """One of the list or any other, as typed."""
        form, text = self._form(ctx), " ".join(typed(ctx).split())
        if facts.is_too_much(text):
            return self._firm(ctx, form, 0, too_much(ctx.t))
        if not 1 <= len(text) <= LONGEST:
            return self._firm(ctx, form, 0, ctx.t("Just the firm's name, please."))
        return await self._outlets(ctx, replace(form, firm=firms().get(firm_of(text), text)), "")

    async def ask_outlet(self, ctx: Context) -> Reply:
        """Back to the outlet."""
        return await self._outlets(ctx, self._form(ctx), "")

    async def _outlets(self, ctx: Context, form: Form, wrong: str) -> Reply:
        """Asks for a place, or offers what is near the place that the talk is about."""
        t = ctx.t
        leagues = [
            Button(place.short, f"apply.near:{place.adcode}")
            for place in self._places.by_adcode.values()
            if place.kind is Kind.LEAGUE
        ]
        rows: Rows = tuple(tuple(leagues[at : at + 4]) for at in range(0, len(leagues), 4))
        said = t("Which outlet suits you? Send your location, pick a league, or type a place.")
        reply = self._step(ctx, form, "apply.outlet", "apply.firms", wrong, said, rows)
        words, buttons = reply.parts
        return replace(reply, parts=(words, ask_location(ctx), buttons))

    async def outlets_of(self, ctx: Context) -> Reply:
        """The outlets nearest to a league's seat."""
        place = self._places.by_adcode.get(ctx.args[0]) if ctx.args else None
        if place is None:
            raise StaleButtonError
        return await self._offer_outlets(ctx, self._form(ctx), place.point, place.name)

    async def hear_outlet(self, ctx: Context) -> Reply:
        """A place, whose outlets are offered; or an outlet in the courier's own words."""
        form, text = self._form(ctx), " ".join(typed(ctx).split())
        if facts.is_too_much(text):
            return await self._outlets(ctx, form, too_much(ctx.t))
        read = self._places.read(text)
        if read.places and not read.rest:
            place = read.places[0]
            return await self._offer_outlets(ctx, form, place.point, place.name)
        if not 2 <= len(text) <= LONGEST:
            return await self._outlets(ctx, form, ctx.t("A place or an outlet's name, please."))
        return await self.check(ctx, replace(form, outlet_id=None, outlet=text))

    async def _offer_outlets(self, ctx: Context, form: Form, point: Point, name: str) -> Reply:
        t = ctx.t
        found = await self._nearest(ctx, point)
        if not found:
            return await self._outlets(ctx, form, t("No outlet is on my list yet; type its name."))
        lines, rows = [], []
        for number, station in enumerate(found, 1):
            way = self._board.arrive(station.point, station.schedule, point, ctx.now)
            distance = names.kilometres(t, way.metres)
            lines.append(f"{number}. {station.name} · {distance}\n{station.address}".rstrip())
            rows.append((Button(station.name[:LONGEST], f"apply.at:{station.id}"),))
        head = t("Nearest to {place}:", place=name) if name else t("Nearest to you:")
        said = "\n".join([head, *lines])
        return self._step(ctx, form, "apply.outlet", "apply.outlets", "", said, tuple(rows))

    async def pick_outlet(self, ctx: Context) -> Reply:
        """One of those offered."""
        number = ctx.number(0)
        station = (await stations.describe(ctx.db, [number])).get(number)
        if station is None or not station.has("bank"):
            raise StaleButtonError
        return await self.check(
            ctx, replace(self._form(ctx), outlet_id=number, outlet=station.name)
        )

    async def check(self, ctx: Context, form: Form | None = None) -> Reply:
        """All of it masked, with what is agreed to; 提交 sends it."""
        t = ctx.t
        form = form or self._form(ctx)
        said = t(
            "Is this right?\nName: {name}\nPhone: {phone}\nFirm: {firm}\nOutlet: {outlet}",
            name=mask_name(form.name),
            phone=mask_phone(form.phone),
            firm=form.firm,
            outlet=form.outlet,
        )
        agreed = t(
            "With “Send” you agree that this goes to the outlet, which phones you about a card, "
            "and for nothing else."
        )
        rows = ((Button(t("Send"), "apply.send"),),)
        return self._step(ctx, form, "apply.check", "apply.outlets", "", f"{said}\n{agreed}", rows)

    async def send(self, ctx: Context) -> Reply:
        """Writes it down, once, with the consent."""
        form = self._form(ctx)
        if ctx.abroad or not (form.name and form.phone and form.firm and form.outlet):
            raise StaleButtonError
        draft = Draft(form.name, form.phone, form.firm, form.outlet_id, form.outlet)
        number = await self._requests.place(ctx.db, ctx.courier.id, draft, ctx.now)
        where = ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, CONSENT, where, ctx.now, yes=True)
        t = ctx.t
        said = t(
            "Registered. Your number: {number}. The outlet phones you; bring your original ID "
            "card when you go.",
            number=number,
        )
        row = (Button(t("Where is my card"), "card.status"), Button(t("My data"), "privacy"))
        return Reply((Say(f"{said}\n{card_words.warning(t)}"), Buttons((row,), "")))

    async def withdraw(self, ctx: Context) -> Reply:
        """Takes a pre-application back; its data are gone."""
        if not await self._requests.withdraw(ctx.db, ctx.courier.id, ctx.number(0)):
            raise StaleButtonError
        t = ctx.t
        row = (Button(t("How to get a card"), "card.apply"),)
        return Reply((Say(t("Taken back and deleted.")), Buttons((row,), "")))

    def _form(self, ctx: Context) -> Form:
        """Raises `StaleButtonError` for a button of a form that is over."""
        form = form_of(ctx)
        if form is None or ctx.abroad:
            raise StaleButtonError
        return form

    def _step(
        self,
        ctx: Context,
        form: Form,
        step: str,
        back: str,
        wrong: str,
        said: str,
        rows: Rows = (),
    ) -> Reply:
        text = f"{wrong}\n{said}" if wrong else said
        return Reply((Say(text), ways_out(ctx, back, first=rows)), form.then(step))

    async def _nearest(self, ctx: Context, point: Point) -> list[stations.Station]:
        hits = self._board.around(point, ctx.now, BANK, OUTLETS)
        described = await stations.describe(ctx.db, [one.id for one in hits])
        return [described[one.id] for one in hits if one.id in described]
