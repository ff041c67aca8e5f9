"""What a nominator has filled in so far, kept in the sealed conversation between its steps."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.common.values import value
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Reply
from bot.geo.places import Kind, Place, Places
from bot.handlers.form_steps import FormQuestion


@value
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


class Question(FormQuestion):
    """A question of this form."""

    __slots__ = ()

    def of(self, ctx: Context, form: Form) -> Reply:
        """The question as an answer that waits for the next words."""
        return self.about(ctx, "honour", asdict(form))


def open_form(ctx: Context) -> Form:
    """Raises `StaleButtonError` for a button of a form that has ended."""
    values: Any = ctx.data.get("honour")
    if not isinstance(values, dict) or ctx.abroad:
        raise StaleButtonError
    return Form(**values)


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
