"""报名 in free text: finds the training that is meant, and the name and phone given with it.

```mermaid
stateDiagram-v2
    [*] --> consent: "报名 王强 138… 周六上午那场", one training fits (sign_up)
    [*] --> sure: one fits, name and phone not said
    [*] --> choice: several fit, or none
    sure --> consent: name and phone
    sure --> registered: 对, 报名
    sure --> sure: a question, answered
    sure --> [*]: 不是, 返回, 取消
    choice --> registered: one of them picked
```
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError, StepInterruptedError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers.feature import Feature
from bot.handlers.form_steps import navigation_buttons, says_no, says_yes, typed
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.about_shown import interrupt_for_question
from bot.handlers.trainings.navigation import training_with_id
from bot.handlers.trainings.registration_replies import registration_buttons
from bot.handlers.trainings.sign_up import MAX_CHOICES, Find, SignUpHandlers
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.intents import Intent, contacts
from bot.intents.slots import ordinal
from bot.services.trainings import catalogue, registration_queries
from bot.services.trainings.catalogue import Training

TEAM = LazyPattern("带队|团队|我们(?:站|组|队|几)|[几两三四五六七八九十0-9]+个?人|bring|team")


class SignUpTextHandlers:
    """Registration that begins with a sentence."""

    def __init__(
        self, sign_up: SignUpHandlers, replies: SignUpReplies, find: Find, *, demo: bool = False
    ) -> None:
        self._sign_up = sign_up
        self._replies = replies
        self._find = find
        self._demo = demo

    def feature(self) -> Feature:
        """Its intent and its step."""
        return Feature(
            steps={"training.sure": self.receive_confirmation},
            resumes={"training.sure": self.ask_again},
            intent_handlers={Intent.TRAINING_REGISTER: self.register_from_text},
        )

    async def register_from_text(self, ctx: Context) -> Reply:
        """报名 王强 13812345678 周六上午那场: uses what is given, asks for what is missing."""
        t, text = ctx.t, typed(ctx)
        trainings = await self._open_trainings(ctx)
        if not trainings:
            row = (navigation.to_my_trainings(t), navigation.to_start(t))
            said = t("There is nothing to register for right now.")
            return Reply((Say(said), Buttons((row,), "")))
        if ctx.abroad and TEAM.search(text):
            return self._replies.elsewhere(ctx)
        if TEAM.search(text):
            return await self._choose_for_team(ctx, trainings)
        chosen = _narrowed(await self._find(ctx, text, trainings), trainings, ctx)
        name, phone = contacts.name(text), contacts.phone(text)
        if await self._replies.signs_up_elsewhere(ctx):
            return await self._elsewhere(ctx, chosen)
        identity: dict[str, Json] = {}
        if phone and not ctx.abroad:
            identity = {"name": name or "", "phone": phone}
        if len(chosen) == 1 and not contacts.people(text)[1:]:
            if identity and name:
                return await self._register(ctx, chosen[0].id, identity)
            return await self._ask_confirmation(ctx, chosen[0], identity)
        prompt = t("Which one?") if chosen else t("There is none like that. These are open:")
        return _choose(ctx, chosen or trainings, prompt, identity)

    async def receive_confirmation(self, ctx: Context) -> Reply:
        """The answer to 是这场吗: a yes, a no, or name and phone at once."""
        training = await self._proposed(ctx)
        interrupt_for_question(ctx, training)
        if says_yes(ctx):
            return await self._register(ctx, training.id, ctx.data)
        if says_no(ctx):
            return _choose(ctx, await self._open_trainings(ctx), ctx.t("Which one?"), {})
        text = typed(ctx)
        phone = contacts.phone(text)
        name = contacts.name(text, asked=phone is not None)
        if not (name or phone):
            raise StepInterruptedError(data=ctx.data)
        identity: dict[str, Json] = {
            "name": name or ctx.data.get("name") or "",
            "phone": phone or ctx.data.get("phone") or "",
        }
        if identity["name"] and identity["phone"]:
            return await self._register(ctx, training.id, identity)
        data: dict[str, Json] = {"training": training.id, **identity}
        return await self._sign_up.receive_identity(replace(ctx, data=data))

    async def ask_again(self, ctx: Context) -> Reply:
        """是这场吗 once more, without the details."""
        training = await self._proposed(ctx)
        session = wording.title_and_time(ctx.t, training, ctx.now)
        prompt = "\n".join((session, ctx.t("Is it this one?")))
        then = Then("training.sure", dict(ctx.data))
        return Reply((_confirmation(ctx, training, prompt),), then)

    async def _proposed(self, ctx: Context) -> Training:
        """The training of which it was asked whether it is the one."""
        listed = ctx.data.get("sessions")
        if not (isinstance(listed, list) and listed):
            raise StaleButtonError
        return await training_with_id(ctx, listed[0])

    async def _elsewhere(self, ctx: Context, chosen: Sequence[Training]) -> Reply:
        """The training, where only one is meant, and where one signs up for it instead."""
        reply = self._replies.elsewhere(ctx)
        if len(chosen) != 1:
            return reply
        own = await registration_queries.live_registration(ctx.db, chosen[0].id, ctx.courier.id)
        part = wording.details(ctx.t, chosen[0], own, ctx.now)
        return replace(reply, parts=(part, *reply.parts))

    async def _open_trainings(self, ctx: Context) -> list[Training]:
        upcoming = await catalogue.upcoming(ctx.db, ctx.now, demo=self._demo)
        return [training for training in upcoming if training.is_open(ctx.now)]

    async def _register(
        self, ctx: Context, training_id: int, identity: Mapping[str, Json]
    ) -> Reply:
        return await self._sign_up.register(
            replace(ctx, args=(str(training_id),), data=dict(identity))
        )

    async def _ask_confirmation(
        self, ctx: Context, training: Training, identity: Mapping[str, Json]
    ) -> Reply:
        """Shows the training and asks whether it is the one; not if already registered."""
        t = ctx.t
        registration = await registration_queries.live_registration(
            ctx.db, training.id, ctx.courier.id
        )
        details = wording.details(t, training, registration, ctx.now)
        if registration is not None:
            return Reply((details, registration_buttons(t, training, registration)))
        then = Then("training.sure", {**identity, "sessions": [training.id]})
        return Reply((details, _confirmation(ctx, training, t("Is it this one?"))), then)

    async def _choose_for_team(self, ctx: Context, trainings: Sequence[Training]) -> Reply:
        """带队报名 in free text: asks for which training."""
        found = await self._find(ctx, typed(ctx), trainings) or trainings
        rows = _choice_rows(ctx, found, "training.team")
        prompt = ctx.t("Which one does your team come to?")
        return Reply((navigation_buttons(ctx, "training.list", first=rows, prompt=prompt),))


def _confirmation(ctx: Context, training: Training, prompt: str) -> Buttons:
    free = training.seats_left and not training.waiting
    label = ctx.t("Yes, register me") if free else ctx.t("Yes, put me in line")
    rows = ((Button(label, f"training.register:{training.id}"),),)
    return navigation_buttons(ctx, "training.list", first=rows, prompt=prompt)


def _narrowed(found: list[Training], trainings: Sequence[Training], ctx: Context) -> list[Training]:
    """What was found in the text, or what it refers to among those listed last (第2场)."""
    listed, number = ctx.data.get("sessions"), ordinal(typed(ctx))
    if not isinstance(listed, list):
        return found
    if number is not None and number <= len(listed):
        referred = listed[number - 1]
    elif len(found) == len(trainings) > 1 and len(listed) == 1:
        referred = listed[0]  # the text names none: the one that is shown
    else:
        return found
    return [training for training in trainings if training.id == referred] or found


def _choose(
    ctx: Context, trainings: Sequence[Training], prompt: str, identity: Mapping[str, Json]
) -> Reply:
    rows = _choice_rows(ctx, trainings, "training.register")
    buttons = navigation_buttons(ctx, "training.list", first=rows, prompt=prompt)
    return Reply((buttons,), Then("", dict(identity)))


def _choice_rows(
    ctx: Context, trainings: Sequence[Training], action: str
) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        wording.choice_row(ctx.t, training, ctx.now, action) for training in trainings[:MAX_CHOICES]
    )
