"""带队报名: a leader names phones, and hands each member a code (`invitations`).

```mermaid
stateDiagram-v2
    [*] --> leader: 带队报名, phone unknown
    leader --> mode: 同意并继续
    [*] --> mode: 带队报名
    mode --> named: 要么都去, 能去几个算几个
    named --> named: no phone in it
    named --> sure: a list typed
    sure --> sure: typed again, corrected
    sure --> done: 确定
    sure --> few: too few seats to reserve
    few --> done: 能去几个算几个
    done --> done: one declined or did not answer; the rest once more, in either mode
```
"""

from typing import Final

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers.feature import Feature
from bot.handlers.form_steps import left_in_words, navigation_buttons, typed
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.about_shown import interrupt_for_question
from bot.handlers.trainings.navigation import training_with_id
from bot.handlers.trainings.sign_up_outcomes import AS_LEADER, AskIdentity
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.handlers.trainings.sign_up_steps import SignUpSteps
from bot.handlers.trainings.teams import wording as team_wording
from bot.intents import contacts
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import TeamMode, TrainingRefusal
from bot.services.trainings.team_limits import MAX_MEMBERS
from bot.services.trainings.teams import Invitee, Teams

ASKED_OTHERWISE: Final = {
    TrainingRefusal.TEAM_FULL,
    TrainingRefusal.TEAM_SHARE,
    TrainingRefusal.NEW_LEADER,
}
"""No seats are reserved for that many, or for this leader; without reserving it works."""


