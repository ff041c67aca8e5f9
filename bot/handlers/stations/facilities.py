"""Facilities of a station in words: their names, what works and what does not."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from bot.common.i18n import Translator
from bot.services.stations.catalogue import Station
from bot.services.stations.statuses import FacilityStatus

FILTERS = ("water", "toilet", "charge", "microwave", "hvac")
"""The facilities offered as filter buttons, most asked for first."""
SHOWN = (*FILTERS, "seat")
"""The facilities named in a list of stations."""
WORKS = FacilityStatus.OK


def facility(t: Translator, code: str) -> str:
    """One facility as a courier calls it."""
    return _facilities(t).get(code, code)


@cache
def _facilities(t: Translator) -> Mapping[str, str]:
    return {
        "seat": t("seats"),
        "water": t("hot water"),
        "charge": t("phone charging"),
        "microwave": t("microwave"),
        "hvac": t("warm room"),
        "medkit": t("first-aid kit"),
        "toilet": t("toilet"),
        "fridge": t("fridge"),
        "wifi": t("Wi-Fi"),
        "rain": t("umbrellas and raincoats"),
        "books": t("books and papers"),
        "tools": t("tools and tyre pump"),
        "ebike": t("e-bike battery swap"),
        "nursing": t("nursing room"),
        "access": t("step-free access"),
        "aed": t("defibrillator"),
        "meal": t("low-price meals"),
        "bath": t("shower"),
        "print": t("printing"),
        "legal": t("legal advice"),
        "psych": t("counselling"),
        "haircut": t("haircut"),
        "bank": t("bank counter and ATM"),
        "payroll": t("payroll card and wages"),
        "saving": t("saving and investing"),
        "loan": t("loans"),
        "instalment": t("credit cards and instalments"),
        "insurance": t("insurance and work injuries"),
        "financing": t("financing for firms"),
    }


def state(t: Translator, state: str) -> str:
    """What is wrong with a facility; empty when it works."""
    states = {
        "broken": t("out of order"),
        "empty": t("run out"),
        "unconfirmed": t("not confirmed"),
    }
    return states.get(state, "")


def listed(t: Translator, codes: Sequence[str]) -> str:
    """Facilities in one line."""
    return t(", ").join(facility(t, code) for code in codes)


def in_short(t: Translator, station: Station) -> list[str]:
    """What couriers look for most: a line of what works, a line of what does not."""
    working = {one.code for one in station.facilities if one.state is WORKS}
    lines = []
    if has := tuple(code for code in SHOWN if code in working):
        lines.append(_has(t, has))
    if wrong := broken(t, station):
        lines.append(t("Note: {list}", list=t(", ").join(wrong)))
    return lines


@lru_cache(maxsize=1024)
def _has(t: Translator, codes: tuple[str, ...]) -> str:
    return t("Has: {list}", list=listed(t, codes))


def broken(t: Translator, station: Station) -> list[str]:
    """What couriers look for most and would find out of order, each with its state."""
    return [
        t(
            "{facility} {state}",
            facility=facility(t, one.code),
            state=state(t, one.state),
        )
        for one in station.facilities
        if one.state is not WORKS and one.code in FILTERS
    ]


def in_full(t: Translator, station: Station) -> str:
    """All facilities in one line, with states and notes."""
    if not station.facilities:
        return t("not registered")
    words = []
    for one in station.facilities:
        wrong = state(t, one.state)
        word = facility(t, one.code)
        note = "; ".join(part for part in (wrong, one.note) if part)
        words.append(t("{facility} ({note})", facility=word, note=note) if note else word)
    return t(", ").join(words)
