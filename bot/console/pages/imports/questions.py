"""What has to be asked about a list: what its columns are, and in which datum its places are."""

from dataclasses import replace
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.imports import subjects
from bot.console.pages.imports.common import address, answered, changeable, render
from bot.console.pages.imports.outline import region, window
from bot.console.visits import NotThere, Visit, get, post
from bot.geo import map_links
from bot.geo.datum import Datum, to_wgs84
from bot.geo.places import Places
from bot.geo.point import Point
from bot.services.list_imports import kinds
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.states import OPEN
from bot.services.list_imports.summaries import JsonRow
from bot.services.operators.roles import Operator, Right
from bot.services.spreadsheets.mappings import ListKind
from bot.services.spreadsheets.matching import Basis
from bot.services.stations.importing.distances import distance

LEFT_OUT: Final = "-"
"""What a form says for a column that is left out."""
DATUMS: Final = (Datum.GCJ02, Datum.BD09, Datum.WGS84)


async def columns(visit: Visit) -> Response:
    """Each sheet with its headings, some of their cells, and what they are read as."""
    one = await changeable(visit)
    return _columns(visit, one)


async def answer_columns(visit: Visit) -> Response:
    """Keeps what differs from how the columns were read; 422 where one is not answered."""
    one = await changeable(visit)
    given: dict[str, str | None] = {}
    shown = {
        column["heading"]: column for sheet in one.summary.columns for column in sheet["columns"]
    }
    headings, fields = visit.fields("heading"), visit.fields("field")
    if len(headings) != len(fields):
        raise NotThere
    for heading, field in zip(headings, fields, strict=True):
        if heading not in shown or (
            field not in {"", LEFT_OUT} and field not in subjects.columns(one.kind)
        ):
            raise NotThere
        if not field:
            error = visit.t("Say what “{heading}” is, or leave it out.", heading=heading)
            return _columns(visit, one, error, 422)
        column, wanted = shown[heading], None if field == LEFT_OUT else field
        is_asked = column["basis"] == Basis.ASKED.value
        if is_asked or heading in one.answers.columns or wanted != column["field"]:
            given[heading] = wanted
    answers = replace(one.answers, columns={**one.answers.columns, **given})
    return await answered(visit, one, answers)


def _columns(visit: Visit, one: ListImport, error: str = "", status: int = 200) -> Response:
    usual, further = subjects.fields(one.kind)
    values = {
        "error": error,
        "is_open": one.state in OPEN,
        "left_out": LEFT_OUT,
        "fields": [(name, subjects.field_name(one.kind, name)) for name in usual],
        "further": [(name, subjects.field_name(one.kind, name)) for name in further],
        "why": lambda basis: _basis(visit, Basis(basis)),
        "step": "columns",
    }
    return render(visit, "imports/columns.html", one, values, status)


def _basis(visit: Visit, basis: Basis) -> str:
    t = visit.t
    match basis:
        case Basis.ANSWER:
            return t("you said so")
        case Basis.REMEMBERED:
            return t("as last time")
        case Basis.EXACT:
            return t("recognised")
        case Basis.ALIKE:
            return t("by its heading and cells")
        case Basis.PERSONAL:
            return t("personal, never read")
        case Basis.SEQUENCE:
            return t("only numbers the rows")
        case Basis.UNKNOWN:
            return t("not needed")
        case Basis.ASKED:
            return t("please say")


async def datum(visit: Visit) -> Response:
    """Three stations of the list, each with links that show it in each datum."""
    one = await changeable(visit)
    return _datum(visit, one)


async def answer_datum(visit: Visit) -> Response:
    """Keeps which of them showed the door; 422 without an answer."""
    one = await changeable(visit)
    if visit.field("datum") not in set(Datum):
        return _datum(visit, one, visit.t("Choose one of the three."), 422)
    answers = replace(one.answers, datum=Datum(visit.field("datum")))
    return await answered(visit, one, answers)


def _datum(visit: Visit, one: ListImport, error: str = "", status: int = 200) -> Response:
    outline = region()
    proposed = one.answers.datum or Datum(one.summary.proposed_datum or Datum.GCJ02)
    samples = [_sample(row, proposed) for row in one.summary.samples]
    pins = [at for _, at in samples if at is not None]
    values = {
        "error": error,
        "is_open": one.state in OPEN,
        "chosen": proposed.value,
        "samples": [{**of, "at": at} for of, at in samples],
        "names": {of.value: datum_name(visit, of) for of in DATUMS},
        "outline": outline,
        "window": window(outline, pins),
        "dots": [outline.place(*of) for of in one.summary.dots if outline.holds(*of)],
        "step": "datum",
    }
    return render(visit, "imports/datum.html", one, values, status)


def datum_name(visit: Visit, which: Datum) -> str:
    """Where coordinates of that datum come from."""
    t = visit.t
    match which:
        case Datum.GCJ02:
            return t("Amap, Tencent or WeChat")
        case Datum.BD09:
            return t("Baidu")
        case Datum.WGS84:
            return t("GPS of a phone, Tianditu")


def _sample(row: JsonRow, proposed: Datum) -> tuple[JsonRow, tuple[float, float] | None]:
    """A station with its nearest named place and links by datum, and its place in the picture."""
    lat, lng, name = row["lat"], row["lng"], row["name"]
    links = []
    for which in DATUMS:
        try:
            point = to_wgs84(lat, lng, which)
        except ValueError:
            continue
        links.append(
            (
                which.value,
                map_links.amap(point, name),
                map_links.tencent(point, name, row["address"]),
            )
        )
    here = _point(lat, lng, proposed)
    seat = Places.load().nearest_place(here)
    league = Places.load().by_adcode[seat.league]
    outline = region()
    said = {
        **row,
        "links": links,
        "seat": f"{league.name} {seat.name}",
        "km": round(distance(here, seat.point) / 1000, 1),
    }
    return said, outline.place(here.lon, here.lat) if outline.holds(here.lon, here.lat) else None


def _point(lat: float, lng: float, which: Datum) -> Point:
    try:
        return to_wgs84(lat, lng, which)
    except ValueError:
        return Point(lat, lng)


def next_step(one: ListImport, operator: Operator) -> str:
    """The question that is open."""
    if one.kind is None or not kinds.may_import(operator, one.kind) or one.kind is ListKind.CARDS:
        return address(one, "kind")
    return address(one, "columns" if one.summary.open_questions else "datum")


ROUTES: Final[list[BaseRoute]] = [
    get("/imports/{number}/columns", Right.IMPORTS, columns),
    post("/imports/{number}/columns", Right.IMPORTS, answer_columns),
    get("/imports/{number}/datum", Right.IMPORTS, datum),
    post("/imports/{number}/datum", Right.IMPORTS, answer_datum),
]
