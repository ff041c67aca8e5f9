"""Which outlet an appointment is with: one that does what is asked for, or as typed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.common.clock import CHINA
from bot.common.facilities import mask
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Reply
from bot.geo.place_text import is_outside
from bot.geo.places import Kind, Places
from bot.geo.point import Point
from bot.handlers import labels
from bot.handlers.cards.outlet_choice import (
    AROUND,
    BANK,
    LONGEST,
    OUTLET_INTENTS,
    OUTLET_WORDS,
    OUTLETS,
    without_waiting_search,
)
from bot.handlers.finance import wording
from bot.handlers.finance.appointment_draft import Form, Question, open_form
from bot.handlers.finance.short_answers import answer_to_question
from bot.handlers.form_steps import (
    Rows,
    left_in_words,
    says_it_again,
    too_much,
    typed,
)
from bot.handlers.stations.location_request import ask_location
from bot.handlers.stations.remembered import remembered_search
from bot.intents.personal_names import is_phrase
from bot.services.appointments.wishes import Part, VisitWish
from bot.services.personal_data import validation
from bot.services.stations import catalogue
from bot.services.stations.search import StationSearch

NOON: Final = 12 * 60
SOONEST: Final = 1  # days from today on which a visit can be offered
DAYS: Final = 7
VISITS: Final = 3

Next = Callable[[Context, Form], Awaitable[Reply]]


class AppointmentOutlet:
    """The question for the outlet; `following` comes after it."""

    def __init__(self, stations: StationSearch, places: Places, following: Next) -> None:
        self._stations = stations
        self._places = places
        self._following = following

    async def again(self, ctx: Context) -> Reply:
        """Back to the outlet."""
        return self.ask(ctx, open_form(ctx))

    async def begin(self, ctx: Context, form: Form) -> Reply:
        """The outlets around the place that is known; without one, the question for a place."""
        known = remembered_search(ctx)
        if known is not None:
            return await self.offer(ctx, form, known.point, known.name)
        return self.ask(ctx, form)

    def ask(self, ctx: Context, form: Form, wrong: str = "", unsure_answer: str = "") -> Reply:
        """Asks for a place, and offers the leagues."""
        t = ctx.t
        leagues = [
            Button(place.short, f"appt.near:{place.adcode}")
            for place in self._places.by_adcode.values()
            if place.kind is Kind.LEAGUE
        ]
        rows: Rows = tuple(tuple(leagues[at : at + 4]) for at in range(0, len(leagues), 4))
        message = t("Which outlet suits you? Send your location, pick a league, or type a place.")
        back = "appt.firm" if form.is_for_firm else "appt.phone"
        reply = Question(
            "appt.outlet", back, message, wrong, rows,
            prompt=t("Pick a league:"), ask=ask_location(ctx), unsure_answer=unsure_answer,
        ).of(ctx, form)  # fmt: skip
        return without_waiting_search(ctx, reply)

    async def of_league(self, ctx: Context) -> Reply:
        """The outlets nearest to a league's seat."""
        place = self._places.by_adcode.get(ctx.args[0]) if ctx.args else None
        if place is None:
            raise StaleButtonError
        return await self.offer(ctx, open_form(ctx), place.point, place.name)

    async def receive(self, ctx: Context) -> Reply:
        """A place, whose outlets are offered; or an outlet as the courier names it."""
        t, form, text = ctx.t, open_form(ctx), " ".join(typed(ctx).split())
        if validation.contains_full_id_or_card(text):
            return self.ask(ctx, form, too_much(t))
        if (answer := answer_to_question(t, text)) is not None:
            return self.ask(ctx, form, answer)
        read = self._places.read(text)
        if read.places and not AROUND.sub("", read.rest):
            return await self.offer(ctx, form, read.places[0].point, read.places[0].name)
        if (left := left_in_words(ctx, fits=OUTLET_INTENTS)) is not None:
            return left
        if not 2 <= len(text) <= LONGEST or validation.is_digits(text):
            return self.ask(ctx, form, t("A place or an outlet's name, please."))
        if OUTLET_WORDS.search(text) and not is_phrase(OUTLET_WORDS.sub("", text)):
            return await self._following(ctx, replace(form, outlet_id=None, outlet=text))
        if read.places:
            return await self.offer(ctx, form, read.places[0].point, read.places[0].name)
        if is_outside(text):
            return self.ask(ctx, form, t("I know outlets in Inner Mongolia only."))
        if not says_it_again(ctx) or is_phrase(text):
            wrong = t(
                "I know no outlet of that name. Send a place, I list the nearest; or the outlet's "
                "whole name, such as 新城支行."
            )
            return self.ask(ctx, form, wrong, typed(ctx))
        return await self._following(ctx, replace(form, outlet_id=None, outlet=text))

    async def offer(self, ctx: Context, form: Form, point: Point, name: str) -> Reply:
        """The nearest outlets that do what is asked for; other outlets where none is known to."""
        t = ctx.t
        hits = self._stations.around(point, ctx.now, mask([form.topic]), OUTLETS)
        doing = bool(hits)
        hits = hits or self._stations.around(point, ctx.now, BANK, OUTLETS)
        described = await catalogue.describe(ctx.db, [one.id for one in hits])
        if not described:
            return self.ask(ctx, form, t("No outlet is on my list yet; type its name."))
        topic = wording.topic(t, form.topic)
        head = t("Nearest to {place}:", place=name) if name else t("Nearest to you:")
        first = (
            t("“{topic}” is done here:", topic=topic)
            if doing
            else t("Which outlet does “{topic}” is not on my list; these can say:", topic=topic)
        )
        lines, rows = [first, head], []
        for number, one in enumerate(described.values(), 1):
            way = self._stations.arrive(one.point, one.schedule, point, ctx.now)
            distance = labels.kilometres(t, way.metres)
            lines.append(f"{number}. {one.name} · {distance}\n{one.address}".rstrip())
            rows.append((Button(one.name[:LONGEST], f"appt.at:{one.id}"),))
        question = Question("appt.outlet", "appt.outlets", "\n".join(lines), rows=tuple(rows))
        return without_waiting_search(ctx, question.of(ctx, form))

    async def pick(self, ctx: Context) -> Reply:
        """One of those offered."""
        number = ctx.number(0)
        station = (await catalogue.describe(ctx.db, [number])).get(number)
        if station is None or not (station.has("bank") or station.has(open_form(ctx).topic)):
            raise StaleButtonError
        form = replace(open_form(ctx), outlet_id=station.id, outlet=station.name)
        return await self._following(ctx, form)

    async def visits(self, ctx: Context, form: Form) -> list[VisitWish]:
        """The next halves of days on which the picked outlet is open; none for a typed outlet."""
        if form.outlet_id is None:
            return []
        station = (await catalogue.describe(ctx.db, [form.outlet_id])).get(form.outlet_id)
        if station is None:
            return []
        found: list[VisitWish] = []
        today = ctx.now.astimezone(CHINA).date()
        for days in range(SOONEST, SOONEST + DAYS):
            day = today + timedelta(days=days)
            for one in self._stations.on(station.schedule, day) or ():
                if one.opens < NOON:
                    found.append(VisitWish(day, Part.MORNING))
                if one.closes > NOON + 60:
                    found.append(VisitWish(day, Part.AFTERNOON))
        return list(dict.fromkeys(found))[:VISITS]
