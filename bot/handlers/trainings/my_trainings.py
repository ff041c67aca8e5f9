"""我的培训: a courier's registrations, withdrawing, and accepting or declining an offered seat."""

from dataclasses import replace

from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, Handler
from bot.conversation.replies import Button, Buttons, Json, Part, Reply, Say, Then
from bot.handlers.feature import Feature
from bot.handlers.form_steps import navigation_buttons, typed
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.navigation import training_with_id
from bot.handlers.trainings.registration_replies import registration_buttons
from bot.handlers.trainings.sign_up import MAX_CHOICES, Find
from bot.handlers.trainings.sign_up_outcomes import Registered
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.intents import Intent
from bot.services.trainings import catalogue, registration_queries
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.services.trainings.teams import Teams

ACCEPTS = LazyPattern("要|要了|要的|我要|我要了|要这个|要名额|要这个名额|接受|take it|i take it")
DECLINES = LazyPattern(
    "不要了?|不要(?:这个)?名额了?|(?:让出去|给别人|让给别人|让给下一位)[了吧]?|pass(?: it on)?"
)
"""Whole answers to 要还是不要, at any time later: a notification leaves no awaited step."""


class MyTrainingsHandlers:
    """All answers about a courier's own registrations."""

    def __init__(
        self, registrations: Registrations, teams: Teams, replies: SignUpReplies, find: Find
    ) -> None:
        self._registrations = registrations
        self._teams = teams
        self._replies = replies
        self._find = find

    def feature(self) -> Feature:
        """Its buttons and intents."""
        return Feature(
            actions={
                "training.leave": self.ask_leave,
                "training.left": self.leave,
                "training.accept": self.accept,
                "training.pass": self.decline,
                "training.come": self.come,
                "training.mine": self.list_registrations,
            },
            intent_handlers={
                Intent.TRAINING_CANCEL: self.leave_from_text,
                Intent.MY_TRAININGS: self.list_registrations,
                Intent.WAITLIST_POSITION: self.position,
            },
            code_patterns={ACCEPTS: self.accept_from_text, DECLINES: self.decline_from_text},
        )

    async def ask_leave(self, ctx: Context) -> Reply:
        """退: asks for confirmation, because the seat goes to the next at once."""
        training = await training_with_id(ctx, ctx.number(0))
        registration = await registration_queries.live_registration(
            ctx.db, training.id, ctx.courier.id
        )
        if registration is None:
            raise TrainingRefused(TrainingRefusal.NOT_REGISTERED, training.id)
        t, about = ctx.t, wording.title_and_time(ctx.t, training, ctx.now)
        if registration.status == RegistrationStatus.WAITLIST:
            said = t("Leave the line for {session}?", session=about)
        else:
            said = t(
                "Give your seat in {session} back? It goes to the next in line.", session=about
            )
            if await registration_queries.waits_for_team(ctx.db, registration.id, ctx.now):
                said += "\n" + t("The seats of your whole team are free again then.")
        row = (
            Button(t("Yes, give it back"), f"training.left:{training.id}"),
            Button(t("No, I come"), f"training.come:{training.id}"),
        )
        if registration.status != RegistrationStatus.SEAT:
            row = (
                Button(t("Yes, I withdraw"), f"training.left:{training.id}"),
                Button(t("No, I stay"), "training.mine"),
            )
        return Reply((Buttons((row,), said),))

    async def leave(self, ctx: Context) -> Reply:
        """确定退: withdraws; the seat is offered on in the same transaction."""
        training = await training_with_id(ctx, ctx.number(0))
        await self._registrations.withdraw(ctx.db, training.id, ctx.courier.id, ctx.now)
        t = ctx.t
        said = t("You are out of {session}.", session=wording.title_and_time(t, training, ctx.now))
        row = (navigation.to_my_trainings(t), navigation.to_trainings(t))
        return Reply((Say(said), Buttons((row,), "")))

    async def leave_from_text(self, ctx: Context) -> Reply:
        """周六来不了了 帮我退了: asks which one, then for confirmation."""
        t = ctx.t
        registered = [training for training, _ in await self._registrations_of(ctx)]
        if not registered:
            return await self.list_registrations(ctx)
        found = await self._find(ctx, typed(ctx), registered)
        if len(found) == 1:
            return await self.ask_leave(replace(ctx, args=(str(found[0].id),)))
        rows = tuple(
            wording.choice_row(t, training, ctx.now, "training.leave")
            for training in (found or registered)[:MAX_CHOICES]
        )
        return Reply(
            (navigation_buttons(ctx, "training.mine", first=rows, prompt=t("Which one?")),)
        )

    async def accept(self, ctx: Context) -> Reply:
        """要这个名额."""
        training = await training_with_id(ctx, ctx.number(0))
        registration = await self._registrations.accept(
            ctx.db, training.id, ctx.courier.id, ctx.now
        )
        return await self._replies.render(ctx, Registered(training, registration))

    async def decline(self, ctx: Context) -> Reply:
        """不要: the next on the waitlist is asked."""
        training = await training_with_id(ctx, ctx.number(0))
        await self._registrations.decline(ctx.db, training.id, ctx.courier.id, ctx.now)
        said = ctx.t("Passed on; the next in line is asked. Thank you.")
        row = (navigation.to_trainings(ctx.t), navigation.to_start(ctx.t))
        return Reply((Say(said), Buttons((row,), "")))

    async def accept_from_text(self, ctx: Context) -> Reply:
        """要: accepts the one offer there is."""
        return await self._answer_offer(ctx, self.accept)

    async def decline_from_text(self, ctx: Context) -> Reply:
        """不要, 让给别人: declines the one offer there is."""
        return await self._answer_offer(ctx, self.decline)

    async def _answer_offer(self, ctx: Context, answer: Handler) -> Reply:
        offered = [
            registration
            for _, registration in await self._registrations_of(ctx)
            if registration.status is RegistrationStatus.OFFERED
        ]
        if len(offered) == 1:
            return await answer(replace(ctx, args=(str(offered[0].training_id),)))
        if offered:
            return await self.list_registrations(ctx)
        t = ctx.t
        row = (Button(t("Stations near me"), "locate"), navigation.to_my_trainings(t))
        return Reply((Buttons((row,), t("No seat is held for you right now. What is it about?")),))

    async def come(self, ctx: Context) -> Reply:
        """我会来."""
        training = await training_with_id(ctx, ctx.number(0))
        registration = await self._registrations.confirm(
            ctx.db, training.id, ctx.courier.id, ctx.now
        )
        t = ctx.t
        said = t(
            "Good, see you at {session}.", session=wording.title_and_time(t, training, ctx.now)
        )
        return Reply(
            (wording.with_map(t, training, said), registration_buttons(t, training, registration))
        )

    async def list_registrations(self, ctx: Context) -> Reply:
        """我的培训: each registration with its status and what one can do about it."""
        t = ctx.t
        registered = await self._registrations_of(ctx)
        lines: list[str] = []
        rows: list[tuple[Button, ...]] = []
        for number, (training, registration) in enumerate(registered[:MAX_CHOICES], 1):
            where = wording.place(t, training)
            when = wording.time(t, training, ctx.now)
            status = wording.registration_status(t, registration, ctx.now)
            lines.append(f"{number}. {training.title}\n{when} · {where}\n{status}")
            if registration.status is RegistrationStatus.OFFERED:
                rows.append(
                    (
                        Button(
                            t("Take seat {n}", n=number),
                            f"training.accept:{training.id}",
                            number=number,
                        ),
                        Button(t("Pass on {n}", n=number), f"training.pass:{training.id}"),
                    )
                )
                continue
            rows.append(
                (
                    Button(
                        t("Show number {n}", n=number),
                        f"training.show:{training.id}",
                        number=number,
                    ),
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
            navigation.to_trainings(t),
            navigation.to_stamps(t),
            navigation.to_start(t),
        )
        shown: list[Json] = [training.id for training, _ in registered[:MAX_CHOICES]]
        then = Then("", {"sessions": shown}) if shown else None
        return Reply((*parts, Buttons((*rows, last), "")), then)

    async def position(self, ctx: Context) -> Reply:
        """排队排到第几了: the places on waitlists."""
        t = ctx.t
        waiting = [
            pair
            for pair in await self._registrations_of(ctx)
            if pair[1].status is not RegistrationStatus.SEAT
        ]
        if not waiting:
            return await self.list_registrations(ctx)
        lines = []
        rows: list[tuple[Button, ...]] = []
        for training, registration in waiting:
            lines.append(wording.title_and_time(t, training, ctx.now))
            lines.append(wording.registration_status(t, registration, ctx.now))
            if registration.status is RegistrationStatus.OFFERED:
                rows.append(navigation.accept_or_decline(t, training.id))
            else:
                rows.append((Button(t("Leave the line"), f"training.leave:{training.id}"),))
        last = (navigation.to_my_trainings(t), navigation.to_start(t))
        return Reply((Say("\n".join(lines)), Buttons((*rows[:MAX_CHOICES], last), "")))

    async def _registrations_of(self, ctx: Context) -> list[tuple[Training, Registration]]:
        registrations = await registration_queries.upcoming_registrations(
            ctx.db, ctx.courier.id, ctx.now
        )
        trainings = await catalogue.get_trainings(
            ctx.db, [registration.training_id for registration in registrations]
        )
        return [
            (trainings[registration.training_id], registration)
            for registration in registrations
            if registration.training_id in trainings
        ]
