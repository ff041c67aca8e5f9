"""最美快递员: campaigns, nominations to decide on, the short list, votes on hold, the result."""

from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.console import background
from bot.console.pages.numbers import counted, row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.operator_wording import honour_report
from bot.services.honours import administration, vote_counts
from bot.services.honours.administration import Shown
from bot.services.honours.campaigns import Campaign
from bot.services.honours.review import FROM, Opened
from bot.services.honours.statuses import HonourRefusal, HonourRefused, NominationStatus
from bot.services.list_imports.kinds import may_import
from bot.services.operators.revisions import RevisionAction
from bot.services.operators.roles import Right
from bot.services.spreadsheets.mappings import ListKind

DECISIONS: Final = (RevisionAction.APPROVE, RevisionAction.SHORTLIST, RevisionAction.DECLINE)
"""In the order of the buttons."""


async def campaigns(visit: Visit) -> Response:
    """All campaigns."""
    async with visit.parts.store.reading() as db:
        found = await administration.campaigns(db, visit.operator, visit.t.locale)
    shown = [(one, _phase(visit, one)) for one in found]
    return visit.render(
        "honours/campaigns.html",
        {"found": shown, "may_import": may_import(visit.operator, ListKind.HONOURS)},
    )


async def show(visit: Visit) -> Response:
    """One campaign with its nominations."""
    return await _page(visit)


async def story(visit: Visit) -> Response:
    """A nomination with its story and photo; who looked is recorded."""
    number, parts = _number(visit), visit.parts
    try:
        async with parts.store.writing() as db:
            one = await administration.opened(
                db, parts.keys, visit.operator, number, visit.now, photo=False
            )
    except HonourRefused:
        raise NotThere from None
    return await _page(visit, story=(number, one))


async def photo(visit: Visit) -> Response:
    """The photo of a nomination; who looked is recorded."""
    parts = visit.parts
    try:
        async with parts.store.writing() as db:
            one = await administration.opened(
                db, parts.keys, visit.operator, _number(visit), visit.now, photo=True
            )
    except HonourRefused:
        raise NotThere from None
    if one.photo is None:
        raise NotThere
    return Response(one.photo, media_type="image/jpeg")


async def decide(visit: Visit) -> Response:
    """Approved, on the short list, or declined; each can be decided anew."""
    number, given, parts = _number(visit), visit.field("does"), visit.parts
    if given not in DECISIONS:
        raise NotThere
    try:
        async with parts.store.writing() as db:
            await administration.decide(
                db, parts.keys, visit.operator, number, RevisionAction(given), visit.now
            )
    except HonourRefused as refused:
        return await _refused(visit, refused)
    return visit.redirect(_address(visit), visit.t("Saved. You can decide anew at any time."))


async def held(visit: Visit) -> Response:
    """Lets the held votes of one count, or drops them."""
    number, parts, does = _number(visit), visit.parts, visit.field("does")
    if does not in {"count", "drop"}:
        raise NotThere
    try:
        async with parts.store.writing() as db:
            done = await administration.review_votes(
                db, parts.keys, visit.operator, number, visit.now, counted=does == "count"
            )
    except HonourRefused as refused:
        return await _refused(visit, refused)
    said = visit.t.n("{n} held vote is decided on.", "{n} held votes are decided on.", done)
    return visit.redirect(_address(visit), said)


async def result(visit: Visit) -> Response:
    """Who would be honoured now, before it is published."""
    parts, code = visit.parts, visit.path("code")
    try:
        async with parts.store.writing() as db:
            found = await administration.result(db, parts.keys, visit.operator, code, visit.now)
    except HonourRefused as refused:
        return await _refused(visit, refused)
    values = {"code": code, "found": found, "base": _address(visit)}
    return visit.render("honours/result.html", values)


async def publish(visit: Visit) -> Response:
    """Publishes exactly the result that was shown."""
    parts, code = visit.parts, visit.path("code")
    shown = [number for one in visit.fields("winner") if (number := row_number(one)) is not None]
    try:
        async with parts.store.writing() as db:
            await administration.publish(db, parts.keys, visit.operator, code, shown, visit.now)
    except HonourRefused as refused:
        return await _refused(visit, refused)
    return visit.redirect(_address(visit), visit.t("The result is published."))


