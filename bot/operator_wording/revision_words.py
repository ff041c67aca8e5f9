"""Revisions as operators read them: who, when, from which file, each field before and after."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.geo.datum import Datum
from bot.geo.places import Places
from bot.handlers.stations.facilities import facility
from bot.operator_wording import import_report
from bot.operator_wording.datum_words import datum_name
from bot.operator_wording.hours_words import dated, week
from bot.operator_wording.import_report import shortened
from bot.services.content.importing.columns import COLUMNS as CONTENT_COLUMNS
from bot.services.content.importing.columns import KINDS
from bot.services.content.importing.undo import ContentUndo
from bot.services.honours.importing import COLUMNS as HONOUR_COLUMNS
from bot.services.operators.revisions import (
    Conflict,
    Record,
    Revision,
    RevisionAction,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
    Value,
)
from bot.services.spreadsheets.cells import write_moment
from bot.services.stations.editing.holidays import HolidaysUndo
from bot.services.stations.editing.undo import StationsUndo
from bot.services.stations.importing.columns import COLUMNS as STATION_COLUMNS
from bot.services.trainings.importing.columns import COLUMNS as TRAINING_COLUMNS
from bot.services.trainings.importing.columns import STATUS_NAMES
from bot.services.trainings.importing.undo import Obstacle, TrainingsUndo
from bot.services.trainings.statuses import TrainingStatus


def heading(revision: Revision, t: Translator) -> str:
    """One line: number, moment, who, what, file or reason, and what became of it."""
    when = revision.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    parts = [f"{revision.id}  {when}", revision.actor or "–", action(revision, t)]
    if revision.source:
        parts.append(revision.source)
    if revision.undone_by is not None:
        parts.append(t("(undone by revision {n})", n=revision.undone_by))
    return "  ".join(parts)


def action(revision: Revision, t: Translator) -> str:
    """What was done."""
    match revision.action:
        case RevisionAction.IMPORT:
            return t("imported")
        case RevisionAction.ADD:
            return t("added")
        case RevisionAction.SET:
            return t("changed")
        case RevisionAction.CLOSE:
            return t("closed by hand")
        case RevisionAction.REOPEN:
            return t("reopened")
        case RevisionAction.VERIFY:
            return t("verified")
        case RevisionAction.FACILITY:
            return t("facility changed")
        case RevisionAction.RESCHEDULE:
            return t("rescheduled")
        case RevisionAction.CANCEL:
            return t("called off")
        case RevisionAction.UNDO:
            return t("revision {n} undone", n=revision.undoes)
        case RevisionAction.APPROVE:
            return t("approved")
        case RevisionAction.DECLINE:
            return t("declined")
        case RevisionAction.SHORTLIST:
            return t("put on the short list")
        case RevisionAction.PUBLISH:
            return t("result published")
        case RevisionAction.REVIEW:
            return t("votes reviewed")
        case RevisionAction.MERGE:
            return t("merged with the same station entered twice")


def lines(kind: RevisionKind, record: Record, t: Translator) -> Iterator[str]:
    """Each field of a record: what was there and what was there afterwards.

    Of a record that came or went: what it holds, without noughts and noes.
    """
    blank = t("(blank)")
    if record.before is None:
        yield t("added to the list")
    if record.after is None:
        yield t("removed from the list")
    was, now = record.before or {}, record.after or {}
    for name in {**was, **now}:
        before, after = (said(kind, name, one.get(name), t) for one in (was, now))
        if record.before is None or record.after is None:
            if (was.get(name) or now.get(name)) and (text := before or after):
                yield t("{field}: {value}", field=field(kind, name, t), value=text)
        elif before != after:
            change = f"{before or blank} → {after or blank}"
            yield t("{field}: {value}", field=field(kind, name, t), value=change)


def field(kind: RevisionKind, name: str, t: Translator) -> str:
    """The heading of a field in lists."""
    if not name:
        return t("the record itself")
    match kind:
        case RevisionKind.STATIONS:
            return STATION_COLUMNS[name][0] if name in STATION_COLUMNS else name
        case RevisionKind.TRAININGS:
            column = "lng" if name == "lon" else name
            return TRAINING_COLUMNS[column][0] if column in TRAINING_COLUMNS else name
        case RevisionKind.CONTENT:
            return CONTENT_COLUMNS[name][0] if name in CONTENT_COLUMNS else name
        case RevisionKind.HONOURS:
            return HONOUR_COLUMNS[name][0] if name in HONOUR_COLUMNS else name
        case RevisionKind.HOLIDAYS:
            names = {
                "name": t("name"),
                "is_off": t("day off"),
                "replaces": t("hours as on"),
                "source": t("file"),
            }
            return names.get(name, name)


def said(kind: RevisionKind, name: str, value: Value, t: Translator) -> str:
    """A value in words; "" where there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    text = str(value)
    if kind is RevisionKind.STATIONS:
        return _of_station(name, text, t)
    if kind is RevisionKind.CONTENT:
        if name == "kind":
            return next((word for word, one in KINDS.items() if one == text and word != text), text)
        place = Places.load().by_adcode.get(text) if name == "league" else None
        return shortened(" ".join(text.split())) if place is None else place.name
    if kind is RevisionKind.TRAININGS:
        if name in {"starts_at", "ends_at", "deadline"}:
            return write_moment(datetime.fromisoformat(text))
        if name in {"league", "only_league"}:
            place = Places.load().by_adcode.get(text)
            return text if place is None else place.name
        if name == "status":
            return STATUS_NAMES[TrainingStatus(text)]
    if kind is RevisionKind.HONOURS and name == "leagues":
        return league_names(text)
    return text


