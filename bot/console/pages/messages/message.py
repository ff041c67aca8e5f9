"""One message: as a draft with previews, a test and the sending, then its progress."""

from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.common.values import value
from bot.console.pages.messages.common import (
    audience_name,
    channel_name,
    fault,
    is_conflict,
    number_of,
)
from bot.console.visits import NotThere, Visit, get, post
from bot.handlers.broadcasts import reply
from bot.operator_wording.broadcasts import outcomes, reason_name, state
from bot.operator_wording.message_previews import WINDOWS, alike, previews
from bot.services.broadcasts import administration, own_chat
from bot.services.broadcasts.administration import Look
from bot.services.broadcasts.audience import preview
from bot.services.broadcasts.campaigns import DEFAULT, Broadcast, ends_at
from bot.services.broadcasts.errors import BroadcastRefusal, BroadcastRefused
from bot.services.broadcasts.statuses import ACTIVE, BroadcastStatus
from bot.services.couriers.errors import LinkRefusal, LinkRefused
from bot.services.notifications.quiet_hours import USUAL
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.services.operators.roles import Right
from bot.services.spreadsheets.cells import read_moment

HOURS: Final = (6, 12, 24, 48, 72)
"""After which what has not gone out is dropped."""
USUAL_HOURS: Final = 24
LATE: Final = timedelta(minutes=2)
"""By which a time may be over while it is filled in."""
STOP_POLLING: Final = 286
"""The status by which htmx ends `hx-trigger="every …"`."""


@value
class _Sending:
    """What the form of the sending was filled with."""

    when: str = "now"
    at: str = ""
    hours: int = USUAL_HOURS
    again: bool = False


NOT_FILLED: Final = _Sending()


async def show(visit: Visit) -> Response:
    """A draft, or how far the message is; htmx asks for the progress alone."""
    return await _page(visit)


async def send(visit: Visit) -> Response:
    """Starts a draft, at once or at the given time."""
    number, given = number_of(visit), _given(visit)
    at = visit.now if given.when == "now" else read_moment(given.at, visit.now)
    error = _time_fault(visit, given, at)
    if error or at is None:
        return await _page(visit, error=error, given=given, status=422)
    try:
        async with visit.parts.store.writing() as db:
            total = await administration.start(
                db, visit.operator, number, at, max(at, visit.now) + timedelta(hours=given.hours),
                visit.now, again=given.again,
            )  # fmt: skip
    except BroadcastRefused as refused:
        return await _refused(visit, refused, given)
    told = visit.t("Started for {n} couriers.", n=total)
    return visit.redirect(f"/messages/{number}", told)


async def try_out(visit: Visit) -> Response:
    """Sends the message to the operator's own chat."""
    number = number_of(visit)
    try:
        async with visit.parts.store.writing() as db:
            channel = await own_chat.send_test(db, visit.operator, number, visit.now)
    except BroadcastRefused as refused:
        return await _refused(visit, refused)
    if channel is None:
        return await _page(visit, error=visit.t("Link your own chat first."), status=422)
    if not channel:
        told = visit.t("Your chat cannot be written to now: you see it with your next message.")
    else:
        told = visit.t("Sent to your {channel}.", channel=channel_name(visit.t, channel))
    return visit.redirect(f"/messages/{number}", told)


async def link(visit: Visit) -> Response:
    """Links the operator's own chat by its code, or forgets it."""
    number, refused = number_of(visit), None
    async with visit.parts.store.writing() as db:
        if visit.field("does") == "unlink":
            await own_chat.unlink(db, visit.operator, visit.now)
            told = visit.t("Your chat is not linked any more.")
        else:
            told = visit.t("Your chat is linked. Try the message out.")
            try:
                await own_chat.link(
                    db, visit.parts.keys, visit.operator, visit.field("code"), visit.now
                )
            except LinkRefused as error:  # the wrong code is counted, so it is no rollback
                refused = error
    if refused is not None:
        return await _page(visit, error=_code_fault(visit.t, refused), status=422)
    return visit.redirect(f"/messages/{number}", told)


async def change(visit: Visit) -> Response:
    """Pauses, resumes, cancels a message, or discards a draft."""
    number, operator, now = number_of(visit), visit.operator, visit.now
    try:
        async with visit.parts.store.writing() as db:
            match visit.field("does"):
                case "pause":
                    await administration.pause(db, operator, number, now)
                    told = visit.t("Paused. A few that are on their way still arrive.")
                case "resume":
                    await administration.resume(db, operator, number, now)
                    told = visit.t("It goes on.")
                case "cancel":
                    spared = await administration.cancel(db, operator, number, now)
                    told = visit.t("Called off; {n} couriers do not get it.", n=spared)
                case "discard":
                    await administration.discard(db, operator, number, now)
                    return visit.redirect("/messages", visit.t("The draft is deleted."))
                case _:
                    raise NotThere
    except BroadcastRefused as refused:
        return await _refused(visit, refused)
    return visit.redirect(f"/messages/{number}", told)


