"""What an operator reads about any list that is imported: where it is wrong and what to do.

The reports of the subjects add the faults that only their rows can have.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from bot.common.i18n import Translator
from bot.operator_wording.repeated_problems import alike
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault, TableFault
from bot.services.spreadsheets.tables import Columns, Problem, Question, Table

Advice = Callable[[Problem, Translator], str]
F = TypeVar("F", bound=StrEnum)
T = TypeVar("T")
MOST: Final = 100
"""Lines of one kind where there may be thousands; the rest is counted."""
SHOWN: Final = 60
"""Characters of a value that are shown."""


def findings(
    problems: Sequence[Problem],
    warnings: Sequence[Problem],
    advice: Advice,
    t: Translator,
    *,
    moved: Sequence[Problem] = (),
    most: int | None = None,
) -> Iterator[str]:
    """A line for each problem, moved row and warning; at most `most` problems and warnings.

    Of problems that many rows have, the first are told and the rows of the rest listed.
    """
    yield from alike(
        problems[:most],
        lambda one: t("Problem: {line}", line=line(one, advice(one, t), t)),
        t,
    )
    if most is not None and len(problems) > most:
        yield t("… and {n} more problems", n=len(problems) - most)
    for problem in moved:
        yield t("Moved: {line}", line=line(problem, advice(problem, t), t))
    for problem in warnings[:most]:
        yield t("Note: {line}", line=line(problem, advice(problem, t), t))


def reading(table: Table, columns: Columns, t: Translator) -> Iterator[str]:
    """How the list was read: questions, cells that were filled, rows that are no records."""
    for question in table.questions:
        yield _question(question, columns, t)
    yield from first(
        table.filled,
        lambda one: t("Filled: {line}", line=line(one, advice(one, t), t)),
        lambda n: t("… and {n} more filled", n=n),
    )
    yield from first(
        table.notes,
        lambda one: t("No record: {line}", line=line(one, advice(one, t), t)),
        lambda n: t("… and {n} more rows that are no records", n=n),
    )


def _question(question: Question, columns: Columns, t: Translator) -> str:
    def named(field: str) -> str:
        return columns[field][0] if field in columns else field

    options = [f'--map "{question.heading}={named(field)}"' for field in question.candidates]
    return t(
        "Question: {sheet}, column {column} (such as {samples}): what is it? Add {options}, or "
        '--map "{column}=" to leave it out',
        sheet=question.sheet,
        column=question.heading,
        samples=t(", ").join(map(shortened, question.samples)) or t("(blank)"),
        options=t(" or ").join(options),
    )


def missing(found: Sequence[tuple[str, str]], t: Translator) -> Iterator[str]:
    """What is stored and not in the file, as code and name: the first hundred, then the count."""
    yield from first(
        found,
        lambda gone: t("Missing from the file, kept: {code} {name}", code=gone[0], name=gone[1]),
        lambda n: t("… and {n} more missing", n=n),
    )


def first(found: Sequence[T], say: Callable[[T], str], more: Callable[[int], str]) -> Iterator[str]:
    """A line for each of the first hundred, and one that counts the rest."""
    yield from map(say, found[:MOST])
    if len(found) > MOST:
        yield more(len(found) - MOST)


def changed(code: str, name: str, fields: Iterable[tuple[str, str, str]], t: Translator) -> str:
    """One row that differs: of each field its heading, what was there and what is there now."""
    blank = t("(blank)")
    changes = (
        f"{heading} {before or blank} → {after or blank}" for heading, before, after in fields
    )
    return t("Changed: {code} {name}: {fields}", code=code, name=name, fields=t("; ").join(changes))


def counts(
    problems: int, *, new: int, changed: int, unchanged: int, missing: int, t: Translator
) -> str:
    """The last line of the report on a list that names everything there is."""
    return t(
        "{problems} problems; {new} new, {changed} changed, {unchanged} unchanged, "
        "{missing} missing from the file",
        problems=problems,
        new=new,
        changed=changed,
        unchanged=unchanged,
        missing=missing,
    )


def line(problem: Problem, advice: str, t: Translator) -> str:
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


def refusal(refused: FileRefused, file: Path, t: Translator) -> str:
    """Why a file could not be read at all, and what to do."""
    match refused.code:
        case FileFault.TOO_BIG:
            return t("{file} is larger than {most} MB; split it.", file=file, **refused.params)
        case FileFault.TOO_MANY_ROWS:
            return t("{file} has more than {most} rows; split it.", file=file, **refused.params)
        case FileFault.TOO_WIDE:
            return t(
                "{file} has cells far away from the table; delete them or copy the table "
                "into a new workbook.",
                file=file,
            )
        case FileFault.TOO_MUCH_TEXT:
            return t(
                "{file} holds more text than a list needs, or a cell of more than 32767 "
                "characters; split it.",
                file=file,
            )
        case FileFault.OVERPACKED:
            return t(
                "{file} unpacks to far more than a list needs; copy the table into a new workbook.",
                file=file,
            )
        case FileFault.OLD_EXCEL:
            return t(
                "{file} is a broken .xls workbook or one from before Excel 97; save it as .xlsx.",
                file=file,
            )
        case FileFault.PASSWORD:
            return t("{file} has a password; save it without one.", file=file)
        case FileFault.MACROS:
            return t("{file} holds macros; save it as .xlsx without them.", file=file)
        case FileFault.OTHER_FORMAT:
            return t(
                "{file} is a {format} file; save the list as .xlsx or csv.",
                file=file,
                **refused.params,
            )
        case FileFault.BROKEN_ROW:
            return t(
                "{file}, row {row}: a quotation mark is not closed there, or a cell is longer than "
                "131072 characters. Correct the row, or save the list as .xlsx.",
                file=file,
                **refused.params,
            )
        case FileFault.NO_HEADINGS:
            return t(
                "{file}: no headings were found in the first 10 rows of any sheet. Known are: "
                "{headings}",
                file=file,
                **refused.params,
            )
        case FileFault.EMPTY:
            return t("{file} is empty: no visible sheet has a cell with text.", file=file)
        case FileFault.NOT_A_TABLE:
            return t("{file} is neither a csv file nor an .xlsx or .xls workbook.", file=file)


def fault(kind: type[F], problem: Problem) -> F | None:
    """The problem's code as one of these faults, None if it is none of them."""
    return next((one for one in kind if one == problem.code), None)


