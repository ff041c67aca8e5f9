"""The nominee's answer to ZM-…, one's own nominations, and taking one back.

```mermaid
stateDiagram-v2
    [*] --> elsewhere: what is written here leaves the country
    [*] --> asked: ZM-…, a link
    asked --> agreed: 同意参选
    asked --> deleted: 不同意
    agreed --> deleted: 撤回提名
```
"""

from typing import Final

from bot.common.clock import CHINA
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Link, Reply, Say
from bot.geo.places import Places
from bot.handlers import labels
from bot.handlers.feature import Feature
from bot.handlers.honours import wording
from bot.handlers.honours.elsewhere import elsewhere
from bot.handlers.honours.files import HonourFiles
from bot.services.honours.nominations import ALPHABET, LENGTH, PREFIX, Nomination, Nominations
from bot.services.honours.photos import CHANGEABLE
from bot.services.honours.statuses import HonourRefused, NominationStatus

CODE: Final = LazyPattern(rf"zm[- ]?([{ALPHABET.lower()}]{{{LENGTH}}})")


class AnswerHandlers:
    """What nominees and nominators do after a nomination. `public_url`: as in the form."""

    def __init__(
        self, nominations: Nominations, files: HonourFiles, places: Places, public_url: str = ""
    ) -> None:
        self._nominations = nominations
        self._files = files
        self._places = places
        self._public_url = public_url

    def feature(self) -> Feature:
        """Its buttons, the code in a message or a link."""
        return Feature(
            actions={
                "honour.agree": self.agree,
                "honour.refuse": self.refuse,
                "honour.mine": self.mine,
                "honour.withdraw": self.withdraw,
                "honour.photo": self.photo,
                "honour.certificate": self.certificate,
            },
            code_patterns={CODE: self.asked},
            arrivals={"zm": self.asked},
        )

    async def asked(self, ctx: Context) -> Reply:
        """The nominee sent the code: what is said of them, and what they would agree to."""
        if ctx.abroad:
            return elsewhere(ctx, self._public_url)
        t, code = ctx.t, _code(ctx)
        sender = ctx.event.sender
        charged = self._nominations.lookup_counters(
            f"{sender.channel}|{sender.id}", ctx.event.network
        )
        try:
            one = await self._nominations.by_code(ctx.db, code, charged, ctx.now)
        except HonourRefused as refused:
            return wording.refused(ctx, refused.reason)
        if one.courier_id == ctx.courier.id:
            return await self.mine(ctx)
        if one.status is not NominationStatus.ASKED:
            return Reply((Say(t("Somebody has answered with this code already.")),
                          wording.onwards(t)))  # fmt: skip
        said = t("You are nominated as most beautiful courier:")
        parts = (
            Say(f"{said}\n{wording.whole(t, self._places, one)}"),
            Say(wording.consent(t)),
        )
        row = (
            Button(t("I agree to stand"), f"honour.agree:{code}"),
            Button(t("No, delete it"), f"honour.refuse:{code}"),
        )
        return Reply((*parts, Buttons((row,), t("Do you agree?"))))

    async def agree(self, ctx: Context) -> Reply:
        """The nominee agrees."""
        if ctx.abroad:
            return elsewhere(ctx, self._public_url)
        channel = ctx.event.sender.channel
        try:
            await self._nominations.agree(ctx.db, ctx.courier.id, _code(ctx), channel, ctx.now)
        except HonourRefused as refused:
            return wording.refused(ctx, refused.reason)
        return await self.agreed(ctx)

    async def refuse(self, ctx: Context) -> Reply:
        """The nominee does not agree: nothing of it is kept."""
        try:
            await self._nominations.refuse(ctx.db, ctx.courier.id, _code(ctx))
        except HonourRefused as refused:
            return wording.refused(ctx, refused.reason)
        t = ctx.t
        return Reply((Say(t("All right, it is deleted; nobody has seen it.")), wording.onwards(t)))

    async def agreed(self, ctx: Context) -> Reply:
        """What follows the nominee's consent: the photo, if they like."""
        t = ctx.t
        found = await self._nominations.mine(ctx.db, ctx.courier.id)
        mine = [one for one in found if one.courier_id == ctx.courier.id]
        if not mine:
            raise StaleButtonError
        text = t(
            "Thank you. It is being reviewed; “{mine}” shows how it stands. A photo of you is "
            "welcome, and not needed.",
            mine=t("My nomination"),
        )
        rows = (
            (Button(t("Add a photo"), f"honour.photo:{mine[0].id}"), wording.to_mine(t)),
            (wording.to_honours(t), wording.to_start(t)),
        )
        return Reply((Say(text), Buttons(rows, "")))

    async def mine(self, ctx: Context) -> Reply:
        """Those that the courier can take back, and how each stands."""
        t = ctx.t
        found = await self._nominations.mine(ctx.db, ctx.courier.id)
        if not found:
            row = (wording.to_nominate(t), wording.to_honours(t))
            said = t("There is no nomination of you, and none of yours waits for an answer.")
            return Reply((Say(said), Buttons((row, (wording.to_start(t),)), "")))
        lines, rows = [], []
        for one in found:
            # On a channel abroad no name is repeated that was given elsewhere.
            name = t("your nomination") if ctx.abroad else wording.who(self._places, one)
            state = wording.status(t, one)
            if one.status is NominationStatus.ASKED and not ctx.abroad:
                lines.append(t("· {who}: {state} ({code})", who=name, state=state, code=one.number))
            else:
                lines.append(t("· {who}: {state}", who=name, state=state))
            rows += self._choices(ctx, one)
        rows.append((wording.to_honours(t), wording.to_start(t)))
        return Reply((Say("\n".join(lines)), Buttons(tuple(rows), "")))

    async def withdraw(self, ctx: Context) -> Reply:
        """Takes back the only one there is, or the one that was chosen."""
        t = ctx.t
        found = await self._nominations.mine(ctx.db, ctx.courier.id)
        if not found:
            return await self.mine(ctx)
        if not ctx.args and len(found) > 1:
            rows = tuple((self._take_back(ctx, one),) for one in found)
            return Reply((Buttons(rows, t("Which one do you take back?")),))
        chosen = ctx.number(0) if ctx.args else found[0].id
        channel = ctx.event.sender.channel
        taken = await self._nominations.withdraw(ctx.db, ctx.courier.id, chosen, channel, ctx.now)
        if not taken:
            raise StaleButtonError
        said = t("Taken back and deleted, with story, photo and votes; it is nowhere shown now.")
        return Reply((Say(said), wording.onwards(t)))

    async def photo(self, ctx: Context) -> Reply:
        """The page where the nominee puts a photo; valid for a day."""
        t, one = ctx.t, await self._own(ctx)
        if one.status not in CHANGEABLE:
            raise StaleButtonError
        link = Link(t("Choose a photo"), self._files.photo_page(one.id, ctx.now))
        said = t(
            "Here I cannot take pictures; this page does, for a day. Place and camera are removed "
            "from the picture, it is kept encrypted, and shown only if you win."
        )
        return Reply((Say(said, (link,)), wording.onwards(t)))

    async def certificate(self, ctx: Context) -> Reply:
        """The certificate of a winner."""
        t, one = ctx.t, await self._own(ctx)
        document = await self._files.certificate(ctx.db, one.id, t, ctx.now)
        if document is None:
            raise StaleButtonError
        said = t("Your certificate, number {number}.", number=one.certificate)
        return Reply((Say(said), document, wording.onwards(t)))

    async def _own(self, ctx: Context) -> Nomination:
        found = await self._nominations.mine(ctx.db, ctx.courier.id)
        wanted = ctx.number(0)
        for one in found:
            if one.id == wanted and one.courier_id == ctx.courier.id:
                return one
        raise StaleButtonError

    def _choices(self, ctx: Context, one: Nomination) -> list[tuple[Button, ...]]:
        t, row = ctx.t, []
        if one.courier_id == ctx.courier.id and one.status in CHANGEABLE:
            label = t("Another photo") if one.has_photo else t("Add a photo")
            row.append(Button(label, f"honour.photo:{one.id}"))
        if one.certificate:
            row.append(Button(t("Certificate"), f"honour.certificate:{one.id}"))
        return [(*row, self._take_back(ctx, one))]

    def _take_back(self, ctx: Context, one: Nomination) -> Button:
        t = ctx.t
        action = f"honour.withdraw:{one.id}"
        if ctx.abroad:
            day = labels.month_day(t, (one.answered_at or ctx.now).astimezone(CHINA).date())
            return Button(t("Take back that of {day}", day=day), action)
        return Button(t("Take back {name}", name=one.name), action)


def _code(ctx: Context) -> str:
    return (ctx.args[0] if ctx.args else "").upper().removeprefix(PREFIX)
