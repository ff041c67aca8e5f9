"""What a handler is given, and what it is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.events import Event
from bot.conversation.replies import Json, Reply

Db = AsyncSession
"""The turn's transaction, as handlers pass it on to services."""


class StaleButtonError(Exception):
    """The button or number points to something that is no longer there."""


class StepInterruptedError(Exception):
    """The text is no answer to the awaited step: it is handled as if none were awaited.

    Where the step is one of a form, its question follows the answer, and the form goes on.
    `message` goes before the answer; `data` is what stays remembered.
    """

    def __init__(self, message: str = "", data: Mapping[str, Json] | None = None) -> None:
        super().__init__()
        self.message = message
        self.data = data or {}


@value
class Courier:
    """Who writes: `id` is the person's row, `chat_id` that of the chat they write from.

    `has_left_out`: whether there were stations as the turn began that their answers leave out.
    """

    id: int
    chat_id: int
    locale: str | None
    has_left_out: bool = True


@value
class Context:
    """One event and all that a handler may use to answer it.

    `db` is the turn's own transaction: what a handler writes is kept together with its answer, or
    not at all. `data` is what the last reply's `then` remembered, `args` what the pressed button
    carried. `abroad`: messages here leave mainland China. `sure_pushes`: how long from now on the
    courier can surely be written to first here; None: always.
    """

    event: Event
    db: Db
    courier: Courier
    t: Translator
    now: datetime
    data: Mapping[str, Json] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    abroad: bool = False
    sure_pushes: timedelta | None = None

    def of_route(self, data: Mapping[str, Json], args: tuple[str, ...]) -> "Context":
        """The same for a handler that is given these; `replace` takes three times as long."""
        return Context(
            self.event,
            self.db,
            self.courier,
            self.t,
            self.now,
            data,
            args,
            self.abroad,
            self.sure_pushes,
        )

    def number(self, position: int) -> int:
        """The button's argument as a row number. Raises `StaleButtonError` for a forged one."""
        try:
            text = self.args[position]
        except IndexError:
            raise StaleButtonError from None
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise StaleButtonError
        return int(text)


Handler = Callable[[Context], Awaitable[Reply]]
