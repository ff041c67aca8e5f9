"""带队报名: a leader names phones, everybody accepts by a message of their own.

```mermaid
stateDiagram-v2
    [*] --> leader: 带队报名, phone unknown
    leader --> mode: 同意并继续
    [*] --> mode: 带队报名
    mode --> named: 要么都去, 能去几个算几个
    named --> named: no phone in it
    named --> sure: a list typed
    sure --> sure: typed again, mended
    sure --> done: 确定
    [*] --> invited: DUI-…, a link, a notice
    invited --> who: phone unknown
    invited --> accepted: 我去
    who --> accepted: 同意并报名
```
"""

import re

from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.form_steps import left_in_words, navigation_buttons, typed
from bot.handlers.trainings import wording as words
from bot.handlers.trainings.sign_up import LEADS, SignUp
from bot.intents import contacts
from bot.services.couriers.profiles import Profiles
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.teams import ALPHABET, MOST, Named, Team, Teams

LINE = 30  # characters of a line that could not be read
CODE = re.compile(rf"dui[- ]?([{ALPHABET.lower()}]{{6}})")


class TeamTalk:
    """All answers about teams."""

    def __init__(self, teams: Teams, profiles: Profiles, sign_up: SignUp) -> None:
        self._teams = teams
        self._profiles = profiles
        self._sign_up = sign_up

    def feature(self) -> Feature:
        """Its buttons, its step, and the code that a leader passes on."""
        return Feature(
            actions={
                "training.team": self.ask_mode,
                "training.team.agree": self.agree,
                "training.team.mode": self.ask_people,
                "training.team.found": self.found,
                "training.team.show": self.show,
                "training.team.join": self.join,
                "training.team.decline": self.decline,
            },
            steps={"training.team": self.hear_people},
            signs={CODE: self.invited},
            arrivals={"tm": self.invited},
        )

    async def ask_mode(self, ctx: Context) -> Reply:
        """All or each: the leader's choice, in plain words."""
        t = ctx.t
        training = await self._training(ctx, ctx.number(0))
        if ctx.abroad:  # not the members' names and phones either
            return self._sign_up.who(ctx, training)
        if not (await self._profiles.read(ctx.db, ctx.courier.id)).phone:
            return self._ask_leader(ctx, training)
        rows = (
            (Button(t("Everybody or nobody"), f"training.team.mode:{training.id}:all"),),
            (Button(t("As many as fit"), f"training.team.mode:{training.id}:each"),),
        )
        said = t(
            "Bring up to {n} people to {session}.\n"
            "“Everybody or nobody”: I reserve a place for each at once.\n"
            "“As many as fit”: who accepts first sits first, the others wait in line.",
            n=MOST,
            session=words.named(t, training, ctx.now),
        )
        return Reply(
            (navigation_buttons(ctx, f"training.show:{training.id}", first=rows, prompt=said),)
        )

    async def agree(self, ctx: Context) -> Reply:
        """同意并继续: the leader's name and phone are kept from now on."""
        training = await self._training(ctx, ctx.number(0))
        if not await self._sign_up.remember(ctx):
            return self._ask_leader(ctx, training)
        return await self.ask_mode(ctx)

    async def ask_people(self, ctx: Context) -> Reply:
        """Whom to bring."""
        training = await self._training(ctx, ctx.number(0))
        mode = ctx.args[1] if len(ctx.args) > 1 else ""
        if ctx.abroad or mode not in {"all", "each"}:
            raise StaleButtonError
        return self._ask(ctx, training, mode)

    async def hear_people(self, ctx: Context) -> Reply:
        """The list in full, to be checked; what could not be read is named, nothing is dropped."""
        t = ctx.t
        training = await self._training(ctx, ctx.data.get("training"))
        mode = str(ctx.data.get("mode") or "each")
        text = typed(ctx)
        found = contacts.people(text)
        if not found:
            if (left := left_in_words(ctx)) is not None:
                return left
            sorry = t("I found no eleven-digit phone number in that.")
            return self._ask(ctx, training, mode, sorry)
        if len(found) > MOST:
            sorry = words.refusal(t, TrainingRefused("team_size", MOST))
            return self._ask(ctx, training, mode, sorry)
        lines = [f"{n}. {name} {phone}".replace("  ", " ") for n, (name, phone) in _counted(found)]
        said = t(
            "{n} people for {session}:\n{list}\n"
            "Their phones are kept encrypted and deleted after the session. Did they agree?",
            n=len(found),
            session=words.named(t, training, ctx.now),
            list="\n".join(lines),
        )
        if lost := _unread(t, text):
            said = f"{lost}\n{said}"
        first = ((Button(t("Yes, register them"), f"training.team.found:{training.id}"),),)
        listed: list[Json] = [[name, phone] for name, phone in found]
        then = Then("training.team", {"training": training.id, "mode": mode, "people": listed})
        back = f"training.team.mode:{training.id}:{mode}"
        return Reply((navigation_buttons(ctx, back, first=first, prompt=said),), then)

    async def found(self, ctx: Context) -> Reply:
        """The team exists; what the leader passes on to the others."""
        training = await self._training(ctx, ctx.number(0))
        named = _people(ctx.data.get("people"))
        mode = str(ctx.data.get("mode") or "each")
        if not named:
            return self._ask(ctx, training, mode)
        try:
            team = await self._teams.found(
                ctx.db, training.id, ctx.courier.id, mode, named, ctx.now
            )
        except TrainingRefused as refused:
            if refused.why == "no_phone":
                return self._ask_leader(ctx, training)
            return await self._sign_up.refused_with(ctx, refused, training)
        t = ctx.t
        said = t(
            "Done: {n} invited to {session}. Pass this on to them:", n=len(named),
            session=words.named(t, training, ctx.now),
        )  # fmt: skip
        pass_on = t("Open 驿站小助手 and send: DUI-{code}", code=team.code)
        lines = [pass_on, *self._until(t, team, ctx)]
        row = (
            Button(t("Who has accepted"), f"training.team.show:{team.id}"),
            Button(t("My trainings"), "training.mine"),
        )
        return Reply((Say(said), Say("\n".join(lines)), Buttons((row,), "")))

    async def show(self, ctx: Context) -> Reply:
        """Who has accepted; for the leader only."""
        t = ctx.t
        mine = await self._teams.led_by(ctx.db, ctx.courier.id, ctx.now)
        team = next((one for one in mine if one.id == ctx.number(0)), None)
        if team is None:
            raise StaleButtonError
        training = await self._training(ctx, team.training_id)
        lines = [t("Your team for {session}:", session=words.named(t, training, ctx.now))]
        lines += [f"· {who}: {_answer(t, status)}" for who, status in team.members]
        lines += [t("Open 驿站小助手 and send: DUI-{code}", code=team.code)]
        lines += self._until(t, team, ctx)
        row = (
            Button(t("Refresh"), f"training.team.show:{team.id}"),
            Button(t("Back"), "training.mine"),
        )
        return Reply((Say("\n".join(lines)), Buttons((row,), "")))

    async def invited(self, ctx: Context) -> Reply:
        """Somebody has the code: which session, and do they come."""
        code = _code(ctx)
        found = await self._teams.with_code(ctx.db, code)
        t = ctx.t
        if found is None:
            said = t("That team code is not known. Ask your leader to check it.")
            row = (Button(t("Trainings"), "training.list"), Button(t("Back"), "start"))
            return Reply((Say(said), Buttons((row,), "")))
        training = await self._training(ctx, found[1])
        part = words.card(t, training, None, ctx.now)
        return Reply((part, invitation(t, code)))

    async def join(self, ctx: Context) -> Reply:
        """我去. Only somebody whose phone is on the list can say so."""
        team_id, training = await self._of_code(ctx)
        profile = await self._profiles.read(ctx.db, ctx.courier.id)
        if not profile.phone:
            first = ctx.t("So that I find you on the list:")
            return self._sign_up.who(ctx, training, team_id, first)
        return await self._sign_up.enrol(ctx, training, team_id)

    async def decline(self, ctx: Context) -> Reply:
        """我不去: the reserved place goes to somebody else."""
        team_id, training = await self._of_code(ctx)
        t = ctx.t
        row = (Button(t("Trainings"), "training.list"), Button(t("Back"), "start"))
        try:
            await self._teams.decline(ctx.db, team_id, ctx.courier.id, ctx.now)
        except TrainingRefused as refused:
            return await self._sign_up.refused_with(ctx, refused, training)
        return Reply((Say(t("All right, you do not come along.")), Buttons((row,), "")))

    def _ask_leader(self, ctx: Context, training: Training) -> Reply:
        first = ctx.t("Who brings the team? Your own name and phone first.")
        return self._sign_up.who(ctx, training, LEADS, first)

    def _ask(self, ctx: Context, training: Training, mode: str, first: str = "") -> Reply:
        said = ctx.t(
            "Send names and phones in one message, one person to a line, for example:\n"
            "张三 13800000001\n李四 13800000002"
        )
        text = f"{first}\n{said}" if first else said
        then = Then("training.team", {"training": training.id, "mode": mode})
        return Reply((navigation_buttons(ctx, f"training.team:{training.id}", prompt=text),), then)

    def _until(self, t: Translator, team: Team, ctx: Context) -> list[str]:
        if not team.reserved:
            return []
        until = labels.day_and_time(t, team.hold_until, ctx.now)
        return [t("{n} places are reserved until {time}.", n=team.reserved, time=until)]

    async def _of_code(self, ctx: Context) -> tuple[int, Training]:
        """The team whose code the button carries: an id could be counted up, a code is not known
        to strangers."""
        found = await self._teams.with_code(ctx.db, _code(ctx))
        if found is None:
            raise StaleButtonError
        team_id, training_id = found
        return team_id, await self._training(ctx, training_id)

    async def _training(self, ctx: Context, training_id: Json) -> Training:
        if not isinstance(training_id, int):
            raise StaleButtonError
        training = await catalogue.describe_one(ctx.db, training_id)
        if training is None:
            raise StaleButtonError
        return training


