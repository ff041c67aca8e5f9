"""Campaigns, winners, the check of a certificate, and what is asked in free words."""

from dataclasses import replace
from typing import Final

from bot.common.clock import CHINA
from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Document, Link, Part, Reply, Say
from bot.geo.places import Places
from bot.handlers.feature import Feature
from bot.handlers.form_steps import typed
from bot.handlers.honours import wording
from bot.handlers.honours.answers import AnswerHandlers
from bot.handlers.honours.form import NominationForm
from bot.handlers.honours.voting import VotingHandlers
from bot.intents.normalise import normalise
from bot.intents.subjects.honour_words import HonourWish, honour_wish
from bot.services.honours import campaigns, photos, winners
from bot.services.honours.nominations import Nominations
from bot.services.honours.winners import Winner
from bot.services.pictures import JPEG

PAGE: Final = 5
CERTIFICATE: Final = LazyPattern("(ry-?[0-9]{4}-?[0-9a-z]{10})")


class HonourHandlers:
    """What couriers see of the honour. `public_url` empty: winners have no page."""

    def __init__(
        self,
        nominations: Nominations,
        form: NominationForm,
        answers: AnswerHandlers,
        voting: VotingHandlers,
        places: Places,
        public_url: str = "",
        *,
        demo: bool,
    ) -> None:
        self._keys = nominations.keys
        self._form = form
        self._answers = answers
        self._voting = voting
        self._places = places
        self._public_url = public_url.rstrip("/")
        self._demo = demo

    def feature(self) -> Feature:
        """Its buttons, words, and what is asked in free words."""
        return Feature(
            actions={
                "honour.show": self.show,
                "honour.winners": self.list_winners,
                "honour.winner": self.winner,
            },
            words=wording.spoken,
            references=(self.asked_in_words,),
            code_patterns={CERTIFICATE: self.verify},
            help_menu=(wording.to_honours,),
        )

    async def asked_in_words(self, ctx: Context) -> Reply | None:
        """提名老王, 我要投票, 评选啥时候开始; None for anything else."""
        asked = replace(ctx, args=())
        match honour_wish(normalise(typed(ctx))):
            case HonourWish.NOMINATE:
                return await self._form.nominate(asked, own=False)
            case HonourWish.NOMINATE_SELF:
                return await self._form.nominate(asked, own=True)
            case HonourWish.VOTE:
                return await self._voting.short_list(asked)
            case HonourWish.WITHDRAW:
                return await self._answers.withdraw(asked)
            case HonourWish.MINE:
                return await self._answers.mine(asked)
            case HonourWish.SHOW:
                return await self.show(asked)
            case None:
                return None

    async def show(self, ctx: Context) -> Reply:
        """The campaigns that are on, and what can be done."""
        t = ctx.t
        found = await campaigns.current(ctx.db, t.locale, ctx.now, demo=self._demo)
        said = [Say(wording.campaign(t, one)) for one in found[:2]]
        if not said:
            said = [Say(t("No campaign for the most beautiful courier is on now."))]
        row = []
        if any(one.takes_nominations(ctx.now) for one in found):
            row.append(wording.to_nominate(t))
        if any(one.takes_votes(ctx.now) for one in found):
            row.append(wording.to_vote(t))
        rows = [tuple(row)] if row else []
        rows += [(wording.to_winners(t), wording.to_mine(t)), (wording.to_start(t),)]
        return Reply((*said, Buttons(tuple(rows), "")))

    async def list_winners(self, ctx: Context) -> Reply:
        """A page of winners."""
        t, skip = ctx.t, ctx.number(0) if ctx.args else 0
        found = await winners.all_winners(ctx.db, self._keys, t.locale, demo=self._demo)
        if not found:
            return Reply((Say(t("Nobody has been honoured yet.")), wording.onwards(t)))
        shown = found[skip : skip + PAGE]
        if not shown:
            raise StaleButtonError
        lines, buttons, heading = [], [], ""
        for number, one in enumerate(shown, skip + 1):
            title = wording.title(t, one.campaign)
            if title != heading:
                heading = title
                lines.append(f"【{title}】")
            lines.append(f"{number}. {self._who(one)}")
            label = t("Story {n}", n=number)
            buttons.append(Button(label, f"honour.winner:{one.id}", number=number))
        rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
        last = [wording.to_honours(t), wording.to_start(t)]
        if len(found) > skip + PAGE:
            last.insert(0, Button(t("More"), f"honour.winners:{skip + PAGE}"))
        links = (Link(t("On a page"), f"{self._public_url}/honours"),) if self._public_url else ()
        return Reply((Say("\n".join(lines), links), Buttons((*rows, tuple(last)), "")))

    async def winner(self, ctx: Context) -> Reply:
        """A winner's story and photo."""
        t = ctx.t
        one = await winners.winner_with(
            ctx.db, self._keys, t.locale, ctx.number(0), demo=self._demo
        )
        if one is None:
            said = t("This winner is no longer shown.")
            return Reply((Say(said), wording.onwards(t)))
        heading = t("【{title}】 {who}", title=wording.title(t, one.campaign), who=self._who(one))
        parts: list[Part] = [Say(f"{heading}\n{one.story}")]
        photo = await photos.published_photo(ctx.db, self._keys, one.id, demo=self._demo)
        if photo is not None:
            url = f"{self._public_url}/honours/photos/{one.id}" if self._public_url else ""
            link = Link(t("Picture"), url)
            parts.append(Document(f"winner-{one.id}.jpg", JPEG, photo, link))
        row = (wording.to_winners(t), wording.to_start(t))
        return Reply((*parts, Buttons((row,), "")))

    async def verify(self, ctx: Context) -> Reply:
        """Whether a certificate is genuine."""
        t, number = ctx.t, ctx.args[0].upper() if ctx.args else ""
        plain = number.replace("-", "")
        number = f"{plain[:2]}-{plain[2:6]}-{plain[6:]}"
        one = await winners.with_certificate(ctx.db, self._keys, t.locale, number, demo=self._demo)
        if one is None:
            said = t("✗ No certificate of this honour has the number {number}.", number=number)
        else:
            said = t(
                "✓ Genuine: {number}\n{who}, {title}, {day}.",
                number=number,
                who=self._who(one),
                title=one.campaign.title,
                day=f"{one.published_at.astimezone(CHINA):%Y-%m-%d}",
            )
        return Reply((Say(said), wording.onwards(t)))

    def _who(self, one: Winner) -> str:
        league = wording.league(self._places, one.league)
        return " · ".join(filter(None, (one.name, one.firm, league)))
