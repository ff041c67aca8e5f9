"""报名: done at once for whom we know, else after name, phone and 同意.

```mermaid
stateDiagram-v2
    [*] --> asked: 报名, name and phone unknown
    [*] --> done: 报名, known
    [*] --> elsewhere: unknown, and what is written here leaves the country
    [*] --> agreeing: both said already (training_spoken)
    asked --> asked: no phone in it, or no name (taken when it is said again)
    asked --> agreeing: name and phone typed
    agreeing --> agreeing: typed again
    agreeing --> done: 同意并报名, or a yes in words
    asked --> [*]: 返回, 取消, 不报了, or surely something else
    agreeing --> [*]: the same
```

Name and phone are in `then` (sealed) until the courier agrees, then in their sealed profile.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.form_steps import (
    left_in_words,
    navigation_buttons,
    no_name,
    says_no,
    says_yes,
    too_much,
    typed,
)
from bot.handlers.overseas import sign_up_elsewhere
from bot.handlers.trainings import wording as words
from bot.intents import contacts
from bot.services.couriers.profiles import Profiles
from bot.services.personal_data import validation
from bot.services.trainings import catalogue, registration_queries
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.teams import Teams

Find = Callable[[Context, str, Sequence[Training]], Awaitable[list[Training]]]
MOST = 6  # choices at once
LEADS = -1
"""In place of a team's id: who is asked for name and phone is about to lead a team."""


