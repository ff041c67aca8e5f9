"""我的培训: the places one has, with the way out of each; an offered seat taken or passed on."""

import re
from dataclasses import replace

from bot.conversation.context import Context, Handler, StaleButtonError
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.form_steps import navigation_buttons, typed
from bot.handlers.trainings import wording as words
from bot.handlers.trainings.sign_up import MOST, Find, SignUp
from bot.services.trainings import catalogue, registration_queries
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.teams import Teams

TAKES = re.compile("要|要了|要的|我要|我要了|要这个|要名额|要这个名额|接受|take it|i take it")
PASSES = re.compile(
    "不要了?|不要(?:这个)?名额了?|(?:让出去|给别人|让给别人|让给下一位)[了吧]?|pass(?: it on)?"
)
"""Whole answers to 要还是不要, however long after the question; a notice waits at no step."""


class OwnTrainings:
    """All answers about the places a courier has already."""

    def __init__(
        self, registrations: Registrations, teams: Teams, sign_up: SignUp, find: Find
    ) -> None:
        self._registrations = registrations
        self._teams = teams
        self._sign_up = sign_up
        self._find = find

    def feature(self) -> Feature:
        """Its buttons and intents."""
        return Feature(
            actions={
                "training.leave": self.ask_leave,
                "training.left": self.leave,
                "training.accept": self.accept,
                "training.pass": self.pass_on,
                "training.come": self.come,
                "training.mine": self.mine,
            },
            meanings={
                "training_cancel": self.leave_in_words,
                "my_trainings": self.mine,
                "waitlist_position": self.position,
            },
            signs={TAKES: self.take_in_words, PASSES: self.pass_in_words},
        )

    async def ask_leave(self, ctx: Context) -> Reply:
        """退: asked once more, for the seat is gone at once."""
        training = await self._training(ctx)
        mine = await registration_queries.standing(ctx.db, training.id, ctx.courier.id)
        if mine is None:
            return self._sign_up.refused(ctx, TrainingRefused("not_registered"), training)
        t, about = ctx.t, words.named(ctx.t, training, ctx.now)
        if mine.status == "waitlist":
            said = t("Leave the line for {session}?", session=about)
        else:
            said = t(
                "Give your seat in {session} back? It goes to the next in line.", session=about
            )
        row = (
            Button(t("Yes, give it back"), f"training.left:{training.id}"),
            Button(t("No, I come"), f"training.come:{training.id}"),
        )
        if mine.status != "seat":
            row = (
                Button(t("Yes, I withdraw"), f"training.left:{training.id}"),
                Button(t("No, I stay"), "training.mine"),
            )
        return Reply((Buttons((row,), said),))

    async def leave(self, ctx: Context) -> Reply:
        """Withdraws; the line moves in the same moment."""
        training = await self._training(ctx)
        try:
            await self._registrations.withdraw(ctx.db, training.id, ctx.courier.id, ctx.now)
        except TrainingRefused as refused:
            return await self._sign_up.refused_with(ctx, refused, training)
        t = ctx.t
        said = t("You are out of {session}.", session=words.named(t, training, ctx.now))
        row = (Button(t("My trainings"), "training.mine"), Button(t("Trainings"), "training.list"))
        return Reply((Say(said), Buttons((row,), "")))

    async def leave_in_words(self, ctx: Context) -> Reply:
        """周六来不了了 帮我退了: which one, then the question."""
        t = ctx.t
        mine = await self._own(ctx)
        if not mine:
            return await self.mine(ctx)
        chosen = await self._find(ctx, typed(ctx), [training for training, _ in mine])
        if len(chosen) == 1:
            return await self.ask_leave(replace(ctx, args=(str(chosen[0].id),)))
        offered = chosen or [training for training, _ in mine]
        rows = tuple(words.choose(t, one, ctx.now, "training.leave") for one in offered[:MOST])
        return Reply(
            (navigation_buttons(ctx, "training.mine", first=rows, prompt=t("Which one?")),)
        )

    async def accept(self, ctx: Context) -> Reply:
        """Takes the seat that was held."""
        training = await self._training(ctx)
        try:
            mine = await self._registrations.accept(ctx.db, training.id, ctx.courier.id, ctx.now)
        except TrainingRefused as refused:
            return await self._sign_up.refused_with(ctx, refused, training)
        return await self._sign_up.placed(ctx, training, mine)

    async def pass_on(self, ctx: Context) -> Reply:
        """Lets the next in line have it."""
        training = await self._training(ctx)
        try:
            await self._registrations.decline(ctx.db, training.id, ctx.courier.id, ctx.now)
        except TrainingRefused as refused:
            return await self._sign_up.refused_with(ctx, refused, training)
        said = ctx.t("Passed on; the next in line is asked. Thank you.")
        row = (Button(ctx.t("Trainings"), "training.list"), Button(ctx.t("Back"), "start"))
        return Reply((Say(said), Buttons((row,), "")))

    async def take_in_words(self, ctx: Context) -> Reply:
        """要, said to an offer."""
        return await self._answer_offer(ctx, self.accept)

    async def pass_in_words(self, ctx: Context) -> Reply:
        """不要, 让给别人, said to an offer."""
        return await self._answer_offer(ctx, self.pass_on)

    async def _answer_offer(self, ctx: Context, deed: Handler) -> Reply:
        offered = [one for _, one in await self._own(ctx) if one.status == "offered"]
        if len(offered) == 1:
            return await deed(replace(ctx, args=(str(offered[0].training_id),)))
        if offered:
            return await self.mine(ctx)
        t = ctx.t
        row = (Button(t("Stations near me"), "locate"), Button(t("My trainings"), "training.mine"))
        return Reply((Buttons((row,), t("No seat is held for you right now. What is it about?")),))

    async def come(self, ctx: Context) -> Reply:
        """我会来."""
        training = await self._training(ctx)
        try:
            mine = await self._registrations.confirm(ctx.db, training.id, ctx.courier.id, ctx.now)
        except TrainingRefused as refused:
            return await self._sign_up.refused_with(ctx, refused, training)
        t = ctx.t
        said = t("Good, see you at {session}.", session=words.named(t, training, ctx.now))
        return Reply((words.pin(t, training, said), self._sign_up.own_rows(ctx, training, mine)))

    async def mine(self, ctx: Context) -> Reply:
        """我的培训: each with its state, and the way out."""
        t = ctx.t
        mine = await self._own(ctx)
        lines: list[str] = []
        rows: list[tuple[Button, ...]] = []
        for number, (training, one) in enumerate(mine[:MOST], 1):
            where = words.place(t, training)
            when = words.time(t, training, ctx.now)
            state = words.standing(t, one, ctx.now)
            lines.append(f"{number}. {training.title}\n{when} · {where}\n{state}")
            if one.status == "offered":
                rows.append(
                    (
                        Button(t("Take seat {n}", n=number), f"training.accept:{training.id}"),
                        Button(t("Pass on {n}", n=number), f"training.pass:{training.id}"),
                    )
                )
                continue
            rows.append(
                (
                    Button(t("Show number {n}", n=number), f"training.show:{training.id}"),
                    Button(t("Withdraw from {n}", n=number), f"training.leave:{training.id}"),
                )
            )
        parts: list[Part] = []
        if lines:
            parts.append(Say("\n".join([t("Your trainings:"), *lines])))
        else:
            parts.append(Say(t("You are registered for nothing right now.")))
        for team in await self._teams.led_by(ctx.db, ctx.courier.id, ctx.now):
            label = t("My team ({n})", n=len(team.members))
            rows.append((Button(label, f"training.team.show:{team.id}"),))
        last = (
            Button(t("Trainings"), "training.list"),
            Button(t("My stamps"), "training.stamps"),
            Button(t("Back"), "start"),
        )
        return Reply((*parts, Buttons((*rows, last), "")))

    async def position(self, ctx: Context) -> Reply:
        """排队排到第几了."""
        t = ctx.t
        waiting = [pair for pair in await self._own(ctx) if pair[1].status != "seat"]
        if not waiting:
            return await self.mine(ctx)
        lines = [
            f"{words.named(t, training, ctx.now)}\n{words.standing(t, one, ctx.now)}"
            for training, one in waiting
        ]
        rows = tuple(
            (
                Button(t("Take the seat"), f"training.accept:{training.id}"),
                Button(t("Pass it on"), f"training.pass:{training.id}"),
            )
            if one.status == "offered"
            else (Button(t("Leave the line"), f"training.leave:{training.id}"),)
            for training, one in waiting[:MOST]
        )
        last = (Button(t("My trainings"), "training.mine"), Button(t("Back"), "start"))
        return Reply((Say("\n".join(lines)), Buttons((*rows, last), "")))

    async def _own(self, ctx: Context) -> list[tuple[Training, Registration]]:
        mine = await registration_queries.of_courier(ctx.db, ctx.courier.id, ctx.now)
        described = await catalogue.describe(ctx.db, [one.training_id for one in mine])
        return [(described[one.training_id], one) for one in mine if one.training_id in described]

    async def _training(self, ctx: Context) -> Training:
        training = await catalogue.describe_one(ctx.db, ctx.number(0))
        if training is None:
            raise StaleButtonError
        return training
