"""What can be wrong with any table: its file, its columns, and cells of common kinds."""

from enum import StrEnum


class FileFault(StrEnum):
    """Why a file cannot be read as a table."""

    TOO_BIG = "too_big"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_WIDE = "too_wide"
    TOO_MUCH_TEXT = "too_much_text"
    OVERPACKED = "overpacked"
    NOT_A_TABLE = "not_a_table"
    OLD_EXCEL = "old_excel"
    PASSWORD = "password"  # noqa: S105 - a file that has one
    MACROS = "macros"
    OTHER_FORMAT = "other_format"  # format
    BROKEN_ROW = "broken_row"
    NO_HEADINGS = "no_headings"
    EMPTY = "empty"


class TableFault(StrEnum):
    """What is wrong with a sheet, a column or a cell; its params are named beside it."""

    DUPLICATE_COLUMN = "duplicate_column"  # other
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    PERSONAL_COLUMN = "personal_column"
    READ_AS = "read_as"  # field
    AS_LAST_TIME = "as_last_time"  # field, empty: left out
    HIDDEN_SHEET = "hidden_sheet"
    HIDDEN_ROWS = "hidden_rows"  # count, rows
    HIDDEN_COLUMN = "hidden_column"
    FILLED = "filled"  # first, last
    NOTE = "note"
    NO_HEADINGS = "no_headings"
    NO_HEADING = "no_heading"
    FORMULA = "formula"
    FORMULA_EMPTY = "formula_empty"
    FORMULA_ERROR = "formula_error"
    FORBIDDEN = "forbidden"
    REQUIRED = "required"
    TOO_LONG = "too_long"  # max_length
    ROUNDED = "rounded"
    DATE = "date"
    FUTURE_DATE = "future_date"  # today
    FLAG = "flag"
    COORDINATE = "coordinate"
    DATUM = "datum"
    SWAPPED = "swapped"
    OUT_OF_REGION = "out_of_region"