class TeamHandlers:
    """All answers to leaders of teams."""

    def __init__(
        self, teams: Teams, profiles: Profiles, sign_up: SignUpSteps, replies: SignUpReplies
    ) -> None:
        self._teams = teams
        self._profiles = profiles
        self._sign_up = sign_up
        self._replies = replies

    def feature(self) -> Feature:
        """Its buttons and its step."""
        return Feature(
            actions={
                "training.team": self.ask_mode,
                "training.team.agree": self.agree,
                "training.team.mode": self.ask_people,
                "training.team.found": self.create,
                "training.team.show": self.show,
                "training.team.again": self.again,
            },
            steps={"training.team": self.receive_members},
            resumes={"training.team": self.ask_again},
        )

    async def ask_mode(self, ctx: Context) -> Reply:
        """Asks for the leader's choice of `TeamMode`, in plain wording."""
        t = ctx.t
        training = await training_with_id(ctx, ctx.number(0))
        if ctx.abroad:  # not the members' names and phones either
            return await self._replies.render(ctx, AskIdentity(training))
        if not (await self._profiles.read(ctx.db, ctx.courier.id)).phone:
            return await self._ask_leader(ctx, training)
        rows = (
            (Button(t("Everybody or nobody"), f"training.team.mode:{training.id}:{TeamMode.ALL}"),),
            (Button(t("As many as fit"), f"training.team.mode:{training.id}:{TeamMode.EACH}"),),
        )
        said = t(
            "Bring up to {n} people to {session}.\n"
            "“Everybody or nobody”: I reserve a place for each at once; if one says no, "
            "all are free again.\n"
            "“As many as fit”: who accepts first sits first, the others wait in line.",
            n=MAX_MEMBERS,
            session=wording.title_and_time(t, training, ctx.now),
        )
        return Reply(
            (navigation_buttons(ctx, f"training.show:{training.id}", first=rows, prompt=said),)
        )

    async def agree(self, ctx: Context) -> Reply:
        """同意并继续: the leader's name and phone are stored."""
        training = await training_with_id(ctx, ctx.number(0))
        if not await self._sign_up.remember(ctx):
            return await self._ask_leader(ctx, training)
        return await self.ask_mode(ctx)

    async def ask_people(self, ctx: Context) -> Reply:
        """Asks for names and phones of the members."""
        training = await training_with_id(ctx, ctx.number(0))
        mode = ctx.args[1] if len(ctx.args) > 1 else ""
        if ctx.abroad or mode not in set(TeamMode):
            raise StaleButtonError
        return self._ask_members(ctx, training, TeamMode(mode))

    async def ask_again(self, ctx: Context) -> Reply:
        """The question for the members once more."""
        training = await training_with_id(ctx, ctx.data.get("training"))
        return self._ask_members(ctx, training, _mode(ctx))

    async def receive_members(self, ctx: Context) -> Reply:
        """Shows the whole list to be checked, and names each line that could not be read."""
        t = ctx.t
        training = await training_with_id(ctx, ctx.data.get("training"))
        mode = _mode(ctx)
        text = typed(ctx)
        interrupt_for_question(ctx, training)
        found = contacts.people(text)
        if not found:
            if (left := left_in_words(ctx)) is not None:
                return left
            sorry = t("I found no eleven-digit phone number in that.")
            return self._ask_members(ctx, training, mode, sorry)
        if len(found) > MAX_MEMBERS:
            sorry = wording.refusal(
                t, TrainingRefused(TrainingRefusal.TEAM_SIZE, count=MAX_MEMBERS)
            )
            return self._ask_members(ctx, training, mode, sorry)
        lines = [
            f"{n}. {name} {phone}".replace("  ", " ") for n, (name, phone) in enumerate(found, 1)
        ]
        said = t(
            "{n} people for {session}:\n{list}\n"
            "Their phones are kept encrypted and deleted after the session. Did they agree?",
            n=len(found),
            session=wording.title_and_time(t, training, ctx.now),
            list="\n".join(lines),
        )
        if unread := team_wording.unread_lines(t, text):
            said = f"{unread}\n{said}"
        first = ((Button(t("Yes, register them"), f"training.team.found:{training.id}"),),)
        listed: list[Json] = [[name, phone] for name, phone in found]
        then = Then("training.team", {"training": training.id, "mode": mode, "people": listed})
        back = f"training.team.mode:{training.id}:{mode}"
        return Reply((navigation_buttons(ctx, back, first=first, prompt=said),), then)

    async def create(self, ctx: Context) -> Reply:
        """Creates the team; says what the leader passes on to the members."""
        training = await training_with_id(ctx, ctx.number(0))
        invitees = _invitees(ctx.data.get("people"))
        mode = _mode(ctx)
        if ctx.abroad:
            raise StaleButtonError
        if not invitees:
            return self._ask_members(ctx, training, mode)
        try:
            team = await self._teams.create(
                ctx.db, training.id, ctx.courier.id, mode, invitees, ctx.now
            )
        except TrainingRefused as refusal:
            if refusal.reason in ASKED_OTHERWISE:
                return self._offer_each(ctx, training, refusal)
            if refusal.reason is not TrainingRefusal.NO_PHONE:
                raise
            return await self._ask_leader(ctx, training)
        t = ctx.t
        said = t(
            "Done: {n} invited to {session}. Each has a code of their own; send it to nobody else:",
            n=len(invitees),
            session=wording.title_and_time(t, training, ctx.now),
        )
        lines = team_wording.members(t, team, self._replies.public_url)
        lines += team_wording.how_to_answer(t, team, ctx.now)
        row = (
            Button(t("Who has accepted"), f"training.team.show:{team.id}"),
            navigation.to_my_trainings(t),
        )
        return Reply((Say(said), Say("\n".join(lines)), Buttons((row,), "")))

    async def show(self, ctx: Context) -> Reply:
        """Who has accepted; for the leader only."""
        t = ctx.t
        teams = await self._teams.led_by(ctx.db, ctx.courier.id, ctx.now)
        team = next((one for one in teams if one.id == ctx.number(0)), None)
        if team is None:
            raise StaleButtonError
        training = await training_with_id(ctx, team.training_id)
        lines = [
            t("Your team for {session}:", session=wording.title_and_time(t, training, ctx.now))
        ]
        if ctx.abroad:  # a code stands for a phone: it does not leave the country
            lines += team_wording.answers(t, team)
            lines += [t("You find the codes in WeChat or on the web page.")]
        else:
            lines += team_wording.members(t, team, self._replies.public_url)
            lines += team_wording.how_to_answer(t, team, ctx.now)
        rows: tuple[tuple[Button, ...], ...] = ()
        if team.has_failed and training.is_open(ctx.now):
            rows = team_wording.again(t, team)
        row = (
            Button(t("Refresh"), f"training.team.show:{team.id}"),
            Button(t("Back"), "training.mine"),
        )
        return Reply((Say("\n".join(lines)), Buttons((*rows, row), "")))

    async def again(self, ctx: Context) -> Reply:
        """The leader's choice after not everybody came: the same list in that mode."""
        mode = ctx.args[1] if len(ctx.args) > 1 else ""
        if mode not in set(TeamMode):
            raise StaleButtonError
        team = ctx.number(0)
        try:
            await self._teams.again(ctx.db, team, ctx.courier.id, TeamMode(mode), ctx.now)
        except TrainingRefused as refusal:
            if refusal.reason not in ASKED_OTHERWISE:
                raise
            each = Button(ctx.t("As many as fit"), f"training.team.again:{team}:{TeamMode.EACH}")
            row = (each, navigation.to_my_trainings(ctx.t))
            return Reply((Buttons((row,), wording.refusal(ctx.t, refusal)),))
        return await self.show(ctx)

    async def _ask_leader(self, ctx: Context, training: Training) -> Reply:
        first = ctx.t("Who brings the team? Your own name and phone first.")
        asked = AskIdentity(training, AS_LEADER, introduction=first)
        return await self._replies.render(ctx, asked)

    def _ask_members(
        self, ctx: Context, training: Training, mode: TeamMode, first: str = ""
    ) -> Reply:
        said = ctx.t(
            "Send names and phones in one message, one person to a line, for example:\n"
            "张三 13800000001\n李四 13800000002"
        )
        text = f"{first}\n{said}" if first else said
        then = Then("training.team", {"training": training.id, "mode": mode})
        return Reply((navigation_buttons(ctx, f"training.team:{training.id}", prompt=text),), then)

    def _offer_each(self, ctx: Context, training: Training, refusal: TrainingRefused) -> Reply:
        """No seats are reserved: the same list in the other mode, with one tap."""
        first = ((Button(ctx.t("As many as fit"), f"training.team.found:{training.id}"),),)
        said = wording.refusal(ctx.t, refusal)
        back = f"training.team:{training.id}"
        then = Then("training.team", {**ctx.data, "mode": TeamMode.EACH})
        return Reply((navigation_buttons(ctx, back, first=first, prompt=said),), then)


def _mode(ctx: Context) -> TeamMode:
    return TeamMode(str(ctx.data.get("mode") or TeamMode.EACH))


def _invitees(value: Json) -> list[Invitee]:
    """The invitees as `then` stored them."""
    pairs = value if isinstance(value, list) else []
    return [Invitee(str(one[0]), str(one[1])) for one in pairs if isinstance(one, list)]
