"""What an operator reads about a broadcast: whom it would reach, how far it is, why not."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from bot.common.clock import CHINA
from bot.services.broadcasts.audience import Preview
from bot.services.broadcasts.campaigns import Broadcast, ends_at
from bot.services.broadcasts.errors import BroadcastRefused

Say = Callable[..., str]
DEFAULT: Final = "zh_CN"
"""The language that every broadcast has."""


def preview(
    texts: dict[str, str], found: Preview, at: datetime, until: datetime, t: Say
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


def one_line(one: Broadcast, t: Say) -> str:
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


def figures(one: Broadcast, t: Say) -> Iterator[str]:
    """How far it is, and what did not arrive and why."""
    names = {
        "sent": t("arrived at the platform"),
        "shown": t("shown with their next message"),
        "held": t("waiting for their next message"),
        "unknown": t("perhaps arrived; never sent twice"),
        "dead": t("refused by the platform"),
        "expired": t("too late"),
        "cancelled": t("taken back"),
    }
    for status, name in names.items():
        if count := one.counts.get(status, 0):
            yield f"  {name}: {count}"
    waiting = sum(one.counts.get(name, 0) for name in ("ready", "claimed", "sending"))
    if one.status in {"running", "paused"} and waiting + one.unwritten:
        yield "  " + t("still to come: {n}", n=waiting + one.unwritten)
    reasons = {
        "unreachable": t("no chat that can be written to"),
        "gone": t("blocked the bot"),
        "window": t("wrote too long ago to be written to first"),
        "away": t("the page was closed"),
        "quiet": t("quiet hours to the end"),
        "late": t("its time was over"),
        "refused": t("refused by the platform"),
        "moot": t("called off"),
        "topic": t("switched the topic off meanwhile"),
        "called_off": t("called off"),
    }
    if one.reasons:
        yield t("Why not:")
        for reason, count in sorted(one.reasons.items(), key=lambda item: -item[1]):
            yield f"  {reasons.get(reason, reason)}: {count}"


def refused(error: BroadcastRefused, t: Say) -> str:
    """Why a broadcast cannot be made or changed."""
    match error.why:
        case "gone":
            return t("There is no broadcast {id}. See: yizhan broadcast list", id=error.value)
        case "no_text":
            return t("The text for {locale} is empty; give it with --text.", locale=error.value)
        case "too_long":
            return t("The text for {locale} is longer than 500 characters.", locale=error.value)
        case "past":
            return t("Its time would be over already; choose a later --at or more --hours.")
        case "nobody":
            return t("Nobody is meant; check --league, --firm and --topic.")
        case _:
            return t("Not possible: the broadcast is {state}.", state=state(error.value, t))


def state(status: str, t: Say) -> str:
    """A broadcast's state in words."""
    return {
        "draft": t("a draft"),
        "running": t("running"),
        "paused": t("paused"),
        "done": t("done"),
        "cancelled": t("cancelled"),
    }[status]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
