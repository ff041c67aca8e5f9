"""大讲堂: what is on, and one session with the way there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.geo.places import Places
from bot.handlers.feature import Feature, join
from bot.handlers.files import Papers
from bot.handlers.form_steps import reject_sensitive_input, typed
from bot.handlers.trainings import wording as words
from bot.handlers.trainings.attendance import TrainingDay
from bot.handlers.trainings.my_trainings import OwnTrainings
from bot.handlers.trainings.notifications import TrainingNotices
from bot.handlers.trainings.sign_up import SignUp
from bot.handlers.trainings.sign_up_text import SpokenSignUp
from bot.handlers.trainings.teams import TeamTalk
from bot.intents.normalise import normalise
from bot.intents.sessions import Hint, likeness, session_hint
from bot.intents.slots import pointed
from bot.services.couriers.profiles import Profiles
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import DOORS_OPEN, Training
from bot.services.trainings.registration_queries import Registration, standing
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.teams import Teams

PAGE = 4
LONGEST_PICK = 12  # characters; more of them say more than which one
EVERYWHERE = "0"


class TrainingTalk:
    """All answers about trainings."""

    def __init__(
        self,
        registrations: Registrations,
        profiles: Profiles,
        papers: Papers,
        places: Places,
        *,
        demo: bool = False,
    ) -> None:
        self._places = places
        self._demo = demo
        teams = Teams(registrations, profiles)
        sign_up = SignUp(registrations, profiles, teams, papers.public_url)
        self._parts = (
            sign_up.feature(),
            SpokenSignUp(sign_up, self.find, demo=demo).feature(),
            OwnTrainings(registrations, teams, sign_up, self.find).feature(),
            TeamTalk(teams, profiles, sign_up).feature(),
            TrainingDay(registrations, profiles, papers).feature(),
            TrainingNotices().feature(),
        )

    def feature(self) -> Feature:
        """The whole subject: lists, registration, teams, the day itself and its notices."""

        def lessons(t: Translator) -> Button:
            return Button(t("Trainings"), "training.list")

        def mine(t: Translator) -> Button:
            return Button(t("My trainings"), "training.mine")

        def spoken(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "trainings, lessons, /trainings"), "training.list"),
                (t.p("spoken words", "my trainings, my lessons"), "training.mine"),
                (t.p("spoken words", "stamps, my stamps"), "training.stamps"),
                (t.p("spoken words", "check in, check-in"), "training.checkin"),
            )

        own = Feature(
            actions={"training.list": self.whats_on, "training.show": self.show},
            words=spoken,
            meanings={"training_list": self.whats_on},
            offers={
                "training_list": lessons,
                "training_register": lessons,
                "my_trainings": mine,
                "training_cancel": mine,
                "waitlist_position": mine,
                "checkin": lambda t: Button(t("Check in"), "training.checkin"),
                "certificate": lambda t: Button(t("My stamps"), "training.stamps"),
            },
            picks=(self.picked,),
            menu=(lessons, mine),
        )
        whole = join([own, *self._parts])
        return replace(whole, steps=reject_sensitive_input(whole.steps))

    async def whats_on(self, ctx: Context) -> Reply:
        """What is on, near the courier first; a place, a time or a topic in words narrows it."""
        t = ctx.t
        text = typed(ctx)
        if len(ctx.args) == 2:
            league, skip = ctx.args[0], ctx.number(1)
            if league != EVERYWHERE and league not in self._places.by_adcode:
                raise StaleButtonError
            hint = Hint()
        else:
            named = self._places.find(text)
            league = named[0].league if named else ""
            league = league or await catalogue.home_league(ctx.db, ctx.courier.id) or EVERYWHERE
            skip, hint = 0, session_hint(text, _today(ctx.now))
        found = await self._upcoming(ctx, league, hint)
        head = self._head(t, league)
        if not found and league != EVERYWHERE:
            found = await self._upcoming(ctx, EVERYWHERE, hint)
            if found:
                place = (
                    self._places.by_adcode[league].name if league in self._places.by_adcode else ""
                )
                head = t("Nothing in {place} for now. Elsewhere:", place=place)
                league = EVERYWHERE
        if not found:
            return self._nothing(ctx, hint)
        liked = [one for one in found if likeness(text, f"{one.title}{one.topic}")]
        shown = (liked or found)[skip : skip + PAGE]
        more = len(liked or found) > skip + PAGE
        lines = [head, *(words.in_list(t, n, one, ctx.now) for n, one in enumerate(shown, 1))]
        rows = [
            (Button(t("Show number {n}", n=n), f"training.show:{one.id}"),)
            for n, one in enumerate(shown, 1)
        ]
        paired = [sum(rows[at : at + 2], ()) for at in range(0, len(rows), 2)]
        last = [Button(t("My trainings"), "training.mine")]
        if more:
            last.insert(0, Button(t("More"), f"training.list:{league}:{skip + PAGE}"))
        if league != EVERYWHERE:
            last.append(Button(t("Other places"), f"training.list:{EVERYWHERE}:0"))
        last.append(Button(t("Back"), "start"))
        tail = tuple(tuple(last[at : at + 2]) for at in range(0, len(last), 2))
        listed: list[Json] = [one.id for one in shown]
        return Reply(
            (Say("\n".join(lines)), Buttons((*paired, *tail), "")), Then("", {"sessions": listed})
        )

    async def show(self, ctx: Context) -> Reply:
        """One session, and what one can do about it now."""
        training = await catalogue.describe_one(ctx.db, ctx.number(0))
        if training is None:
            raise StaleButtonError
        return await self.details(ctx, training)

    async def picked(self, ctx: Context) -> Reply | None:
        """第2场, 急救: one of the sessions just listed, by its number or a word of its title."""
        listed, text = ctx.data.get("sessions"), typed(ctx)
        if not isinstance(listed, list) or len(text) > LONGEST_PICK:
            return None
        number = pointed(text)
        chosen = [one for at, one in enumerate(listed, 1) if at == number]
        if number is None:
            word = normalise(text)
            found = [await catalogue.describe_one(ctx.db, int(str(one))) for one in listed]
            titles = {one.id: normalise(f"{one.title} {one.topic}") for one in found if one}
            chosen = [one for one in titles if len(word) > 1 and word in titles[one]]
        return await self.show(replace(ctx, args=(str(chosen[0]),))) if len(chosen) == 1 else None

    async def details(self, ctx: Context, training: Training, prompt: str = "") -> Reply:
        """The card of a session; `prompt` asks something before the buttons."""
        mine = await standing(ctx.db, training.id, ctx.courier.id)
        rows = deeds(ctx.t, training, mine, ctx.now)
        back = (Button(ctx.t("Other trainings"), "training.list"),)
        part = words.card(ctx.t, training, mine, ctx.now)
        return Reply((part, Buttons((*rows, back), prompt)), _about(ctx, training))

    async def find(self, ctx: Context, text: str, among: Sequence[Training]) -> list[Training]:
        """The sessions of these that a text may mean; all of them where it says nothing of it."""
        hint = session_hint(text, _today(ctx.now))
        found = [one for one in among if hint.fits(one.starts_at.astimezone(CHINA))]
        scores = {one.id: likeness(text, f"{one.title}{one.topic}") for one in found}
        best = max(scores.values(), default=0)
        return [one for one in found if scores[one.id] == best]

    async def _upcoming(self, ctx: Context, league: str, hint: Hint) -> list[Training]:
        after = _midnight(hint.first) if hint.first else None
        before = _midnight(hint.last) + timedelta(days=1) if hint.last else None
        found = await catalogue.upcoming(
            ctx.db,
            ctx.now,
            league="" if league == EVERYWHERE else league,
            after=after,
            before=before,
            demo=self._demo,
        )
        return [one for one in found if hint.fits(one.starts_at.astimezone(CHINA))]

    def _head(self, t: Translator, league: str) -> str:
        if league == EVERYWHERE or league not in self._places.by_adcode:
            return t("Trainings to come, all free:")
        return t("Trainings in {place}, all free:", place=self._places.by_adcode[league].name)

    def _nothing(self, ctx: Context, hint: Hint) -> Reply:
        t = ctx.t
        said = t("Nothing is planned then.") if hint else t("No training is planned right now.")
        row = (Button(t("My trainings"), "training.mine"), Button(t("Back"), "start"))
        rows = ((Button(t("All trainings"), f"training.list:{EVERYWHERE}:0"),),) if hint else ()
        return Reply((Say(said), Buttons((*rows, row), "")))


def deeds(
    t: Translator, training: Training, mine: Registration | None, now: datetime
) -> tuple[tuple[Button, ...], ...]:
    """What one can do about a session, by where one stands in it."""
    here = training.id
    if training.status == "cancelled":
        return ()
    if mine is None:
        if not training.takes(now):
            return ()
        free = training.left and not training.waiting
        label = t("Register") if free else t("Join the line")
        return (
            (
                Button(label, f"training.register:{here}"),
                Button(t("Bring a team"), f"training.team:{here}"),
            ),
        )
    match mine.status:
        case "offered":
            return (
                (
                    Button(t("Take the seat"), f"training.accept:{here}"),
                    Button(t("Pass it on"), f"training.pass:{here}"),
                ),
            )
        case "waitlist":
            return ((Button(t("Leave the line"), f"training.leave:{here}"),),)
        case _:
            pass
    row = [Button(t("Calendar file"), f"training.calendar:{here}")]
    if training.starts_at - DOORS_OPEN <= now <= training.ends_at + DOORS_OPEN:
        row.insert(0, Button(t("Check in"), "training.checkin"))
    if now < training.starts_at:
        row.append(Button(t("Give the seat back"), f"training.leave:{here}"))
    return (tuple(row),)


def _about(ctx: Context, training: Training) -> Then:
    """The talk is about this session; what was said of oneself before is kept."""
    kept = {key: ctx.data[key] for key in ("name", "phone") if key in ctx.data}
    return Then("", {**kept, "sessions": [training.id]})


def _today(now: datetime) -> date:
    return now.astimezone(CHINA).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