def advice(problem: Problem, t: Translator) -> str:
    """What is wrong with a sheet, a column or a cell of any list, and what to do about it."""
    given = problem.params
    match fault(TableFault, problem):
        case None:
            return t("not accepted ({code}); correct it", code=problem.code)
        case TableFault.DUPLICATE_COLUMN:
            return t("this column and “{other}” are the same; remove one", **given)
        case TableFault.MISSING_COLUMN:
            return t("this column is required; add it")
        case TableFault.UNKNOWN_COLUMN:
            return t("not a known column; it is left out")
        case TableFault.PERSONAL_COLUMN:
            return t("personal data of contacts is left out on purpose")
        case TableFault.READ_AS:
            return t("read as {field}; if that is wrong, say so with --map", **given)
        case TableFault.AS_LAST_TIME if given["field"]:
            return t("read as {field}, as last time; --forget-map asks again", **given)
        case TableFault.AS_LAST_TIME:
            return t("left out, as last time; --forget-map asks again")
        case TableFault.HIDDEN_ROWS:
            return t(
                "{count} hidden rows are left out ({rows}); show them and clear filters to have "
                "them read",
                **given,
            )
        case TableFault.HIDDEN_COLUMN:
            return t("a hidden column; it is read")
        case TableFault.FILLED:
            return t("merged cells; rows {first} to {last} all have this value", **given)
        case TableFault.NOTE:
            return t("a total or a remark; it is left out")
        case TableFault.HIDDEN_SHEET:
            return t("a hidden sheet; it is left out")
        case TableFault.NO_HEADINGS:
            return t("a sheet without known headings; it is left out")
        case TableFault.NO_HEADING:
            return t("a value without a heading; name the column or clear the cell")
        case TableFault.FORMULA:
            return t("a formula as text; enter its value")
        case TableFault.FORMULA_EMPTY:
            return t(
                "a formula without a value; open and save it in Excel or WPS, or enter the value"
            )
        case TableFault.FORMULA_ERROR:
            return t("a formula that ends in an error; enter the value")
        case TableFault.REQUIRED:
            return t("required; fill it in")
        case TableFault.TOO_LONG:
            return t("longer than {max_length} characters; shorten it", **given)
        case TableFault.ROUNDED:
            return t(
                "digits were lost in a rounded number; format the column as text, enter it again"
            )
        case TableFault.DATE:
            return t("not a date; write 2026-03-01")
        case TableFault.FUTURE_DATE:
            return t("lies in the future; today is {today}", **given)
        case TableFault.FORBIDDEN:
            return t(
                "holds a whole ID or card number, which is never taken; leave the last 4 digits"
            )
        case TableFault.FLAG:
            return t("write 是 or leave it blank")
        case TableFault.COORDINATE:
            return t("not a coordinate; write decimal degrees such as 111.6659")
        case TableFault.DATUM:
            return t("unknown datum; write wgs84, gcj02 or bd09")
        case TableFault.SWAPPED:
            return t("longitude and latitude are swapped; exchange them")
        case TableFault.OUT_OF_REGION:
            return t("outside of Inner Mongolia; correct it, or allow it with --anywhere")


def shortened(value: str) -> str:
    """A value in a line of its own length."""
    return value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…"
