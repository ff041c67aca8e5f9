"""Questions about the trainings on the screen (几点开始, 加到日历), each in a line or two."""

from dataclasses import replace

from bot.conversation.context import Context, Handler, StepInterruptedError
from bot.conversation.replies import Button, Buttons, Json, Part, Reply, Say, Then
from bot.handlers.form_steps import typed
from bot.handlers.trainings import wording
from bot.intents.about_shown import Question, question
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training

OF_TRAININGS = frozenset(Question) - {Question.KEEP, Question.TOO_FAR, Question.MORE}


def interrupt_for_question(ctx: Context, training: Training | None) -> None:
    """Raises `StepInterruptedError` for a question about the training that a form is for.

    It is answered, and the form goes on.
    """
    if question(typed(ctx)) in OF_TRAININGS:
        listed: list[Json] = [training.id] if training is not None else []
        raise StepInterruptedError(data={**ctx.data, "sessions": listed})


class ShownTrainingHandlers:
    """Answers about the trainings that were shown last.

    `calendar` and `list_trainings` are the handlers of those buttons.
    """

    def __init__(self, calendar: Handler, list_trainings: Handler) -> None:
        self._calendar = calendar
        self._list = list_trainings

    async def picked(self, ctx: Context) -> Reply | None:
        """The answer to a question about the trainings shown; None where it is about none."""
        asked, listed = question(typed(ctx)), ctx.data.get("sessions")
        if asked is None or not isinstance(listed, list):
            return None
        found = [await catalogue.get_training(ctx.db, int(str(one))) for one in listed]
        trainings = [one for one in found if one is not None]
        if not trainings:
            return None
        match asked:
            case Question.MORE:
                return await self._list(replace(ctx, args=("0", "0")))
            case Question.CALENDAR if len(trainings) == 1:
                reply = await self._calendar(replace(ctx, args=(str(trainings[0].id),)))
                return replace(reply, then=Then("", dict(ctx.data)))
            case Question.KEEP | Question.TOO_FAR:
                return None
            case _:
                return self._answer(ctx, trainings, asked)

    def _answer(self, ctx: Context, trainings: list[Training], asked: Question) -> Reply:
        """One line for each of the trainings, and what leads to the details."""
        t, then = ctx.t, Then("", dict(ctx.data))
        if asked is Question.CALENDAR:
            rows = tuple(
                wording.choice_row(t, one, ctx.now, "training.calendar") for one in trainings
            )
            return Reply((Buttons(rows, t("Which one?")),), then)
        if asked is Question.BRING:
            said = t(
                "Just your phone: a code is shown there, send it to me and you are checked in."
            )
            parts: tuple[Part, ...] = (Say(said),)
        elif len(trainings) == 1:
            parts = (_about_one(ctx, trainings[0], asked),)
        else:
            lines = [_line(ctx, one, asked) for one in trainings]
            parts = (Say("\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))),)
        if len(trainings) == 1:
            row = (Button(t("Show it again"), f"training.show:{trainings[0].id}"),)
            return Reply((*parts, Buttons((row,), "")), then)
        buttons = [
            Button(t("Show number {n}", n=n), f"training.show:{one.id}")
            for n, one in enumerate(trainings, 1)
        ]
        rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
        return Reply((*parts, Buttons(rows, "")), then)


def _about_one(ctx: Context, training: Training, asked: Question) -> Part:
    line = _line(ctx, training, asked)
    if asked in {Question.WAY, Question.DISTANCE} and not training.is_online:
        return wording.with_map(ctx.t, training, line)
    return Say(line)


def _line(ctx: Context, training: Training, asked: Question) -> str:
    t = ctx.t
    title = wording.title(t, training)
    match asked:
        case Question.WAY | Question.DISTANCE | Question.PARKING if training.is_online:
            return t("{title} is online; there is no way to go.", title=title)
        case Question.WAY | Question.DISTANCE | Question.PARKING:
            where = " ".join(part for part in (training.place, training.address) if part)
            return t("{title}: {place}", title=title, place=where or t("the place is not set yet"))
        case Question.CONTENT if training.topic or training.about:
            about = "\n".join(part for part in (training.topic, training.about) if part)
            return t("{title} is about: {text}", title=title, text=about)
        case Question.CONTENT:
            return t("{title}: its organiser says no more than the title.", title=title)
        case Question.PRICE:
            return t("{title} costs nothing.", title=title)
        case Question.SEATS:
            return t("{title}: {seats}", title=title, seats=wording.seats(t, training, ctx.now))
        case Question.PHONE if training.contact:
            return t("{title}, questions: {contact}", title=title, contact=training.contact)
        case Question.PHONE:
            return t("{title}: no phone is registered; the union answers at 12351.", title=title)
        case _:
            return t("{title}: {time}", title=title, time=wording.time(t, training, ctx.now))
