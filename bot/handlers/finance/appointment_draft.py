"""What has been filled in of an appointment so far, kept in the sealed conversation."""

from dataclasses import dataclass
from typing import Any

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import AskLocation, Json, Part, Reply, Say, Then
from bot.handlers.form_steps import Rows, navigation_buttons, typed

FOR_FIRMS = "financing"
"""The topic that firms ask about: their name is asked for, too."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Question:
    """One step: what is asked, where 返回 leads, the choices; `ask` asks for a location too.

    `wrong` says what was wrong with the last answer. `unsure_answer` is that answer where it is
    taken when it comes again.
    """

    step: str
    back: str
    message: str
    wrong: str = ""
    rows: Rows = ()
    prompt: str = ""
    ask: AskLocation | None = None
    unsure_answer: str = ""

    def of(self, ctx: Context, form: Form) -> Reply:
        """The question as an answer that waits for the next words."""
        text = f"{self.wrong}\n{self.message}" if self.wrong else self.message
        asked: tuple[Part, ...] = (Say(text), self.ask) if self.ask else (Say(text),)
        buttons = navigation_buttons(ctx, self.back, first=self.rows, prompt=self.prompt)
        values: dict[str, Json] = {
            "topic": form.topic,
            "name": form.name,
            "phone": form.phone,
            "firm": form.firm,
            "outlet_id": form.outlet_id,
            "outlet": form.outlet,
            "wanted": form.wanted,
        }
        return Reply(
            (*asked, buttons), Then(self.step, {"appt": values, "doubt": self.unsure_answer})
        )


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


def says_it_again(ctx: Context) -> bool:
    """Whether what looked wrong was typed once more, and so is meant."""
    return bool(typed(ctx)) and ctx.data.get("doubt") == typed(ctx)
