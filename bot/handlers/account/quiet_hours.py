"""免打扰: hours of the day and whole days on which a courier is not written to first."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.conversation.context import Context, StaleButtonError, StepInterruptedError
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers.account import quiet_hours_wording as wording
from bot.handlers.feature import Feature
from bot.handlers.form_steps import asks_elsewhere, says_no, typed
from bot.intents import Intent
from bot.intents.contacts import gives_up
from bot.intents.normalise import normalise
from bot.intents.quiet_wishes import QuietWish, quiet_wish
from bot.services.notifications.quiet_hours import (
    DAY,
    NIGHT,
    NOTHING_OWN,
    Hours,
    OwnQuiet,
    joined,
    left_over,
    own_quiet,
    set_own_quiet,
)

CHOICES: tuple[Hours, ...] = ((20 * 60, 9 * 60), (21 * 60, 10 * 60), (13 * 60, 17 * 60))
WEEKEND = frozenset({5, 6})
EVERY_DAY = frozenset(range(7))
SHORTEST_DAY = 120  # minutes that all quiet hours together must leave
ABOUT_REMINDERS = frozenset(
    {Intent.REMINDERS_OFF, Intent.REMINDERS_SETTINGS, Intent.OPEN_NOW, Intent.NEAREST}
)
"""Intents that are recognised in hours too: 从十点到早上."""
Overview = Callable[[Context, str], Awaitable[Reply]]
"""Shows all settings below a line that says what became of the wish."""


class QuietHoursHandlers:
    """Quiet hours and days, by buttons and in words."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview

    def feature(self) -> Feature:
        """Its buttons and its step; the words are those of the settings."""
        return Feature(
            actions={
                "remind.hours": self.ask_hours,
                "remind.quiet": self.set_hours,
                "remind.days": self.set_days,
                "remind.night": self.set_night,
            },
            steps={"remind.hours": self.receive_hours},
        )

    async def ask_hours(self, ctx: Context) -> Reply:
        """Which hours or days of their own."""
        t = ctx.t
        rows = (
            *((_every_day_button(wording.span(hours), hours),) for hours in CHOICES),
            (Button(t("{days}, all day", days=wording.days(t, WEEKEND)), _days_action(WEEKEND)),),
            (Button(t("No hours of my own"), "remind.quiet:none"),),
            (Button(t("Back"), "remind"), Button(t("Cancel"), "cancel")),
        )
        message = t("When should I not write? Pick one, or type for example “22:00-9:00”.")
        return Reply((Buttons(rows, message),), Then("remind.hours"))

    async def set_hours(self, ctx: Context) -> Reply:
        """The button of some hours, or of none."""
        if ctx.args == ("none",):
            return await self._take_back(ctx)
        begins, ends = ctx.number(0), ctx.number(1)
        if not (begins < DAY and ends < DAY and begins != ends):
            raise StaleButtonError
        return await self.fulfil(ctx, QuietWish((begins, ends)))

    async def set_days(self, ctx: Context) -> Reply:
        """The button of whole days."""
        days = frozenset(day for day in EVERY_DAY if ctx.number(0) >> day & 1)
        return await self.fulfil(ctx, QuietWish(days=days))

    async def set_night(self, ctx: Context) -> Reply:
        """The button that lets notices come at night, or no more."""
        if ctx.args == ("1",):
            return await self.fulfil(ctx, QuietWish(night_allowed=True))
        own = await own_quiet(ctx.db, ctx.courier.id)
        return await self._store(
            ctx, replace(own, at_night=True), wording.not_from_to(ctx.t, NIGHT)
        )

    async def receive_hours(self, ctx: Context) -> Reply:
        """Hours or days in words."""
        words = normalise(typed(ctx))
        wish = quiet_wish(words, asked=True)
        if wish is not None:
            return await self.fulfil(ctx, wish)
        if says_no(ctx) or gives_up(words):
            return await self._take_back(ctx)
        if asks_elsewhere(words, ABOUT_REMINDERS):
            raise StepInterruptedError
        again = await self.ask_hours(ctx)
        sorry = Say(ctx.t("I could not read those hours. Write them like “22:00-9:00”."))
        return Reply((sorry, *again.parts), again.then)

    async def fulfil(self, ctx: Context, wish: QuietWish) -> Reply:
        """Stores what can be stored and says it back; asks where it cannot be as it was wished."""
        t = ctx.t
        own = await own_quiet(ctx.db, ctx.courier.id)
        if wish.days and (wish.hours is not None or wish.once):
            return _ask_which(ctx, wish)
        if wish.days:
            said = t("Done: nothing on {days}, all day.", days=wording.days(t, wish.days))
            return await self._store(ctx, replace(own, days=own.days | wish.days), said)
        if wish.allowed_days:
            said = t("Done: I write on {days} too.", days=wording.days(t, wish.allowed_days))
            return await self._store(ctx, replace(own, days=own.days - wish.allowed_days), said)
        if wish.hours is None:
            said = t("Done: I write at night too.")
            return await self._store(ctx, replace(own, at_night=False), said)
        at_night = not wish.night_allowed and (own.at_night or _meets(wish.hours, NIGHT))
        wanted = replace(own, hours=wish.hours, at_night=at_night)
        before = replace(own, hours=None, at_night=at_night)
        if joined(wanted.quiet.hours) == joined(before.quiet.hours):  # these are quiet anyway
            if own.at_night == at_night:
                return await self._overview(ctx, wording.never_from_to(t, wish.hours))
            wanted = before
        return await self._store(ctx, wanted, wording.not_from_to(t, wish.hours, at_night=at_night))

    async def _store(self, ctx: Context, own: OwnQuiet, said: str) -> Reply:
        if left_over(own.quiet.hours) < SHORTEST_DAY or own.days == EVERY_DAY:
            said = ctx.t("That leaves no time at all. To stop everything, say “stop all”.")
        else:
            await set_own_quiet(ctx.db, ctx.courier.id, own)
        return await self._overview(ctx, said)

    async def _take_back(self, ctx: Context) -> Reply:
        return await self._store(ctx, NOTHING_OWN, ctx.t("Done: no hours of your own."))


def _ask_which(ctx: Context, wish: QuietWish) -> Reply:
    """周末晚上8点后, 这周末: hours hold on each day, days in each week; which of them is meant."""
    t = ctx.t
    days = wording.days(t, wish.days)
    rows = [(Button(t("{days}, all day", days=days), _days_action(wish.days)),)]
    if wish.hours is not None:
        said = t("I can keep hours for every day, or whole days of the week. Which do you mean?")
        span = t("{hours}, every day", hours=wording.span(wish.hours))
        rows.insert(0, (_every_day_button(span, wish.hours),))
    else:
        said = t("I can keep days for every week only: nothing on {days}, week by week?", days=days)
    return Reply((Buttons((*rows, (Button(t("Back"), "remind"),)), said),))


def _every_day_button(label: str, hours: Hours) -> Button:
    return Button(label, f"remind.quiet:{hours[0]}:{hours[1]}")


def _days_action(days: frozenset[int]) -> str:
    return f"remind.days:{sum(1 << day for day in days)}"


def _meets(hours: Hours, other: Hours) -> bool:
    return left_over((hours, other)) > left_over((hours,)) + left_over((other,)) - DAY
