"""Revisions as operators read them: who, when, from which file, each field before and after."""

from collections.abc import Iterator
from datetime import datetime

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.geo.datum import Datum
from bot.geo.places import Places
from bot.handlers.stations.facilities import facility
from bot.operator_wording.datum_words import datum_name
from bot.operator_wording.hours_words import dated, week
from bot.operator_wording.import_report import shortened
from bot.services.content.importing.columns import COLUMNS as CONTENT_COLUMNS
from bot.services.content.importing.columns import KINDS
from bot.services.honours.importing import COLUMNS as HONOUR_COLUMNS
from bot.services.operators.revisions import (
    Record,
    Revision,
    RevisionAction,
    RevisionKind,
    Value,
)
from bot.services.spreadsheets.cells import write_moment
from bot.services.stations.importing.columns import COLUMNS as STATION_COLUMNS
from bot.services.trainings.importing.columns import COLUMNS as TRAINING_COLUMNS
from bot.services.trainings.importing.columns import STATUS_NAMES
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
