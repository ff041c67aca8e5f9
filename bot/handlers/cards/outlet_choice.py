"""Which outlet a pre-application goes to: one of the nearest, of a league, or as typed."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot.common.facilities import mask
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.about import ABOUT
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Reply
from bot.geo.place_text import is_outside
from bot.geo.places import Kind, Places
from bot.geo.point import Point
from bot.handlers import labels
from bot.handlers.cards.form_draft import Form, Question, open_form
from bot.handlers.cards.short_answers import answer_to_question
from bot.handlers.form_steps import (
    Rows,
    left_in_words,
    says_it_again,
    too_much,
    typed,
)
from bot.handlers.stations.location_request import ask_location
from bot.handlers.stations.remembered import waits_for_location
from bot.intents import Intent
from bot.intents.personal_names import is_phrase
from bot.services.couriers.firms import firm_of
from bot.services.personal_data import validation
from bot.services.stations import catalogue
from bot.services.stations.search import StationSearch

BANK: Final = mask(["bank"])
OUTLETS: Final = 3
LONGEST: Final = 40  # characters of a typed outlet
OUTLET_INTENTS: Final = frozenset(
    {Intent.NEAREST, Intent.PLACE, Intent.FACILITY, Intent.OPEN_NOW, Intent.PARCEL, "bank"}
)
"""Intents that are recognised in the name of an outlet too: 鼓楼那家工行, 火车站附近的网点."""

OUTLET_WORDS: Final = LazyPattern(
    "工商银行|工行|银行|支行|分行|分理处|储蓄所|营业[部厅所]|网点|icbc", re.IGNORECASE
)
AROUND: Final = LazyPattern(
    f"(?:{OUTLET_WORDS.pattern}|附近|旁边|那边|这边|周边|最近|哪个|离|去|我|想|要|在|到|都行|的|那|就|家|吧)+",
    re.IGNORECASE,
)
"""What may stand beside a place that is all that is said: 新城区的工行."""

Check = Callable[[Context, Form], Awaitable[Reply]]


class OutletChoice:
    """The question for the outlet; `check` comes after it."""

    def __init__(self, stations: StationSearch, places: Places, check: Check) -> None:
        self._stations = stations
        self._places = places
        self._check = check

    async def again(self, ctx: Context) -> Reply:
        """Back to the outlet."""
        return self.ask(ctx, open_form(ctx))

    def ask(self, ctx: Context, form: Form, wrong: str = "", unsure_answer: str = "") -> Reply:
        """Asks for a place, and offers the leagues."""
        t = ctx.t
        leagues = [
            Button(place.short, f"apply.near:{place.adcode}")
            for place in self._places.by_adcode.values()
            if place.kind is Kind.LEAGUE
        ]
        rows: Rows = tuple(tuple(leagues[at : at + 4]) for at in range(0, len(leagues), 4))
        message = t("Which outlet suits you? Send your location, pick a league, or type a place.")
        reply = Question(
            "apply.outlet", "apply.firms", message, wrong, rows,
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
        rest = AROUND.sub("", read.rest) if read.places else ""
        if read.places and not rest:
            place = read.places[0]
            return await self.offer(ctx, form, place.point, place.name)
        if (left := left_in_words(ctx, fits=OUTLET_INTENTS)) is not None:
            return left
        if not 2 <= len(text) <= LONGEST or validation.is_digits(text):
            return self.ask(ctx, form, t("A place or an outlet's name, please."))
        if OUTLET_WORDS.search(text) and not is_phrase(OUTLET_WORDS.sub("", text)):
            return await self._check(ctx, replace(form, outlet_id=None, outlet=text))
        if read.places:
            place = read.places[0]
            return await self.offer(ctx, form, place.point, place.name)
        if firm_of(text):
            wrong = t("{firm} is a courier firm. Which outlet of the bank?", firm=text)
            return self.ask(ctx, form, wrong)
        if is_outside(text):
            return self.ask(ctx, form, t("I know outlets in Inner Mongolia only."))
        if not says_it_again(ctx) or is_phrase(text):
            wrong = t(
                "I know no outlet of that name. Send a place, I list the nearest; or the outlet's "
                "whole name, such as 新城支行."
            )
            return self.ask(ctx, form, wrong, typed(ctx))
        return await self._check(ctx, replace(form, outlet_id=None, outlet=text))

    def is_place(self, text: str) -> bool:
        """Whether a text is the name of a place and nothing else."""
        read = self._places.read(text)
        return bool(read.places) and not read.rest

    async def offer(self, ctx: Context, form: Form, point: Point, name: str) -> Reply:
        """The outlets nearest to a point, which has that name."""
        t = ctx.t
        found = await nearest_outlets(ctx, self._stations, point)
        if not found:
            return self.ask(ctx, form, t("No outlet is on my list yet; type its name."))
        lines, rows = [], []
        for number, station in enumerate(found, 1):
            way = self._stations.arrive(station.point, station.schedule, point, ctx.now)
            distance = labels.kilometres(t, way.metres)
            lines.append(f"{number}. {station.name} · {distance}\n{station.address}".rstrip())
            rows.append((Button(station.name[:LONGEST], f"apply.at:{station.id}"),))
        head = t("Nearest to {place}:", place=name) if name else t("Nearest to you:")
        message = "\n".join([head, *lines])
        question = Question("apply.outlet", "apply.outlets", message, rows=tuple(rows))
        return question.of(ctx, form)

    async def pick(self, ctx: Context) -> Reply:
        """One of those offered."""
        number = ctx.number(0)
        station = (await catalogue.describe(ctx.db, [number])).get(number)
        if station is None or not station.has("bank"):
            raise StaleButtonError
        form = replace(open_form(ctx), outlet_id=station.id, outlet=station.name)
        return await self._check(ctx, form)


def without_waiting_search(ctx: Context, reply: Reply) -> Reply:
    """The reply, after which a location is the answer to it and to no search before."""
    if reply.then is None or not waits_for_location(ctx):
        return reply
    return replace(reply, then=replace(reply.then, data={**reply.then.data, ABOUT: {}}))


async def nearest_outlets(
    ctx: Context, stations: StationSearch, point: Point
) -> list[catalogue.Station]:
    """The stations with a bank counter around a point, nearest first."""
    hits = stations.around(point, ctx.now, BANK, OUTLETS)
    described = await catalogue.describe(ctx.db, [one.id for one in hits])
    return [described[one.id] for one in hits if one.id in described]
