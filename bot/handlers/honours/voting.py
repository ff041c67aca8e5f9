"""The short list, a candidate's story, and the one vote of a courier."""

from typing import Final

from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.geo.places import Places
from bot.handlers.feature import Feature
from bot.handlers.honours import wording
from bot.services.honours import campaigns, votes
from bot.services.honours.campaigns import Campaign
from bot.services.honours.nominations import Nomination, Nominations
from bot.services.honours.statuses import HonourRefusal, HonourRefused
from bot.services.honours.votes import VoteOutcome

PAGE: Final = 6


class VotingHandlers:
    """What couriers read and do while a campaign takes votes. `demo`: samples, too."""

    def __init__(self, nominations: Nominations, places: Places, *, demo: bool) -> None:
        self._nominations = nominations
        self._places = places
        self._demo = demo

    def feature(self) -> Feature:
        """Its buttons."""
        return Feature(
            actions={
                "honour.vote": self.short_list,
                "honour.one": self.candidate,
                "honour.cast": self.cast,
            }
        )

    async def short_list(self, ctx: Context) -> Reply:
        """A page of the short list; of several campaigns, the first to end that has one."""
        t, skip = ctx.t, ctx.number(0) if ctx.args else 0
        found = await campaigns.current(ctx.db, t.locale, ctx.now, demo=self._demo)
        taking = [one for one in found if one.takes_votes(ctx.now)]
        if not taking:
            return Reply((Say(t("No campaign takes votes now.")), wording.onwards(t)))
        wanted = ctx.number(1) if len(ctx.args) > 1 else None
        for campaign in taking:
            listed = await self._nominations.short_list(ctx.db, campaign.id)
            if listed and wanted in {None, campaign.id}:
                break
        else:
            said = t("The short list is not ready yet. Please look again in a few days.")
            return Reply((Say(said), wording.onwards(t)))
        shown = listed[skip : skip + PAGE]
        if not shown:
            raise StaleButtonError
        mine = await votes.own_vote(ctx.db, ctx.courier.id, campaign.id)
        lines = [
            t("【{title}】 Read the stories, then give your one vote (until {day}):",
              title=wording.title(t, campaign), day=wording.last_day(t, campaign))
        ]  # fmt: skip
        rows: list[tuple[Button, ...]] = []
        buttons = []
        for number, one in enumerate(shown, skip + 1):
            mark = t(" ← your vote") if one.id == mine else ""
            lines.append(f"{number}. {wording.who(self._places, one)}{mark}")
            buttons.append(Button(t("Story {n}", n=number), f"honour.one:{one.id}", number=number))
        rows += [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
        last = [wording.to_honours(t), wording.to_start(t)]
        if len(listed) > skip + PAGE:
            last.insert(0, Button(t("More"), f"honour.vote:{skip + PAGE}:{campaign.id}"))
        others = [one for one in taking if one.id != campaign.id]
        rows += [(Button(one.title, f"honour.vote:0:{one.id}"),) for one in others[:2]]
        return Reply((Say("\n".join(lines)), Buttons((*rows, tuple(last)), "")))

    async def candidate(self, ctx: Context) -> Reply:
        """One candidate's story, and the button that votes."""
        t = ctx.t
        one, campaign = await self._candidate(ctx)
        mine = await votes.own_vote(ctx.db, ctx.courier.id, campaign.id)
        shown = Say(wording.whole(t, self._places, one))
        back = Button(t("Short list"), f"honour.vote:0:{campaign.id}")
        if mine == one.id:
            return Reply((shown, Buttons(((back,),), t("Your vote is with this courier."))))
        label = t("Vote for this courier") if mine is None else t("Move my vote here")
        row = (Button(label, f"honour.cast:{one.id}"), back)
        return Reply((shown, Buttons((row,), "")))

    async def cast(self, ctx: Context) -> Reply:
        """The vote; it can be moved until the last day."""
        t = ctx.t
        one, campaign = await self._candidate(ctx)
        try:
            outcome = await votes.cast(
                ctx.db,
                self._nominations.keys,
                ctx.courier.id,
                campaign,
                one.id,
                ctx.event.network,
                ctx.now,
            )
        except HonourRefused as refused:
            if refused.reason is HonourRefusal.NOT_LINKED:
                row = (Button(t("My account"), "account"), wording.to_start(t))
                return Reply((Say(wording.refusal(t, refused.reason)), Buttons((row,), "")))
            return wording.refused(ctx, refused.reason)
        said = {
            VoteOutcome.CAST: t("Your vote is in: {name}.", name=one.name),
            VoteOutcome.MOVED: t("Your vote has moved to {name}.", name=one.name),
            VoteOutcome.SAME: t("Your vote is with {name} already.", name=one.name),
        }[outcome]
        until = t("It can be moved until {day}.", day=wording.last_day(t, campaign))
        row = (Button(t("Short list"), f"honour.vote:0:{campaign.id}"), wording.to_start(t))
        return Reply((Say(f"{said}\n{until}"), Buttons((row,), "")))

    async def _candidate(self, ctx: Context) -> tuple[Nomination, Campaign]:
        """The candidate of the button, and its campaign."""
        one = await self._nominations.candidate(ctx.db, ctx.number(0))
        if one is None:
            raise StaleButtonError
        campaign = await campaigns.by_id(ctx.db, one.campaign_id, ctx.t.locale, demo=self._demo)
        if campaign is None:
            raise StaleButtonError
        return one, campaign
