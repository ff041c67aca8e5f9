"""What an operator reads about any list that is imported: where it is wrong and what to do."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.reader import Problem

Say = Callable[..., str]
T = TypeVar("T")
MOST: Final = 100
"""Lines of one kind where there may be thousands; the rest is counted."""
SHOWN: Final = 60
"""Characters of a value that are shown."""


def first(found: Sequence[T], say: Callable[[T], str], more: Callable[[int], str]) -> Iterator[str]:
    """A line for each of the first hundred, and one that counts the rest."""
    yield from map(say, found[:MOST])
    if len(found) > MOST:
        yield more(len(found) - MOST)


def changed(code: str, name: str, fields: Iterable[tuple[str, str, str]], t: Say) -> str:
    """One row that differs: of each field its heading, what was there and what is there now."""
    blank = t("(blank)")
    said = (f"{heading} {before or blank} → {after or blank}" for heading, before, after in fields)
    return t("Changed: {code} {name}: {fields}", code=code, name=name, fields=t("; ").join(said))


def counts(problems: int, *, new: int, changed: int, unchanged: int, missing: int, t: Say) -> str:
    """The last line of a list that is the whole truth about what it lists."""
    return t(
        "{problems} problems; {new} new, {changed} changed, {unchanged} unchanged, "
        "{missing} missing from the file",
        problems=problems,
        new=new,
        changed=changed,
        unchanged=unchanged,
        missing=missing,
    )


def line(problem: Problem, advice: str, t: Say) -> str:
    """One problem: sheet, row, column, value and what to do."""
    where = {"sheet": problem.sheet, "advice": advice}
    column, value = problem.column, shortened(problem.value)
    if not problem.row:
        if not column:
            return t("{sheet}: {advice}", **where)
        return t("{sheet}, column {column}: {advice}", column=column, **where)
    where["row"] = str(problem.row)
    if not column and not value:
        return t("{sheet}, row {row}: {advice}", **where)
    if not column:
        return t("{sheet}, row {row} “{value}”: {advice}", value=value, **where)
    if not value:
        return t("{sheet}, row {row}, column {column}: {advice}", column=column, **where)
    return t(
        "{sheet}, row {row}, column {column} “{value}”: {advice}",
        column=column,
        value=value,
        **where,
    )


def refusal(refused: FileRefused, file: Path, t: Say) -> str:
    """Why a file could not be read at all, and what to do."""
    match refused.code:
        case "too_big":
            return t("{file} is larger than {most} MB; split it.", file=file, **refused.params)
        case "too_many_rows":
            return t("{file} has more than {most} rows; split it.", file=file, **refused.params)
        case "too_wide":
            return t(
                "{file} has cells far away from the table; delete them or copy the table "
                "into a new workbook.",
                file=file,
            )
        case "old_excel":
            return t(
                "{file} is an old .xls workbook or has a password; save it as .xlsx without one.",
                file=file,
            )
        case "broken_row":
            return t(
                "{file}, row {row}: a quotation mark is not closed there, or a cell is longer than "
                "131072 characters. Correct the row, or save the list as .xlsx.",
                file=file,
                **refused.params,
            )
        case "no_headings":
            return t(
                "{file}: no headings were found in the first 10 rows of any sheet. Known are: "
                "{headings}",
                file=file,
                **refused.params,
            )
        case _:
            return t("{file} is neither a csv file nor an .xlsx workbook.", file=file)


def advice(problem: Problem, t: Say) -> str:
    """What is wrong with a sheet, a column or a cell of any list, and what to do about it."""
    given = problem.params
    match problem.code:
        case "duplicate_column":
            return t("this column and “{other}” are the same; remove one", **given)
        case "missing_column":
            return t("this column is required; add it")
        case "unknown_column":
            return t("not a known column; it is left out")
        case "personal_column":
            return t("personal data of contacts is left out on purpose")
        case "hidden_sheet":
            return t("a hidden sheet; it is left out")
        case "no_headings":
            return t("a sheet without known headings; it is left out")
        case "no_heading":
            return t("a value without a heading; name the column or clear the cell")
        case "formula":
            return t("a formula as text; enter its value")
        case "formula_empty":
            return t(
                "a formula without a value; open and save it in Excel or WPS, or enter the value"
            )
        case "formula_error":
            return t("a formula that ends in an error; enter the value")
        case "required":
            return t("required; fill it in")
        case "too_long":
            return t("longer than {max_length} characters; shorten it", **given)
        case "rounded":
            return t(
                "digits were lost in a rounded number; format the column as text, enter it again"
            )
        case "date":
            return t("not a date; write 2026-03-01")
        case "future_date":
            return t("lies in the future; today is {today}", **given)
        case code:
            return t("not accepted ({code}); correct it", code=code)


def shortened(value: str) -> str:
    """A value in a line of its own length."""
    return value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…"