ROUTES: Final[list[BaseRoute]] = [
    get("/honours", Right.HONOURS, campaigns),
    get("/honours/{code}", Right.HONOURS, show),
    get("/honours/{code}/result", Right.HONOURS, result),
    post("/honours/{code}/publish", Right.HONOURS, publish),
    post("/honours/{code}/{number}/story", Right.HONOURS, story),
    get("/honours/{code}/{number}/photo", Right.HONOURS, photo),
    post("/honours/{code}/{number}/decide", Right.HONOURS, decide),
    post("/honours/{code}/{number}/votes", Right.HONOURS, held),
]


async def _refused(visit: Visit, refused: HonourRefused) -> Response:
    if refused.reason is HonourRefusal.UNKNOWN:
        raise NotThere
    return await _page(visit, refusal(visit.t, refused.reason), status=409)


async def _page(
    visit: Visit,
    error: str = "",
    story: tuple[int, Opened] | None = None,
    status: int = 200,
) -> Response:
    parts, t, words = visit.parts, visit.t, visit.bot_words
    operator, code, now = visit.operator, visit.path("code"), visit.now
    try:
        campaign_id, counts = await administration.vote_counts(parts.store, operator, code, now)
        async with parts.store.writing() as db:  # names that are shown are in the access log
            found = await administration.overview(
                db, parts.keys, operator, code, t.locale, counts, _shown(visit), now
            )
    except HonourRefused:
        raise NotThere from None
    if counts.is_due:
        background.start(vote_counts.count_again(parts.store, campaign_id, now))
    named = {one.id: one.name for group in found.groups for one in group.nominations}
    values = {
        "base": _address(visit),
        "campaign": found.campaign,
        "phase": _phase(visit, found.campaign),
        "error": error,
        "story": story,
        "groups": [(honour_report.status(one.status, words), one) for one in found.groups],
        "counted": counted,
        "counts": counts,
        "is_part": bool(visit.query("state")),
        "actions": {one: decision_name(t, one) for one in DECISIONS},
        "may": lambda one: [action for action in DECISIONS if one.status in FROM[action]],
        "bursts": [
            (one, named.get(one.nomination_id, ""), honour_report.hold(one.reason, words))
            for one in found.bursts
        ],
        "by_firm": lambda one: honour_report.firms_of(one.id, found.counts.by_firm, words),
        "league_names": {one.adcode: one.short for one in parts.places.by_adcode.values()},
        "is_over": now.astimezone(CHINA).date() > found.campaign.vote_until,
        "whole_region": not operator.leagues,
    }
    return visit.render("honours/campaign.html", values, status)


def _shown(visit: Visit) -> Shown:
    """Nominations of all states, or further ones of a single state."""
    state = visit.query("state")
    if state not in administration.ORDER:
        return Shown()
    return Shown(NominationStatus(state), row_number(visit.query("after")) or 0)


def _phase(visit: Visit, campaign: Campaign) -> str:
    t = visit.t
    if campaign.published_at is not None:
        return t("result published")
    if campaign.takes_votes(visit.now):
        return t("voting until {day}", day=campaign.vote_until)
    if campaign.takes_nominations(visit.now):
        return t("nominations until {day}", day=campaign.nominate_until)
    if visit.now.astimezone(CHINA).date() > campaign.vote_until:
        return t("voting is over, result not published")
    return t("voting from {day}", day=campaign.vote_from)


def decision_name(t: Translator, action: RevisionAction) -> str:
    """A decision as its button says it."""
    if action is RevisionAction.APPROVE:
        return t("Approve")
    return t("Put on the short list") if action is RevisionAction.SHORTLIST else t("Decline")


def refusal(t: Translator, reason: HonourRefusal) -> str:
    """Why nothing was done, in words."""
    match reason:
        case HonourRefusal.VOTING:
            return t("The voting is not over yet. Publish on the day after its last day.")
        case HonourRefusal.HELD:
            return t("Votes are on hold. Decide on them first.")
        case HonourRefusal.PUBLISHED:
            return t("The result is published already.")
        case _:
            return t("Somebody was faster: it is in another state now. Look again.")


def _address(visit: Visit) -> str:
    return f"/honours/{quote(visit.path('code'), safe='')}"


def _number(visit: Visit) -> int:
    number = row_number(visit.path("number"))
    if number is None:
        raise NotThere
    return number
