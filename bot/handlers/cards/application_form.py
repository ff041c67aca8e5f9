"""The pre-application that an outlet calls back on: four questions, a look at it all, and 提交.

```mermaid
stateDiagram-v2
    [*] --> name: 先登记
    name --> name: no name (taken when it is said again)
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
    name --> [*]: 取消, 我不想办了, or surely something else
```

From every step the same ways lead out as from the first. Nothing is written before 提交: until then
it is in the sealed conversation. On a channel whose messages leave mainland China no name and no
phone are asked for.
"""

from dataclasses import replace
from typing import Final

from bot.common.clock import CHINA
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.geo.places import Places
from bot.handlers import labels
from bot.handlers.cards import wording
from bot.handlers.cards.form_draft import Form, Question, open_form, says_it_again
from bot.handlers.cards.outlet_choice import OutletChoice
from bot.handlers.cards.wording import request_status
from bot.handlers.feature import Feature
from bot.handlers.form_steps import left_in_words, no_name, says_no, says_yes, too_much, typed
from bot.handlers.overseas import card_form_elsewhere
from bot.intents import contacts
from bot.intents.personal_names import is_phrase
from bot.services.cards.pre_applications import CardRequests, Draft
from bot.services.couriers import consents
from bot.services.couriers.companies import firm_of, firms
from bot.services.personal_data import validation
from bot.services.stations.search import StationSearch

CONSENT: Final = "card_apply"
FIRMS_A_PAGE: Final = 6
LONGEST: Final = 40  # characters of a typed firm
ABOUT_FIRMS: Final = frozenset({"parcel", "place"})
"""What a firm's name sounds like."""


