"""What an operator reads about a station list: how it was read, what would change, what is next."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.common.i18n import Translator
from bot.handlers import labels
from bot.hours.doubts import Doubt
from bot.operator_wording import import_report, revision_words
from bot.operator_wording.import_report import shortened
from bot.operator_wording.repeated_problems import alike
from bot.operator_wording.station_advice import advice, hours_words
from bot.services.operators.revisions import RevisionKind
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Problem, Table
from bot.services.stations.importing.changed import Changed
from bot.services.stations.importing.columns import COLUMNS
from bot.services.stations.importing.doubts import hours_doubts
from bot.services.stations.importing.faults import StationFault
from bot.services.stations.importing.identify import Proposed
from bot.services.stations.importing.plan import Plan
from bot.services.stations.importing.reading.facility_words import STANDARD
from bot.services.stations.importing.terms import Terms

_NEW_CODES = 10
"""New codes that are shown; `--codes` writes them all."""
_MOST_ROWS = 20
"""Rows that an option names one by one."""


def lines(plan: Plan, table: Table, terms: Terms, t: Translator) -> Iterator[str]:
    """The report: what is wrong or doubtful, how hours were read, differences, counts, options."""
    yield from import_report.findings(plan.problems, plan.warnings, advice, t, moved=plan.moved)
    yield from _each(plan.left_out, lambda one: t("Left out: {line}", line=one), t)
    yield from _each(plan.unread, lambda one: t("Not read: {line}", line=one), t)
    removals = [replace(one, value=_said("facilities", one.value, t)) for one in plan.removals]
    yield from _each(removals, lambda one: t("Taken away: {line}", line=one), t)
    yield from _each(plan.doubtful, lambda one: t("Doubtful: {line}", line=one), t)
    wrong = (*plan.problems, *plan.left_out, *plan.unread)
    if any(one.code == StationFault.FACILITY for one in wrong):
        yield t("Facilities are called: {names}", names="、".join(STANDARD))
    yield from _readings(plan, t)
    yield from _codes(plan.proposed, t)
    yield from import_report.first(
        plan.changed,
        lambda change: _changed(change, t),
        lambda n: t("… and {n} more changed", n=n),
    )
    yield from import_report.missing([(one.code, one.name) for one in plan.missing], t)
    yield import_report.counts(
        len(plan.problems),
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        missing=len(plan.missing),
        t=t,
    )
    yield t(
        "{doubtful} doubtful, {accepted} confirmed, {notes} notes; {rows} rows left out, "
        "{cells} cells not read",
        doubtful=len(plan.doubtful),
        accepted=plan.accepted,
        notes=len(plan.warnings) + len(table.notes),
        rows=len({(one.sheet, one.row) for one in plan.left_out}),
        cells=len(plan.unread),
    )
    if plan.problems and not terms.good_rows and not any(map(_is_of_sheet, plan.problems)):
        yield t("To write the sound rows only, add: --apply --good-rows")
    if options := _options(plan, terms):
        yield t(
            "If what is doubtful, moves or goes is right, add: --apply {options}",
            options=" ".join(options),
        )
    if any(one.is_new for one in plan.proposed):
        yield t("To keep the codes in the list, add: --codes FILE")


def forbidden(plan: Plan, terms: Terms, t: Translator) -> str:
    """Why a plan without problems is not written yet, and the option that it takes; else empty."""
    if plan.doubtful:
        return t(
            "Nothing was written: {n} things are doubtful. If they are right, add {option}.",
            n=len(plan.doubtful),
            option=_accepting(plan),
        )
    if plan.moved and not terms.allow_moves:
        return t(
            "Nothing was written: stations would move by more than 300 m. If they really "
            "moved, add --allow-moves; if many do, check --datum."
        )
    if plan.removals and not terms.allow_removals:
        return t(
            "Nothing was written: {n} stations would lose facilities that the list does not "
            "name. If they are gone, add --allow-removals; to change one, write +饮水机=故障.",
            n=len(plan.removals),
        )
    return ""


def line(problem: Problem, t: Translator) -> str:
    """One problem: sheet, row, column, value and what to do."""
    return import_report.line(problem, advice(problem, t), t)


def _readings(plan: Plan, t: Translator) -> Iterator[str]:
    """Each hours text with its reading and how many rows have it, the doubtful ones first."""
    found = sorted(plan.hours, key=lambda one: not hours_doubts(one[0]))
    yield from import_report.first(
        found, lambda one: _reading(*one, t), lambda n: t("… and {n} more hours", n=n)
    )


def _reading(text: str, count: int, t: Translator) -> str:
    told = t(
        "Hours: “{text}” is {words} ({n} rows)",
        text=shortened(text),
        words=hours_words(text, t),
        n=count,
    )
    doubts: tuple[Doubt, ...] = hours_doubts(text)
    if not doubts:
        return told
    why = t(", ").join(labels.hours_doubt(t, one) for one in doubts)
    return t("{line}; doubtful: {why}", line=told, why=why)


def _codes(proposed: Sequence[Proposed], t: Translator) -> Iterator[str]:
    """Rows that were taken for stations that are stored, then some of the new codes."""
    yield from import_report.first(
        [one for one in proposed if not one.is_new],
        lambda one: _proposed(one, t),
        lambda n: t("… and {n} more codes", n=n),
    )
    new = [one for one in proposed if one.is_new]
    yield from (_proposed(one, t) for one in new[:_NEW_CODES])
    if len(new) > _NEW_CODES:
        yield t("… and {n} more codes", n=len(new) - _NEW_CODES)


def _proposed(one: Proposed, t: Translator) -> str:
    where = {"sheet": one.sheet, "row": str(one.row), "code": one.code, "name": one.name}
    if one.is_new:
        return t("Code: {sheet}, row {row} {name} at {place} gets {code}", place=one.place, **where)
    return t("Code: {sheet}, row {row} {name} is {code}", **where)


def _is_of_sheet(problem: Problem) -> bool:
    """Whether a problem is no single row's, so that leaving rows out does not help."""
    return problem.row == 0 or problem.code == TableFault.DUPLICATE_COLUMN


def _accepting(plan: Plan) -> str:
    rows = sorted({one.row for one in plan.doubtful})
    if not all(rows) or len(rows) > _MOST_ROWS:
        return "--accept-doubtful"
    return f"--accept-doubtful {','.join(map(str, rows))}"


def _options(plan: Plan, terms: Terms) -> list[str]:
    """The options that a list without problems needs to be written."""
    options = [_accepting(plan)] if plan.doubtful else []
    if plan.moved and not terms.allow_moves:
        options.append("--allow-moves")
    if plan.removals and not terms.allow_removals:
        options.append("--allow-removals")
    return options


def _each(found: Sequence[Problem], say: Callable[[str], str], t: Translator) -> Iterator[str]:
    told = tuple(alike(found, lambda one: say(line(one, t)), t))
    yield from import_report.first(told, str, lambda n: t("… and {n} more", n=n))


def _changed(change: Changed, t: Translator) -> str:
    fields = (
        (
            COLUMNS[one.field][0],
            shortened(_said(one.field, one.before, t)),
            shortened(_said(one.field, one.after, t)),
        )
        for one in change.differences
    )
    return import_report.changed(change.after.code, change.after.name, fields, t)


def _said(field: str, cell: str, t: Translator) -> str:
    """The cell of a field in words: hours and facilities as couriers read them."""
    return revision_words.said(RevisionKind.STATIONS, field, cell, t)