class SignUp:
    """All answers about one's own registrations."""

    def __init__(
        self,
        registrations: Registrations,
        profiles: Profiles,
        teams: Teams,
        public_url: str = "",
    ) -> None:
        self._registrations = registrations
        self._profiles = profiles
        self._teams = teams
        self._public_url = public_url

    def feature(self) -> Feature:
        """Its buttons and its step."""
        return Feature(
            actions={
                "training.register": self.register,
                "training.who": self.ask_who,
                "training.agree": self.agree,
                "training.belong": self.belong,
            },
            steps={"training.who": self.hear_who},
        )

    async def register(self, ctx: Context) -> Reply:
        """The button of a session: done at once, if we know who it is."""
        training = await self._training(ctx)
        if not training.takes(ctx.now):
            why = "cancelled" if training.status == "cancelled" else "deadline"
            return self.refused(ctx, TrainingRefused(why, training.id), training)
        if await registration_queries.standing(ctx.db, training.id, ctx.courier.id) is None:
            if (question := await self._belongs(ctx, training)) is not None:
                return question
            if (said := _said(ctx)) and not ctx.abroad:
                return self._ask_consent(ctx, training, *said)
            if not (await self._profiles.read(ctx.db, ctx.courier.id)).phone:
                return self.who(ctx, training)
        return await self.enrol(ctx, training)

    async def ask_who(self, ctx: Context) -> Reply:
        """Name and phone again, because they were wrong."""
        training = await self._training(ctx)
        return self.who(ctx, training, _team(ctx, training))

    def who(self, ctx: Context, training: Training, team: int = 0, first: str = "") -> Reply:
        """Asks for name and phone, once for all trainings; where to say them, if not here."""
        t = ctx.t
        if ctx.abroad:
            row = (Button(t("My account"), "account"), Button(t("Trainings"), "training.list"))
            return Reply((sign_up_elsewhere(t, self._public_url), Buttons((row,), "")))
        said = t(
            "Your name and phone for {title}, in one message, for example: 王强 13812345678. "
            "You are asked only once.",
            title=words.title(t, training),
        )
        text = f"{first}\n{said}" if first else said
        return _ask(ctx, training, text, {"team": team})

    async def hear_who(self, ctx: Context) -> Reply:
        """What was typed, put together with what was typed before."""
        training = await self._training(ctx, ctx.data.get("training"))
        t, text, team = ctx.t, typed(ctx), _number(ctx.data.get("team"))
        if ctx.abroad:
            return self.who(ctx, training, team)
        if _said(ctx) and says_yes(ctx) and team >= 0:
            return await self.agree(replace(ctx, args=(str(training.id),)))
        if _said(ctx) and says_no(ctx) and not contacts.gives_up(text):
            return self.who(ctx, training, team)  # 不对
        phone, name = contacts.phone(text), contacts.name(text, asked=True)
        if name is None and text and text == ctx.data.get("doubt"):
            name = validation.person_name(text)  # said again, so that it is meant
        wrong = ""
        if not (phone or name):
            if validation.contains_full_id_or_card(text):
                wrong = too_much(t)
            elif (left := left_in_words(ctx)) is not None:
                return left
            elif not (ctx.data.get("name") or validation.is_digits(text)):
                wrong = no_name(t)
        phone = phone or str(ctx.data.get("phone") or "")
        name = name or str(ctx.data.get("name") or "")
        if name and phone:
            return self._ask_consent(ctx, training, name, phone, team)
        if name:
            said = t("And the phone number? Eleven digits.")
        elif phone:
            said = t("And your name?")
        else:
            said = t("I need a name and an eleven-digit phone number, like: 王强 13812345678")
        kept: dict[str, Json] = {"team": team, "name": name, "phone": phone}
        if wrong:
            kept["doubt"] = text
        return _ask(ctx, training, wrong or said, kept)

    async def agree(self, ctx: Context) -> Reply:
        """同意并报名: name and phone are kept from now on."""
        training = await self._training(ctx)
        team = _team(ctx, training)
        if not await self.remember(ctx):
            return self.who(ctx, training, team)
        return await self.enrol(ctx, training, team)

    async def remember(self, ctx: Context) -> bool:
        """Keeps the name and phone that were agreed to; False if none were typed."""
        said = _said(ctx)
        if said is None:
            return False
        channel = ctx.event.sender.channel
        await self._profiles.remember(ctx.db, ctx.courier.id, *said, ctx.now, channel)
        return True

    async def belong(self, ctx: Context) -> Reply:
        """The courier says that they are of the firm or league that a session is for."""
        training = await self._training(ctx)
        await self._profiles.belong(
            ctx.db,
            ctx.courier.id,
            ctx.now,
            firm=training.only_firm or None,
            league=training.only_league or None,
        )
        return await self.register(ctx)

    async def enrol(self, ctx: Context, training: Training, team: int = 0) -> Reply:
        """Registers, alone or as a member of a team, and says where that leads."""
        try:
            if team > 0:
                mine = await self._teams.accept(ctx.db, team, ctx.courier.id, ctx.now)
            else:
                mine = await self._registrations.register(
                    ctx.db, training.id, ctx.courier.id, ctx.now
                )
        except TrainingRefused as refused:
            return await self.refused_with(ctx, refused, training)
        return await self.placed(ctx, training, mine)

    async def placed(self, ctx: Context, training: Training, mine: Registration) -> Reply:
        """A seat, or a place in the line: said so that nobody takes one for the other."""
        t = ctx.t
        profile = await self._profiles.read(ctx.db, ctx.courier.id)
        about = words.named(t, training, ctx.now)
        if mine.status != "seat":
            said = t(
                "It is full: you are number {n} in line for {session}. When a seat becomes free "
                "I ask you first, and hold it {hold} for you; the night does not count.",
                n=mine.position,
                session=about,
                hold=labels.minutes(t, self._registrations.hold or timedelta(minutes=1)),
            )
            return Reply((Say(said), self.own_rows(ctx, training, mine)))
        lines = [t("✓ Registered: {session}", session=about)]
        if not training.is_online:
            lines.append(t("Where: {text}", text=f"{training.place} {training.address}".strip()))
        lines.append(t("As {who}. I remind you a day and an hour before.", who=profile.masked))
        part = words.pin(t, training, "\n".join(lines))
        return Reply((part, self.own_rows(ctx, training, mine)))

    def refused(
        self, ctx: Context, refused: TrainingRefused, other: Training | None = None
    ) -> Reply:
        """The reason, and where to go from there."""
        t = ctx.t
        row = (Button(t("My trainings"), "training.mine"), Button(t("Trainings"), "training.list"))
        return Reply((Say(words.refusal(t, refused, other)), Buttons((row,), "")))

    async def refused_with(
        self, ctx: Context, refused: TrainingRefused, training: Training
    ) -> Reply:
        """The reason with the name of the session that is in the way, where there is one."""
        other: Training | None = training
        if refused.why == "overlap" and refused.other is not None:
            other = await catalogue.describe_one(ctx.db, refused.other)
        return self.refused(ctx, refused, other)

    def _ask_consent(
        self, ctx: Context, training: Training, name: str, phone: str, team: int = 0
    ) -> Reply:
        t = ctx.t
        said = t(
            "{who} for {session}?\n"
            "If you agree I keep name and phone encrypted, only for registering, check-in and "
            "certificates; the organiser sees them. Say “delete my data” at any time.",
            who=f"{name} {phone}",
            session=words.named(t, training, ctx.now),
        )
        yes = Button(t("Agree and register"), f"training.agree:{training.id}")
        if team == LEADS:
            yes = Button(t("Agree and go on"), f"training.team.agree:{training.id}")
        first = (
            (yes,),
            (Button(t("That is wrong"), f"training.who:{training.id}"),),
        )
        then = Then(
            "training.who", {"training": training.id, "team": team, "name": name, "phone": phone}
        )
        back = f"training.show:{training.id}"
        return Reply((navigation_buttons(ctx, back, first=first, prompt=said),), then)

    async def _belongs(self, ctx: Context, training: Training) -> Reply | None:
        """Asks whether the courier is of those for whom a session is, unless we know."""
        profile = await self._profiles.read(ctx.db, ctx.courier.id)
        t = ctx.t
        if training.only_firm and profile.firm != training.only_firm:
            said = t(
                "This session is only for couriers of {firm}. Are you?", firm=training.only_firm
            )
        elif training.only_league and profile.league != training.only_league:
            said = t("This session is only for couriers who work there. Do you?")
        else:
            return None
        kept = {key: ctx.data[key] for key in ("name", "phone") if key in ctx.data}
        row = (
            Button(t("Yes, I am"), f"training.belong:{training.id}"),
            Button(t("No"), "training.list"),
        )
        return Reply((Buttons((row,), said),), Then("", kept))

    def own_rows(self, ctx: Context, training: Training, mine: Registration) -> Buttons:
        """What one can do about a place of one's own."""
        t = ctx.t
        mine_button = Button(t("My trainings"), "training.mine")
        row: tuple[Button, ...]
        if mine.status == "offered":
            row = (
                Button(t("Take the seat"), f"training.accept:{training.id}"),
                Button(t("Pass it on"), f"training.pass:{training.id}"),
            )
        elif mine.status == "waitlist":
            row = (Button(t("Leave the line"), f"training.leave:{training.id}"), mine_button)
        else:
            row = (
                Button(t("Calendar file"), f"training.calendar:{training.id}"),
                Button(t("Give the seat back"), f"training.leave:{training.id}"),
                mine_button,
            )
        return Buttons((row,), "")

    async def _training(self, ctx: Context, given: Json = None) -> Training:
        training_id = _number(given) if given is not None else ctx.number(0)
        training = await catalogue.describe_one(ctx.db, training_id)
        if training is None:
            raise StaleButtonError
        return training


def _ask(ctx: Context, training: Training, text: str, kept: dict[str, Json]) -> Reply:
    buttons = navigation_buttons(ctx, f"training.show:{training.id}", prompt=text)
    return Reply((buttons,), Then("training.who", {"training": training.id, **kept}))


def _said(ctx: Context) -> tuple[str, str] | None:
    """Name and phone that were typed in this talk and not agreed to yet."""
    name, phone = ctx.data.get("name"), ctx.data.get("phone")
    if isinstance(name, str) and isinstance(phone, str) and name and phone:
        return name, phone
    return None


def _team(ctx: Context, training: Training) -> int:
    """The team that this talk is about, if it is one for that session."""
    same = ctx.data.get("training") == training.id
    return _number(ctx.data.get("team")) if same else 0


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
