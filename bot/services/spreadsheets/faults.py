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
    BROKEN_ROW = "broken_row"
    NO_HEADINGS = "no_headings"


class TableFault(StrEnum):
    """What is wrong with a sheet, a column or a cell; its params are named beside it."""

    DUPLICATE_COLUMN = "duplicate_column"  # other
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    PERSONAL_COLUMN = "personal_column"
    HIDDEN_SHEET = "hidden_sheet"
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
