"""The pre-application that an outlet calls back on: four questions, a summary, and 提交.

```mermaid
stateDiagram-v2
    [*] --> name: 先登记
    name --> name: no name (taken when it is typed again)
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
    name --> [*]: 取消, 我不想办了, or a different question
```

Every step can be left in the same ways as the first. Nothing is stored before 提交: until then it
is in the sealed conversation. On a channel whose messages leave mainland China no name and no
phone are asked for.
"""

from dataclasses import replace
from typing import Final

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Reply
from bot.geo.places import Places
from bot.handlers.cards import form_questions as questions
from bot.handlers.cards.form_draft import Form, open_form, says_it_again
from bot.handlers.cards.outlet_choice import OutletChoice
from bot.handlers.feature import Feature
from bot.handlers.form_steps import left_in_words, no_name, says_no, says_yes, too_much, typed
from bot.intents import Intent, contacts
from bot.intents.personal_names import is_phrase
from bot.services.cards.pre_applications import Draft, PreApplications, PreApplicationStatus
from bot.services.couriers import consents
from bot.services.couriers.consents import Purpose
from bot.services.couriers.firms import firm_of, firms
from bot.services.personal_data import validation
from bot.services.stations.search import StationSearch

LONGEST: Final = 40  # characters of a typed firm
FIRM_INTENTS: Final = frozenset({Intent.PARCEL, Intent.PLACE})
"""Intents that are recognised in the names of firms too."""


class PreApplicationForm:
    """The steps of the form. `public_url`: where the web chat is, empty if nowhere."""

    def __init__(
        self,
        pre_applications: PreApplications,
        stations: StationSearch,
        places: Places,
        public_url: str = "",
    ) -> None:
        self._pre_applications = pre_applications
        self._public_url = public_url
        self.outlets = OutletChoice(stations, places, self.check)

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
                "apply.name": self.receive_name,
                "apply.phone": self.receive_phone,
                "apply.firm": self.receive_firm,
                "apply.outlet": self.outlets.receive,
                "apply.check": self.receive_check,
            },
        )

    async def begin(self, ctx: Context) -> Reply:
        """The form from its first question; an open pre-application is shown instead."""
        open_ones = [
            one
            for one in await self._pre_applications.mine(ctx.db, ctx.courier.id)
            if one.status is not PreApplicationStatus.CLOSED
        ]
        if open_ones:
            return questions.submitted_before(ctx, open_ones)
        if ctx.abroad:
            return questions.elsewhere(ctx, self._public_url)
        return questions.name_question(ctx, Form())

    async def ask_name(self, ctx: Context) -> Reply:
        """Back to the name."""
        return questions.name_question(ctx, open_form(ctx))

    async def receive_name(self, ctx: Context) -> Reply:
        """The name; what does not look like one is taken when it is typed again."""
        form, text = open_form(ctx), typed(ctx)
        if validation.contains_full_id_or_card(text):
            return questions.name_question(ctx, form, too_much(ctx.t))
        name = contacts.name(text, asked=True)
        if name is None and says_it_again(ctx):
            name = validation.person_name(text)
        if name is None:
            if (left := left_in_words(ctx)) is not None:
                return left
            return questions.name_question(ctx, form, no_name(ctx.t), text)
        return questions.phone_question(ctx, replace(form, name=name))

    async def ask_phone(self, ctx: Context) -> Reply:
        """Back to the phone."""
        return questions.phone_question(ctx, open_form(ctx))

    async def receive_phone(self, ctx: Context) -> Reply:
        """The phone."""
        form, text = open_form(ctx), typed(ctx)
        phone = validation.mobile_phone(text) or contacts.phone(text)
        if phone is not None:
            return questions.firm_question(ctx, replace(form, phone=phone))
        if validation.contains_full_id_or_card(text):
            return questions.phone_question(ctx, form, too_much(ctx.t))
        if (left := left_in_words(ctx)) is not None:
            return left
        return questions.phone_question(ctx, form, ctx.t("Eleven digits, please."))

    async def ask_firm(self, ctx: Context) -> Reply:
        """A page of firms."""
        page = ctx.number(0) if ctx.args else 0
        return questions.firm_question(ctx, open_form(ctx), page)

    async def pick_firm(self, ctx: Context) -> Reply:
        """One of the list."""
        name = firms().get(ctx.args[0]) if ctx.args else None
        if name is None:
            raise StaleButtonError
        return self.outlets.ask(ctx, replace(open_form(ctx), firm=name))

    async def receive_firm(self, ctx: Context) -> Reply:
        """One of the list or any other, as typed."""
        t, form, text = ctx.t, open_form(ctx), " ".join(typed(ctx).split())
        if validation.contains_full_id_or_card(text):
            return questions.firm_question(ctx, form, wrong=too_much(t))
        listed = firms().get(firm_of(text))
        if listed is None:
            if (left := left_in_words(ctx, fits=FIRM_INTENTS)) is not None:
                return left
            if not 1 <= len(text) <= LONGEST or validation.is_digits(text):
                return questions.firm_question(ctx, form, wrong=t("Just the firm's name, please."))
            if is_phrase(text.replace("饿了么", "")) and not says_it_again(ctx):
                wrong = t("That does not look like a firm. If it is one, send it once more.")
                return questions.firm_question(ctx, form, wrong=wrong, unsure_answer=typed(ctx))
        return self.outlets.ask(ctx, replace(form, firm=listed or text))

    async def check(self, ctx: Context, form: Form) -> Reply:
        """What follows the outlet: the summary that is to be sent."""
        return questions.check_question(ctx, form)

    async def receive_check(self, ctx: Context) -> Reply:
        """A yes in words sends it, a 不对 starts over; anything else shows it once more."""
        if says_yes(ctx):
            return await self.send(ctx)
        if says_no(ctx) and not contacts.gives_up(typed(ctx)):
            return questions.name_question(ctx, open_form(ctx))
        if (left := left_in_words(ctx)) is not None:
            return left
        return await self.check(ctx, open_form(ctx))

    async def send(self, ctx: Context) -> Reply:
        """Stores it, once, with the consent."""
        form = open_form(ctx)
        if not (form.name and form.phone and form.firm and form.outlet):
            raise StaleButtonError
        draft = Draft(form.name, form.phone, form.firm, form.outlet_id, form.outlet)
        number = await self._pre_applications.submit(ctx.db, ctx.courier.id, draft, ctx.now)
        where = ctx.event.sender.channel
        await consents.record(
            ctx.db, ctx.courier.id, Purpose.PRE_APPLICATION, where, ctx.now, yes=True
        )
        return questions.submitted(ctx, number)

    async def withdraw(self, ctx: Context) -> Reply:
        """Withdraws a pre-application; its data are deleted."""
        if not await self._pre_applications.withdraw(ctx.db, ctx.courier.id, ctx.number(0)):
            raise StaleButtonError
        return questions.withdrawn(ctx)