def invitation(t: Translator, code: str) -> Buttons:
    """The two answers to a team's invitation."""
    row = (
        Button(t("I come along"), f"training.team.join:{code}"),
        Button(t("Not me"), f"training.team.decline:{code}"),
    )
    return Buttons((row,), t("Your team leader put you on the list. Do you come?"))


def _code(ctx: Context) -> str:
    return (ctx.args[0] if ctx.args else "").upper().removeprefix("DUI-")


def _answer(t: Translator, status: str) -> str:
    match status:
        case "accepted":
            return t("comes")
        case "declined":
            return t("does not come")
        case "expired":
            return t("did not answer")
        case _:
            return t("no answer yet")


def _unread(t: Translator, text: str) -> str:
    """The lines of a list that were not understood, each with what is wrong; empty if none."""
    lost = [
        t("{line} (a phone has 11 digits)", line=line[:LINE])
        if wrong
        else t("{line} (no phone)", line=line[:LINE])
        for line, wrong in contacts.unread(text)[:MOST]
    ]
    if not lost:
        return ""
    return t(
        "I could not read these lines and left them out: {lines}. Mend them and send the whole "
        "list once more.",
        lines=t.p("between lines", "; ").join(lost),
    )


def _counted(found: list[tuple[str, str]]) -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(found, 1))


def _people(value: Json) -> list[Named]:
    """The people as `then` remembers them."""
    pairs = value if isinstance(value, list) else []
    return [Named(str(one[0]), str(one[1])) for one in pairs if isinstance(one, list)]
