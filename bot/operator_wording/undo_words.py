"""What undoing a revision would do, and why it is refused, as operators read it."""

from collections.abc import Iterator, Mapping, Sequence

from bot.common.i18n import Translator
from bot.operator_wording import import_report, revision_words
from bot.operator_wording.import_report import shortened
from bot.services.content.importing.undo import ContentUndo
from bot.services.operators.revisions import (
    Conflict,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.stations.editing.holidays import HolidaysUndo
from bot.services.stations.editing.undo import StationsUndo
from bot.services.stations.importing.columns import COLUMNS as STATION_COLUMNS
from bot.services.trainings.importing.columns import COLUMNS as TRAINING_COLUMNS
from bot.services.trainings.importing.undo import Obstacle, TrainingsUndo


def stations_undo(undo: StationsUndo, t: Translator) -> Iterator[str]:
    """What undoing would do to stations."""

    def changed(code: str, name: str, was: Mapping[str, str], now: Mapping[str, str]) -> str:
        fields = (
            (
                STATION_COLUMNS[one][0],
                shortened(revision_words.said(RevisionKind.STATIONS, one, was[one], t)),
                shortened(revision_words.said(RevisionKind.STATIONS, one, now[one], t)),
            )
            for one in was
        )
        return import_report.changed(code, name, fields, t)

    yield from import_report.first(
        [*undo.closed, *undo.changed],
        lambda one: changed(
            one.after.code,
            one.after.name,
            {of.field: of.before for of in one.differences},
            {of.field: of.after for of in one.differences},
        ),
        lambda n: t("… and {n} more changed", n=n),
    )
    yield from import_report.first(
        undo.removed,
        lambda one: t("Removed: {code} {name}", code=one.entry.code, name=one.entry.name),
        lambda n: t("… and {n} more removed", n=n),
    )
    yield from import_report.first(
        [*(one.entry for one in undo.added), *(one.entry for one in undo.unmerged)],
        lambda one: t("Back again: {code} {name}", code=one.code, name=one.name),
        lambda n: t("… and {n} more back again", n=n),
    )
    if undo.unmerged:
        yield t(
            "What couriers saved, said and asked for before the merge goes back to it; what came "
            "since stays with the other station."
        )
    if undo.closed:
        yield t(
            "{n} of the stations that it added are kept by couriers: those are closed, not "
            "removed.",
            n=len(undo.closed),
        )
    yield t(
        "{changed} changed back, {removed} removed, {added} back again; {n} couriers are told.",
        changed=len(undo.changed) + len(undo.closed),
        removed=len(undo.removed),
        added=len(undo.added) + len(undo.unmerged),
        n=undo.keepers,
    )


def trainings_undo(undo: TrainingsUndo, t: Translator) -> Iterator[str]:
    """What undoing would do to trainings, and what it cannot."""
    for change in undo.plan.changed:
        fields = (
            (TRAINING_COLUMNS[one.field][0], shortened(one.before), shortened(one.after))
            for one in change.differences
        )
        yield import_report.changed(change.after.code, change.after.title, fields, t)
    for _, record in undo.removed:
        title = str((record.before or {}).get("title", ""))
        yield t("Removed: {code} {name}", code=record.code, name=title)
    for entry in undo.plan.new:
        yield t("Back again: {code} {name}", code=entry.code, name=entry.title)
    for code, obstacle in undo.obstacles.items():
        yield t(
            "Cannot be undone: {code}: {reason}", code=code, reason=obstacle_reason(obstacle, t)
        )
    if undo.notified:
        yield t(
            "{n} couriers are told of the change back; what was sent before stays sent.",
            n=undo.notified,
        )


def obstacle_reason(obstacle: Obstacle, t: Translator) -> str:
    """Why a training cannot be brought back."""
    match obstacle:
        case Obstacle.CANCELLED:
            return t("it was called off and its couriers were told; import a new session instead")
        case Obstacle.REGISTERED:
            return t("couriers have registered; call it off with yizhan trainings cancel")
        case Obstacle.OVER:
            return t("it has begun or is over, or would begin in the past")
        case Obstacle.SEATS:
            return t("more seats are taken than there were before")


def holidays_undo(undo: HolidaysUndo, t: Translator) -> Iterator[str]:
    """What undoing would do to holidays."""
    for record in undo.records:
        told = t("; ").join(revision_words.lines(RevisionKind.HOLIDAYS, record, t))
        yield t("{field}: {value}", field=record.code, value=told)


def content_undo(undo: ContentUndo, t: Translator) -> Iterator[str]:
    """What undoing would do to content."""
    for record in undo.records:
        told = t("; ").join(revision_words.lines(RevisionKind.CONTENT, record, t))
        yield t("{field}: {value}", field=record.code, value=told)


def conflicts(kind: RevisionKind, found: Sequence[Conflict], t: Translator) -> Iterator[str]:
    """Why it is not undone: what was changed again since, and by which revision."""
    yield from import_report.first(
        found,
        lambda one: _conflict(kind, one, t),
        lambda n: t("… and {n} more changed since", n=n),
    )


def _conflict(kind: RevisionKind, one: Conflict, t: Translator) -> str:
    where = {"code": one.code, "field": revision_words.field(kind, one.field, t)}
    if one.later is None:
        return t("Changed since: {code}, {field}", **where)
    return t(
        "Changed since: {code}, {field}, by revision {n}; undo that one first ({revision})",
        n=one.later.id,
        revision=revision_words.heading(one.later, t),
        **where,
    )


def refused(number: int, error: UndoRefused, t: Translator) -> str:
    """Why a revision cannot be undone at all."""
    match error.reason:
        case UndoRefusal.UNKNOWN:
            return t("There is no revision {n} here. See: history", n=number)
        case UndoRefusal.UNDONE:
            return t("Revision {n} was undone already, by revision {by}.", n=number, by=error.by)
        case UndoRefusal.EXPIRED:
            return t("Revision {n} is older than 30 days and is not undone any more.", n=number)
        case UndoRefusal.MERGE:
            return t("Revision {n} took a merge back; merge the two stations again.", n=number)
        case UndoRefusal.CONFLICTS:
            return t("Nothing was undone: the data were changed meanwhile. Try again.")
