"""约一下: a call or a visit that a courier or a firm asks an outlet for.

```mermaid
stateDiagram-v2
    [*] --> name: 约一下, about one topic
    name --> phone
    phone --> firm: financing only
    phone --> outlet
    firm --> outlet
    outlet --> outlet: another place or league
    outlet --> when: one that does it, or a typed one
    when --> check
    check --> [*]: 提交 (number YY-…)
    check --> name: 改姓名, and so with the others; each leads back to check
    name --> [*]: 取消
```

Every step can be left as in the other forms: a question is answered and the step asked again, 继续
takes a form up within a day. Nothing is stored before 提交: until then it is in the sealed
conversation. On a channel whose messages leave mainland China no name and no phone are asked for.
"""

import re
from dataclasses import replace
from typing import Final

from bot.common.facilities import SERVICES
from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, Handler, StaleButtonError
from bot.conversation.events import Location
from bot.conversation.replies import Reply
from bot.geo.places import Places
from bot.handlers.feature import Feature
from bot.handlers.finance import appointment_questions as questions
from bot.handlers.finance.appointment_draft import Form, form_of, open_form
from bot.handlers.finance.appointment_outlet import AppointmentOutlet
from bot.handlers.finance.short_answers import answer_to_question
from bot.handlers.form_steps import (
    left_in_words,
    no_name,
    says_it_again,
    says_no,
    says_yes,
    too_much,
    typed,
)
from bot.handlers.stations.remembered import waits_for_location
from bot.intents import Intent, contacts, understand
from bot.services.appointments import wishes
from bot.services.appointments.requests import Appointments, Draft, TooManyOpen
from bot.services.appointments.wishes import TypedWish
from bot.services.couriers import consents
from bot.services.couriers.consents import Purpose
from bot.services.personal_data import validation
from bot.services.stations.search import StationSearch

LONGEST_FIRM: Final = 60
FIRM_INTENTS: Final = frozenset({Intent.PARCEL, Intent.PLACE, Intent.NEAREST})
FIRM: Final = LazyPattern("(?:公司|站|店|部|厂|社|行|中心|集团|ltd|co)\\.?$", re.IGNORECASE)
TIME: Final = LazyPattern(
    "上午|下午|早上|早晨|中午|晚上|傍晚|[周期拜][一二三四五六日天末]|[点点半]|号|明天|后天|今天|随时"
    "|都行|都可以|有空|休息|下班|工作日|morning|afternoon|evening|any ?time|day|week|tomorrow|noon"
    "|[ap]m|o'clock",
    re.IGNORECASE,
)
WRONG: Final = LazyPattern("错|不对|改|换|不是|wrong|change", re.IGNORECASE)


