"""The day itself and after it: check-in, stamps, feedback, certificate, calendar file.

```mermaid
stateDiagram-v2
    [*] --> code: 签到
    code --> code: wrong digits
    code --> in: six digits, at the right time
    [*] --> in: the session's QR code, or the digits alone
    in --> [*]
    [*] --> word: 1 to 5 after the session
    word --> [*]: a word, or 不说了
```
"""

import re

from bot.common.clock import CHINA
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Document, Reply, Say, Then
from bot.documents.errors import Unprintable
from bot.handlers.feature import Feature
from bot.handlers.files import Papers
from bot.handlers.form_steps import navigation_buttons, typed
from bot.handlers.trainings import wording as words
from bot.intents.normalise import normalise
from bot.services.couriers.profiles import Profiles
from bot.services.trainings import (
    catalogue,
    registration_queries,
)
from bot.services.trainings import (
    certificates as training_certificates,
)
from bot.services.trainings.catalogue import Training
from bot.services.trainings.checkin import CheckIn
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registrations import Registrations

CODE = re.compile(r"(?:签到码?|check-?in)?[: ]*(\d{6})")
NUMBER = re.compile(r".{0,12}?(djt[-_ ]?\d{4}[-_ ]?[0-9a-z]{6}).{0,4}")
SHOWN = 8  # stamps in one message
LONGEST_WORD = 300
COMMENT = "registration.comment"


