"""Check-in, and what follows it: the certificate; and the calendar file.

```mermaid
stateDiagram-v2
    [*] --> code: 签到
    code --> code: wrong digits
    code --> in: six digits, at the right time
    [*] --> in: the training's QR code, or the digits alone
    [*] --> door: no seat in the training that is on
    door --> in: 现在报名, while seats are left
    in --> [*]
```
"""

import re

from bot.common.clock import CHINA
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Document, Reply, Say, Then
from bot.documents.errors import Unprintable
from bot.handlers.feature import Feature
from bot.handlers.files import CourierFiles
from bot.handlers.form_steps import left_in_words, navigation_buttons, typed
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.about_shown import interrupt_for_question
from bot.handlers.trainings.navigation import training_with_id
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.handlers.trainings.sign_up_steps import SignUpSteps
from bot.handlers.trainings.stamps import StampHandlers, attended, count_stamps
from bot.intents import Intent
from bot.intents.normalise import normalise
from bot.services.trainings import certificates, registration_queries
from bot.services.trainings.catalogue import Training
from bot.services.trainings.certificate_numbers import read_number
from bot.services.trainings.certificates import WithdrawnCertificate
from bot.services.trainings.checkin import AtTheDoor
from bot.services.trainings.errors import LookupsUsedUp, TrainingRefused
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal, TrainingStatus

CODE = LazyPattern(r"(?:签到码?|check-?in)?[: ]*(\d{6})")
NUMBER = LazyPattern(r".{0,12}?(djt[-_ ]?\d{4}[-_ ]?[0-9a-z]{6}(?:[-_ ]?[0-9a-z]{6})?).{0,4}")