ROUTES: Final[list[BaseRoute]] = [
    get("/messages/{number}", Right.MESSAGES, show),
    post("/messages/{number}/send", Right.MESSAGES, send),
    post("/messages/{number}/test", Right.MESSAGES, try_out),
    post("/messages/{number}/chat", Right.MESSAGES, link),
    post("/messages/{number}", Right.MESSAGES, change),
]


async def _refused(
    visit: Visit, refused: BroadcastRefused, given: _Sending = NOT_FILLED
) -> Response:
    repeated = refused.why is BroadcastRefusal.REPEATED
    status = 409 if is_conflict(refused) else 422
    return await _page(
        visit, error=fault(visit, refused), given=given, status=status, repeated=repeated
    )


async def _page(
    visit: Visit,
    error: str = "",
    given: _Sending = NOT_FILLED,
    status: int = 200,
    *,
    repeated: bool = False,
) -> Response:
    number = number_of(visit)
    try:
        async with visit.parts.store.reading() as db:
            found = await administration.look(
                db, visit.operator, number, count=visit.query("count") == "all"
            )
            one = found.one
            is_draft = one.status is BroadcastStatus.DRAFT
            reach = await preview(db, one.audience, visit.now, WINDOWS) if is_draft else None
            linked = is_draft and await own_chat.is_linked(db, visit.operator)
    except BroadcastRefused:
        raise NotThere from None
    values: dict[str, object] = {
        "one": one,
        "audience": audience_name(visit, one.audience),
        "error": error,
        "previews": _previews(visit, one),
        "channel_name": lambda channel: channel_name(visit.t, channel),
        "state": state(one.status, visit.bot_words),
    }
    if reach is None:
        values |= _progress(visit, found)
        if visit.request.headers.get("hx-target") != "progress":
            return visit.render("messages/message.html", values, status)
        ended = one.status not in ACTIVE
        return visit.render("messages/progress.html", values, STOP_POLLING if ended else 200)
    values |= {
        "reach": reach,
        "ends": ends_at(visit.now, reach.seconds),
        "minutes": max(1, round(reach.seconds / 60)),
        "linked": linked,
        "given": given,
        "hours": HOURS,
        "repeated": repeated,
        "earliest": visit.now,
    }
    return visit.render("messages/draft.html", values, status)


def _progress(visit: Visit, found: Look) -> dict[str, object]:
    one, words = found.one, visit.bot_words
    return {
        "done": min(found.done, one.total),
        "left": max(0, one.total - found.done) + one.counts.get(OutboxStatus.HELD, 0),
        "is_counted": found.is_counted,
        "is_active": one.status in ACTIVE,
        "goes_on": _goes_on(visit, one),
        "outcomes": [
            (name, one.counts[status], _mood(status))
            for status, name in outcomes(words).items()
            if one.counts.get(status)
        ],
        "reasons": [
            (reason_name(reason, words), count)
            for reason, count in sorted(one.reasons.items(), key=lambda item: -item[1])
            if reason is not Reason.NONE
        ],
    }


def _goes_on(visit: Visit, one: Broadcast) -> datetime | None:
    """When the night ends, if it holds up the sending."""
    waits = one.status is BroadcastStatus.RUNNING and USUAL.covers(visit.now)
    return USUAL.next_gap(visit.now) if waits else None


def _mood(status: OutboxStatus) -> str:
    good = status in {OutboxStatus.SENT, OutboxStatus.SHOWN}
    return "good" if good else "warn"


def _previews(visit: Visit, one: Broadcast) -> list[tuple[str, object]]:
    """By language, each channel's messages, Chinese first."""
    order = sorted(one.texts, key=lambda locale: (locale != DEFAULT, locale))
    found: list[tuple[str, object]] = []
    for locale in order:
        t = visit.parts.languages.of(locale, None)
        shown = previews(t, reply(t, one.texts[locale], one.audience.topic))
        found.append((locale, alike(shown)))
    return found


def _given(visit: Visit) -> _Sending:
    hours = visit.field("hours")
    return _Sending(
        when="later" if visit.field("when") == "later" else "now",
        at=visit.field("at").replace("T", " "),
        hours=int(hours) if hours in {str(one) for one in HOURS} else USUAL_HOURS,
        again=visit.field("again") == "yes",
    )


def _time_fault(visit: Visit, given: _Sending, at: datetime | None) -> str:
    """What is wrong with the time of the sending; "" where nothing is."""
    t = visit.t
    if given.when == "now":
        return (
            t("A time is filled in, but “now” is chosen. Choose one of them.") if given.at else ""
        )
    if at is None:
        return t("Write the time as 2026-11-28 09:00.")
    return t("This time is over already.") if at < visit.now - LATE else ""


def _code_fault(t: Translator, refused: LinkRefused) -> str:
    match refused.reason:
        case LinkRefusal.TRIES:
            return t("Too many wrong codes; try again in ten minutes.")
        case _:
            return t(
                "This code is wrong or older than ten minutes. In the chat say “new linking code”, "
                "and type the code that it answers with."
            )
