"""The questions of a nomination and what follows it, as replies."""

from typing import Final

from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.geo.places import Places
from bot.handlers.honours import wording
from bot.handlers.honours.draft import Form, Question, leagues_of
from bot.services.couriers.firms import firms
from bot.services.honours.nominations import UNANSWERED_FOR

FIRMS_A_PAGE: Final = 6
SHORTEST: Final = 20
LONGEST: Final = 500
"""Characters of a story."""


def who_question(ctx: Context, campaign_id: int) -> Reply:
    """Asks whether it is about the courier or somebody else."""
    t = ctx.t
    row = (
        Button(t("Somebody else"), f"honour.begin:{campaign_id}:0"),
        Button(t("Myself"), f"honour.begin:{campaign_id}:1"),
    )
    text = t("Whom do you nominate?")
    return Reply((Buttons((row, (wording.to_honours(t), wording.to_start(t))), text),))


def name_question(ctx: Context, form: Form, wrong: str = "", unsure_answer: str = "") -> Reply:
    """Asks for the name; `wrong` and `unsure_answer` as in `Question`."""
    t = ctx.t
    text = t("Your full name?") if form.own else t("Their full name?")
    question = Question("honour.name", "honour.show", text, wrong, unsure_answer=unsure_answer)
    return question.of(ctx, form)


def firm_question(
    ctx: Context, form: Form, page: int = 0, wrong: str = "", unsure_answer: str = ""
) -> Reply:
    """Offers a page of courier firms; any other may be typed."""
    t = ctx.t
    listed = list(firms().items())
    first = page * FIRMS_A_PAGE
    shown = listed[first : first + FIRMS_A_PAGE] or listed[:FIRMS_A_PAGE]
    buttons = [Button(name, f"honour.firm:{code}") for code, name in shown]
    rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
    more = page + 1 if first + FIRMS_A_PAGE < len(listed) else 0
    rows.append((Button(t("More firms"), f"honour.firms:{more}"),))
    text = (
        t("Which firm do you ride for? Pick one or type it.")
        if form.own
        else t("Which firm do they ride for? Pick one or type it.")
    )
    question = Question(
        "honour.firm", "honour.name", text, wrong, tuple(rows), unsure_answer=unsure_answer
    )
    return question.of(ctx, form)


def league_question(ctx: Context, form: Form, places: Places, wrong: str = "") -> Reply:
    """Offers the leagues that take part."""
    found = leagues_of(places, form)
    buttons = [Button(one.short, f"honour.league:{one.adcode}") for one in found]
    rows = tuple(tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3))
    text = ctx.t("In which league or city?")
    return Question("honour.league", "honour.firms:0", text, wrong, rows).of(ctx, form)


def story_question(ctx: Context, form: Form, wrong: str = "") -> Reply:
    """Asks for the story."""
    t = ctx.t
    what = (
        t("What did you do that others should know of?")
        if form.own
        else t("What did they do that others should know of?")
    )
    how = t(
        "Tell it in your own words, {least} to {most} characters; speaking with the keyboard's 🎤 "
        "will do. No phone numbers and no addresses of others, please.",
        least=SHORTEST,
        most=LONGEST,
    )
    return Question("honour.story", "honour.leagues", f"{what}\n{how}", wrong).of(ctx, form)


def check_question(ctx: Context, form: Form, places: Places, first: str = "") -> Reply:
    """Shows all of it in full before it is sent; `first` goes before it."""
    t = ctx.t
    values = t(
        "Is this right?\nName: {name}\nFirm: {firm}\nLeague: {league}\nStory: {story}",
        name=form.name,
        firm=form.firm,
        league=wording.league(places, form.league),
        story=form.story,
    )
    what = (
        wording.consent(t)
        if form.own
        else t(
            "Nobody sees it until they agree. You get a code for them; without an answer it is "
            "deleted after {n} days.",
            n=UNANSWERED_FOR.days,
        )
    )
    send = t("I agree, send it") if form.own else t("Send")
    rows = (
        (Button(send, "honour.send"),),
        (
            Button(t("Change the name"), "honour.name"),
            Button(t("Change the firm"), "honour.firms:0"),
        ),
        (
            Button(t("Change the league"), "honour.leagues"),
            Button(t("Change the story"), "honour.story"),
        ),
    )
    return Question("honour.check", "honour.story", f"{values}\n{what}", first, rows).of(ctx, form)


def sent_for_other(ctx: Context, code: str, name: str, link: str) -> Reply:
    """The code for the nominee."""
    t = ctx.t
    text = t(
        "Noted. Now {name} is asked: send them this line, and they answer in their own chat.\n"
        "“I nominate you as most beautiful courier. Open {link} or send {code} to 驿站小助手.”",
        name=name,
        code=code,
        link=link,
    ) if link else t(
        "Noted. Now {name} is asked: send them this line, and they answer in their own chat.\n"
        "“I nominate you as most beautiful courier. Send {code} to 驿站小助手.”",
        name=name,
        code=code,
    )  # fmt: skip
    row = (wording.to_mine(t), wording.to_honours(t))
    return Reply((Say(text), Buttons((row, (wording.to_start(t),)), "")))
