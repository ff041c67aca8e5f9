"""继续: takes up the form that was left within the last day."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.common.i18n import Translator
from bot.conversation.context import Context, Handler
from bot.conversation.paused import PAUSED
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.feature import Feature


class PausedFormHandlers:
    """`resumes` is that of all subjects: what asks the question of each form's step again."""

    def __init__(self, resumes: Mapping[str, Handler]) -> None:
        self._resumes = resumes

    def feature(self) -> Feature:
        """Its button and words."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return ((t.p("spoken words", "continue, go on, resume, /continue"), "form.resume"),)

        return Feature(actions={"form.resume": self.resume}, words=words)

    async def resume(self, ctx: Context) -> Reply:
        """The question that stood open, or what may be begun where none did."""
        kept: Any = ctx.data.get(PAUSED)
        if isinstance(kept, dict) and kept["step"] in self._resumes:
            return await self._resumes[kept["step"]](replace(ctx, data=kept["data"]))
        t = ctx.t
        row = (
            Button(t("How to get a card"), "card.apply"),
            Button(t("Trainings"), "training.list"),
        )
        said = t("There is no form that you left within the last day. What would you like to do?")
        return Reply((Say(said), Buttons((row,), t("Pick one:"))))
