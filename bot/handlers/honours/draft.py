"""What a nominator has filled in so far, kept in the sealed conversation between its steps."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Json, Reply, Say, Then
from bot.geo.places import Kind, Place, Places
from bot.handlers.form_steps import Rows, navigation_buttons, typed


@dataclass(frozen=True, slots=True)
class Form:
    """The answers so far. `leagues`: adcodes of those that take part, empty: all."""

    campaign_id: int
    own: bool
    leagues: str = ""
    name: str = ""
    firm: str = ""
    league: str = ""
    story: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every question has an answer."""
        return bool(self.name and self.firm and self.league and self.story)


@dataclass(frozen=True, slots=True)
class Question:
    """One step: what is asked, where 返回 leads, the choices.

    `wrong` says what was wrong with the last answer. `unsure_answer` is that answer where it is
    taken when it comes again.
    """

    step: str
    back: str
    message: str
    wrong: str = ""
    rows: Rows = ()
    unsure_answer: str = ""

    def of(self, ctx: Context, form: Form) -> Reply:
        """The question as an answer that waits for the next words."""
        text = f"{self.wrong}\n{self.message}" if self.wrong else self.message
        buttons = navigation_buttons(ctx, self.back, first=self.rows)
        values: dict[str, Json] = {"honour": asdict(form), "doubt": self.unsure_answer}
        return Reply((Say(text), buttons), Then(self.step, values))


def open_form(ctx: Context) -> Form:
    """Raises `StaleButtonError` for a button of a form that has ended."""
    values: Any = ctx.data.get("honour")
    if not isinstance(values, dict) or ctx.abroad:
        raise StaleButtonError
    return Form(**values)


def says_it_again(ctx: Context) -> bool:
    """Whether what looked wrong was typed once more, and so is meant."""
    return bool(typed(ctx)) and ctx.data.get("doubt") == typed(ctx)


def leagues_of(places: Places, form: Form) -> Sequence[Place]:
    """The leagues that take part, in the order of their codes."""
    wanted = {one for one in form.leagues.split(",") if one}
    return sorted(
        (
            one
            for one in places.by_adcode.values()
            if one.kind is Kind.LEAGUE and (not wanted or one.adcode in wanted)
        ),
        key=lambda one: one.adcode,
    )
