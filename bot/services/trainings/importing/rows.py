"""One row of a training list, read and checked; and the stored session as such a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final

from bot.common.clock import CHINA
from bot.geo.datum import Datum, to_wgs84
from bot.geo.places import Places
from bot.geo.region import in_region
from bot.services.trainings.importing.columns import LENGTHS, NO, YES, read_moment, write_moment
from bot.store.models.trainings import TrainingRow

MOST_SEATS: Final = 100_000
_WHERE: Final = ("place", "address")
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=CHINA)


@dataclass(frozen=True, slots=True)
class TrainingEntry:
    """A session as a list tells it; `lat`, `lon` WGS-84, leagues as adcodes."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    topic: str = ""
    about: str = ""
    contact: str = ""
    league: str = ""
    is_online: bool = False
    link: str = ""
    place: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    deadline: datetime | None = None
    min_attendance: int = 0
    only_firm: str = ""
    only_league: str = ""


FIELDS: Final = tuple(one.name for one in fields(TrainingEntry))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field, and values for the advice."""

    name: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


class EntryReader:
    """Reads rows; `held` are the stored entries by code, for the columns that a list leaves out."""

    def __init__(self, places: Places, datum: Datum, *, anywhere: bool) -> None:
        self._places = places
        self._datum = datum
        self._anywhere = anywhere

    def read(
        self, values: Mapping[str, str], held: TrainingEntry | None
    ) -> TrainingEntry | list[Fault]:
        """The entry, or all that is wrong with the row. A column that is absent leaves what is."""
        faults = [
            Fault(name, "too_long", {"max_length": str(most)})
            for name, most in LENGTHS.items()
            if len(values.get(name, "")) > most
        ]
        needed = ("code", "title", "starts_at", "ends_at", "capacity")
        faults += [Fault(name, "required") for name in needed if values.get(name) == ""]
        given = _Given(values, faults)
        start = given.moment("starts_at", dated=True) or (held.starts_at if held else None)
        end = given.moment("ends_at", start) or (held.ends_at if held else None)
        deadline = given.moment("deadline", start)
        if "deadline" not in values and held is not None:
            moved = start - held.starts_at if start else timedelta()
            deadline = (held.deadline or held.starts_at) + moved
        capacity = given.number("capacity", 1, MOST_SEATS)
        least = given.number("min_attendance", 0, MOST_SEATS)
        point = self._point(values, faults)
        new: dict[str, Any] = {name: values[name] for name in LENGTHS if name in values}
        for name in ("league", "only_league"):
            if name in values:
                new[name] = self._league(values[name], name, faults)
        if "is_online" in values:
            new["is_online"] = given.flag("is_online")
        if capacity is not None:
            new["capacity"] = capacity
        if "min_attendance" in values:
            new["min_attendance"] = least or 0
        if "lng" in values or "lat" in values:
            new["lat"], new["lon"] = point or (None, None)
        elif held and any(new.get(one, getattr(held, one)) != getattr(held, one) for one in _WHERE):
            new["lat"] = new["lon"] = None  # the pin of the old place would mislead
        if start is not None and end is not None:
            if end <= start:
                faults.append(Fault("ends_at", "ends_before"))
            if deadline is not None and deadline > start:
                faults.append(Fault("deadline", "deadline_late"))
            new |= {"starts_at": start, "ends_at": end, "deadline": deadline or start}
        whole = {name: getattr(held, name) for name in FIELDS} if held else {}
        whole |= new
        if not (whole.get("is_online") or whole.get("place")):
            faults.append(Fault("place", "place_needed"))
        return faults or TrainingEntry(**whole)

    def _league(self, text: str, name: str, faults: list[Fault]) -> str:
        if not text:
            return ""
        known = self._places.by_adcode.get(text)
        found = known or next(iter(self._places.find(text)), None)
        if found is None:
            faults.append(Fault(name, "league"))
            return ""
        return found.league

    def _point(self, values: Mapping[str, str], faults: list[Fault]) -> tuple[float, float] | None:
        lng, lat = values.get("lng", ""), values.get("lat", "")
        if not lng and not lat:
            return None
        try:
            x, y = float(lng), float(lat)
            datum = Datum(values.get("datum", "").lower() or self._datum)
            point = to_wgs84(y, x, datum)
        except ValueError:
            known = {one.value for one in Datum}
            code = "coordinate" if values.get("datum", "").lower() in {*known, ""} else "datum"
            faults.append(Fault("lng" if code == "coordinate" else "datum", code))
            return None
        if in_region(x, y):
            faults.append(Fault("lng", "swapped"))
        elif not self._anywhere and not in_region(point.lat, point.lon):
            faults.append(Fault("lng", "out_of_region"))
        return point.lat, point.lon


@dataclass(frozen=True, slots=True)
class _Given:
    values: Mapping[str, str]
    faults: list[Fault]

    def moment(
        self, name: str, day_of: datetime | None = None, *, dated: bool = False
    ) -> datetime | None:
        text = self.values.get(name, "")
        if not text:
            return None
        found = read_moment(text, day_of)
        # A time of day whose day is itself at fault is not wrong on top of it.
        waits = day_of is None and not dated and read_moment(text, _SOME_DAY) is not None
        if found is None and not waits:
            self.faults.append(Fault(name, "moment"))
        return found

    def number(self, name: str, least: int, most: int) -> int | None:
        text = self.values.get(name, "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            self.faults.append(Fault(name, "number", {"least": str(least), "most": str(most)}))
            return None
        return int(text)

    def flag(self, name: str) -> bool:
        text = self.values.get(name, "").casefold()
        if text not in YES | NO:
            self.faults.append(Fault(name, "flag"))
        return text in YES


def entry_of(row: TrainingRow) -> TrainingEntry:
    """The stored session as a list would tell it."""
    return TrainingEntry(**{name: getattr(row, name) for name in FIELDS})


def cells_of(entry: TrainingEntry, places: Places) -> dict[str, str]:
    """The entry as cells that read back as the same entry."""
    cells = {name: str(getattr(entry, name)) for name in LENGTHS}
    for name in ("starts_at", "ends_at", "deadline"):
        moment = getattr(entry, name)
        cells[name] = write_moment(moment) if moment is not None else ""
    for name in ("league", "only_league"):
        place = places.by_adcode.get(getattr(entry, name))
        cells[name] = place.name if place else getattr(entry, name)
    cells["is_online"] = "是" if entry.is_online else ""
    cells["capacity"] = str(entry.capacity)
    cells["min_attendance"] = str(entry.min_attendance or "")
    cells["lng"] = "" if entry.lon is None else repr(entry.lon)
    cells["lat"] = "" if entry.lat is None else repr(entry.lat)
    cells["datum"] = "" if entry.lat is None else Datum.WGS84.value
    return cells