class TrainingDay:
    """All answers about having been there."""

    def __init__(self, registrations: Registrations, profiles: Profiles, papers: Papers) -> None:
        self._door = CheckIn(registrations, profiles.keys)
        self._profiles = profiles
        self._papers = papers

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
            steps={"training.code": self.hear_code, "training.comment": self.hear_comment},
            meanings={"checkin": self.ask_code, "certificate": self.certificates},
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

    async def hear_code(self, ctx: Context) -> Reply:
        """What was typed after that."""
        digits = re.sub(r"\D", "", normalise(typed(ctx)))
        if len(digits) == 6:
            return await self._check_in(ctx, digits)
        said = ctx.t("A check-in code is six digits.")
        return Reply(
            (navigation_buttons(ctx, "training.mine", prompt=said),), Then("training.code")
        )

    async def check_in(self, ctx: Context) -> Reply:
        """The code alone, typed or brought along by a scanned link."""
        return await self._check_in(ctx, ctx.args[0] if ctx.args else "")

    async def stamps(self, ctx: Context) -> Reply:
        """集章册: where one has been, for how many hours."""
        t = ctx.t
        been = await self._been(ctx)
        if not been:
            said = t("No stamps yet. Check in at a training and the first one is yours.")
            row = (Button(t("Trainings"), "training.list"), Button(t("Back"), "start"))
            return Reply((Say(said), Buttons((row,), "")))
        hours = f"{sum(one.hours for one in been):.1f}".removesuffix(".0")
        lines = [t.n("{n} stamp, {hours} h", "{n} stamps, {hours} h", len(been), hours=hours)]
        rows = []
        for number, one in enumerate(reversed(been[-SHOWN:]), 1):
            date = words.calendar_day(t, one.starts_at)
            lines.append(f"{number}. ★ {one.title} {date}")
            label = t("Certificate {n}", n=number)
            rows.append((Button(label, f"training.certificate:{one.id}"),))
        paired = tuple(sum(rows[at : at + 2], ()) for at in range(0, len(rows), 2))
        last = (Button(t("My trainings"), "training.mine"), Button(t("Back"), "start"))
        return Reply((Say("\n".join(lines)), Buttons((*paired, last), "")))

    async def score(self, ctx: Context) -> Reply:
        """1 to 5; then a word, if one likes."""
        training = await self._training(ctx)
        number, t = ctx.number(1), ctx.t
        if not 1 <= number <= 5:
            raise StaleButtonError
        try:
            await registration_queries.judge(ctx.db, training.id, ctx.courier.id, number, ctx.now)
        except TrainingRefused as refused:
            return self._refused(ctx, refused, training)
        said = t("Thank you: {stars}. A word about it? The organiser reads it.", stars="★" * number)
        row = (
            Button(t("Nothing more"), "training.silent"),
            Button(t("My stamps"), "training.stamps"),
        )
        return Reply((Buttons((row,), said),), Then("training.comment", {"training": training.id}))

    async def hear_comment(self, ctx: Context) -> Reply:
        """The word, sealed."""
        about, t = ctx.data.get("training"), ctx.t
        text = typed(ctx).strip()[:LONGEST_WORD]
        if isinstance(about, int) and text:
            sealed = self._profiles.keys.seal(text, COMMENT)
            try:
                await registration_queries.comment(ctx.db, about, ctx.courier.id, sealed, ctx.now)
            except TrainingRefused as refused:
                return self._refused(ctx, refused)
        row = (Button(t("My stamps"), "training.stamps"), Button(t("Trainings"), "training.list"))
        return Reply((Say(t("Noted, thank you.")), Buttons((row,), "")))

    async def silent(self, ctx: Context) -> Reply:
        """Nothing more to say."""
        t = ctx.t
        row = (Button(t("My stamps"), "training.stamps"), Button(t("Trainings"), "training.list"))
        return Reply((Say(t("All right. Ride safely.")), Buttons((row,), "")))

    async def certificates(self, ctx: Context) -> Reply:
        """A number to verify, one's only certificate, or the stamps to choose from."""
        if found := training_certificates.read_number(typed(ctx)):
            return await self._verify(ctx, found)
        been = await self._been(ctx)
        if len(been) == 1:
            return await self._certificate(ctx, been[0])
        return await self.stamps(ctx)

    async def certificate(self, ctx: Context) -> Reply:
        """The certificate of one session, as a file."""
        return await self._certificate(ctx, await self._training(ctx))

    async def verify(self, ctx: Context) -> Reply:
        """Whether a certificate's number is genuine; anybody may ask."""
        return await self._verify(ctx, ctx.args[0] if ctx.args else "")

    async def calendar(self, ctx: Context) -> Reply:
        """The session for one's calendar."""
        document = await self._papers.calendar(ctx.db, ctx.number(0), ctx.t, ctx.now)
        if document is None:
            raise StaleButtonError
        said = ctx.t("For your calendar; it rings a day and an hour before.")
        return self._file(ctx, said, document)

    async def _check_in(self, ctx: Context, code: str) -> Reply:
        t = ctx.t
        try:
            done = await self._door.check_in(ctx.db, ctx.courier.id, code, ctx.now)
        except TrainingRefused as refused:
            if refused.why != "wrong_code":
                return self._refused(ctx, refused)
            said = words.refusal(t, refused)
            return Reply(
                (navigation_buttons(ctx, "training.mine", prompt=said),), Then("training.code")
            )
        training = (await catalogue.describe(ctx.db, [done.training_id]))[done.training_id]
        count = len(await self._been(ctx))
        if done.again:
            said = t("You checked in to {title} already.", title=words.title(t, training))
        else:
            said = t(
                "✓ Checked in: {session}. That is stamp number {n}.",
                session=words.named(t, training, ctx.now),
                n=count,
            )
        row = (
            Button(t("My stamps"), "training.stamps"),
            Button(t("My trainings"), "training.mine"),
        )
        return Reply((Say(said), Buttons((row,), "")))

    async def _certificate(self, ctx: Context, training: Training) -> Reply:
        t = ctx.t
        try:
            document = await self._papers.issue(ctx.db, ctx.courier.id, training.id, t, ctx.now)
        except TrainingRefused as refused:
            return self._refused(ctx, refused, training)
        except Unprintable:
            said = t("Your name has a character that I cannot print. The organiser will help.")
            row = (Button(t("Talk to a person"), "human"), Button(t("Back"), "training.stamps"))
            return Reply((Say(said), Buttons((row,), "")))
        number = document.name.removesuffix(".pdf")
        said = t(
            "Your certificate for {title}. Number: {number}. Anyone can verify it by sending me "
            "that number.",
            title=words.title(t, training),
            number=number,
        )
        return self._file(ctx, said, document)

    async def _verify(self, ctx: Context, typed_number: str) -> Reply:
        t = ctx.t
        found = await training_certificates.verify(ctx.db, self._profiles.keys, typed_number)
        row = (Button(t("My stamps"), "training.stamps"), Button(t("Back"), "start"))
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

    async def _been(self, ctx: Context) -> list[Training]:
        been = await registration_queries.attended(ctx.db, ctx.courier.id)
        described = await catalogue.describe(ctx.db, [one.training_id for one in been])
        return [described[one.training_id] for one in been if one.training_id in described]

    async def _training(self, ctx: Context) -> Training:
        training = await catalogue.describe_one(ctx.db, ctx.number(0))
        if training is None:
            raise StaleButtonError
        return training

    def _file(self, ctx: Context, said: str, document: Document) -> Reply:
        t = ctx.t
        row = (
            Button(t("My trainings"), "training.mine"),
            Button(t("My stamps"), "training.stamps"),
        )
        return Reply((Say(said), document, Buttons((row,), t("Anything else?"))))

    def _refused(
        self, ctx: Context, refused: TrainingRefused, training: Training | None = None
    ) -> Reply:
        t = ctx.t
        row = (Button(t("My trainings"), "training.mine"), Button(t("Trainings"), "training.list"))
        return Reply((Say(words.refusal(t, refused, training)), Buttons((row,), "")))