class ApplyForm:
    """The steps of the form. `public_url`: where the web chat is, empty if nowhere."""

    def __init__(
        self, requests: CardRequests, board: StationSearch, places: Places, public_url: str = ""
    ) -> None:
        self._requests = requests
        self._public_url = public_url
        self.outlets = OutletChoice(board, places, self.check)

    def feature(self) -> Feature:
        """Its buttons and steps."""
        return Feature(
            actions={
                "apply.begin": self.begin,
                "apply.name": self.ask_name,
                "apply.phone": self.ask_phone,
                "apply.firms": self.ask_firm,
                "apply.firm": self.pick_firm,
                "apply.outlets": self.outlets.again,
                "apply.near": self.outlets.of_league,
                "apply.at": self.outlets.pick,
                "apply.send": self.send,
                "apply.withdraw": self.withdraw,
            },
            steps={
                "apply.name": self.hear_name,
                "apply.phone": self.hear_phone,
                "apply.firm": self.hear_firm,
                "apply.outlet": self.outlets.hear,
                "apply.check": self.hear_check,
            },
        )

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
                day=labels.month_day(t, one.created_at.astimezone(CHINA).date()),
                status=request_status(t, one.status),
            )
            back = (Button(t("Take {number} back", number=one.number), f"apply.withdraw:{one.id}"),)
            return Reply((Say(said), Buttons((back,), "")))
        if ctx.abroad:
            row = (Button(t("Stations near me"), "locate"), Button(t("Talk to a person"), "human"))
            return Reply((card_form_elsewhere(t, self._public_url), Buttons((row,), "")))
        return self._name(ctx, Form())

    async def ask_name(self, ctx: Context) -> Reply:
        """Back to the name."""
        return self._name(ctx, open_form(ctx))

    def _name(self, ctx: Context, form: Form, wrong: str = "", doubt: str = "") -> Reply:
        said = ctx.t("Your name, as on the ID card?")
        return Question("apply.name", "card.apply", said, wrong, doubt=doubt).of(ctx, form)

    async def hear_name(self, ctx: Context) -> Reply:
        """The name; what does not look like one is taken when it is typed again."""
        form, text = open_form(ctx), typed(ctx)
        if validation.contains_full_id_or_card(text):
            return self._name(ctx, form, too_much(ctx.t))
        name = contacts.name(text, asked=True)
        if name is None and says_it_again(ctx):
            name = validation.person_name(text)
        if name is None:
            if (left := left_in_words(ctx)) is not None:
                return left
            return self._name(ctx, form, no_name(ctx.t), text)
        return self._phone(ctx, replace(form, name=name))

    async def ask_phone(self, ctx: Context) -> Reply:
        """Back to the phone."""
        return self._phone(ctx, open_form(ctx))

    def _phone(self, ctx: Context, form: Form, wrong: str = "") -> Reply:
        said = ctx.t("The mobile phone on which the outlet reaches you?")
        return Question("apply.phone", "apply.name", said, wrong).of(ctx, form)

    async def hear_phone(self, ctx: Context) -> Reply:
        """The phone."""
        form, text = open_form(ctx), typed(ctx)
        phone = validation.mobile_phone(text) or contacts.phone(text)
        if phone is not None:
            return self._firm(ctx, replace(form, phone=phone))
        if validation.contains_full_id_or_card(text):
            return self._phone(ctx, form, too_much(ctx.t))
        if (left := left_in_words(ctx)) is not None:
            return left
        return self._phone(ctx, form, ctx.t("Eleven digits, please."))

    async def ask_firm(self, ctx: Context) -> Reply:
        """A page of firms."""
        return self._firm(ctx, open_form(ctx), ctx.number(0) if ctx.args else 0)

    def _firm(
        self, ctx: Context, form: Form, page: int = 0, wrong: str = "", doubt: str = ""
    ) -> Reply:
        t = ctx.t
        every = list(firms().items())
        first = page * FIRMS_A_PAGE
        shown = every[first : first + FIRMS_A_PAGE] or every[:FIRMS_A_PAGE]
        buttons = [Button(name, f"apply.firm:{code}") for code, name in shown]
        rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
        more = page + 1 if first + FIRMS_A_PAGE < len(every) else 0
        rows.append((Button(t("More firms"), f"apply.firms:{more}"),))
        said = t("Which firm do you ride for? Pick one or type it.")
        question = Question("apply.firm", "apply.phone", said, wrong, tuple(rows), doubt=doubt)
        return question.of(ctx, form)

    async def pick_firm(self, ctx: Context) -> Reply:
        """One of the list."""
        name = firms().get(ctx.args[0]) if ctx.args else None
        if name is None:
            raise StaleButtonError
        return self.outlets.ask(ctx, replace(open_form(ctx), firm=name))

    async def hear_firm(self, ctx: Context) -> Reply:
        """One of the list or any other, as typed."""
        t, form, text = ctx.t, open_form(ctx), " ".join(typed(ctx).split())
        if validation.contains_full_id_or_card(text):
            return self._firm(ctx, form, wrong=too_much(t))
        listed = firms().get(firm_of(text))
        if listed is None:
            if (left := left_in_words(ctx, fits=ABOUT_FIRMS)) is not None:
                return left
            if not 1 <= len(text) <= LONGEST or validation.is_digits(text):
                return self._firm(ctx, form, wrong=t("Just the firm's name, please."))
            if is_phrase(text.replace("饿了么", "")) and not says_it_again(ctx):
                wrong = t("That does not look like a firm. If it is one, send it once more.")
                return self._firm(ctx, form, wrong=wrong, doubt=typed(ctx))
        return self.outlets.ask(ctx, replace(form, firm=listed or text))

    async def check(self, ctx: Context, form: Form) -> Reply:
        """All of it in full, for this is the only look at it before it goes to an outlet."""
        t = ctx.t
        said = t(
            "Is this right?\nName: {name}\nPhone: {phone}\nFirm: {firm}\nOutlet: {outlet}",
            name=form.name,
            phone=form.phone,
            firm=form.firm,
            outlet=form.outlet,
        )
        agreed = t(
            "With “Send” you agree that this goes to the outlet, which phones you about a card, "
            "and for nothing else."
        )
        rows = ((Button(t("Send"), "apply.send"),),)
        text = f"{said}\n{agreed}"
        return Question("apply.check", "apply.outlets", text, rows=rows).of(ctx, form)

    async def hear_check(self, ctx: Context) -> Reply:
        """A yes in words sends it, a 不对 begins again; anything else shows it once more."""
        if says_yes(ctx):
            return await self.send(ctx)
        if says_no(ctx) and not contacts.gives_up(typed(ctx)):
            return self._name(ctx, open_form(ctx))
        if (left := left_in_words(ctx)) is not None:
            return left
        return await self.check(ctx, open_form(ctx))

    async def send(self, ctx: Context) -> Reply:
        """Writes it down, once, with the consent."""
        form = open_form(ctx)
        if not (form.name and form.phone and form.firm and form.outlet):
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
        return Reply((Say(f"{said}\n{wording.warning(t)}"), Buttons((row,), "")))

    async def withdraw(self, ctx: Context) -> Reply:
        """Takes a pre-application back; its data are gone."""
        if not await self._requests.withdraw(ctx.db, ctx.courier.id, ctx.number(0)):
            raise StaleButtonError
        t = ctx.t
        row = (Button(t("How to get a card"), "card.apply"),)
        return Reply((Say(t("Taken back and deleted.")), Buttons((row,), "")))
