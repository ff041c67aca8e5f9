"""A form that was left for something else: kept for a day, until 继续 takes it up."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.common.values import value
from bot.conversation.about import ABOUT
from bot.conversation.replies import Json, Reply, Then
from bot.conversation.router import MEMORY, Memory

PAUSED: Final = "paused"
"""The entry of a `Then` that keeps the step of a form, its data, and since when."""
CARRIED: Final = frozenset({ABOUT, PAUSED})
"""The entries that outlive answers to other subjects: a chat with no others waits for nothing."""


@value
class PausedForm:
    """The step whose question is open; `data` is what it remembers, `since` the last answer."""

    step: str
    data: dict[str, Json]
    since: datetime

    def entry(self) -> dict[str, Json]:
        """As it is kept in the data of a `Then`."""
        return {"step": self.step, "data": self.data, "since": self.since.isoformat()}


def open_form(memory: Memory, forms: Collection[str], now: datetime) -> PausedForm | None:
    """The form whose question stands open, or else the one that was left; None after a day.

    `forms`: the steps whose question can be asked again.
    """
    if memory.step is not None and memory.step in forms and memory.at is not None:
        data = {key: value for key, value in memory.data.items() if key != PAUSED}
        found = PausedForm(memory.step, data, memory.at)
    else:
        kept: Any = memory.data.get(PAUSED)
        if not isinstance(kept, dict) or kept["step"] not in forms:
            return None
        found = PausedForm(kept["step"], kept["data"], datetime.fromisoformat(kept["since"]))
    return found if now - found.since <= MEMORY else None


def with_paused(reply: Reply, form: PausedForm) -> Reply:
    """The reply, which remembers the form besides what it waits for itself."""
    then = reply.then or Then("")
    return replace(reply, then=replace(then, data={**then.data, PAUSED: form.entry()}))


def same_subject(step: str, name: str) -> bool:
    """Whether an action or step belongs to the form of a step: `apply.send` and `apply.check`."""
    return step.partition(".")[0] == name.partition(".")[0]
