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
    check --> name: 改姓名, and so with phone, firm and outlet; each leads back to check
    name --> [*]: 取消, 我不想办了
```

Every step can be left in the same ways as the first. A question is answered and the step asked
again; facts typed along with the asked one are taken. Nothing is stored before 提交: until then it
is in the sealed conversation. On a channel whose messages leave mainland China no name and no
phone are asked for.
"""

import re
from dataclasses import replace
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Reply
from bot.geo.places import Places
from bot.handlers.cards import form_questions as questions
from bot.handlers.cards.form_draft import Form, open_form
from bot.handlers.cards.outlet_choice import OutletChoice
from bot.handlers.cards.short_answers import answer_to_question
from bot.handlers.feature import Feature
from bot.handlers.form_steps import (
    left_in_words,
    no_name,
    says_it_again,
    says_no,
    says_yes,
    too_much,
    typed,
)
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

WRONG: Final = LazyPattern("错|不对|改|换|不是|wrong|change", re.IGNORECASE)


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
                "apply.check": self.ask_check,
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
            resumes={
                "apply.name": self.ask_name,
                "apply.phone": self.ask_phone,
                "apply.firm": self.ask_firm,
                "apply.outlet": self.outlets.again,
                "apply.check": self.ask_check,
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
        """The name, and whatever else is said with it; what looks like none is taken twice."""
        form, text = open_form(ctx), typed(ctx)
        if validation.contains_full_id_or_card(text):
            return questions.name_question(ctx, form, too_much(ctx.t))
        name = contacts.name(text, asked=True)
        if name is None and says_it_again(ctx):
            name = validation.person_name(text)
        if name is None:
            if (answer := answer_to_question(ctx.t, text)) is not None:
                return questions.name_question(ctx, form, answer)
            if (left := left_in_words(ctx)) is not None:
                return left
            return questions.name_question(ctx, form, no_name(ctx.t), text)
        return await self._take(ctx, replace(form, name=name), phone_asked=False)

    async def _take(self, ctx: Context, form: Form, *, phone_asked: bool) -> Reply:
        """Takes what was said besides, and asks the next question; a mended form is complete."""
        phone, firm = contacts.phone(typed(ctx)), _listed_firm(typed(ctx))
        form = replace(form, phone=phone or form.phone, firm=firm or form.firm)
        if form.outlet:
            return await self.check(ctx, form)
        if not (phone or phone_asked):
            return questions.phone_question(ctx, form)
        return self.outlets.ask(ctx, form) if firm else questions.firm_question(ctx, form)

    async def _take_firm(self, ctx: Context, firm: str) -> Reply:
        form = replace(open_form(ctx), firm=firm)
        return await self.check(ctx, form) if form.outlet else self.outlets.ask(ctx, form)

    async def ask_phone(self, ctx: Context) -> Reply:
        """Back to the phone."""
        return questions.phone_question(ctx, open_form(ctx))

    async def receive_phone(self, ctx: Context) -> Reply:
        """The phone."""
        form, text = open_form(ctx), typed(ctx)
        phone = validation.mobile_phone(text) or contacts.phone(text)
        if phone is not None:
            return await self._take(ctx, replace(form, phone=phone), phone_asked=True)
        if validation.contains_full_id_or_card(text):
            return questions.phone_question(ctx, form, too_much(ctx.t))
        if (answer := answer_to_question(ctx.t, text)) is not None:
            return questions.phone_question(ctx, form, answer)
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
        return await self._take_firm(ctx, name)

    async def receive_firm(self, ctx: Context) -> Reply:
        """One of the list or any other, as typed."""
        t, form, text = ctx.t, open_form(ctx), " ".join(typed(ctx).split())
        if validation.contains_full_id_or_card(text):
            return questions.firm_question(ctx, form, wrong=too_much(t))
        listed = firms().get(firm_of(text))
        if listed is None:
            if (answer := answer_to_question(t, text)) is not None:
                return questions.firm_question(ctx, form, wrong=answer)
            if (left := left_in_words(ctx, fits=FIRM_INTENTS)) is not None:
                return left
            if not 1 <= len(text) <= LONGEST or validation.is_digits(text):
                return questions.firm_question(ctx, form, wrong=t("Just the firm's name, please."))
            talk = is_phrase(text.replace("饿了么", "")) or self.outlets.is_place(text)
            if talk and not says_it_again(ctx):
                wrong = t("That does not look like a firm. If it is one, send it once more.")
                return questions.firm_question(ctx, form, wrong=wrong, unsure_answer=typed(ctx))
        return await self._take_firm(ctx, listed or text)

    async def check(self, ctx: Context, form: Form) -> Reply:
        """What follows the outlet: the summary that is to be sent."""
        return questions.check_question(ctx, form)

    async def ask_check(self, ctx: Context) -> Reply:
        """The summary once more."""
        return await self.check(ctx, open_form(ctx))

    async def receive_check(self, ctx: Context) -> Reply:
        """A yes in words sends it; what is wrong is asked again; all else shows it once more."""
        form, text = open_form(ctx), typed(ctx)
        if says_yes(ctx):
            return await self.send(ctx)
        if (phone := contacts.phone(text)) is not None:
            return await self.check(ctx, replace(form, phone=phone))
        if listed := firms().get(firm_of(text)):
            return await self.check(ctx, replace(form, firm=listed))
        if (answer := answer_to_question(ctx.t, text)) is not None:
            return questions.check_question(ctx, form, answer)
        if WRONG.search(text):
            if "名" in text or "姓" in text:
                return questions.name_question(ctx, form)
            if re.search("电话|手机|号", text):
                return questions.phone_question(ctx, form)
            if re.search("公司|平台|单位", text):
                return questions.firm_question(ctx, form)
            if re.search("网点|银行|支行|工行|地方", text):
                return self.outlets.ask(ctx, form)
        if says_no(ctx) and not contacts.gives_up(text):
            return questions.check_question(ctx, form, ctx.t("Which of it? Pick what is wrong."))
        if (left := left_in_words(ctx)) is not None:
            return left
        return await self.check(ctx, form)

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


def _listed_firm(text: str) -> str:
    """A listed firm named beside other facts (李二梅 13900001111 中通); empty without one."""
    named = (firms().get(firm_of(word)) for word in re.split(r"[\s,，、;；:：]+", text))
    return next((one for one in named if one), "")
