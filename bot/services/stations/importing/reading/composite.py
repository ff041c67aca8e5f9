"""Rows of a list as fields of stations, where a field has another column or several.

经纬度 is split, 开门时间 and 关门时间 are joined, columns such as 饮水机 become changes of these
facilities, and what a heading restricts its column to (夏季, 百度) is used or refused.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.common.facilities import SERVICES
from bot.common.lazy_pattern import LazyPattern
from bot.geo.datum import Datum
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.shapes import is_hours
from bot.services.spreadsheets.tables import Sheet
from bot.services.stations.importing.columns import (
    COLUMNS,
    FACILITY_COLUMNS,
    HOURS_OF,
    SOURCES,
    SYNTHETIC,
)
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.reading.coordinates import read_pair
from bot.services.stations.importing.reading.facility_words import Changes, read_facilities
from bot.services.stations.importing.reading.phones import (
    bare,
    is_of_station,
    with_zero,
    without_mobiles,
)
from bot.services.stations.importing.rows import Fault
from bot.services.stations.importing.vocabulary import DATUMS, MARKS, YES
from bot.services.stations.statuses import FacilityStatus

_HARMLESS: Final = frozenset(
    {
        "必填",
        "选填",
        "可选",
        "度",
        "十进制",
        "度分秒",
        "e",
        "n",
        "东经",
        "北纬",
        "座机",
        "全称",
        "24小时制",
    }
)


@dataclass(slots=True)
class Composed:
    """One row: `values` by field, `changes` of single facilities, `faults` of parts of fields."""

    values: dict[str, str]
    changes: Changes = ()
    faults: list[Fault] = field(default_factory=list)


class Composition:
    """How the columns of one sheet make fields; counts what it does on its own."""

    def __init__(self, sheet: Sheet, *, contacts: bool, swapped: bool) -> None:
        """`contacts`: the sheet names contact persons; `swapped`: longitudes are latitudes."""
        self._sheet = sheet
        self._fields = sheet.fields
        given = {name for name in sheet.fields if name in COLUMNS}
        given |= {name for name, parts in SOURCES.items() if not _lacks(sheet, parts)}
        self._parts = [name for name in sheet.fields if name in SYNTHETIC]
        self.given = frozenset(given) - ({"facilities"} - set(sheet.fields))
        self._swapped = swapped
        self._hours_words = _day_words(sheet.qualifiers.get("hours", ""))
        heading = sheet.headings.get("phone", "")
        self._hides_mobiles = (
            contacts and heading not in sheet.answers and not is_of_station(heading)
        )
        self._status_denies = any(one in sheet.headings.get("status", "") for one in "停撤关")
        self.mobiles = 0
        self.zeros = 0
        self.links = 0

    def row(self, cells: Sequence[str]) -> Composed:
        """The fields of a row of the sheet."""
        made = Composed(dict(zip(self._fields, cells, strict=True)))
        values = made.values
        if self._swapped:
            values["lng"], values["lat"] = values["lat"], values["lng"]
        if self._parts:
            self._join(made)
        if self._hours_words and values.get("hours"):
            values["hours"] = f"{self._hours_words}{values['hours']}"
        if phone := values.get("phone"):
            values["phone"] = self._phone(phone)
        if self._status_denies and values.get("status", "").casefold() in YES:
            made.faults.append(Fault("status", StationFault.STATUS, {}))
        text = values.get("facilities", "")
        if text[:1] in {"+", "-"}:
            named = read_facilities(text)
            if not (named.unknown or named.states) and (named.changes or named.found):
                made.changes = (*made.changes, *named.changes, *named.found.items())
                del values["facilities"]
        return made

    def _join(self, made: Composed) -> None:
        values = made.values
        parts = {name: values.pop(name) for name in self._parts}
        if place := parts.get("lnglat"):
            self._place(place, made)
        elif "lnglat" in parts:
            values.setdefault("lng", "")
            values.setdefault("lat", "")
        if (division := parts.get("division")) is not None:
            values.setdefault("adcode" if division.isdigit() else "banner", division)
        if not parts.keys().isdisjoint(_HOURS_PARTS):
            hours = self._hours(parts, values.get("hours", ""))
            if hours is None:
                made.faults.append(Fault("hours", StationFault.SPLIT_HOURS, {}))
            values["hours"] = hours or ""
        marks: list[tuple[str, FacilityStatus | None]] = []
        for name, cell in parts.items():
            if name not in FACILITY_COLUMNS or not cell:
                continue
            mark = MARKS.get(cell.casefold(), cell)
            if isinstance(mark, str) and mark[0].isdigit():  # 2台
                mark = FacilityStatus.OK if mark.strip("0") else None
            if isinstance(mark, str) and mark not in set(FacilityStatus):
                made.faults.append(Fault(name, StationFault.MARK, {}))
                continue
            state = None if mark is None else FacilityStatus(mark)
            marks.append((name.removeprefix("has_"), state))
        made.changes = (*marks, *_services(parts.get("services", ""), made))

    def _place(self, text: str, made: Composed) -> None:
        values = made.values
        if values.get("lng") or values.get("lat"):
            return
        pair = read_pair(text)
        if pair is None:
            values["lng"] = values["lat"] = ""
            made.faults.append(Fault("lnglat", StationFault.PLACE_CELL, {}))
            return
        values["lng"], values["lat"] = repr(pair.lng), repr(pair.lat)
        if pair.datum is not None and not values.get("datum"):
            values["datum"] = pair.datum.value
            self.links += 1

    def _hours(self, parts: Mapping[str, str], whole: str) -> str | None:
        """The hours of all columns as one text; None where they do not fit together."""
        opens, closes = parts.get("opens", ""), parts.get("closes", "")
        if opens and not closes and is_hours(opens):  # "opentime" may be the hours as a whole
            whole, opens = f"{whole}；{opens}" if whole else opens, ""
        all_day = YES.get(parts.get("all_day", "").casefold())
        if bool(opens) != bool(closes) or all_day is None:
            return None
        said = [whole] if whole else []
        if opens:
            said.append(f"{opens}-{closes}")
        for name, word in HOURS_OF.items():
            if text := parts.get(name):
                said.append(text if text.startswith(word) else f"{self._dated(name, word)}{text}")
        closed = parts.get("closed_days", "")
        if closed and closed not in _NEVER_CLOSED:
            if not said:
                return None
            said.append(closed if _SAYS_CLOSED.search(closed) else f"{closed}休息")
        if not all_day:
            return "；".join(said)
        return "24小时" if all("24" in one or "全天" in one for one in said) else None

    def _dated(self, name: str, word: str) -> str:
        """夏季, with its dates where the heading of the column says them."""
        found = _SEASON_DATES.search(self._sheet.qualifiers.get(name, ""))
        return f"{word}({found[0]})" if found else word

    def _phone(self, text: str) -> str:
        text = bare(text)
        if self._hides_mobiles and (kept := without_mobiles(text)) != text:
            self.mobiles += 1
            text = kept
        whole = with_zero(text)
        if whole != text:
            self.zeros += 1
        return whole


def _services(text: str, made: Composed) -> Changes:
    """What a cell of the column of services says: it names all that the outlet does."""
    if not text:
        return ()
    named = read_facilities(text)
    wrong = [*named.unknown, *named.states, *(one for one in named.found if one not in SERVICES)]
    if wrong:
        params = {"text": "、".join(wrong), "nearest": ""}
        made.faults.append(Fault("services", StationFault.FACILITY, params))
        return ()
    return tuple((code, named.found.get(code)) for code in SERVICES)


def _lacks(sheet: Sheet, parts: Collection[str]) -> bool:
    """Whether the sheet has none of these columns."""
    return set(parts).isdisjoint(sheet.fields)


def datum_of(word: str) -> Datum | None:
    """The datum that a heading names (百度, GCJ-02), None if it names none."""
    folded = word.casefold().replace("-", "").replace(" ", "")
    return DATUMS.get(folded) or next(
        (datum for name, datum in DATUMS.items() if len(name) > 1 and name in folded), None
    )


def heading_faults(
    sheet: Sheet, datum: Datum
) -> Iterator[tuple[str, StationFault | TableFault, dict[str, str]]]:
    """(field, fault, params) where the headings of coordinates contradict `datum`."""
    if "datum" in sheet.fields:
        return
    for name in ("lng", "lat", "lnglat"):
        word = sheet.qualifiers.get(name, "")
        said = datum_of(word)
        if said is not None and said is not datum:
            yield name, StationFault.DATUM_HEADING, {"datum": said.value, "given": datum.value}
        elif said is None and any(one in word for one in ("54", "80")):
            yield name, StationFault.DATUM_OF_HEADING, {"text": word}


def left_out_words(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """(field, word) of each restriction in a heading that is not made use of."""
    for name, word in sheet.qualifiers.items():
        words = [one for one in word.split() if one.casefold() not in _HARMLESS]
        is_used = (
            (name in {"lng", "lat", "lnglat"} and datum_of(word))
            or (name == "hours" and _day_words(word))
            or (name in HOURS_OF and _SEASON_DATES.search(word))
        )
        if words and not is_used:
            yield name, word


def _day_words(word: str) -> str:
    """夏季, 工作日: what of a heading's restriction says when the hours hold."""
    if _INSTRUCTION.search(word):
        return ""
    return next((one for one in _DAY_WORDS if one in word), "")


_HOURS_PARTS: Final = frozenset({"opens", "closes", "all_day", "closed_days", *HOURS_OF})
_NEVER_CLOSED: Final = frozenset({"无", "全年无休", "无休", "-", "—", "/"})
_SAYS_CLOSED: Final = LazyPattern("休|闭|不开|不营")
_INSTRUCTION: Final = LazyPattern("是否|写|填|注明|说明|格式|例如|如:|包括|具体")
"""What the heading asks of whoever fills in the list: 服务时间（节假日是否开放）."""
_SEASON_DATES: Final = LazyPattern("[0-9]{1,2}月[0-9月日号至到-]*[月日号]")
_DAY_WORDS: Final = (
    "夏季", "冬季", "春季", "秋季", "旺季", "淡季", "寒假", "暑假", "工作日", "双休日", "周末",
    "节假日", "平日", "周一至周五", "周六", "周日",
)  # fmt: skip
