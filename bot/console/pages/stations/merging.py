"""A station that was entered twice: what may be the same one, and the two made one.

The merge is shown field by field and then done against the version that was shown. Where somebody
changed one of the two meanwhile, the answer is 409 with what they did; the choices stay.
"""

from typing import Final
from urllib.parse import quote, urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.i18n import Translator
from bot.console.pages.stations.merged import follows
from bot.console.visits import NotThere, Visit, get, post
from bot.geo import map_links
from bot.geo.point import Point
from bot.operator_wording import revision_words
from bot.services.operators.revisions import RevisionKind
from bot.services.operators.roles import Right
from bot.services.stations.administration import merges
from bot.services.stations.editing.errors import StationUnknown
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.merging.errors import MergeOutdated, MergeRefusal, MergeRefused
from bot.services.stations.merging.merge import PLACED, SEVERAL, Choice, Merge, Pick

PICK: Final = "pick:"
"""Before a field's name in the form: whose value is kept."""
LONGEST: Final = 64
"""Characters of a code."""
DIGITS: Final = 18
"""Of a version, at most."""


async def show(visit: Visit) -> Response:
    """What may be the same station; with the other one's code the comparison of both."""
    other = visit.query("with")[:LONGEST]
    return await _compared(visit, other) if other else await _candidates(visit)


async def do(visit: Visit) -> Response:
    """Merges the two: 303, 409 where one of them was changed since it was shown."""
    code, other, t = visit.path("code"), visit.field("with"), visit.t
    version = visit.field("version")
    if not (version.isascii() and version.isdecimal() and len(version) < DIGITS):
        raise NotThere
    try:
        async with visit.parts.store.writing() as db:
            await merges.merge_stations(
                db,
                visit.parts.places,
                visit.operator,
                code,
                other,
                _picks(visit),
                visit.now,
                version=int(version),
            )
    except StationUnknown:
        raise NotThere from None
    except MergeRefused as refused:
        return await _candidates(visit, _refused(refused.reason, t), other)
    except MergeOutdated as outdated:
        return await _compared(visit, other, outdated)
    said = t("The two are one now. Couriers see it within seconds; the history takes it back.")
    return visit.redirect(_address(code), said)


async def _candidates(visit: Visit, error: str = "", wanted: str = "") -> Response:
    code = visit.path("code")
    try:
        async with visit.parts.store.reading() as db:
            found, near = await merges.candidates(db, visit.parts.places, visit.operator, code)
    except StationUnknown:
        raise NotThere from None
    values = {"station": found.entry, "near": near, "error": error, "wanted": wanted}
    return visit.render("stations/duplicates_of.html", values, 422 if error else 200)


async def _compared(visit: Visit, other: str, outdated: MergeOutdated | None = None) -> Response:
    code, t, words = visit.path("code"), visit.t, visit.bot_words
    places, operator = visit.parts.places, visit.operator
    try:
        async with visit.parts.store.reading() as db:
            found = await merges.preview(db, places, operator, code, other, visit.now)
    except StationUnknown as unknown:
        if unknown.code == code:
            raise NotThere from None
        said = t("There is no station with the code {code}.", code=other)
        return await _candidates(visit, said, other)
    except MergeRefused as refused:
        return await _candidates(visit, _refused(refused.reason, t), other)
    picked = _picks(visit)
    values = {
        "found": found,
        "fields": [
            (
                one.field,
                t("Place") if one.field == PLACED else COLUMNS[one.field][0],
                [
                    (pick.value, label, said, pick is picked.get(one.field, _usual(one)))
                    for pick, label, said in _options(visit, found, one)
                ],
            )
            for one in found.choices
        ],
        "links": [_on_map(one.point, one.entry.name) for one in (found.kept, found.other)],
        "meanwhile": [
            (changed, revision, list(revision_words.lines(RevisionKind.STATIONS, record, words)))
            for changed, revision, record in (() if outdated is None else outdated.changes)
        ],
        "swapped": f"{_address(other)}/merge?{urlencode({'with': code})}",
    }
    return visit.render("stations/merge.html", values, 200 if outdated is None else 409)


def _options(visit: Visit, found: Merge, choice: Choice) -> list[tuple[Pick, str, str]]:
    """Whose value may be kept of a field: the pick, its label, the value in words."""
    t, words, kind = visit.t, visit.bot_words, RevisionKind.STATIONS
    own = revision_words.said(kind, choice.field, choice.own, words)
    other = revision_words.said(kind, choice.field, choice.other, words)
    if choice.field == PLACED:
        own, other = (_coordinates(one.point) for one in (found.kept, found.other))
    options = [
        (Pick.OWN, t("of the one that stays"), own),
        (Pick.OTHER, t("of the one that goes"), other),
    ]
    if choice.field in SEVERAL and choice.own and choice.other:
        options.append((Pick.BOTH, t("both"), ""))
    return options


def _usual(choice: Choice) -> Pick:
    """What is chosen at first: its own value, unless it has none."""
    return Pick.OTHER if choice.other and not choice.own else Pick.OWN


def _picks(visit: Visit) -> dict[str, Pick]:
    return {
        name.removeprefix(PICK): Pick(value)
        for name, value in visit.form.multi_items()
        if name.startswith(PICK) and value in set(Pick)
    }


def _refused(reason: MergeRefusal, t: Translator) -> str:
    match reason:
        case MergeRefusal.SAME:
            return t("That is this station itself; choose the other one.")
        case MergeRefusal.SAMPLE:
            return t("One of them is a sample and the other is not; they stay two.")


def _on_map(point: Point, name: str) -> str:
    return map_links.amap(point, name)


def _coordinates(point: Point) -> str:
    return f"{point.lon:.5f},{point.lat:.5f}"


def _address(code: str) -> str:
    return f"/stations/{quote(code, safe='')}"


ROUTES: Final[list[BaseRoute]] = [
    get("/stations/{code}/merge", Right.STATIONS, follows(show)),
    post("/stations/{code}/merge", Right.STATIONS, follows(do)),
]
