"""微课: cards, then questions that are explained at once, between two orders.

```mermaid
stateDiagram-v2
    [*] --> list: 微课, 我想学点啥
    list --> card: 学第1课
    card --> card: 下一张
    card --> question: 开始答题
    question --> explained: an option
    explained --> question: 下一题
    explained --> stamp: after the last question
    card --> [*]: 歇会儿, or anything else
    question --> [*]: 歇会儿, or anything else
    [*] --> card: 接着学, at the card last seen
    [*] --> question: 接着学, at the question that is open
```

No step is awaited: each button carries where it leads, and how far a courier came is stored. So a
lesson goes on in any chat of theirs, and any question in between is answered as ever.
"""

from dataclasses import replace

from bot.common.values import value
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Link, Part, Reply, Say, Then
from bot.handlers import content_text
from bot.handlers.content import lesson_steps, wording
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.intents.normalise import normalise
from bot.intents.subjects.lesson_words import (
    goes_on,
    may_name_lesson,
    named_lesson,
    wants_lesson,
)
from bot.services.content import catalogue, progress
from bot.services.content.catalogue import ContentKind, Item
from bot.services.content.lessons import Lesson, lesson_of
from bot.services.content.progress import NOTHING, Progress
from bot.services.notifications import queue
from bot.services.notifications.queue import Topic
from bot.services.trainings.catalogue import home_league
from bot.services.trainings.registration_queries import attended_registrations

PAGE = 6


@value
class _Taken:
    """A lesson in the courier's language, and how far they came."""

    item: Item
    lesson: Lesson
    progress: Progress

    @property
    def steps(self) -> int:
        """Its cards and questions."""
        return len(self.lesson.cards) + len(self.lesson.questions)