class AppointmentHandlers:
    """The form. `otherwise` answers a location that is not for it; `public_url`: where the web chat
    is, empty if nowhere.
    """

    def __init__(
        self,
        appointments: Appointments,
        stations: StationSearch,
        places: Places,
        otherwise: Handler,
        public_url: str = "",
    ) -> None:
        self._appointments = appointments
        self._otherwise = otherwise
        self._public_url = public_url
        self._outlets = AppointmentOutlet(stations, places, self._after_outlet)

    def feature(self) -> Feature:
        """Its buttons, words, steps and notices."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return ((t.p("spoken words", "appointment, call me back"), "appt.begin"),)

        return Feature(
            actions={
                "appt.begin": self.begin,
                "appt.name": self.ask_name,
                "appt.phone": self.ask_phone,
                "appt.firm": self.ask_firm,
                "appt.outlets": self._outlets.again,
                "appt.near": self._outlets.of_league,
                "appt.at": self._outlets.pick,
                "appt.whens": self.ask_when,
                "appt.when": self.pick_when,
                "appt.check": self.ask_check,
                "appt.send": self.send,
            },
            steps={
                "appt.name": self.receive_name,
                "appt.phone": self.receive_phone,
                "appt.firm": self.receive_firm,
                "appt.outlet": self._outlets.receive,
                "appt.when": self.receive_when,
                "appt.check": self.receive_check,
            },
            resumes={
                "appt.name": self.ask_name,
                "appt.phone": self.ask_phone,
                "appt.firm": self.ask_firm,
                "appt.outlet": self._outlets.again,
                "appt.when": self.ask_when,
                "appt.check": self.ask_check,
            },
            words=words,
        )

    async def at_location(self, ctx: Context) -> Reply:
        """A location shared while the form asks for the outlet; all others are not the form's."""
        content, form = ctx.event.content, form_of(ctx)
        asked = form is not None and form.phone and not ctx.abroad and not waits_for_location(ctx)
        if isinstance(content, Location) and form is not None and asked:
            return await self._outlets.offer(ctx, form, content.point, "")
        return await self._otherwise(ctx)

    async def begin(self, ctx: Context) -> Reply:
        """The form from its first question."""
        if ctx.abroad:
            return questions.elsewhere(ctx, self._public_url)
        if not ctx.args:
            return questions.topic_question(ctx)
        if ctx.args[0] not in SERVICES:
            raise StaleButtonError
        return questions.name_question(ctx, Form(ctx.args[0]))

    async def ask_name(self, ctx: Context) -> Reply:
        """Back to the name."""
        return questions.name_question(ctx, open_form(ctx))

    async def receive_name(self, ctx: Context) -> Reply:
        """The name, and a phone said with it; what looks like none is taken twice."""
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
        phone = contacts.phone(text)
        return await self._next(ctx, replace(form, name=name, phone=phone or form.phone))

    async def ask_phone(self, ctx: Context) -> Reply:
        """Back to the phone."""
        return questions.phone_question(ctx, open_form(ctx))

    async def receive_phone(self, ctx: Context) -> Reply:
        """The phone."""
        form, text = open_form(ctx), typed(ctx)
        phone = validation.mobile_phone(text) or contacts.phone(text)
        if phone is not None:
            return await self._next(ctx, replace(form, phone=phone))
        if validation.contains_full_id_or_card(text):
            return questions.phone_question(ctx, form, too_much(ctx.t))
        if (answer := answer_to_question(ctx.t, text)) is not None:
            return questions.phone_question(ctx, form, answer)
        if (left := left_in_words(ctx)) is not None:
            return left
        return questions.phone_question(ctx, form, ctx.t("Eleven digits, please."))

    async def ask_firm(self, ctx: Context) -> Reply:
        """Back to the firm."""
        return questions.firm_question(ctx, open_form(ctx))

    async def receive_firm(self, ctx: Context) -> Reply:
        """The firm's name as typed."""
        t, form, text = ctx.t, open_form(ctx), " ".join(typed(ctx).split())
        if validation.contains_full_id_or_card(text):
            return questions.firm_question(ctx, form, too_much(t))
        if (answer := answer_to_question(t, text)) is not None:
            return questions.firm_question(ctx, form, answer)
        if not FIRM.search(text) and (left := left_in_words(ctx, fits=FIRM_INTENTS)) is not None:
            return left
        if not 2 <= len(text) <= LONGEST_FIRM or validation.is_digits(text):
            return questions.firm_question(ctx, form, t("Just the firm's name, please."))
        return await self._next(ctx, replace(form, firm=text))

    async def _next(self, ctx: Context, form: Form) -> Reply:
        """The first question without an answer, or all answers to look at."""
        if form.is_complete:
            return questions.check_question(ctx, form)
        if not form.phone:
            return questions.phone_question(ctx, form)
        if form.is_for_firm and not form.firm:
            return questions.firm_question(ctx, form)
        if not form.outlet:
            return await self._outlets.begin(ctx, form)
        return await self._when(ctx, form)

    async def _after_outlet(self, ctx: Context, form: Form) -> Reply:
        # Whether the outlet is open at the time asked for holds for the one before only.
        return await self._when(ctx, replace(form, wanted=""))

    async def _when(self, ctx: Context, form: Form, wrong: str = "") -> Reply:
        return questions.when_question(ctx, form, await self._outlets.visits(ctx, form), wrong)

    async def ask_when(self, ctx: Context) -> Reply:
        """Back to the time."""
        return await self._when(ctx, open_form(ctx))

    async def pick_when(self, ctx: Context) -> Reply:
        """One of the times offered."""
        try:
            wish = wishes.read(":".join(ctx.args))
        except ValueError:
            raise StaleButtonError from None
        return await self._next(ctx, replace(open_form(ctx), wanted=wishes.written(wish)))

    async def receive_when(self, ctx: Context) -> Reply:
        """A time in the courier's own words."""
        t, form, text = ctx.t, open_form(ctx), " ".join(typed(ctx).split())
        if validation.contains_full_id_or_card(text):
            return await self._when(ctx, form, too_much(t))
        says_time = TIME.search(text) and not understand(text).facilities
        if not (says_time and len(text) <= wishes.LONGEST):
            if (answer := answer_to_question(t, text)) is not None:
                return await self._when(ctx, form, answer)
            if (left := left_in_words(ctx)) is not None:
                return left
            return await self._when(ctx, form, t("A day or a time of day, please."))
        return await self._next(ctx, replace(form, wanted=wishes.written(TypedWish(text))))

    async def ask_check(self, ctx: Context) -> Reply:
        """The summary once more."""
        return await self._next(ctx, open_form(ctx))

    async def receive_check(self, ctx: Context) -> Reply:
        """A yes in words sends it; what is wrong is asked again; all else shows it once more."""
        form, text = open_form(ctx), typed(ctx)
        if says_yes(ctx):
            return await self.send(ctx)
        if (phone := contacts.phone(text)) is not None:
            return questions.check_question(ctx, replace(form, phone=phone))
        if (answer := answer_to_question(ctx.t, text)) is not None:
            return questions.check_question(ctx, form, answer)
        if WRONG.search(text):
            if re.search("名|姓|联系人", text):
                return questions.name_question(ctx, form)
            if re.search("电话|手机|号", text):
                return questions.phone_question(ctx, form)
            if re.search("网点|银行|支行|工行|地方", text):
                return self._outlets.ask(ctx, form)
            if re.search("时间|几点|哪天", text):
                return await self._when(ctx, form)
        if says_no(ctx) and not contacts.gives_up(text):
            return questions.check_question(ctx, form, ctx.t("Which of it? Pick what is wrong."))
        if (left := left_in_words(ctx)) is not None:
            return left
        return questions.check_question(ctx, form)

    async def send(self, ctx: Context) -> Reply:
        """Stores it, once, with the consent."""
        form = open_form(ctx)
        if not form.is_complete:
            raise StaleButtonError
        draft = Draft(
            form.topic,
            form.name,
            form.phone,
            form.firm,
            form.outlet_id,
            form.outlet,
            wishes.read(form.wanted),
        )
        try:
            number = await self._appointments.submit(ctx.db, ctx.courier.id, draft, ctx.now)
        except TooManyOpen:
            return questions.too_many(ctx)
        where = ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, Purpose.APPOINTMENT, where, ctx.now, yes=True)
        return questions.submitted(ctx, number, form)
