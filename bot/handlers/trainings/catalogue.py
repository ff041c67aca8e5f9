"""大讲堂: the list of trainings, and one training in detail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Json, Part, Reply, Say, Then
from bot.geo.places import Places
from bot.handlers.abroad import sign_up_hint
from bot.handlers.feature import Feature, join
from bot.handlers.files import CourierFiles
from bot.handlers.form_steps import reject_sensitive_input, typed
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.about_shown import ShownTrainingHandlers
from bot.handlers.trainings.attendance import AttendanceHandlers
from bot.handlers.trainings.feedback import FeedbackHandlers
from bot.handlers.trainings.invitations import InvitationHandlers
from bot.handlers.trainings.longer_questions import LongerTrainingQuestions
from bot.handlers.trainings.my_trainings import MyTrainingsHandlers
from bot.handlers.trainings.navigation import training_with_id
from bot.handlers.trainings.notifications import TrainingNotifications
from bot.handlers.trainings.refusals import answer_refusals
from bot.handlers.trainings.registration_replies import training_actions
from bot.handlers.trainings.sign_up import SignUpHandlers
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.handlers.trainings.sign_up_steps import SignUpSteps
from bot.handlers.trainings.sign_up_text import SignUpTextHandlers
from bot.handlers.trainings.stamps import StampHandlers
from bot.handlers.trainings.teams.notifications import TeamNotifications
from bot.handlers.trainings.teams.registration import TeamHandlers
from bot.intents import Intent
from bot.intents.normalise import normalise
from bot.intents.slots import pointed
from bot.intents.training_hints import Hint, likeness, training_hint
from bot.services.couriers.profiles import Profiles
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training
from bot.services.trainings.checkin import CheckIn
from bot.services.trainings.invitations import Invitations
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.team_limits import TeamLimits
from bot.services.trainings.teams import Teams

PAGE = 4
MAX_CHOICE_LENGTH = 12  # characters; a longer text says more than which one
EVERYWHERE = "0"


class TrainingHandlers:
    """The list of trainings and one in detail; joins all handlers of this package."""

    def __init__(
        self,
        registrations: Registrations,
        profiles: Profiles,
        files: CourierFiles,
        places: Places,
        *,
        team_limits: TeamLimits,
        demo: bool = False,
    ) -> None:
        self._places = places
        self._demo = demo
        teams = Teams(registrations.seating, profiles, team_limits)
        invitations = Invitations(registrations, profiles)
        checkin = CheckIn(registrations, profiles.keys)
        steps = SignUpSteps(registrations, profiles, invitations, checkin)
        self._replies = replies = SignUpReplies(
            profiles, registrations.seating.hold, files.public_url
        )
        sign_up = SignUpHandlers(steps, replies)
        stamps = StampHandlers(files, replies, demo=demo)
        attendance = AttendanceHandlers(steps, replies, files, stamps)
        mine = MyTrainingsHandlers(registrations, teams, replies, self.find)
        self._about_shown = ShownTrainingHandlers(attendance.calendar, self.list_trainings)
        self._longer = LongerTrainingQuestions(
            attendance.calendar, sign_up.register, mine.list_registrations
        )
        self._parts = (
            sign_up.feature(),
            SignUpTextHandlers(sign_up, replies, self.find, demo=demo).feature(),
            mine.feature(),
            TeamHandlers(teams, profiles, steps, replies).feature(),
            InvitationHandlers(invitations, profiles, steps, replies).feature(),
            attendance.feature(),
            stamps.feature(),
            FeedbackHandlers(profiles).feature(),
            TrainingNotifications(files).feature(),
            TeamNotifications(teams).feature(),
        )

    def feature(self) -> Feature:
        """The whole subject: lists, registration, teams, attendance and notifications."""

        def spoken(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "trainings, lessons, /trainings"), "training.list"),
                (t.p("spoken words", "my trainings, my lessons"), "training.mine"),
                (t.p("spoken words", "stamps, my stamps"), "training.stamps"),
                (t.p("spoken words", "check in, check-in"), "training.checkin"),
            )

        own = Feature(
            actions={"training.list": self.list_trainings, "training.show": self.show},
            words=spoken,
            intent_handlers={Intent.TRAINING_LIST: self.list_trainings},
            intent_buttons={
                Intent.TRAINING_LIST: navigation.to_trainings,
                Intent.TRAINING_REGISTER: navigation.to_trainings,
                Intent.MY_TRAININGS: navigation.to_my_trainings,
                Intent.TRAINING_CANCEL: navigation.to_my_trainings,
                Intent.WAITLIST_POSITION: navigation.to_my_trainings,
                Intent.CHECKIN: lambda t: Button(t("Check in"), "training.checkin"),
                Intent.CERTIFICATE: navigation.to_stamps,
            },
            references=(self._about_shown.picked, self.picked, self._longer.picked),
            menu=(navigation.to_trainings, navigation.to_my_trainings),
        )
        whole = answer_refusals(join([own, *self._parts]))
        return replace(whole, steps=reject_sensitive_input(whole.steps))

    async def list_trainings(self, ctx: Context) -> Reply:
        """Upcoming trainings in the courier's league, or narrowed by the words of the question."""
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
            skip, hint = 0, training_hint(text, _today(ctx.now))
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
            return await self._nothing(ctx, hint)
        liked = [one for one in found if likeness(text, f"{one.title}{one.topic}")]
        shown = (liked or found)[skip : skip + PAGE]
        more = len(liked or found) > skip + PAGE
        lines = [head, *(wording.in_list(t, n, one, ctx.now) for n, one in enumerate(shown, 1))]
        if await self._replies.signs_up_elsewhere(ctx):
            lines.append(sign_up_hint(t, self._replies.public_url))
        learn, lessons = await navigation.lessons_now(ctx, demo=self._demo)
        rows = [
            (Button(t("Show number {n}", n=n), f"training.show:{one.id}", number=n),)
            for n, one in enumerate(shown, 1)
        ]
        paired = [sum(rows[at : at + 2], ()) for at in range(0, len(rows), 2)]
        last = [navigation.to_my_trainings(t)]
        if more:
            last.insert(0, Button(t("More"), f"training.list:{league}:{skip + PAGE}"))
        if league != EVERYWHERE:
            last.append(Button(t("Other places"), f"training.list:{EVERYWHERE}:0"))
        last.append(navigation.to_start(t))
        tail = tuple(tuple(last[at : at + 2]) for at in range(0, len(last), 2))
        if lessons:
            tail = (lessons, *tail)
        listed: list[Json] = [one.id for one in shown]
        return Reply(
            (Say("\n".join(lines)), Say(learn), Buttons((*paired, *tail), "")),
            Then("", {"sessions": listed}),
        )

    async def show(self, ctx: Context) -> Reply:
        """One training, and what one can do about it now."""
        return await self.details(ctx, await training_with_id(ctx, ctx.number(0)))

    async def picked(self, ctx: Context) -> Reply | None:
        """第2场, 急救: one of the trainings just listed, by its number or a word of its title."""
        listed, text = ctx.data.get("sessions"), typed(ctx)
        if not isinstance(listed, list) or len(text) > MAX_CHOICE_LENGTH:
            return None
        number = pointed(text)
        chosen = [one for at, one in enumerate(listed, 1) if at == number]
        if number is None:
            word = normalise(text)
            found = [await catalogue.get_training(ctx.db, int(str(one))) for one in listed]
            titles = {one.id: normalise(f"{one.title} {one.topic}") for one in found if one}
            chosen = [one for one in titles if len(word) > 1 and word in titles[one]]
        return await self.show(replace(ctx, args=(str(chosen[0]),))) if len(chosen) == 1 else None

    async def details(self, ctx: Context, training: Training, prompt: str = "") -> Reply:
        """A training in detail; `prompt` asks something before the buttons."""
        registration = await live_registration(ctx.db, training.id, ctx.courier.id)
        elsewhere = await self._replies.signs_up_elsewhere(ctx)
        rows = training_actions(ctx, training, registration, elsewhere=elsewhere)
        back = (Button(ctx.t("Other trainings"), "training.list"),)
        parts: list[Part] = [wording.details(ctx.t, training, registration, ctx.now)]
        if elsewhere and registration is None and training.is_open(ctx.now):
            parts.append(Say(sign_up_hint(ctx.t, self._replies.public_url)))
        return Reply((*parts, Buttons((*rows, back), prompt)), _remember(ctx, training))

    async def find(self, ctx: Context, text: str, among: Sequence[Training]) -> list[Training]:
        """The trainings that a text may mean; all of them where it does not say."""
        hint = training_hint(text, _today(ctx.now))
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

    async def _nothing(self, ctx: Context, hint: Hint) -> Reply:
        t = ctx.t
        said = t("Nothing is planned then.") if hint else t("No training is planned right now.")
        row = (navigation.to_my_trainings(t), navigation.to_start(t))
        learn, lessons = await navigation.lessons_now(ctx, demo=self._demo)
        rows = ((Button(t("All trainings"), f"training.list:{EVERYWHERE}:0"),),) if hint else ()
        if lessons:
            rows = (*rows, lessons)
        return Reply((Say(said), Say(learn), Buttons((*rows, row), "")))


def _remember(ctx: Context, training: Training) -> Then:
    """Remembers this training, and keeps name and phone that were typed before."""
    kept = {key: ctx.data[key] for key in ("name", "phone") if key in ctx.data}
    return Then("", {**kept, "sessions": [training.id]})


def _today(now: datetime) -> date:
    return now.astimezone(CHINA).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