class LessonHandlers:
    """The list of lessons, and taking one. `demo`: samples, too."""

    def __init__(self, public_url: str, *, demo: bool) -> None:
        self._public_url = public_url
        self._demo = demo

    def feature(self) -> Feature:
        """Its buttons, its words, and wishes to learn something."""
        return Feature(
            actions={
                "lesson.list": self.list_lessons,
                "lesson.start": self.start,
                "lesson.go": self.go,
                "lesson.answer": self.answer,
                "lesson.pause": self.pause,
                "lesson.onward": self.go_on,
            },
            words=wording.spoken,
            references=(self.asked_in_words,),
        )

    async def asked_in_words(self, ctx: Context) -> Reply | None:
        """想学急救 begins that lesson, 我想学点啥 lists them, 接着学 goes on; else None.

        Without any lesson it is left to the trainings.
        """
        words = normalise(typed(ctx))
        onward, wanted = goes_on(words), wants_lesson(words)
        if not (onward or wanted or may_name_lesson(words)):
            return None
        lessons = await self._lessons(ctx)
        if lessons and onward:
            return await self.go_on(ctx)
        named = named_lesson(words, [(one.item.title, *one.item.tags) for one in lessons])
        if named is not None:
            return await self.start(replace(ctx, args=(lessons[named].item.code,)))
        return await self.list_lessons(ctx) if lessons and wanted else None

    async def list_lessons(self, ctx: Context) -> Reply:
        """What can be learned now: begun lessons first, finished ones last."""
        t, skip = ctx.t, ctx.number(0) if ctx.args else 0
        found = await self._lessons(ctx)
        last = [wording.to_trainings(t), wording.to_start(t)]
        if not found:
            return Reply((Buttons((tuple(last),), t("There are no lessons right now.")),))
        shown = found[skip : skip + PAGE]
        if not shown:
            raise StaleButtonError
        lines = [t("Learn now, and stop whenever an order comes:")]
        rows: list[tuple[Button, ...]] = []
        for number, one in enumerate(shown, 1):
            lines.append(f"{number}. {wording.in_list(t, one.item, one.lesson, one.progress)}")
            label = t("Lesson {n}", n=number)
            rows.append((Button(label, f"lesson.start:{one.item.code}", number=number),))
        paired = tuple(sum(rows[at : at + 2], ()) for at in range(0, len(rows), 2))
        if len(found) > skip + PAGE:
            last.insert(0, Button(t("More"), f"lesson.list:{skip + PAGE}"))
        weekly = await queue.wants(ctx.db, ctx.courier.id, Topic.LESSON)
        last.insert(-1, wording.weekly(t, on=weekly))
        tail = tuple(tuple(last[at : at + 2]) for at in range(0, len(last), 2))
        return Reply((Say("\n".join(lines)), Buttons((*paired, *tail), "")))

    async def start(self, ctx: Context) -> Reply:
        """A lesson where the courier left it; one that was finished, from its beginning."""
        taken = await self._taken(ctx)
        if taken is None:
            return await self._gone(ctx)
        step = taken.progress.next_step(taken.lesson)
        return await self._show(ctx, taken, 0 if step == taken.steps else step)

    async def go_on(self, ctx: Context) -> Reply:
        """接着学: the lesson that was begun last, else the list."""
        begun = [one for one in await self._lessons(ctx) if one.progress.begun]
        mine = await progress.progress_of(ctx.db, ctx.courier.id)
        latest = min(begun, key=lambda one: list(mine).index(one.item.code), default=None)
        if latest is None:
            return await self.list_lessons(ctx)
        return await self._show(ctx, latest, latest.progress.next_step(latest.lesson))

    async def go(self, ctx: Context) -> Reply:
        """A card or question; one that is not open yet leads to the one that is."""
        taken = await self._taken(ctx)
        if taken is None:
            return await self._gone(ctx)
        return await self._show(ctx, taken, ctx.number(1))

    async def answer(self, ctx: Context) -> Reply:
        """The answer to a question, explained at once; the last one stamps the lesson."""
        taken = await self._taken(ctx)
        if taken is None:
            return await self._gone(ctx)
        number, option = ctx.number(1), ctx.number(2)
        questions = taken.lesson.questions
        if number >= len(questions) or option >= len(questions[number].options):
            raise StaleButtonError
        code, lesson = taken.item.code, taken.lesson
        answered = await progress.answer(
            ctx.db, ctx.courier.id, code, lesson, number, option, ctx.now
        )
        if answered is None:
            return await self._show(ctx, taken, taken.progress.next_step(lesson))
        t, question = ctx.t, questions[number]
        if option == question.right:
            verdict = t("✓ Right.")
        else:
            verdict = t("✗ Not quite. Right is: {answer}", answer=question.options[question.right])
        said: list[Part] = [Say(verdict)]
        said += await content_text.parts(ctx.db, t, question.explanation, self._public_url)
        if answered.progress.finished_at is not None and number + 1 == len(questions):
            return await self._finished(ctx, taken, answered.progress, said, new=answered.finished)
        step = len(lesson.cards) + number + 1
        row = (Button(t("Next question"), f"lesson.go:{code}:{step}"), wording.pause(t))
        return Reply((*said, Buttons((row,), "")), _about(code))

    async def pause(self, ctx: Context) -> Reply:
        """歇会儿: nothing is lost."""
        t = ctx.t
        said = t("All right, your place is kept. To go on, here or in another chat: “{word}”.",
                 word=t("keep learning"))  # fmt: skip
        row = (wording.onward(t), Button(t("Stations near me"), "locate"))
        return Reply((Buttons((row,), said),))

    async def _show(self, ctx: Context, taken: _Taken, step: int) -> Reply:
        """A step, which is noted as seen; one that is not open yet becomes the one that is."""
        cards, done = len(taken.lesson.cards), taken.progress
        open_until = done.shown if done.shown < cards else cards + done.answered
        if step > open_until or step >= taken.steps:
            step = min(done.next_step(taken.lesson), taken.steps - 1)
        if step < cards:
            return await self._card(ctx, taken, step)
        return await self._question(ctx, taken, step - cards)

    async def _card(self, ctx: Context, taken: _Taken, card: int) -> Reply:
        await progress.show_card(ctx.db, ctx.courier.id, taken.item.code, card, ctx.now)
        shown = await lesson_steps.card(
            ctx.db, ctx.t, taken.item, taken.lesson, card, self._public_url
        )
        return replace(shown, then=_about(taken.item.code))

    async def _question(self, ctx: Context, taken: _Taken, number: int) -> Reply:
        asked = await lesson_steps.question(
            ctx.db, ctx.t, taken.item, taken.lesson, number, self._public_url
        )
        return replace(asked, then=_about(taken.item.code))

    async def _finished(
        self, ctx: Context, taken: _Taken, done: Progress, said: list[Part], *, new: bool
    ) -> Reply:
        t, item = ctx.t, taken.item
        right = len(taken.lesson.questions) - done.missed
        lines = [
            t(
                "Finished: {title}. {right} of {all} right.",
                title=content_text.title(t, item),
                right=right,
                all=len(taken.lesson.questions),
            )
        ]
        if new:
            stamps = await progress.stamps(ctx.db, ctx.courier.id)
            attended = await attended_registrations(ctx.db, ctx.courier.id)
            lines.append(t("★ That is stamp number {n}.", n=len(stamps) + len(attended)))
        rows: list[tuple[Button, ...]] = []
        whole = await progress.finished_series(ctx.db, ctx.courier.id, demo=self._demo)
        if item.series and any(item.code in one.codes for one in whole):
            lines.append(
                t("All lessons of “{series}” are done: your certificate is ready.",
                  series=item.series_title)
            )  # fmt: skip
            rows.append((Button(t("Certificate"), f"training.course:{item.code}"),))
        url = content_text.page_url(self._public_url, item.code)
        links = (Link(t("All of it on one page"), url),) if url else ()
        rows += [(wording.to_lessons(t), wording.to_stamps(t)), (wording.to_start(t),)]
        return Reply((*said, Say("\n".join(lines), links), Buttons(tuple(rows), "")))

    async def _gone(self, ctx: Context) -> Reply:
        t = ctx.t
        row = (wording.to_lessons(t), wording.to_start(t))
        return Reply((Buttons((row,), t("This lesson is no longer offered.")),))

    async def _lessons(self, ctx: Context) -> list[_Taken]:
        """Begun ones first, finished ones last, else in the operators' order."""
        league = await home_league(ctx.db, ctx.courier.id)
        items = await catalogue.find(
            ctx.db, ContentKind.LESSON, ctx.t.locale, league, ctx.now, demo=self._demo
        )
        mine = await progress.progress_of(ctx.db, ctx.courier.id)
        found = [_Taken(one, lesson_of(one.text), mine.get(one.code, NOTHING)) for one in items]
        return sorted(
            found, key=lambda one: (one.progress.finished_at is not None, not one.progress.begun)
        )

    async def _taken(self, ctx: Context) -> _Taken | None:
        """The lesson that a button names; None where it is no longer served."""
        code = ctx.args[0] if ctx.args else ""
        item = await catalogue.by_code(ctx.db, code, ctx.t.locale, ctx.now, demo=self._demo)
        if item is None or item.kind is not ContentKind.LESSON:
            return None
        mine = await progress.progress_of(ctx.db, ctx.courier.id)
        return _Taken(item, lesson_of(item.text), mine.get(code, NOTHING))


def _about(code: str) -> Then:
    about: dict[str, Json] = {"lesson": code}
    return Then("", about)
