"""What can be wrong with a row of a station list, beside the faults of any table."""

from enum import StrEnum

from bot.services.errors import DomainError
from bot.services.spreadsheets.faults import TableFault


class StationFault(StrEnum):
    """A fault of a station's row; its params are named beside it."""

    DUPLICATE_CODE = "duplicate_code"  # sheet, row
    NO_COORDINATES = "no_coordinates"
    NOT_FOUND = "not_found"
    ZERO = "zero"
    OUT_OF_RANGE = "out_of_range"
    OUT_OF_CHINA = "out_of_china"
    DATUM_BLANK = "datum_blank"
    ADCODE = "adcode"
    DUPLICATE_PLACE = "twin_place"  # code, name
    SHARED_PLACE = "shared_place"  # code, name
    MOVED = "moved"  # metres
    HOURS = "hours"  # fault, text
    FACILITY = "facility"  # text, nearest
    FACILITY_STATE = "facility_state"  # text
    FACILITY_TWICE = "facility_twice"  # text
    CHANGES = "changes"  # text
    CHANGES_ORDER = "changes_order"  # text
    PHONE = "phone"
    STAR = "star"
    STATUS = "status"
    PLACE_CELL = "place_cell"
    SPLIT_HOURS = "split_hours"
    MARK = "mark"
    NEEDS_COLUMNS = "needs_columns"  # columns
    NO_SUCH_STATION = "no_such_station"
    DATUM_HEADING = "datum_heading"  # datum, given
    DATUM_OF_HEADING = "datum_of_heading"  # text
    REMOVES = "removes"  # count, names
    NOT_YOUR_LEAGUE = "not_your_league"  # leagues
    MERGED = "merged"  # code, name


class StationDoubt(StrEnum):
    """What had better be confirmed by a person before it is stored; params beside it."""

    HOURS = "hours_doubt"  # doubts
    OTHER_LEAGUE = "other_league"  # league, there
    OTHER_BANNER = "other_banner"  # league
    OTHER_DATUM = "other_datum"  # datum, count
    ROW_NUMBERS = "row_numbers"


class StationNote(StrEnum):
    """What was done with a list without being asked, and is told; params beside it."""

    SWAPPED_COLUMNS = "swapped_columns"
    CONTACT_PHONES = "contact_phones"  # count
    PHONE_ZERO = "phone_zero"  # count
    LINK_DATUM = "link_datum"  # count
    HEADING_WORD = "heading_word"  # text


class CellRefused(DomainError):
    """The cell is not understood; `params` as its fault names them."""

    def __init__(self, code: TableFault | StationFault, /, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
