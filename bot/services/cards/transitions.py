"""What the records of one number do to its application: pure, and the only place that decides it.

A stage is a status code: another label of the same code (预审中, 终审中) goes with the stage that
there is, and only an unknown code is told apart by its label. Several records of one number are
its history; the latest states the present. What a record does not say stays as it is, but office,
deadline, missing papers, parcel and reason belong to a stage and go with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from bot.services.cards.records import CardRecord, Outcome, Stage, State, Step
from bot.services.cards.statuses import SETTLED, UNKNOWN, code_of, is_backwards

NEXT: Final = timedelta(seconds=1)
FUTURE: Final = timedelta(days=1)


def decide(
    before: State | None,
    past: Sequence[tuple[str, datetime]],
    records: Sequence[CardRecord],
    now: datetime,
) -> tuple[Outcome, Step | None]:
    """What the records of one number do to its application."""
    if any(max(one.at or one.as_of, one.as_of) > now + FUTURE for one in records):
        return Outcome("refused", "future"), None
    ordered = _in_order(records)
    if ordered is None:
        return Outcome("refused", "twice"), None
    if before is None:
        return _begin(ordered)
    return _go_on(before, past, ordered)


def _in_order(records: Sequence[CardRecord]) -> list[CardRecord] | None:
    """The stages that the records tell of, oldest first; None where it is unclear which is last."""
    if len(records) == 1:
        return [records[0]]
    ordered = sorted(records, key=lambda one: one.at or one.as_of)
    told = [ordered[0]]
    for one, after in pairwise(ordered):
        if _is_same(code_of(one.label), one.label, after):
            told[-1] = replace(after, at=told[-1].at)
        elif (one.at or one.as_of) == (after.at or after.as_of):
            return None
        else:
            told.append(after)
    return told


def _begin(ordered: Sequence[CardRecord]) -> tuple[Outcome, Step | None]:
    last = ordered[-1]
    said: dict[str, Any] = {name: _last_said(ordered, name) for name in _LASTING}
    if not said["phone"] and not said["id_last4"]:
        return Outcome("refused", "no_fact"), None
    stages: list[Stage] = []
    for one in ordered:
        stages.append(_stage(one, one.at or one.as_of, stages[-1].code if stages else UNKNOWN))
        if stages[-1].backwards and not one.allow_backwards:
            return Outcome("refused", "backwards"), None
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
        **said,
        **{name: getattr(last, name) for name in _PASSING},
    )
    return Outcome("new"), Step(None, after, tuple(stages), moves=False)


def _go_on(
    before: State, past: Sequence[tuple[str, datetime]], ordered: Sequence[CardRecord]
) -> tuple[Outcome, Step | None]:
    last = ordered[-1]
    code = code_of(last.label)
    same = _is_same(before.status, before.label, last)
    lasting: dict[str, Any] = {
        name: _last_said(ordered, name) or getattr(before, name) for name in _LASTING
    }
    after = replace(before, label=last.label, as_of=max(before.as_of, last.as_of), **lasting)
    stages: list[Stage] = []
    if same:
        said = {name: getattr(last, name) or getattr(before, name) for name in _PASSING}
        after = replace(after, **said)
    else:
        known = before.status
        if known == UNKNOWN:
            known = next((one for one, _ in reversed(past) if one != UNKNOWN), UNKNOWN)
        # A day without its hour would stand before the hour of the stage that it follows.
        at = max(last.at or last.as_of, before.stage_at + NEXT)
        stages.append(_stage(last, at, known))
        after = replace(
            after,
            status=code,
            stage_at=at,
            backwards=stages[-1].backwards,
            settled_at=at if code in SETTLED else None,
            **{name: getattr(last, name) for name in _PASSING},
        )
    if len(ordered) > 1:
        known_at = {at for _, at in past}
        earlier = [one for one in ordered[:-1] if one.at is not None and one.at not in known_at]
        stages[:0] = [
            _stage(one, one.at, UNKNOWN) for one in earlier if one.at and one.at < after.stage_at
        ]
    if not stages and after == replace(before, as_of=after.as_of):
        step = None if after == before else Step(before, after, (), moves=False)
        return Outcome("unchanged"), step
    if last.as_of < before.as_of:
        return Outcome("outdated"), None
    if not same and after.backwards and not last.allow_backwards:
        return Outcome("refused", "backwards"), None
    step = Step(before, after, tuple(stages), moves=not same)
    return Outcome("updated" if same else "moved"), step


def _is_same(code: str, label: str, record: CardRecord) -> bool:
    now = code_of(record.label)
    return now == code and (code != UNKNOWN or label == record.label)


def _stage(record: CardRecord, at: datetime, follows: str) -> Stage:
    code = code_of(record.label)
    return Stage(code, record.label, at, record.office, is_backwards(follows, code))


def _last_said(ordered: Sequence[CardRecord], name: str) -> str:
    said: Iterable[str] = (getattr(one, name) for one in reversed(ordered))
    return next(filter(None, said), "")


_LASTING: Final = ("name", "phone", "id_last4", "firm", "outlet_code", "outlet_name")
_PASSING: Final = ("office", "seal_by", "missing_docs", "parcel", "reject_reason")
