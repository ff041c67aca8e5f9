"""Longer messages about the training on the screen: 几楼 要不要带笔, 能带孩子吗, 换小董去."""

from dataclasses import replace

from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, Handler
from bot.conversation.paused import CARRIED
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers.form_steps import typed
from bot.handlers.trainings import wording
from bot.intents.longer_questions import AskedOfTraining, asked_of_training
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training

LONGEST = 60  # characters: what is longer tells a story
SHOWN = "sessions"
_COUNT_ME_IN = LazyPattern("写上|算我一个|我一个人?报|报上我|count me in")
_OF_A_REMINDER = LazyPattern(
    "(?:提醒|通知)里|我?报的那?(?:个|场)?课.{0,6}(?:几|哪|在)|发的那?个?课"
)
_SIGNS_UP = LazyPattern("报名|[帮给]我报|我要?报|写上|退[课了掉]|取消|sign me up|register")


class LongerTrainingQuestions:
    """`calendar`, `register` and `mine` are the handlers of those buttons."""

    def __init__(self, calendar: Handler, register: Handler, mine: Handler) -> None:
        self._calendar = calendar
        self._register = register
        self._mine = mine

    async def picked(self, ctx: Context) -> Reply | None:
        """All that is asked, a line each; None where nothing is, or no one training is shown."""
        listed, text = ctx.data.get(SHOWN), typed(ctx)
        if ctx.data.keys() - CARRIED - {SHOWN, "name", "phone"} or len(text) > LONGEST:
            return None
        only = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
        if only is not None and _COUNT_ME_IN.search(text):
            return await self._register(replace(ctx, args=(str(only),)))
        if not listed and _OF_A_REMINDER.search(text):
            return await self._mine(ctx)
        asked = () if _SIGNS_UP.search(text) else asked_of_training(text)
        if not asked or only is None:
            return None
        training = await catalogue.get_training(ctx.db, int(str(only)))
        if training is None:
            return None
        t = ctx.t
        lines = [line for one in asked if (line := _line(ctx, training, one))]
        says = (
            [Say(t("【{name}】", name=training.title) + "\n" + "\n".join(lines))] if lines else []
        )
        then = Then("", dict(ctx.data))
        if AskedOfTraining.CALENDAR in asked:
            file = await self._calendar(replace(ctx, args=(str(training.id),)))
            return Reply((*says, *file.parts), then)
        row = (Button(t("Show it again"), f"training.show:{training.id}"),)
        return Reply((*says, Buttons((row,), "")), then)


def _line(ctx: Context, training: Training, asked: AskedOfTraining) -> str:
    t = ctx.t
    match asked:
        case AskedOfTraining.TIME:
            return wording.time(t, training, ctx.now)
        case AskedOfTraining.PLACE if training.is_online:
            return t("It is online; there is no way to go.")
        case AskedOfTraining.PLACE:
            where = " ".join(part for part in (training.place, training.address) if part)
            return t(
                "At {place}. The room is not written down; ask at the entrance or call {contact}.",
                place=where or t("the place is not set yet"),
                contact=_contact(training),
            )
        case AskedOfTraining.BRING:
            return t("Bring your phone to check in; nothing else is asked for.")
        case AskedOfTraining.SWAP:
            return t(
                "A seat belongs to the person who signed up: that one gives it back under “my "
                "trainings”, then the other signs up with name and phone."
            )
        case AskedOfTraining.RULES:
            return _not_written(t, training)
        case AskedOfTraining.CALENDAR:
            return ""


def _not_written(t: Translator, training: Training) -> str:
    return t(
        "That is not written down for this training; {contact} knows. A seat can be given back "
        "until it begins.",
        contact=_contact(training),
    )


def _contact(training: Training) -> str:
    return training.contact or "12351"