def league_names(text: str) -> str:
    """The names of leagues whose adcodes stand between commas."""
    places = Places.load().by_adcode
    codes = [one for one in text.split(",") if one]
    return "、".join(places[one].name if one in places else one for one in codes)


def _of_station(name: str, text: str, t: Translator) -> str:
    if name == "hours":
        return week(text, t)
    if name == "facilities":
        items = (item.partition("=") for item in text.split(";"))
        return t(", ").join(
            facility(t, code) + (t("({state})", state=state) if state else "")
            for code, _, state in items
        )
    if name == "changes":
        return dated(text, t)
    if name == "datum" and text in set(Datum):
        return datum_name(Datum(text), t)
    return text


def stations_undo(undo: StationsUndo, t: Translator) -> Iterator[str]:
    """What undoing would do to stations."""

    def changed(code: str, name: str, was: Mapping[str, str], now: Mapping[str, str]) -> str:
        fields = (
            (
                STATION_COLUMNS[one][0],
                shortened(said(RevisionKind.STATIONS, one, was[one], t)),
                shortened(said(RevisionKind.STATIONS, one, now[one], t)),
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
        told = t("; ").join(lines(RevisionKind.HOLIDAYS, record, t))
        yield t("{field}: {value}", field=record.code, value=told)


def content_undo(undo: ContentUndo, t: Translator) -> Iterator[str]:
    """What undoing would do to content."""
    for record in undo.records:
        told = t("; ").join(lines(RevisionKind.CONTENT, record, t))
        yield t("{field}: {value}", field=record.code, value=told)


def conflicts(kind: RevisionKind, found: Sequence[Conflict], t: Translator) -> Iterator[str]:
    """Why it is not undone: what was changed again since, and by which revision."""
    yield from import_report.first(
        found,
        lambda one: _conflict(kind, one, t),
        lambda n: t("… and {n} more changed since", n=n),
    )


def _conflict(kind: RevisionKind, one: Conflict, t: Translator) -> str:
    where = {"code": one.code, "field": field(kind, one.field, t)}
    if one.later is None:
        return t("Changed since: {code}, {field}", **where)
    return t(
        "Changed since: {code}, {field}, by revision {n}; undo that one first ({revision})",
        n=one.later.id,
        revision=heading(one.later, t),
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
