"""Check-in, and what follows it: stamps, feedback, certificate; and the calendar file.

```mermaid
stateDiagram-v2
    [*] --> code: 签到
    code --> code: wrong digits
    code --> in: six digits, at the right time
    [*] --> in: the training's QR code, or the digits alone
    in --> [*]
    [*] --> comment: 1 to 5 after the training
    comment --> [*]: a comment, or 不说了
```
"""

import re

from bot.common.clock import CHINA
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Document, Reply, Say, Then
from bot.documents.errors import Unprintable
from bot.handlers.feature import Feature
from bot.handlers.files import CourierFiles
from bot.handlers.form_steps import navigation_buttons, typed
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.navigation import training_with_id
from bot.intents import Intent
from bot.intents.contacts import gives_up
from bot.intents.normalise import normalise
from bot.services.couriers.profiles import Profiles
from bot.services.trainings import catalogue, certificates, registration_queries
from bot.services.trainings.catalogue import Training
from bot.services.trainings.certificate_numbers import read_number
from bot.services.trainings.checkin import CheckIn
from bot.services.trainings.errors import LookupsUsedUp, TrainingRefused
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.statuses import TrainingRefusal

CODE = re.compile(r"(?:签到码?|check-?in)?[: ]*(\d{6})")
NUMBER = re.compile(r".{0,12}?(djt[-_ ]?\d{4}[-_ ]?[0-9a-z]{6}(?:[-_ ]?[0-9a-z]{6})?).{0,4}")
MAX_STAMPS = 8  # in one message
MAX_COMMENT = 300
COMMENT = "registration.comment"


