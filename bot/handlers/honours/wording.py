"""The words and buttons that the handlers of the honour share."""

from datetime import date

from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.geo.places import Places
from bot.handlers import labels
from bot.services.honours.campaigns import Campaign
from bot.services.honours.nominations import Nomination
from bot.services.honours.statuses import HonourRefusal, NominationStatus


def spoken(t: Translator) -> tuple[tuple[str, str], ...]:
    """Whole messages and the actions that they mean."""
    return (
        (t.p("spoken words", "honours, courier of the year, /honours"), "honour.show"),
        (t.p("spoken words", "nominate, nominate somebody"), "honour.nominate"),
        (t.p("spoken words", "vote, i want to vote"), "honour.vote"),
        (t.p("spoken words", "withdraw my nomination"), "honour.withdraw"),
        (t.p("spoken words", "my nomination, my nominations"), "honour.mine"),
    )


def to_honours(t: Translator) -> Button:
    """Leads to the campaigns."""
    return Button(t("Most beautiful courier"), "honour.show")


def to_nominate(t: Translator) -> Button:
    """Begins a nomination."""
    return Button(t("Nominate"), "honour.nominate")


def to_vote(t: Translator) -> Button:
    """Leads to the short list."""
    return Button(t("Vote"), "honour.vote")


def to_winners(t: Translator) -> Button:
    """Leads to the winners."""
    return Button(t("Past winners"), "honour.winners:0")


def to_mine(t: Translator) -> Button:
    """Leads to the courier's own nominations."""
    return Button(t("My nomination"), "honour.mine")


def to_start(t: Translator) -> Button:
    """Leads back to the main menu."""
    return Button(t("Back"), "start")


def title(t: Translator, campaign: Campaign) -> str:
    """Its title, marked if it is a sample."""
    return t("(sample) {title}", title=campaign.title) if campaign.is_sample else campaign.title


def days(t: Translator, first: date, last: date) -> str:
    """`11月1日–11月20日`."""
    return f"{labels.month_day(t, first)}–{labels.month_day(t, last)}"


def last_day(t: Translator, one: Campaign) -> str:
    """The last day on which votes are taken."""
    return labels.month_day(t, one.vote_until)


def campaign(t: Translator, one: Campaign) -> str:
    """A campaign with its periods and rules."""
    return t(
        "【{title}】\n{rules}\nNominate: {nominate}\nVote: {vote}",
        title=title(t, one),
        rules=one.rules,
        nominate=days(t, one.nominate_from, one.nominate_until),
        vote=days(t, one.vote_from, one.vote_until),
    )


def league(places: Places, adcode: str) -> str:
    """The name of a league."""
    found = places.by_adcode.get(adcode)
    return found.name if found else ""


def who(places: Places, one: Nomination) -> str:
    """`王强 · 顺丰 · 呼和浩特市`."""
    return " · ".join(filter(None, (one.name, one.firm, league(places, one.league))))


def whole(t: Translator, places: Places, one: Nomination) -> str:
    """A nomination with its story."""
    return t("{who}\nStory: {story}", who=who(places, one), story=one.story)


def status(t: Translator, one: Nomination) -> str:
    """What became of a nomination, and what comes next."""
    match one.status:
        case NominationStatus.ASKED:
            return t("waits for their answer")
        case NominationStatus.NEW:
            return t("agreed, being reviewed")
        case NominationStatus.APPROVED:
            return t("reviewed, the short list is being drawn up")
        case NominationStatus.DECLINED:
            return t("not on the short list this time")
        case NominationStatus.SHORTLISTED:
            return t("on the short list")
        case NominationStatus.WINNER:
            return t("honoured, place {n}", n=one.place)


def consent(t: Translator) -> str:
    """What a nominee agrees to."""
    return t(
        "If you agree: operators review it; on the short list couriers read name, firm, league "
        "and story here; if you win, these and your photo stand on the public page. Taking it "
        "back is one sentence at any time: “{word}”.",
        word=t("withdraw my nomination"),
    )


def refusal(t: Translator, reason: HonourRefusal) -> str:
    """Why something cannot be done, and what can."""
    match reason:
        case HonourRefusal.CLOSED:
            return t("That is not open now; the dates stand with the campaign.")
        case HonourRefusal.TOO_MANY:
            return t(
                "You have nominated as many as one may in this campaign: three others, and "
                "yourself once."
            )
        case HonourRefusal.OWN:
            return t(
                "This code is for the courier whom you nominate: send it to them, and they answer "
                "in their own chat."
            )
        case HonourRefusal.ANSWERED:
            return t("Somebody has answered with this code already.")
        case HonourRefusal.USED_UP:
            return t("Too many codes that do not exist. Please try again in an hour.")
        case HonourRefusal.NOT_LINKED:
            return t(
                "To vote, one account stands for one person: write to us on WeChat or Telegram "
                "and vote there, or link this chat with yours there (say “my account”)."
            )
        case _:
            return t("This nomination is no longer there.")


def refused(ctx: Context, reason: HonourRefusal) -> Reply:
    """The reply to what cannot be done."""
    t = ctx.t
    row = (to_honours(t), to_start(t))
    return Reply((Say(refusal(t, reason)), Buttons((row,), "")))


def onwards(t: Translator) -> Buttons:
    """Back to the campaigns or the main menu."""
    return Buttons(((to_honours(t), to_start(t)),), "")
