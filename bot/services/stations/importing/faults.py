"""What can be wrong with a row of a station list, beside the faults of any table."""

from enum import StrEnum


class StationFault(StrEnum):
    """A fault of a station's row; its params are named beside it."""

    DUPLICATE_CODE = "duplicate_code"  # sheet, row
    NO_COORDINATES = "no_coordinates"
    NOT_FOUND = "not_found"
    ZERO = "zero"
    OUT_OF_RANGE = "out_of_range"
    DATUM_BLANK = "datum_blank"
    ADCODE = "adcode"
    DUPLICATE_PLACE = "twin_place"  # code, name
    SHARED_PLACE = "shared_place"  # code, name
    MOVED = "moved"  # metres
    HOURS = "hours"  # fault, text
    FACILITY = "facility"  # text
    FACILITY_STATE = "facility_state"  # text
    FACILITY_TWICE = "facility_twice"  # text
    CHANGES = "changes"  # text
    CHANGES_ORDER = "changes_order"  # text
    PHONE = "phone"
    STAR = "star"
    STATUS = "status"