class AttendanceHandlers:
    """Check-in, certificates and the calendar file."""

    def __init__(
        self,
        sign_up: SignUpSteps,
        replies: SignUpReplies,
        files: CourierFiles,
        stamps: StampHandlers,
    ) -> None:
        self._sign_up = sign_up
        self._stamps = stamps
        self._replies = replies
        self._checkin = sign_up.checkin
        self._profiles = sign_up.profiles
        self._files = files

    def feature(self) -> Feature:
        """Its buttons, steps, codes and intents."""
        return Feature(
            actions={
                "training.checkin": self.ask_code,
                "training.door": self.register_at_the_door,
                "training.certificate": self.certificate,
                "training.calendar": self.calendar,
            },
            steps={"training.code": self.receive_code},
            resumes={"training.code": self.ask_code_again},
            intent_handlers={Intent.CHECKIN: self.ask_code, Intent.CERTIFICATE: self.certificates},
            code_patterns={CODE: self.check_in, NUMBER: self.verify},
            arrivals={"ci": self.check_in},
        )

    async def ask_code(self, ctx: Context) -> Reply:
        """签到: the six digits on the screen."""
        if found := re.search(r"(?<!\d)\d{6}(?!\d)", normalise(typed(ctx))):
            return await self._check_in(ctx, found[0])
        return await self.ask_code_again(ctx)

    async def ask_code_again(self, ctx: Context) -> Reply:
        """The question for the six digits."""
        said = ctx.t("Send the six digits on the screen there, or scan the session's code.")
        return Reply(
            (navigation_buttons(ctx, "training.mine", prompt=said),), Then("training.code")
        )

    async def receive_code(self, ctx: Context) -> Reply:
        """What was typed at that question."""
        digits = re.sub(r"\D", "", normalise(typed(ctx)))
        if len(digits) == 6:
            return await self._check_in(ctx, digits)
        own = await registration_queries.upcoming_registrations(ctx.db, ctx.courier.id, ctx.now)
        interrupt_for_question(
            ctx, await training_with_id(ctx, own[0].training_id) if own else None
        )
        if (left := left_in_words(ctx)) is not None:
            return left
        said = ctx.t("A check-in code is six digits.")
        return Reply(
            (navigation_buttons(ctx, "training.mine", prompt=said),), Then("training.code")
        )

    async def check_in(self, ctx: Context) -> Reply:
        """The code alone, typed or carried by a scanned link."""
        return await self._check_in(ctx, ctx.args[0] if ctx.args else "")

    async def certificates(self, ctx: Context) -> Reply:
        """Verifies a number, sends the only certificate, or offers the stamps to choose from."""
        if found := read_number(typed(ctx)):
            return await self._verify(ctx, found)
        trainings = await attended(ctx)
        if len(trainings) == 1 and await count_stamps(ctx) == 1:
            return await self._certificate(ctx, trainings[0])
        return await self._stamps.stamps(ctx)

    async def certificate(self, ctx: Context) -> Reply:
        """The certificate of one training, as a file."""
        return await self._certificate(ctx, await training_with_id(ctx, ctx.number(0)))

    async def verify(self, ctx: Context) -> Reply:
        """Whether a certificate's number is genuine; anybody may ask."""
        return await self._verify(ctx, ctx.args[0] if ctx.args else "")

    async def calendar(self, ctx: Context) -> Reply:
        """The training as a calendar file."""
        training = await training_with_id(ctx, ctx.number(0))
        document = await self._files.calendar(ctx.db, training.id, ctx.t, ctx.now)
        if document is None:
            raise StaleButtonError
        said = ctx.t("For your calendar; it rings a day and an hour before.")
        if training.status is TrainingStatus.CANCELLED:
            said = ctx.t("This one is cancelled. The file takes it out of your calendar.")
        return self._file(ctx, said, document)

    async def _check_in(self, ctx: Context, code: str) -> Reply:
        t = ctx.t
        try:
            done = await self._checkin.check_in(ctx.db, ctx.courier.id, code, ctx.now)
        except TrainingRefused as refusal:
            if refusal.reason is not TrainingRefusal.WRONG_CODE:
                raise
            said = wording.refusal(t, refusal)
            return Reply(
                (navigation_buttons(ctx, "training.mine", prompt=said),), Then("training.code")
            )
        training = await training_with_id(ctx, done.training_id)
        if isinstance(done, AtTheDoor):
            return await self._at_the_door(ctx, training, code)
        count = await count_stamps(ctx)
        if done.again:
            said = t("You checked in to {title} already.", title=wording.title(t, training))
        else:
            said = t(
                "✓ Checked in: {session}. That is stamp number {n}.",
                session=wording.title_and_time(t, training, ctx.now),
                n=count,
            )
        row = (
            navigation.to_stamps(t),
            navigation.to_my_trainings(t),
        )
        return Reply((Say(said), Buttons((row,), "")))

    async def register_at_the_door(self, ctx: Context) -> Reply:
        """现在报名: a free seat for one who stands there, with the code that the screen shows."""
        code = ctx.args[0] if ctx.args else ""
        found = await self._checkin.check_in(ctx.db, ctx.courier.id, code, ctx.now)
        training = await training_with_id(ctx, found.training_id)
        outcome = await self._sign_up.register_at_the_door(ctx, training, code)
        return await self._replies.render(ctx, outcome)

    async def _at_the_door(self, ctx: Context, training: Training, code: str) -> Reply:
        """Who sends the code of a training without a seat in it is offered one that is left."""
        t, about = ctx.t, wording.title_and_time(ctx.t, training, ctx.now)
        row = (navigation.to_my_trainings(t), navigation.to_trainings(t))
        own = await registration_queries.live_registration(ctx.db, training.id, ctx.courier.id)
        if own is not None and own.status is RegistrationStatus.OFFERED:
            said = t("A seat in {session} is held for you: take it, then check in.", session=about)
            return Reply((Buttons((navigation.accept_or_decline(t, training.id), row), said),))
        if not training.seats_left or own is not None:
            said = t("You have no seat in {session}, and none is left.", session=about)
            return Reply((Buttons((row,), said),))
        if await self._replies.signs_up_elsewhere(ctx):
            return self._replies.elsewhere(ctx)
        said = t.n(
            "You have no seat in {session} yet; {n} is left. Register now and be checked in?",
            "You have no seat in {session} yet; {n} are left. Register now and be checked in?",
            training.seats_left,
            session=about,
        )
        now = (Button(t("Sign up now"), f"training.door:{code}"),)
        return Reply((Buttons((now, row), said),))

    async def _certificate(self, ctx: Context, training: Training) -> Reply:
        t = ctx.t
        try:
            document = await self._files.issue(ctx.db, ctx.courier.id, training.id, t, ctx.now)
        except Unprintable:
            said = t("Your name has a character that I cannot print. The organiser will help.")
            row = (Button(t("Talk to a person"), "human"), Button(t("Back"), "training.stamps"))
            return Reply((Say(said), Buttons((row,), "")))
        number = document.name.removesuffix(".pdf")
        said = t(
            "Your certificate for {title}. Number: {number}. Anyone can verify it by sending me "
            "that number.",
            title=wording.title(t, training),
            number=number,
        )
        return self._file(ctx, said, document)

    async def _verify(self, ctx: Context, typed_number: str) -> Reply:
        t = ctx.t
        row = (navigation.to_stamps(t), navigation.to_start(t))
        keys, sender = self._profiles.keys, ctx.event.sender
        charged = certificates.lookup_counters(
            keys, network=ctx.event.network, chat=f"{sender.channel}|{sender.id}"
        )
        try:
            found = await certificates.verify(ctx.db, keys, typed_number, charged, ctx.now)
        except LookupsUsedUp:
            said = t("Many numbers that do not exist were asked for. Please try again in an hour.")
            return Reply((Say(said), Buttons((row,), "")))
        if found is None:
            said = t("No certificate has that number. Check it letter by letter.")
            return Reply((Say(said), Buttons((row,), "")))
        if isinstance(found, WithdrawnCertificate):
            day = found.withdrawn_at.astimezone(CHINA).date().isoformat()
            said = t(
                "✗ Withdrawn: {number} was withdrawn on {date}.", number=found.number, date=day
            )
            return Reply((Say(said), Buttons((row,), "")))
        held = found.held_at.astimezone(CHINA).date()
        facts = {
            "number": found.number,
            "name": found.masked_name,
            "title": found.title,
            "date": held.isoformat(),
        }
        if found.is_course:
            said = t("✓ Genuine: {number}\n{name} finished “{title}” on {date}.", **facts)
        else:
            said = t("✓ Genuine: {number}\n{name} attended “{title}” on {date}.", **facts)
        return Reply((Say(said), Buttons((row,), "")))

    def _file(self, ctx: Context, text: str, document: Document) -> Reply:
        t = ctx.t
        row = (
            navigation.to_my_trainings(t),
            navigation.to_stamps(t),
        )
        return Reply((Say(text), document, Buttons((row,), t("Anything else?"))))
