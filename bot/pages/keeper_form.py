"""The keeper's form as HTML, and a filled one read back."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from html import escape
from typing import Any, Final

from bot.common.clock import CHINA
from bot.common.facilities import FACILITIES
from bot.common.i18n import Translator
from bot.documents.keeper_page import KeeperPage
from bot.pages.layout import paragraph
from bot.services.stations.keepers.answers import (
    DAYS,
    KeeperAnswer,
    KeeperFault,
    KeeperRefused,
    TodayAnswer,
)
from bot.services.stations.keepers.links import LinkState
from bot.services.stations.statuses import FacilityStatus

HOURS_LENGTH: Final = 80
"""Characters of the hours of a day."""
ANSWERED: Final = (FacilityStatus.OK, FacilityStatus.BROKEN, FacilityStatus.EMPTY)


class MalformedAnswer(Exception):
    """What was posted is no form of ours."""


def shell(t: Translator) -> str:
    """What is there before the link is opened; its script reads the texts."""
    offline = escape(t("No connection. Nothing is lost: try again in a moment."))
    lost = escape(t("This link is not complete. Scan the code in the back room again."))
    noscript = paragraph(t("This page needs JavaScript. Open it in another browser."))
    waiting = paragraph(t("One moment …"))
    return (
        f'<div id="keeper" data-offline="{offline}" data-lost="{lost}" aria-live="polite">'
        f"{waiting}</div><noscript>{noscript}</noscript>"
    )


def form(t: Translator, shown: KeeperPage, form_id: str) -> str:
    """The form, filled with what is stored."""
    facilities = "".join(
        _choice(f"facility:{code}", name, _states(t), state)
        for code, name, state in shown.facilities
    )
    works, save = escape(t("Does everything work?")), escape(t("All right, save"))
    parts = [
        f'<form id="answer" data-form="{escape(form_id)}" data-version="{shown.version}">',
        f'<p class="soft">{escape(shown.address)}</p>' if shown.address else "",
        f'<p class="remark">{escape(shown.remark)}</p>' if shown.remark else "",
        _today(t, shown),
        _week(t, shown),
        f"<h2>{works}</h2>{facilities}" if facilities else "",
        '<p id="error" class="bad" role="alert" hidden></p>',
        f'<button type="submit">{save}</button>',
        f'<p class="soft">{escape(shown.confirmed)}</p></form>',
    ]
    return "\n".join(filter(None, parts))


def saved(t: Translator, shown: KeeperPage | None) -> str:
    """What a keeper reads after saving."""
    name, done = "" if shown is None else shown.title, escape(t("Saved"))
    return (
        f'<p class="verdict good">{done}</p>'
        + paragraph(t("Couriers see it within seconds. Thank you for keeping {name}.", name=name))
        + _again(t("Change something"))
    )


def told(text: str, again: str = "") -> str:
    """A text in place of the form, and a button that opens the form again, if it can be."""
    return paragraph(text) + (_again(again) if again else "")


def why_not(t: Translator, state: LinkState) -> str:
    """Why a link opens nothing, and what to do."""
    match state:
        case LinkState.EXPIRED:
            return t("This link has expired. Ask who runs the list for a new one.")
        case LinkState.REVOKED:
            return t("This link was withdrawn. Ask who runs the list for a new one.")
        case LinkState.NONE | LinkState.VALID:
            return t("This link is not valid, or a newer one replaced it.")


def refusal(t: Translator, refused: KeeperRefused) -> str:
    """What is wrong with an answer, and what to write."""
    match refused.fault:
        case KeeperFault.HOURS:
            return t("“{text}” is not understood. Write 9:00-17:00 or 不开.", text=refused.text)
        case KeeperFault.CLOSES:
            return t("It is not open before that time. Choose a later one, or “not today”.")
        case KeeperFault.NO_HOURS:
            return t("Today is listed as closed. Write today's hours, such as 9:00-17:00.")


def field_of(refused: KeeperRefused) -> str:
    """The input that is to be corrected."""
    return "closes" if refused.fault is KeeperFault.CLOSES else f"day:{refused.day.isoformat()}"


def answer_of(body: Mapping[str, Any], now: datetime) -> KeeperAnswer:
    """A filled form. Raises `MalformedAnswer`."""
    today = now.astimezone(CHINA).date()
    days = {(today + timedelta(days=ahead)).isoformat() for ahead in range(DAYS)}
    try:
        hours = {
            date.fromisoformat(day): text[:HOURS_LENGTH]
            for day, text in body["hours"].items()
            if day in days
        }
        closes = body.get("closes")
        form_id, version = body["form"], body["version"]
        if not (isinstance(form_id, str) and len(form_id) == 32 and type(version) is int):
            raise MalformedAnswer
        return KeeperAnswer(
            form=form_id,
            version=version,
            today=TodayAnswer(body["today"]),
            closes=time.fromisoformat(closes) if closes else None,
            hours=hours,
            facilities=_answered(body["facilities"]),
            shown=_answered(body["shown"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise MalformedAnswer from None


def _answered(states: Mapping[str, str]) -> dict[str, FacilityStatus]:
    return {code: FacilityStatus(state) for code, state in states.items() if code in FACILITIES}


def _states(t: Translator) -> tuple[tuple[str, str], ...]:
    names = (t("works"), t("broken"), t("run out, gone"))
    return tuple(zip(map(str, ANSWERED), names, strict=True))


def _today(t: Translator, shown: KeeperPage) -> str:
    options = (
        (str(TodayAnswer.OPEN), t("open")),
        (str(TodayAnswer.CLOSED), t("not today")),
        (str(TodayAnswer.EARLY), t("closes early")),
    )
    chosen = TodayAnswer.CLOSED if shown.is_closed_today else TodayAnswer.OPEN
    asked = escape(t("It closes at"))
    return (
        _choice("today", t("Is it open today?"), options, str(chosen), kind="today")
        + f'<p class="row" id="early" hidden><label for="closes">{asked}</label>'
        + '<input id="closes" name="closes" type="time"></p>'
    )


def _week(t: Translator, shown: KeeperPage) -> str:
    rows = "".join(
        f'<p class="row"><label for="day:{one.day}">{escape(one.label)}'
        f"<small>{escape(one.date)}</small></label>"
        f'<input id="day:{one.day}" name="day:{one.day}" value="{escape(one.hours)}" '
        f'maxlength="{HOURS_LENGTH}" autocomplete="off" spellcheck="false" '
        f'placeholder="9:00-17:00"></p>'
        for one in shown.days
    )
    hint = t("Change only the days that differ. Closed all day: write 不开.")
    title = t("Hours of the next days")
    return f'<h2>{escape(title)}</h2><p class="soft">{escape(hint)}</p>{rows}'


def _choice(
    name: str, legend: str, options: tuple[tuple[str, str], ...], chosen: str, kind: str = ""
) -> str:
    """One of several, as large buttons side by side; none is chosen if `chosen` is none of them."""
    inputs = "".join(
        f'<label><input type="radio" name="{escape(name)}" value="{value}"'
        f"{' checked' if value == chosen else ''}><span>{escape(text)}</span></label>"
        for value, text in options
    )
    return (
        f'<fieldset class="choice {kind}" data-shown="{escape(chosen)}">'
        f"<legend>{escape(legend)}</legend><div>{inputs}</div></fieldset>"
    )


def _again(label: str) -> str:
    return f'<p class="links"><button type="button" id="again">{escape(label)}</button></p>'
