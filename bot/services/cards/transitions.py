"""What the records of one number do to its application: pure, and the only place that decides it.

A stage is a status: another label of the same status (预审中, 终审中) belongs to the stage that
there is, and only unknown statuses are distinguished by their labels. Several records of one
number are its history; the latest gives the present. What a record leaves empty stays as it is, but
office, deadline, missing documents, parcel and reason belong to a stage and end with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from bot.services.cards.records import (
    CardRecord,
    Outcome,
    OutcomeKind,
    RecordRefusal,
    Stage,
    State,
    Step,
)
from bot.services.cards.statuses import SETTLED, CardStatus, Labels, is_backwards

NEXT_STAGE: Final = timedelta(seconds=1)
TOLERANCE: Final = timedelta(days=1)
"""How far ahead a bank's clock may be."""


def decide(
    before: State | None,
    past: Sequence[tuple[CardStatus, datetime]],
    records: Sequence[CardRecord],
    now: datetime,
    labels: Labels,
) -> tuple[Outcome, Step | None]:
    """What the records of one number do to its application; `labels` as they stand for statuses."""
    if any(max(one.at or one.as_of, one.as_of) > now + TOLERANCE for one in records):
        return _refused(RecordRefusal.FUTURE), None
    ordered = _in_order(records, labels)
    if ordered is None:
        return _refused(RecordRefusal.TWICE), None
    if before is None:
        return _begin(ordered, labels)
    return _go_on(before, past, ordered, labels)


def _in_order(records: Sequence[CardRecord], labels: Labels) -> list[CardRecord] | None:
    """The stages that the records report, oldest first; None where it is unclear which is last."""
    if len(records) == 1:
        return [records[0]]
    ordered = sorted(records, key=lambda one: one.at or one.as_of)
    stages = [ordered[0]]
    for one, after in pairwise(ordered):
        if _is_same(labels.status_of(one.label), one.label, after, labels):
            stages[-1] = replace(after, at=stages[-1].at)
        elif (one.at or one.as_of) == (after.at or after.as_of):
            return None
        else:
            stages.append(after)
    return stages


def _begin(ordered: Sequence[CardRecord], labels: Labels) -> tuple[Outcome, Step | None]:
    last = ordered[-1]
    given: dict[str, Any] = {name: _last_given(ordered, name) for name in _KEPT_FIELDS}
    if not given["phone"] and not given["id_last4"]:
        return _refused(RecordRefusal.NO_FACT), None
    stages: list[Stage] = []
    for one in ordered:
        follows = stages[-1].code if stages else CardStatus.UNKNOWN
        stages.append(_stage(one, one.at or one.as_of, follows, labels))
        if stages[-1].backwards and not one.allow_backwards:
            return _refused(RecordRefusal.BACKWARDS), None
    code, at = stages[-1].code, stages[-1].at
    after = State(
        id=0,
        number=last.number,
        status=code,
        label=last.label,
        stage_at=at,
        as_of=last.as_of,
        backwards=stages[-1].backwards,
        settled_at=at if code in SETTLED else None,
        **given,
        **{name: getattr(last, name) for name in _STAGE_FIELDS},
    )
    return Outcome(OutcomeKind.NEW), Step(None, after, tuple(stages), moves=False)


def _go_on(
    before: State,
    past: Sequence[tuple[CardStatus, datetime]],
    ordered: Sequence[CardRecord],
    labels: Labels,
) -> tuple[Outcome, Step | None]:
    last = ordered[-1]
    code = labels.status_of(last.label)
    same = _is_same(before.status, before.label, last, labels)
    lasting: dict[str, Any] = {
        name: _last_given(ordered, name) or getattr(before, name) for name in _KEPT_FIELDS
    }
    after = replace(before, label=last.label, as_of=max(before.as_of, last.as_of), **lasting)
    stages: list[Stage] = []
    if same:
        given = {name: getattr(last, name) or getattr(before, name) for name in _STAGE_FIELDS}
        after = replace(after, **given)
    else:
        known = before.status
        if known == CardStatus.UNKNOWN:
            known = next(
                (one for one, _ in reversed(past) if one != CardStatus.UNKNOWN), CardStatus.UNKNOWN
            )
        # A day without its hour would stand before the hour of the stage that it follows.
        at = max(last.at or last.as_of, before.stage_at + NEXT_STAGE)
        stages.append(_stage(last, at, known, labels))
        after = replace(
            after,
            status=code,
            stage_at=at,
            backwards=stages[-1].backwards,
            settled_at=at if code in SETTLED else None,
            **{name: getattr(last, name) for name in _STAGE_FIELDS},
        )
    if len(ordered) > 1:
        known_at = {at for _, at in past}
        earlier = [one for one in ordered[:-1] if one.at is not None and one.at not in known_at]
        stages[:0] = [
            _stage(one, one.at, CardStatus.UNKNOWN, labels)
            for one in earlier
            if one.at and one.at < after.stage_at
        ]
    if not stages and after == replace(before, as_of=after.as_of):
        step = None if after == before else Step(before, after, (), moves=False)
        return Outcome(OutcomeKind.UNCHANGED), step
    if last.as_of < before.as_of:
        return Outcome(OutcomeKind.OUTDATED), None
    if not same and after.backwards and not last.allow_backwards:
        return _refused(RecordRefusal.BACKWARDS), None
    step = Step(before, after, tuple(stages), moves=not same)
    return Outcome(OutcomeKind.UPDATED if same else OutcomeKind.MOVED), step


def _refused(reason: RecordRefusal) -> Outcome:
    return Outcome(OutcomeKind.REFUSED, reason)


def _is_same(code: CardStatus, label: str, record: CardRecord, labels: Labels) -> bool:
    now = labels.status_of(record.label)
    return now == code and (code != CardStatus.UNKNOWN or label == record.label)


def _stage(record: CardRecord, at: datetime, follows: CardStatus, labels: Labels) -> Stage:
    code = labels.status_of(record.label)
    return Stage(code, record.label, at, record.office, is_backwards(follows, code))


def _last_given(ordered: Sequence[CardRecord], name: str) -> str:
    given: Iterable[str] = (getattr(one, name) for one in reversed(ordered))
    return next(filter(None, given), "")


_KEPT_FIELDS: Final = ("name", "phone", "id_last4", "firm", "outlet_code", "outlet_name")
_STAGE_FIELDS: Final = ("office", "seal_by", "missing_docs", "parcel", "reject_reason")
