"""A nomination: whom, firm, league, the story, a summary, and 提交.

```mermaid
stateDiagram-v2
    [*] --> who: 提名
    [*] --> name: 提名老王, 自荐
    who --> name
    name --> firm
    firm --> league
    firm --> story: only one league takes part
    league --> story
    story --> check
    check --> [*]: 提交 (of somebody else: the code ZM-… for them)
    check --> name: 改姓名, and so with firm, league and story; each leads back to check
    name --> [*]: 取消, 算了
```

Every step goes back with 返回 and is left in the same ways as the first. A question is answered and
the step asked again. Nothing is stored before 提交: until then it is in the sealed conversation. On
a channel whose messages leave mainland China no name is asked for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Reply, Say
from bot.geo.places import Places
from bot.handlers.feature import Feature
from bot.handlers.form_steps import (
    left_in_words,
    no_name,
    says_it_again,
    says_no,
    says_yes,
    too_much,
    typed,
)
from bot.handlers.honours import questions, wording
from bot.handlers.honours.draft import Form, leagues_of, open_form
from bot.handlers.honours.elsewhere import elsewhere
from bot.intents import Intent, contacts
from bot.intents.emergencies import emergency
from bot.intents.personal_names import is_phrase
from bot.services.couriers.firms import firm_of, firms
from bot.services.honours import campaigns
from bot.services.honours.nominations import Draft, Nominations
from bot.services.honours.statuses import HonourRefused
from bot.services.personal_data import validation

LONGEST_FIRM: Final = 40
STORY: Final = "honour.story"
FIRM_INTENTS: Final = frozenset({Intent.PARCEL, Intent.PLACE})
"""Intents that are recognised in the names of firms too."""
LEAGUE_INTENTS: Final = frozenset({Intent.PLACE, Intent.NEAREST})


class NominationForm:
    """The steps of the form. `public_url`: where the web chat is, empty if nowhere."""

    def __init__(
        self,
        nominations: Nominations,
        places: Places,
        agreed: Callable[[Context], Awaitable[Reply]],
        public_url: str = "",
        *,
        demo: bool,
    ) -> None:
        self._nominations = nominations
        self._places = places
        self._agreed = agreed
        self._public_url = public_url
        self._demo = demo

    def feature(self) -> Feature:
        """Its buttons and steps."""
        return Feature(
            actions={
                "honour.nominate": self.nominate,
                "honour.begin": self.begin,
                "honour.name": self.ask_name,
                "honour.firms": self.ask_firm,
                "honour.firm": self.pick_firm,
                "honour.leagues": self.ask_league,
                "honour.league": self.pick_league,
                "honour.story": self.ask_story,
                "honour.check": self.ask_check,
                "honour.send": self.send,
            },
            steps={
                "honour.name": self.receive_name,
                "honour.firm": self.receive_firm,
                "honour.league": self.receive_league,
                STORY: self.receive_story,
                "honour.check": self.receive_check,
            },
            resumes={
                "honour.name": self.ask_name,
                "honour.firm": self.ask_firm,
                "honour.league": self.ask_league,
                STORY: self.ask_story,
                "honour.check": self.ask_check,
            },
            narratives=frozenset({STORY}),
        )

    async def nominate(self, ctx: Context, *, own: bool | None = None) -> Reply:
        """The first question; `own` None: also whether it is about somebody else."""
        t = ctx.t
        if ctx.abroad:
            return elsewhere(ctx, self._public_url)
        found = await campaigns.current(ctx.db, t.locale, ctx.now, demo=self._demo)
        taking = [one for one in found if one.takes_nominations(ctx.now)]
        if not taking:
            said = t("No campaign takes nominations now.")
            return Reply((Say(said), wording.onwards(t)))
        if own is None:
            return questions.who_question(ctx, taking[0].id)
        asked = replace(ctx, args=(str(taking[0].id), str(int(own))))
        return await self.begin(asked)

    async def begin(self, ctx: Context) -> Reply:
        """The form for a campaign, about oneself or somebody else."""
        if ctx.abroad:
            return elsewhere(ctx, self._public_url)
        campaign = await campaigns.by_id(ctx.db, ctx.number(0), ctx.t.locale, demo=self._demo)
        if campaign is None:
            raise StaleButtonError
        form = Form(campaign.id, bool(ctx.number(1)), ",".join(campaign.leagues))
        only = leagues_of(self._places, form)
        if len(only) == 1:
            form = replace(form, league=only[0].adcode)
        return questions.name_question(ctx, form)

    async def ask_name(self, ctx: Context) -> Reply:
        """Back to the name."""
        return questions.name_question(ctx, open_form(ctx))

    async def receive_name(self, ctx: Context) -> Reply:
        """The name; what looks like none is taken when it is typed again."""
        form, text = open_form(ctx), typed(ctx)
        if validation.contains_full_id_or_card(text):
            return questions.name_question(ctx, form, too_much(ctx.t))
        name = contacts.name(text, asked=True)
        if name is None and says_it_again(ctx):
            name = validation.person_name(text)
        if name is None:
            if (left := left_in_words(ctx)) is not None:
                return left
            return questions.name_question(ctx, form, no_name(ctx.t), text)
        return await self._next(ctx, replace(form, name=name))

    async def ask_firm(self, ctx: Context) -> Reply:
        """A page of firms."""
        page = ctx.number(0) if ctx.args else 0
        return questions.firm_question(ctx, open_form(ctx), page)

    async def pick_firm(self, ctx: Context) -> Reply:
        """One of the list."""
        name = firms().get(ctx.args[0]) if ctx.args else None
        if name is None:
            raise StaleButtonError
        return await self._next(ctx, replace(open_form(ctx), firm=name))

    async def receive_firm(self, ctx: Context) -> Reply:
        """One of the list or any other, as typed."""
        t, form, text = ctx.t, open_form(ctx), " ".join(typed(ctx).split())
        if validation.contains_full_id_or_card(text):
            return questions.firm_question(ctx, form, wrong=too_much(t))
        listed = firms().get(firm_of(text))
        if listed is None:
            if (left := left_in_words(ctx, fits=FIRM_INTENTS)) is not None:
                return left
            if not 1 <= len(text) <= LONGEST_FIRM or validation.is_digits(text):
                return questions.firm_question(ctx, form, wrong=t("Just the firm's name, please."))
            if is_phrase(text) and not says_it_again(ctx):
                wrong = t("That does not look like a firm. If it is one, send it once more.")
                return questions.firm_question(ctx, form, wrong=wrong, unsure_answer=typed(ctx))
        return await self._next(ctx, replace(form, firm=listed or text))

    async def ask_league(self, ctx: Context) -> Reply:
        """The leagues that take part; where only one does, the story."""
        form = open_form(ctx)
        if len(leagues_of(self._places, form)) == 1:
            return questions.firm_question(ctx, form)
        return questions.league_question(ctx, form, self._places)

    async def pick_league(self, ctx: Context) -> Reply:
        """One of the leagues."""
        form, adcode = open_form(ctx), ctx.args[0] if ctx.args else ""
        if adcode not in {one.adcode for one in leagues_of(self._places, form)}:
            raise StaleButtonError
        return await self._next(ctx, replace(form, league=adcode))

    async def receive_league(self, ctx: Context) -> Reply:
        """A league, or a place in it."""
        form, text = open_form(ctx), typed(ctx)
        part = {one.adcode for one in leagues_of(self._places, form)}
        found = {one.league for one in self._places.read(text).places}
        if len(found) == 1:
            if found <= part:
                return await self._next(ctx, replace(form, league=found.pop()))
            wrong = ctx.t("That league does not take part.")
            return questions.league_question(ctx, form, self._places, wrong)
        if (left := left_in_words(ctx, fits=LEAGUE_INTENTS)) is not None:
            return left
        return questions.league_question(ctx, form, self._places, ctx.t("Pick one, please."))

    async def ask_story(self, ctx: Context) -> Reply:
        """Back to the story."""
        return questions.story_question(ctx, open_form(ctx))

    async def receive_story(self, ctx: Context) -> Reply:
        """The story; what is too short for one may be a question or a wish to stop."""
        t, form, text = ctx.t, open_form(ctx), typed(ctx).strip()
        if validation.contains_full_id_or_card(text):
            return questions.story_question(ctx, form, too_much(t))
        if len(text) < questions.SHORTEST:
            if (left := left_in_words(ctx)) is not None:
                return left
            return questions.story_question(ctx, form, t("A little more, please: what happened?"))
        if len(text) > questions.LONGEST:
            wrong = t("{n} characters; please keep to {most}.", n=len(text), most=questions.LONGEST)
            return questions.story_question(ctx, form, wrong)
        if contacts.phone(text) is not None:
            wrong = t("There is a phone number in it: please leave it out, many will read this.")
            return questions.story_question(ctx, form, wrong)
        first = ""
        if emergency(text) is not None:
            first = t("(If it is happening right now: call 120, 110 or 119 first.)")
        return await self._next(ctx, replace(form, story=text), first)

    async def ask_check(self, ctx: Context) -> Reply:
        """The summary once more."""
        return questions.check_question(ctx, open_form(ctx), self._places)

    async def receive_check(self, ctx: Context) -> Reply:
        """A yes in words sends it; all else shows it once more."""
        form = open_form(ctx)
        if says_yes(ctx):
            return await self.send(ctx)
        if says_no(ctx) and not contacts.gives_up(typed(ctx)):
            first = ctx.t("Which of it? Pick what is wrong.")
            return questions.check_question(ctx, form, self._places, first)
        if (left := left_in_words(ctx)) is not None:
            return left
        return questions.check_question(ctx, form, self._places)

    async def send(self, ctx: Context) -> Reply:
        """Stores it, once."""
        form, t = open_form(ctx), ctx.t
        if not form.is_complete:
            raise StaleButtonError
        campaign = await campaigns.by_id(ctx.db, form.campaign_id, t.locale, demo=self._demo)
        if campaign is None:
            raise StaleButtonError
        draft = Draft(form.own, form.name, form.firm, form.league, form.story)
        channel = ctx.event.sender.channel
        try:
            code = await self._nominations.submit(
                ctx.db, ctx.courier.id, campaign, draft, channel, ctx.now
            )
        except HonourRefused as refused:
            return wording.refused(ctx, refused.reason)
        if form.own:
            return await self._agreed(ctx)
        base = self._public_url.rstrip("/")
        link = f"{base}/?start=zm-{code.removeprefix('ZM-')}" if base else ""
        return questions.sent_for_other(ctx, code, form.name, link)

    async def _next(self, ctx: Context, form: Form, first: str = "") -> Reply:
        """The first question without an answer, else the summary."""
        if not form.firm:
            return questions.firm_question(ctx, form)
        if not form.league:
            return questions.league_question(ctx, form, self._places)
        if not form.story:
            return questions.story_question(ctx, form)
        return questions.check_question(ctx, form, self._places, first)
