"""Attendance from paper: who signed a list, found among the registrations, marked as attended.

Nothing is guessed: an entry that fits nobody, several or somebody without a seat is told.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.couriers.profiles import NAME, PHONE
from bot.services.personal_data.validation import mobile_phone, plain, without_decimals
from bot.services.spreadsheets.cells import clean
from bot.services.trainings import notifications
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import (
    LIVE,
    RegistrationStatus,
    TrainingRefusal,
    TrainingStatus,
)
from bot.store.encryption import Keyring
from bot.store.models.profiles import ProfileRow
from bot.store.models.trainings import CertificateRow, RegistrationRow

if TYPE_CHECKING:  # the reader of workbooks is not for the chat
    from bot.services.spreadsheets.tables import Columns, Sheet

COLUMNS: "Final[Columns]" = {
    "name": ("姓名", "name", "骑手姓名", "参训人员", "学员姓名", "学员"),
    "phone": ("手机尾号", "phone", "手机号", "手机号码", "手机", "电话", "联系电话", "手机后四位"),
    "number": ("报名编号", "number", "报名号"),
    "signed": ("签到", "signed", "签到时间", "签名", "到场", "是否到场", "出席", "是否出席"),
}
"""Field → headings; `signed` is blank for those who did not come."""
_ABSENT: Final = frozenset({"", "否", "无", "未到", "未签到", "缺席", "请假", "no", "0", "x", "×"})
_LAST: Final = LazyPattern(r"[0-9]{4}")
_NUMBER: Final = LazyPattern(r"[0-9]{1,18}")
_JOINTS: Final = LazyPattern(r"[\s/,，、]+")


@value
class PaperEntry:
    """Who is meant: all that is given must fit. `phone` whole or its last four digits.

    `row` of the list, 0 for one that was typed; `text` as typed.
    """

    row: int = 0
    text: str = ""
    name: str = ""
    phone: str = ""
    number: str = ""


class Miss(StrEnum):
    """Why an entry marks nobody."""

    UNREADABLE = "unreadable"
    NOBODY = "nobody"
    SEVERAL = "several"
    NO_SEAT = "no_seat"


@value
class AttendancePlan:
    """`fresh`: the registrations to mark; `known`: how many were marked before."""

    fresh: tuple[int, ...]
    known: int
    missed: tuple[tuple[PaperEntry, Miss], ...]


def typed(text: str) -> PaperEntry:
    """`张三`, `1234`, `张三 1234`, a whole phone or `#12`, a registration number, as an entry."""
    name, phone, number = "", "", ""
    for part in filter(None, _JOINTS.split(clean(text))):
        if part.startswith("#"):
            number = part[1:]
        elif part[0].isdecimal() or part[0] == "+":
            phone = part
        else:
            name += part
    return PaperEntry(0, text, name, phone, number)


def listed(sheet: "Sheet") -> list[PaperEntry]:
    """The rows of a list of those who came; rows that nobody signed are left out."""
    entries = []
    for row, cells in sheet.rows:
        values = dict(zip(sheet.fields, cells, strict=True))
        if values.pop("signed", "1").casefold() not in _ABSENT:
            entries.append(PaperEntry(row, **values))
    return entries


async def plan(
    db: AsyncSession, keys: Keyring, training_id: int, entries: Iterable[PaperEntry]
) -> AttendancePlan:
    """Finds the entries among the registrations of the training; reads only."""
    found = await db.execute(
        select(RegistrationRow, ProfileRow)
        .outerjoin(ProfileRow, ProfileRow.courier_id == RegistrationRow.courier_id)
        .where(RegistrationRow.training_id == training_id, RegistrationRow.status.in_(LIVE))
        .order_by(RegistrationRow.id)
    )
    people = [_person(keys, row, profile) for row, profile in found]
    fresh: dict[int, None] = {}
    known: set[int] = set()
    missed: list[tuple[PaperEntry, Miss]] = []
    for entry in entries:
        match _find(entry, people):
            case _Person(id=number, attended=attended):
                if attended:
                    known.add(number)
                else:
                    fresh[number] = None
            case miss:
                missed.append((entry, miss))
    return AttendancePlan(tuple(fresh), len(known), tuple(missed))


async def mark(
    db: AsyncSession, seating: Seating, training_id: int, ids: Sequence[int], now: datetime
) -> int:
    """Marks registrations as attended at the start of the training; how many were not before.

    A time that was recorded stays. Raises `TrainingRefused` (`CANCELLED`, `NOT_OPEN` before the
    start).
    """
    training = await seating.lock(db, training_id, now)
    if training.status == TrainingStatus.CANCELLED:
        raise TrainingRefused(TrainingRefusal.CANCELLED, training_id)
    if now < training.starts_at:
        raise TrainingRefused(TrainingRefusal.NOT_OPEN, training_id)
    rows = await db.scalars(
        select(RegistrationRow)
        .where(
            RegistrationRow.training_id == training_id,
            RegistrationRow.id.in_(ids),
            RegistrationRow.status == RegistrationStatus.SEAT,
            RegistrationRow.attended_at.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    count = 0
    for row in list(rows):
        row.attended_at, row.updated_at = training.starts_at, now
        if now < training.ends_at + notifications.FEEDBACK_WINDOW:
            await notifications.queue_feedback_request(db, row, training, now)
        count += 1
    await db.flush()
    return count


async def unmark(
    db: AsyncSession, seating: Seating, training_id: int, ids: Sequence[int], now: datetime
) -> int:
    """Takes back marks that were made by hand; how many. The request for feedback goes, too.

    Whoever checked in themselves, or has a certificate, stays marked.
    """
    training = await seating.lock(db, training_id, now)
    has_certificate = exists().where(
        CertificateRow.training_id == training_id,
        CertificateRow.courier_id == RegistrationRow.courier_id,
    )
    rows = await db.scalars(
        select(RegistrationRow)
        .where(
            RegistrationRow.training_id == training_id,
            RegistrationRow.id.in_(ids),
            RegistrationRow.attended_at == training.starts_at,
            ~has_certificate,
        )
        .execution_options(populate_existing=True)
    )
    count = 0
    for row in list(rows):
        await clear(db, row, now)
        count += 1
    await db.flush()
    return count


async def clear(db: AsyncSession, row: RegistrationRow, now: datetime) -> None:
    """The courier did not attend after all. The training must be locked."""
    row.attended_at, row.updated_at = None, now
    await notifications.drop_feedback_request(db, row, now)


@value
class _Person:
    id: int
    name: str
    phone: str
    has_seat: bool
    attended: bool

    def is_meant(self, name: str, phone: str, number: str) -> bool:
        return (
            (not number or int(number) == self.id)
            and (not name or name == self.name)
            and (not phone or (bool(self.phone) and self.phone.endswith(phone)))
        )


def _person(keys: Keyring, row: RegistrationRow, profile: ProfileRow | None) -> _Person:
    return _Person(
        id=row.id,
        name=_folded(keys.open(profile.name, NAME)) if profile and profile.name else "",
        phone=keys.open(profile.phone, PHONE) if profile and profile.phone else "",
        has_seat=row.status == RegistrationStatus.SEAT,
        attended=row.attended_at is not None,
    )


def _find(entry: PaperEntry, people: Sequence[_Person]) -> _Person | Miss:
    name, number = _folded(entry.name), clean(entry.number).lstrip("#")
    phone = plain(without_decimals(entry.phone).rpartition("*")[2])
    if phone and not _LAST.fullmatch(phone):
        phone = mobile_phone(phone) or "?"
    if phone == "?" or (number and not _NUMBER.fullmatch(number)) or not (name or phone or number):
        return Miss.UNREADABLE
    meant = [one for one in people if one.is_meant(name, phone, number)]
    if len(meant) > 1:
        return Miss.SEVERAL
    if not meant:
        return Miss.NOBODY
    return meant[0] if meant[0].has_seat else Miss.NO_SEAT


def _folded(name: str) -> str:
    return plain(name).casefold()
