"""What the courier has filled in so far, kept in the sealed conversation between its steps."""

from dataclasses import asdict
from typing import Any

from bot.common.values import value
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Reply
from bot.handlers.form_steps import FormQuestion


@value
class Form:
    """The answers so far; they are in the conversation only."""

    name: str = ""
    phone: str = ""
    firm: str = ""
    outlet_id: int | None = None
    outlet: str = ""


class Question(FormQuestion):
    """A question of this form."""

    __slots__ = ()

    def of(self, ctx: Context, form: Form) -> Reply:
        """The question as an answer that waits for the next words."""
        return self.about(ctx, "apply", asdict(form))


def form_of(ctx: Context) -> Form | None:
    """The form that the conversation is about, if it is about one."""
    values: Any = ctx.data.get("apply")
    return Form(**values) if isinstance(values, dict) else None


def open_form(ctx: Context) -> Form:
    """Raises `StaleButtonError` for a button of a form that has ended."""
    form = form_of(ctx)
    if form is None or ctx.abroad:
        raise StaleButtonError
    return form
