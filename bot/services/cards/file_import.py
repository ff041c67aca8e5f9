"""A bank's list of applications against the database: read, checked and compared.

A file is applied whole or not at all. Not one value of a person reaches a problem: row and column
say enough to find it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.values import value
from bot.services.cards.ingest import Plan, plan
from bot.services.cards.record_parser import is_forbidden, read_record
from bot.services.cards.records import CardRecord, Outcome, OutcomeKind, RecordRefusal
from bot.services.cards.statuses import CardStatus
from bot.services.personal_data.masking import mask_number
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Answers, Problem
from bot.store.encryption import Keyring
from bot.store.models.stations import StationRow

MAX_BYTES: Final = 100_000_000

COLUMNS: Final[reader.Columns] = {
    "number": ("申请编号", "申请号", "申请单号", "受理编号", "业务编号", "number",
               "application_no"),
    "name": ("姓名", "申请人", "客户姓名", "name"),
    "phone": ("手机号", "手机号码", "手机", "联系电话", "电话", "手机后四位", "手机尾号",
              "手机号后四位", "phone", "phone_last4"),
    "id_last4": ("身份证后四位", "证件后四位", "身份证尾号", "证件尾号", "身份证号后四位", "身份证",
                 "身份证号", "证件号", "证件号码", "id_last4"),
    "label": ("状态", "办理状态", "申请状态", "进度", "status"),
    "at": ("状态时间", "状态日期", "更新时间", "办理时间", "status_at"),
    "office": ("经办机构", "经办网点", "受理机构", "office"),
    "outlet_code": ("领取网点编号", "网点编号", "outlet_code"),
    "outlet_name": ("领取网点", "领卡网点", "领取地点", "outlet", "outlet_name"),
    "seal_by": ("封存日期", "领取截止", "领取截止日期", "seal_by"),
    "missing_docs": ("缺少材料", "待补材料", "补件说明", "missing_docs"),
    "parcel": ("快递单号", "运单号", "邮寄单号", "物流单号", "parcel"),
    "reject_reason": ("拒绝原因", "未通过原因", "原因", "reject_reason"),
    "firm": ("快递公司", "所属公司", "工作单位", "所属企业", "firm"),
    "as_of": ("数据截至", "数据截至时间", "数据日期", "as_of"),
}  # fmt: skip
"""Field → the headings it is known by. 快递公司 is the courier's employer, no parcel's carrier."""


class Listed(NamedTuple):
    """A record and where it stands."""

    sheet: str
    row: int
    record: CardRecord


class Move(NamedTuple):
    """An application whose status changes; its number is masked."""

    number: str
    before: CardStatus
    after: CardStatus


class ListFault(StrEnum):
    """What is wrong with a bank's list, beside the faults of any table and of single records."""

    FACT_COLUMN = "fact_column"
    """No column has digits that an owner is verified by."""
    UNKNOWN_LABEL = "unknown_label"
    UNKNOWN_OUTLET = "unknown_outlet"


