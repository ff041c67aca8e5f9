"""集章册: stamps of trainings and lessons in one book, and the certificate of a series of lessons.

```mermaid
stateDiagram-v2
    [*] --> file: 系列证书, with a known name
    [*] --> name: 系列证书
    name --> name: no name
    name --> agree: a name
    agree --> name: 填错了
    agree --> file: 同意
    file --> [*]
```
"""

from datetime import datetime

from bot.common.values import value
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.documents.errors import Unprintable
from bot.handlers.feature import Feature
from bot.handlers.files import CourierFiles
from bot.handlers.form_steps import (
    Rows,
    left_in_words,
    navigation_buttons,
    no_name,
    says_no,
    says_yes,
    typed,
)
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.intents import contacts
from bot.services.content import progress
from bot.services.content.catalogue import titles as lesson_titles
from bot.services.content.progress import FinishedSeries
from bot.services.trainings import catalogue, registration_queries
from bot.services.trainings.catalogue import Training
from bot.services.trainings.certificates import Course

MAX_STAMPS = 8  # in one message
STEP = "training.course_name"


@value
class _Stamp:
    """`training`: None for a lesson, which has no certificate by itself."""

    title: str
    at: datetime
    hours: float
    training: int | None


class StampHandlers:
    """The book of stamps. `demo`: series of samples count, too."""

    def __init__(self, files: CourierFiles, replies: SignUpReplies, *, demo: bool) -> None:
        self._files = files
        self._replies = replies
        self._profiles = files.profiles
        self._demo = demo

    def feature(self) -> Feature:
        """Its buttons and its step."""
        return Feature(
            actions={
                "training.stamps": self.stamps,
                "training.course": self.certificate,
                "training.course.name": self.ask_name,
                "training.course.agree": self.agree,
            },
            steps={STEP: self.receive_name},
            resumes={STEP: self.ask_again},
        )

    async def stamps(self, ctx: Context) -> Reply:
        """The trainings attended and the lessons finished, and their hours."""
        t = ctx.t
        found = await self._stamps(ctx)
        if not found:
            said = t("No stamps yet. Check in at a training and the first one is yours.")
            row = (navigation.to_trainings(t), navigation.to_start(t))
            return Reply((Say(said), Buttons((row,), "")))
        hours = f"{sum(stamp.hours for stamp in found):.1f}".removesuffix(".0")
        lines = [t.n("{n} stamp, {hours} h", "{n} stamps, {hours} h", len(found), hours=hours)]
        rows: list[tuple[Button, ...]] = []
        for number, stamp in enumerate(reversed(found[-MAX_STAMPS:]), 1):
            lines.append(f"{number}. ★ {stamp.title} {wording.calendar_day(t, stamp.at)}")
            if stamp.training is not None:
                label = t("Certificate {n}", n=number)
                action = f"training.certificate:{stamp.training}"
                rows.append((Button(label, action, number=number),))
        paired = tuple(sum(rows[at : at + 2], ()) for at in range(0, len(rows), 2))
        series = tuple(
            (Button(t("Certificate: {series}", series=one.series), _action(one)),)
            for one in await self._series(ctx)
        )
        last = (navigation.to_my_trainings(t), navigation.to_start(t))
        return Reply((Say("\n".join(lines)), Buttons((*paired, *series, last), "")))

    async def certificate(self, ctx: Context) -> Reply:
        """The certificate of a series, as a file; asks for the name to print if none is known."""
        done = await self._done(ctx, ctx.args[0] if ctx.args else "")
        if (await self._profiles.read(ctx.db, ctx.courier.id)).name:
            return await self._file(ctx, done)
        return self._ask(ctx, done)

    async def ask_name(self, ctx: Context) -> Reply:
        """填错了: the name again."""
        return self._ask(ctx, await self._done(ctx, ctx.args[0] if ctx.args else ""))

    async def ask_again(self, ctx: Context) -> Reply:
        """The open question once more."""
        done = await self._done(ctx, _text(ctx.data.get("course")))
        if name := _text(ctx.data.get("name")):
            return self._ask_consent(ctx, done, name)
        return self._ask(ctx, done)

    async def receive_name(self, ctx: Context) -> Reply:
        """The name that was typed, or yes or no to keeping it."""
        done = await self._done(ctx, _text(ctx.data.get("course")))
        if _text(ctx.data.get("name")) and says_yes(ctx):
            return await self.agree(ctx)
        if _text(ctx.data.get("name")) and says_no(ctx):
            return self._ask(ctx, done)
        name = contacts.name(typed(ctx), asked=True)
        if name is not None and not ctx.abroad:
            return self._ask_consent(ctx, done, name)
        if (left := left_in_words(ctx)) is not None:
            return left
        return self._ask(ctx, done, no_name(ctx.t))

    async def agree(self, ctx: Context) -> Reply:
        """同意: keeps the name and sends the certificate."""
        done = await self._done(ctx, _text(ctx.data.get("course")) or ":".join(ctx.args))
        name = _text(ctx.data.get("name"))
        if not name or ctx.abroad:
            return self._ask(ctx, done)
        await self._profiles.remember_name(
            ctx.db, ctx.courier.id, name, ctx.now, ctx.event.sender.channel
        )
        return await self._file(ctx, done)

    def _ask(self, ctx: Context, done: FinishedSeries, problem: str = "") -> Reply:
        if ctx.abroad:
            return self._replies.elsewhere(ctx)
        question = problem or ctx.t("Which name shall the certificate show? For example: 王强")
        return self._question(ctx, done, question, {})

    def _ask_consent(self, ctx: Context, done: FinishedSeries, name: str) -> Reply:
        t, code = ctx.t, done.codes[0]
        question = t(
            "{name}?\nIf you agree I keep the name encrypted, only for certificates and trainings. "
            "Say “delete my data” at any time.",
            name=name,
        )
        rows = (
            (Button(t("Agree"), f"training.course.agree:{code}"),),
            (Button(t("That is wrong"), f"training.course.name:{code}"),),
        )
        return self._question(ctx, done, question, {"name": name}, rows)

    def _question(
        self,
        ctx: Context,
        done: FinishedSeries,
        question: str,
        data: dict[str, Json],
        rows: Rows = (),
    ) -> Reply:
        buttons = navigation_buttons(ctx, "training.stamps", first=rows, prompt=question)
        return Reply((buttons,), Then(STEP, {"course": done.codes[0], **data}))

    async def _file(self, ctx: Context, done: FinishedSeries) -> Reply:
        t, course = ctx.t, Course(done.series, done.minutes, done.at)
        try:
            document = await self._files.issue_for_course(
                ctx.db, ctx.courier.id, course, t, ctx.now
            )
        except Unprintable:
            said = t("Your name has a character that I cannot print. The organiser will help.")
            row = (Button(t("Talk to a person"), "human"), Button(t("Back"), "training.stamps"))
            return Reply((Say(said), Buttons((row,), "")))
        if document is None:
            raise StaleButtonError
        said = t(
            "Your certificate for {title}. Number: {number}. Anyone can verify it by sending me "
            "that number.",
            title=t("“{title}”", title=done.series),
            number=document.name.removesuffix(".pdf"),
        )
        row = (navigation.to_my_trainings(t), navigation.to_stamps(t))
        return Reply((Say(said), document, Buttons((row,), t("Anything else?"))))

    async def _done(self, ctx: Context, code: str) -> FinishedSeries:
        """The finished series that has a lesson. Raises `StaleButtonError`."""
        for one in await self._series(ctx):
            if code in one.codes:
                return one
        raise StaleButtonError

    async def _series(self, ctx: Context) -> list[FinishedSeries]:
        return await progress.finished_series(ctx.db, ctx.courier.id, demo=self._demo)

    async def _stamps(self, ctx: Context) -> list[_Stamp]:
        """The oldest first."""
        lessons = await progress.stamps(ctx.db, ctx.courier.id)
        titles = await lesson_titles(ctx.db, [one.code for one in lessons], ctx.t.locale)
        found = [
            _Stamp(titles.get(one.code, one.title), one.at, one.minutes / 60, None)
            for one in lessons
        ]
        found += [
            _Stamp(one.title, one.starts_at, one.hours, one.id) for one in await attended(ctx)
        ]
        return sorted(found, key=lambda one: one.at)


async def attended(ctx: Context) -> list[Training]:
    """The trainings that the courier checked in to, the oldest first."""
    found = await registration_queries.attended_registrations(ctx.db, ctx.courier.id)
    ids = [registration.training_id for registration in found]
    trainings = await catalogue.get_trainings(ctx.db, ids)
    return [trainings[training_id] for training_id in ids if training_id in trainings]


async def count_stamps(ctx: Context) -> int:
    """How many stamps of both kinds the courier has."""
    return len(await attended(ctx)) + len(await progress.stamps(ctx.db, ctx.courier.id))


def _action(done: FinishedSeries) -> str:
    return f"training.course:{done.codes[0]}"


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
