"""What the courier has filled in so far, kept in the sealed conversation between its steps."""

from dataclasses import dataclass
from typing import Any

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import AskLocation, Json, Part, Reply, Say, Then
from bot.handlers.form_steps import Rows, navigation_buttons, typed


@dataclass(frozen=True, slots=True)
class Form:
    """The answers so far; they are in the conversation only."""

    name: str = ""
    phone: str = ""
    firm: str = ""
    outlet_id: int | None = None
    outlet: str = ""


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
            "name": form.name,
            "phone": form.phone,
            "firm": form.firm,
            "outlet_id": form.outlet_id,
            "outlet": form.outlet,
        }
        return Reply(
            (*asked, buttons), Then(self.step, {"apply": values, "doubt": self.unsure_answer})
        )


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


def says_it_again(ctx: Context) -> bool:
    """Whether what looked wrong was typed once more, and so is meant."""
    return bool(typed(ctx)) and ctx.data.get("doubt") == typed(ctx)