class AttendanceHandlers:
    """Check-in, stamps, feedback, certificates and the calendar file."""

    def __init__(
        self, registrations: Registrations, profiles: Profiles, files: CourierFiles
    ) -> None:
        self._checkin = CheckIn(registrations, profiles.keys)
        self._profiles = profiles
        self._files = files

    def feature(self) -> Feature:
        """Its buttons, steps, codes and intents."""
        return Feature(
            actions={
                "training.checkin": self.ask_code,
                "training.stamps": self.stamps,
                "training.score": self.score,
                "training.silent": self.silent,
                "training.certificate": self.certificate,
                "training.calendar": self.calendar,
            },
            steps={"training.code": self.receive_code, "training.comment": self.receive_comment},
            meanings={Intent.CHECKIN: self.ask_code, Intent.CERTIFICATE: self.certificates},
            signs={CODE: self.check_in, NUMBER: self.verify},
            arrivals={"ci": self.check_in},
        )

    async def ask_code(self, ctx: Context) -> Reply:
        """签到: the six digits on the screen."""
        if found := re.search(r"(?<!\d)\d{6}(?!\d)", normalise(typed(ctx))):
            return await self._check_in(ctx, found[0])
        said = ctx.t("Send the six digits on the screen there, or scan the session's code.")
        return Reply(
            (navigation_buttons(ctx, "training.mine", prompt=said),), Then("training.code")
        )

    async def receive_code(self, ctx: Context) -> Reply:
        """What was typed at that question."""
        digits = re.sub(r"\D", "", normalise(typed(ctx)))
        if len(digits) == 6:
            return await self._check_in(ctx, digits)
        said = ctx.t("A check-in code is six digits.")
        return Reply(
            (navigation_buttons(ctx, "training.mine", prompt=said),), Then("training.code")
        )

    async def check_in(self, ctx: Context) -> Reply:
        """The code alone, typed or carried by a scanned link."""
        return await self._check_in(ctx, ctx.args[0] if ctx.args else "")

    async def stamps(self, ctx: Context) -> Reply:
        """集章册: the trainings attended, and their hours."""
        t = ctx.t
        attended = await self._attended(ctx)
        if not attended:
            said = t("No stamps yet. Check in at a training and the first one is yours.")
            row = (navigation.to_trainings(t), navigation.to_start(t))
            return Reply((Say(said), Buttons((row,), "")))
        hours = f"{sum(training.hours for training in attended):.1f}".removesuffix(".0")
        lines = [t.n("{n} stamp, {hours} h", "{n} stamps, {hours} h", len(attended), hours=hours)]
        rows = []
        for number, training in enumerate(reversed(attended[-MAX_STAMPS:]), 1):
            date = wording.calendar_day(t, training.starts_at)
            lines.append(f"{number}. ★ {training.title} {date}")
            label = t("Certificate {n}", n=number)
            rows.append((Button(label, f"training.certificate:{training.id}"),))
        paired = tuple(sum(rows[at : at + 2], ()) for at in range(0, len(rows), 2))
        last = (navigation.to_my_trainings(t), navigation.to_start(t))
        return Reply((Say("\n".join(lines)), Buttons((*paired, last), "")))

    async def score(self, ctx: Context) -> Reply:
        """Stores 1 to 5, and asks for a comment."""
        training = await training_with_id(ctx, ctx.number(0))
        number, t = ctx.number(1), ctx.t
        if not 1 <= number <= 5:
            raise StaleButtonError
        await registration_queries.save_score(ctx.db, training.id, ctx.courier.id, number, ctx.now)
        said = t("Thank you: {stars}. A word about it? The organiser reads it.", stars="★" * number)
        row = (
            Button(t("Nothing more"), "training.silent"),
            navigation.to_stamps(t),
        )
        return Reply((Buttons((row,), said),), Then("training.comment", {"training": training.id}))

    async def receive_comment(self, ctx: Context) -> Reply:
        """Stores the comment, sealed."""
        about, t = ctx.data.get("training"), ctx.t
        text = typed(ctx).strip()[:MAX_COMMENT]
        if gives_up(text):
            return await self.silent(ctx)
        if isinstance(about, int) and text:
            sealed = self._profiles.keys.seal(text, COMMENT)
            await registration_queries.save_comment(ctx.db, about, ctx.courier.id, sealed, ctx.now)
        row = (navigation.to_stamps(t), navigation.to_trainings(t))
        return Reply((Say(t("Noted, thank you.")), Buttons((row,), "")))

    async def silent(self, ctx: Context) -> Reply:
        """不说了: no comment."""
        t = ctx.t
        row = (navigation.to_stamps(t), navigation.to_trainings(t))
        return Reply((Say(t("All right. Ride safely.")), Buttons((row,), "")))

    async def certificates(self, ctx: Context) -> Reply:
        """Verifies a number, sends the only certificate, or offers the stamps to choose from."""
        if found := read_number(typed(ctx)):
            return await self._verify(ctx, found)
        attended = await self._attended(ctx)
        if len(attended) == 1:
            return await self._certificate(ctx, attended[0])
        return await self.stamps(ctx)

    async def certificate(self, ctx: Context) -> Reply:
        """The certificate of one training, as a file."""
        return await self._certificate(ctx, await training_with_id(ctx, ctx.number(0)))

    async def verify(self, ctx: Context) -> Reply:
        """Whether a certificate's number is genuine; anybody may ask."""
        return await self._verify(ctx, ctx.args[0] if ctx.args else "")

    async def calendar(self, ctx: Context) -> Reply:
        """The training as a calendar file."""
        document = await self._files.calendar(ctx.db, ctx.number(0), ctx.t, ctx.now)
        if document is None:
            raise StaleButtonError
        said = ctx.t("For your calendar; it rings a day and an hour before.")
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
        count = len(await self._attended(ctx))
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
        held = found.held_at.astimezone(CHINA).date()
        said = t(
            "✓ Genuine: {number}\n{name} attended “{title}” on {date}.",
            number=found.number,
            name=found.masked_name,
            title=found.title,
            date=held.isoformat(),
        )
        return Reply((Say(said), Buttons((row,), "")))

    async def _attended(self, ctx: Context) -> list[Training]:
        attended = await registration_queries.attended_registrations(ctx.db, ctx.courier.id)
        ids = [registration.training_id for registration in attended]
        trainings = await catalogue.get_trainings(ctx.db, ids)
        return [trainings[training_id] for training_id in ids if training_id in trainings]

    def _file(self, ctx: Context, text: str, document: Document) -> Reply:
        t = ctx.t
        row = (
            navigation.to_my_trainings(t),
            navigation.to_stamps(t),
        )
        return Reply((Say(text), document, Buttons((row,), t("Anything else?"))))
