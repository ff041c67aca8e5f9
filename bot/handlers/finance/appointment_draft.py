"""What has been filled in of an appointment so far, kept in the sealed conversation."""

from dataclasses import asdict
from typing import Any

from bot.common.values import value
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Reply
from bot.handlers.form_steps import FormQuestion

FOR_FIRMS = "financing"
"""The topic that firms ask about: their name is asked for, too."""


@value
class Form:
    """The answers so far; `wanted` as `bot.services.appointments.wishes` writes it."""

    topic: str
    name: str = ""
    phone: str = ""
    firm: str = ""
    outlet_id: int | None = None
    outlet: str = ""
    wanted: str = ""

    @property
    def is_for_firm(self) -> bool:
        """Whether a firm asks, not a courier."""
        return self.topic == FOR_FIRMS

    @property
    def is_complete(self) -> bool:
        """Whether every question is answered."""
        firm = self.firm or not self.is_for_firm
        return all((self.name, self.phone, firm, self.outlet, self.wanted))


class Question(FormQuestion):
    """A question of this form."""

    __slots__ = ()

    def of(self, ctx: Context, form: Form) -> Reply:
        """The question as an answer that waits for the next words."""
        return self.about(ctx, "appt", asdict(form))


def form_of(ctx: Context) -> Form | None:
    """The form that the conversation is about, if it is about one."""
    values: Any = ctx.data.get("appt")
    return Form(**values) if isinstance(values, dict) else None


def open_form(ctx: Context) -> Form:
    """Raises `StaleButtonError` for a button of a form that has ended."""
    form = form_of(ctx)
    if form is None or ctx.abroad:
        raise StaleButtonError
    return form