@value
class FilePlan:
    """What applying a file would do. `problems` prevent it; `warnings` do not.

    `counts` by kind of outcome, in rows.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    moves: tuple[Move, ...]
    counts: Mapping[OutcomeKind, int]
    plan: Plan


def read(
    data: bytes,
    csv_name: str,
    *,
    mapping: Answers = MappingProxyType({}),
    remembered: Mapping[str, Answers] = MappingProxyType({}),
) -> reader.Table:
    """The file's rows; no value of it stands in what is said about them.

    Raises `FileRefused`; see `reader.read` for the arguments.
    """
    table = reader.read(
        data,
        COLUMNS,
        csv_name=csv_name,
        forbidden=is_forbidden,
        mapping=mapping,
        remembered=remembered,
        max_bytes=MAX_BYTES,
    )
    problems = _without_values(table.problems)
    for sheet in table.sheets:
        missing = [name for name in ("number", "label") if name not in sheet.fields]
        problems += tuple(
            Problem(sheet.name, 0, COLUMNS[name][0], "", TableFault.MISSING_COLUMN)
            for name in missing
        )
        if not {"phone", "id_last4"} & set(sheet.fields):
            problems += (Problem(sheet.name, 0, COLUMNS["phone"][0], "", ListFault.FACT_COLUMN),)
    return replace(
        table,
        problems=problems,
        notes=_without_values(table.notes),
        filled=_without_values(table.filled),
    )


def _without_values(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(replace(one, value="") for one in problems)


def records(
    table: reader.Table, as_of: datetime, *, allow_backwards: bool
) -> tuple[list[Listed], list[Problem]]:
    """The rows as records, and what is wrong with the others."""
    listed: list[Listed] = []
    problems: list[Problem] = []
    reported = {(one.sheet, one.row, one.column) for one in table.problems}
    for sheet in table.sheets:
        for row, cells in sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            found = read_record(values, as_of, allow_backwards=allow_backwards)
            if isinstance(found, CardRecord):
                listed.append(Listed(sheet.name, row, found))
                continue
            for fault in found:
                column = sheet.headings.get(fault.field, COLUMNS[fault.field][0])
                if (sheet.name, row, column) not in reported:
                    problems.append(Problem(sheet.name, row, column, "", fault.code, fault.params))
    return listed, problems


async def plan_import(
    db: AsyncSession,
    keys: Keyring,
    table: reader.Table,
    as_of: datetime,
    now: datetime,
    *,
    allow_backwards: bool,
) -> FilePlan:
    """Compares a file with the applications. Reads only."""
    listed, wrong = records(table, as_of, allow_backwards=allow_backwards)
    done = await plan(db, keys, [one.record for one in listed], now)
    problems = [*table.problems, *wrong, *_refused(listed, done.outcomes)]
    counts: dict[OutcomeKind, int] = {}
    for one in done.outcomes:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return FilePlan(
        problems=tuple(sorted(problems, key=lambda one: (one.sheet, one.row))),
        warnings=(
            *table.warnings,
            *_unknown_labels(listed, done),
            *await _unknown_outlets(db, listed),
        ),
        moves=tuple(
            Move(mask_number(one.after.number), one.before.status, one.after.status)
            for one in done.steps
            if one.moves and one.before
        ),
        counts=counts,
        plan=done,
    )


def _refused(listed: Sequence[Listed], outcomes: Sequence[Outcome]) -> list[Problem]:
    return [
        Problem(one.sheet, one.row, COLUMNS[_column_of(outcome.reason)][0], "", outcome.reason)
        for one, outcome in zip(listed, outcomes, strict=True)
        if outcome.reason is not None
    ]


def _column_of(reason: RecordRefusal) -> str:
    match reason:
        case RecordRefusal.NO_FACT:
            return "phone"
        case RecordRefusal.BACKWARDS:
            return "label"
        case RecordRefusal.TWICE:
            return "number"
        case RecordRefusal.FUTURE:
            return "at"


async def _unknown_outlets(db: AsyncSession, listed: Sequence[Listed]) -> list[Problem]:
    """One warning for each outlet code that no station has, at its first row."""
    first = {one.record.outlet_code: one for one in reversed(listed) if one.record.outlet_code}
    codes = sorted(first)
    for piece in pieces(codes, 1000):
        for code in await db.scalars(select(StationRow.code).where(StationRow.code.in_(piece))):
            del first[code]
    column = COLUMNS["outlet_code"][0]
    return [
        Problem(one.sheet, one.row, column, "", ListFault.UNKNOWN_OUTLET) for one in first.values()
    ]


def _unknown_labels(listed: Sequence[Listed], done: Plan) -> list[Problem]:
    """One warning for each label without a known status, at its first row."""
    first = {one.record.label: one for one in reversed(listed) if one.record.label in done.unknown}
    return [
        Problem(
            one.sheet,
            one.row,
            COLUMNS["label"][0],
            "",
            ListFault.UNKNOWN_LABEL,
            {"n": str(done.unknown[label])},
        )
        for label, one in first.items()
    ]
