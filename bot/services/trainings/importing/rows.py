"""One row of a training list, read and checked; and the stored training as such a row."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final

from bot.common.clock import CHINA
from bot.common.values import value
from bot.geo.datum import Datum, to_wgs84
from bot.geo.places import Places
from bot.geo.region import in_region
from bot.services.spreadsheets.cells import read_moment, write_moment
from bot.services.trainings.importing.columns import DATUMS, LENGTHS, NO, YES
from bot.services.trainings.importing.faults import Fault, FaultCode
from bot.store.models.trainings import TrainingRow

MAX_SEATS: Final = 100_000
_PLACE_FIELDS: Final = ("place", "address")
_ANY_DAY: Final = datetime(2026, 1, 1, tzinfo=CHINA)


@value
class TrainingEntry:
    """A training as a list describes it; `lat`, `lon` WGS-84, leagues as adcodes."""

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


FIELDS: Final = tuple(field.name for field in fields(TrainingEntry))


class EntryReader:
    """Reads rows. A column that the list leaves out keeps what is stored."""

    def __init__(self, places: Places, datum: Datum | None, *, anywhere: bool) -> None:
        self._places = places
        self._datum = datum
        self._anywhere = anywhere

    def read(
        self, values: Mapping[str, str], stored: TrainingEntry | None
    ) -> TrainingEntry | list[Fault]:
        """The entry, or all that is wrong with the row. `stored`: the training with that code."""
        faults = [
            Fault(name, FaultCode.TOO_LONG, {"max_length": str(most)})
            for name, most in LENGTHS.items()
            if len(values.get(name, "")) > most
        ]
        needed = ("code", "title", "starts_at", "ends_at", "capacity")
        faults += [Fault(name, FaultCode.REQUIRED) for name in needed if values.get(name) == ""]
        row = _RowReader(values, faults)
        start = row.moment("starts_at", dated=True) or (stored.starts_at if stored else None)
        end = row.moment("ends_at", start) or (stored.ends_at if stored else None)
        deadline = row.moment("deadline", start)
        if "deadline" not in values and stored is not None:
            moved = start - stored.starts_at if start else timedelta()
            deadline = (stored.deadline or stored.starts_at) + moved
        capacity = row.number("capacity", 1, MAX_SEATS)
        least = row.number("min_attendance", 0, MAX_SEATS)
        point = self._point(values, faults)
        new: dict[str, Any] = {name: values[name] for name in LENGTHS if name in values}
        for name in ("league", "only_league"):
            if name in values:
                new[name] = self._league(values[name], name, faults)
        if "is_online" in values:
            new["is_online"] = row.flag("is_online")
        if capacity is not None:
            new["capacity"] = capacity
        if "min_attendance" in values:
            new["min_attendance"] = least or 0
        if "lng" in values or "lat" in values:
            new["lat"], new["lon"] = point or (None, None)
        elif stored and any(
            new.get(name, getattr(stored, name)) != getattr(stored, name) for name in _PLACE_FIELDS
        ):
            new["lat"] = new["lon"] = None  # the pin of the old place would mislead
        if start is not None and end is not None:
            if end <= start:
                faults.append(Fault("ends_at", FaultCode.ENDS_BEFORE))
            if deadline is not None and deadline > start:
                faults.append(Fault("deadline", FaultCode.DEADLINE_LATE))
            new |= {"starts_at": start, "ends_at": end, "deadline": deadline or start}
        entry = {name: getattr(stored, name) for name in FIELDS} if stored else {}
        entry |= new
        if not (entry.get("is_online") or entry.get("place")):
            faults.append(Fault("place", FaultCode.PLACE_NEEDED))
        return faults or TrainingEntry(**entry)

    def _league(self, text: str, name: str, faults: list[Fault]) -> str:
        if not text:
            return ""
        known = self._places.by_adcode.get(text)
        found = known or next(iter(self._places.find(text)), None)
        if found is None:
            faults.append(Fault(name, FaultCode.LEAGUE))
            return ""
        return found.league

    def _point(self, values: Mapping[str, str], faults: list[Fault]) -> tuple[float, float] | None:
        lng, lat = values.get("lng", ""), values.get("lat", "")
        if not lng and not lat:
            return None
        datum = self._datum
        if named := values.get("datum", ""):
            datum = DATUMS.get(named.casefold().replace("-", ""))
        if datum is None:
            faults.append(
                Fault("datum", FaultCode.DATUM) if named else Fault("lng", FaultCode.DATUM_NEEDED)
            )
            return None
        try:
            x, y = float(lng), float(lat)
            point = to_wgs84(y, x, datum)
        except ValueError:
            faults.append(Fault("lng", FaultCode.COORDINATE))
            return None
        if in_region(x, y):
            faults.append(Fault("lng", FaultCode.SWAPPED))
        elif not self._anywhere and not in_region(point.lat, point.lon):
            faults.append(Fault("lng", FaultCode.OUT_OF_REGION))
        return point.lat, point.lon


@value
class _RowReader:
    """Reads fields of one row, and collects what is wrong with them."""

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
        day_missing = day_of is None and not dated and read_moment(text, _ANY_DAY) is not None
        if found is None and not day_missing:
            self.faults.append(Fault(name, FaultCode.MOMENT))
        return found

    def number(self, name: str, least: int, most: int) -> int | None:
        text = self.values.get(name, "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            self.faults.append(
                Fault(name, FaultCode.NUMBER, {"least": str(least), "most": str(most)})
            )
            return None
        return int(text)

    def flag(self, name: str) -> bool:
        text = self.values.get(name, "").casefold()
        if text not in YES | NO:
            self.faults.append(Fault(name, FaultCode.FLAG))
        return text in YES


def entry_of(row: TrainingRow) -> TrainingEntry:
    """The stored training as a list would describe it."""
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
