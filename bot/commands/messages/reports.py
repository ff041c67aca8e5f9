"""What an operator reads about a broadcast: whom it would reach, how far it is, why not."""

from collections.abc import Iterator
from datetime import datetime

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.operator_wording.broadcasts import outcomes, reason_name, state
from bot.services.broadcasts.audience import Preview
from bot.services.broadcasts.campaigns import DEFAULT, OPEN, Broadcast, ends_at
from bot.services.broadcasts.errors import BroadcastRefusal, BroadcastRefused
from bot.services.broadcasts.statuses import ACTIVE, BroadcastStatus


def preview(
    texts: dict[str, str], found: Preview, at: datetime, until: datetime, t: Translator
) -> Iterator[str]:
    """What would be said, to how many, and how long that takes."""
    for locale, text in texts.items():
        yield f"[{locale}] {text}"
    yield t("Couriers: {n}", n=found.total)
    for channel, count in sorted(found.by_channel.items()):
        yield "  " + t("{channel}: {n} are pushed to", channel=channel, n=count)
    if found.waiting:
        yield "  " + t("{n} see it when they write next", n=found.waiting)
    if found.switched_off:
        yield t("Left out, they switched the topic off: {n}", n=found.switched_off)
    ends = ends_at(at, found.seconds)
    yield t(
        "Takes about {minutes} minutes at 25 a second; from {start}, through at {end}",
        minutes=max(1, round(found.seconds / 60)),
        start=_moment(at),
        end=_moment(ends),
    )
    if ends > until:
        yield t(
            "Not all will go out: it stops at {until}. Give it more --hours.", until=_moment(until)
        )


def one_line(one: Broadcast, t: Translator) -> str:
    """A broadcast in a list."""
    text = " ".join(one.texts[DEFAULT].split())
    return t(
        "{id}  {at}  {state}  {done}/{total}  {text}",
        id=one.id,
        at=_moment(one.at),
        state=state(one.status, t),
        done=one.done,
        total=one.total,
        text=text if len(text) <= 40 else f"{text[:39]}…",
    )


def figures(one: Broadcast, t: Translator) -> Iterator[str]:
    """How far it is, and what did not arrive and why."""
    for status, name in outcomes(t).items():
        if count := one.counts.get(status, 0):
            yield f"  {name}: {count}"
    waiting = sum(one.counts.get(status, 0) for status in OPEN)
    if one.status in ACTIVE and waiting + one.unwritten:
        yield "  " + t("still to come: {n}", n=waiting + one.unwritten)
    if one.reasons:
        yield t("Why not:")
        for reason, count in sorted(one.reasons.items(), key=lambda item: -item[1]):
            yield f"  {reason_name(reason, t)}: {count}"


def refused(error: BroadcastRefused, t: Translator) -> str:
    """Why a broadcast cannot be made or changed."""
    match error.why:
        case BroadcastRefusal.GONE:
            return t("There is no broadcast {id}. See: yizhan broadcast list", id=error.value)
        case BroadcastRefusal.NO_TEXT:
            return t("The text for {locale} is empty; give it with --text.", locale=error.value)
        case BroadcastRefusal.TOO_LONG:
            return t("The text for {locale} is longer than 500 characters.", locale=error.value)
        case BroadcastRefusal.PAST:
            return t("Its time would be over already; choose a later --at or more --hours.")
        case BroadcastRefusal.START_PAST:
            return t("The start lies in the past; choose a later --at, or leave it out for now.")
        case BroadcastRefusal.REPEATED:
            return t(
                "Some of these couriers get the same text within a day, by broadcast {id}. Nothing "
                "was sent; add --again to send it once more.",
                id=error.value,
            )
        case BroadcastRefusal.NOBODY:
            return t("Nobody is meant; check --league, --firm and --topic.")
        case BroadcastRefusal.STATE:
            status = BroadcastStatus(error.value)
            return t("Not possible: the broadcast is {state}.", state=state(status, t))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
