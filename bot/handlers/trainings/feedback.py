"""Feedback after a training: a score from 1 to 5, and a comment.

```mermaid
stateDiagram-v2
    [*] --> comment: 1 to 5 after the training
    [*] --> [*]: 5分 老师讲得好
    comment --> [*]: a comment, or 不说了
```
"""

from dataclasses import replace

from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.trainings import navigation
from bot.handlers.trainings.navigation import training_with_id
from bot.intents.contacts import gives_up
from bot.intents.normalise import normalise
from bot.services.couriers.profiles import Profiles
from bot.services.trainings import registration_queries
from bot.services.trainings.notifications import FEEDBACK_WINDOW
from bot.services.trainings.registration_queries import COMMENT

MAX_COMMENT = 300
DIGITS = "一二三四五"
SCORE = LazyPattern(
    r"(?:我?[给打])?(?:([1-5一二三四五])(?:分|颗?星| ?(?:points?|stars?))|(满分)|"
    r"([1-5])(?=[,， ].*(?:讲|老师|课|好|不错|满意|听|teacher|good|great)))[,，。!！:： ]*(.*)"
)
"""A score in words, and what is said about it: 5分, 给四星, 满分 老师讲得好."""


_OF_A_COURSE = LazyPattern("课|讲|老师|培训|坐|板凳|椅|教室|屋里|teacher|course|class")
_MINUTES = LazyPattern("[1-5一二三四五]分钟?(?:之|以)?[内后前]|分钟.{0,4}课|几点|什么时候|哪天")
_IN_PASSING = LazyPattern(
    "(?:我?[给打]|分[:：]?)\\s?([1-5一二三四五])(?:分|颗?星|[ ,.]|$)|([1-5一二三四五])(?:分|颗星)"
)


def score_in_passing(text: str) -> int | None:
    """The score that a longer message about a course gives (上回那课 给个四分吧), or None."""
    found = _IN_PASSING.search(text.replace("给个", "给"))
    if found is None or not _OF_A_COURSE.search(text) or _MINUTES.search(text):
        return None
    digit = found[1] or found[2]
    return int(digit) if digit.isdecimal() else DIGITS.index(digit) + 1


class FeedbackHandlers:
    """The answers to the question how a training was."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    def feature(self) -> Feature:
        """Its buttons, its step, and scores in words."""
        return Feature(
            actions={"training.score": self.score, "training.silent": self.silent},
            steps={"training.comment": self.receive_comment},
            references=(self.scored_in_words,),
        )

    async def score(self, ctx: Context) -> Reply:
        """Stores 1 to 5, and asks for a comment."""
        training = await training_with_id(ctx, ctx.number(0))
        number, t = ctx.number(1), ctx.t
        if not 1 <= number <= 5:
            raise StaleButtonError
        await registration_queries.save_score(ctx.db, training.id, ctx.courier.id, number, ctx.now)
        said = t("Thank you: {stars}. A word about it? The organiser reads it.", stars="★" * number)
        row = (
            Button(t("Nothing more"), "training.silent"),
            navigation.to_stamps(t),
        )
        return Reply((Buttons((row,), said),), Then("training.comment", {"training": training.id}))

    async def scored_in_words(self, ctx: Context) -> Reply | None:
        """5分, 满分 讲得好: the score of the training that waits for one; None without one."""
        text = normalise(typed(ctx))
        found = SCORE.fullmatch(text)
        longer = None if found else score_in_passing(text)
        if found is None and longer is None:
            return None
        training_id = await registration_queries.unscored(
            ctx.db, ctx.courier.id, ctx.now - FEEDBACK_WINDOW, ctx.now
        )
        if training_id is None:
            # 5分 alone may be a time or a choice; said of a course it is not left unanswered
            return self._nothing_to_score(ctx) if longer or _OF_A_COURSE.search(text) else None
        if found is None:
            await self.score(replace(ctx, args=(str(training_id), str(longer))))
            return await self._keep_comment(ctx, training_id, typed(ctx))
        digit = found[1] or found[3] or "5"
        score = int(digit) if digit.isdecimal() else DIGITS.index(digit) + 1
        reply = await self.score(replace(ctx, args=(str(training_id), str(score))))
        if not found[4]:
            return reply
        return await self._keep_comment(ctx, training_id, found[4])

    def _nothing_to_score(self, ctx: Context) -> Reply:
        t = ctx.t
        said = t(
            "Thank you for telling. I find no course of yours that waits for a score, so I could "
            "not note it: I ask after each one where you checked in. What the organiser should "
            "hear now, tell 12351."
        )
        row = (navigation.to_stamps(t), navigation.to_trainings(t))
        return Reply((Say(said), Buttons((row,), "")))

    async def receive_comment(self, ctx: Context) -> Reply:
        """Stores the comment, sealed."""
        if gives_up(typed(ctx)):
            return await self.silent(ctx)
        return await self._keep_comment(ctx, ctx.data.get("training"), typed(ctx))

    async def _keep_comment(self, ctx: Context, about: Json, comment: str) -> Reply:
        t, text = ctx.t, comment.strip()[:MAX_COMMENT]
        if isinstance(about, int) and text:
            sealed = self._profiles.keys.seal(text, COMMENT)
            await registration_queries.save_comment(ctx.db, about, ctx.courier.id, sealed, ctx.now)
        row = (navigation.to_stamps(t), navigation.to_trainings(t))
        return Reply((Say(t("Noted, thank you.")), Buttons((row,), "")))

    async def silent(self, ctx: Context) -> Reply:
        """不说了: no comment."""
        t = ctx.t
        row = (navigation.to_stamps(t), navigation.to_trainings(t))
        return Reply((Say(t("All right. Ride safely.")), Buttons((row,), "")))
