"""Certificates of attendance: a number that anyone can verify, and a page to print.

The number is random, so that nobody can guess a neighbour's, and written in an alphabet without
I, L, O and U, so that it survives being read out. What a stranger learns from it is a masked name,
the session and the date. The paper itself is Chinese, whatever language its owner chats in.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import CHINA
from bot.services.errors import TrainingRefused
from bot.services.masking import mask_name
from bot.services.paper import GOLD, INK, RED, SOFT, Fonts, Sheet
from bot.store.sealed import Keyring
from bot.store.training_models import CertificateRow, RegistrationRow, TrainingRow
from bot.store.upsert import upsert

PREFIX: Final = "DJT"
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 6
PLACE: Final = "certificate.name"
_NUMBER: Final = re.compile(rf"{PREFIX}-?(\d{{4}})-?([{ALPHABET}]{{{LENGTH}}})")
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Certificate:
    """One attendance proved. `name` is open here: hand it to its owner only."""

    id: int
    number: str
    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    issued_at: datetime
    courier_id: int | None

    @property
    def hours(self) -> float:
        """How long the session was."""
        return (self.ends_at - self.starts_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Verified:
    """What a stranger may know about a genuine number."""

    number: str
    masked_name: str
    title: str
    held_at: datetime
    issued_at: datetime


async def issue(
    db: AsyncSession, keys: Keyring, courier_id: int, training_id: int, name: str, now: datetime
) -> Certificate:
    """The courier's certificate for a session they attended, the same one however often asked.

    `name` is what is printed, the first time. Raises `TrainingRefused` ("not_attended").
    """
    attended = select(RegistrationRow.id).where(
        RegistrationRow.courier_id == courier_id,
        RegistrationRow.training_id == training_id,
        RegistrationRow.status == "seat",
        RegistrationRow.attended_at.is_not(None),
    )
    if await db.scalar(attended.limit(1)) is None:
        raise TrainingRefused("not_attended", training_id)
    mine = select(CertificateRow.id).where(
        CertificateRow.courier_id == courier_id, CertificateRow.training_id == training_id
    )
    for _ in range(_TRIES):  # a number that is taken already is as rare as it is harmless
        found = await db.scalar(mine)
        if found is not None:
            break
        row = upsert(db, CertificateRow).values(
            number=new_number(now.astimezone(CHINA).year),
            courier_id=courier_id,
            training_id=training_id,
            name=keys.seal(name, PLACE),
            issued_at=now,
        )
        await db.execute(row.on_conflict_do_nothing())
    certificate = await _one(db, keys, CertificateRow.id == await db.scalar(mine))
    if certificate is None:
        raise TrainingRefused("not_attended", training_id)  # taken back this very moment
    return certificate


async def with_id(db: AsyncSession, keys: Keyring, certificate_id: int) -> Certificate | None:
    """One certificate, name and all."""
    return await _one(db, keys, CertificateRow.id == certificate_id)


async def verify(db: AsyncSession, keys: Keyring, text: str) -> Verified | None:
    """What is known of the number that somebody typed; None if it is no number of ours."""
    number = read_number(text)
    if number is None:
        return None
    found = await _one(db, keys, CertificateRow.number == number)
    if found is None:
        return None
    return Verified(
        found.number, mask_name(found.name), found.title, found.starts_at, found.issued_at
    )


def new_number(year: int) -> str:
    """`DJT-2026-7K3M9P`: one of a thousand million in each year."""
    return f"{PREFIX}-{year}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_number(text: str) -> str | None:
    """The number in what was typed or scanned, in whatever case, width and spacing."""
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = re.sub(r"[\s_‐-―－]", lambda found: "" if found[0].isspace() else "-", plain)
    start = plain.find(PREFIX)
    if start < 0:
        return None
    rest = plain[start + len(PREFIX) :].translate(_MISREAD)
    found = _NUMBER.match(PREFIX + rest)
    return f"{PREFIX}-{found[1]}-{found[2]}" if found else None


_MISREAD: Final = str.maketrans("OIL", "011")


def certificate_pdf(
    certificate: Certificate, fonts: Fonts, *, issuer: str = "", verify_url: str = ""
) -> bytes:
    """A landscape A4 page to print; with `verify_url`, a QR code that opens the public check.

    Raises `Unprintable` when no font has a character of the name or title.
    """
    with Sheet(f"结业证书 {certificate.number}", fonts, landscape=True) as sheet:
        width, height = sheet.width, sheet.height
        sheet.frame(9, 1.6, RED)
        sheet.frame(12, 0.35, GOLD)
        sheet.frame(13.6, 0.35, GOLD)
        for x in (13.6, width - 13.6):
            for y in (13.6, height - 13.6):
                sheet.ring(x, y, 5, 0.35, GOLD)
                sheet.star(x, y, 2.6, RED)
        middle = width / 2
        sheet.write("职业培训大讲堂", 0, 26, width, 15, align="C", colour=SOFT, spacing=3)
        sheet.write("结业证书", 0, 37, width, 46, align="C", colour=RED, bold=True, spacing=22)
        sheet.line(middle - 62, 62.5, middle - 8, 62.5, 0.4, GOLD)
        sheet.line(middle + 8, 62.5, middle + 62, 62.5, 0.4, GOLD)
        sheet.star(middle, 62.5, 2.6, GOLD)
        name_size = 32.0
        sheet.write(
            certificate.name,
            50,
            73,
            width - 100,
            name_size,
            align="C",
            bold=True,
            spacing=6,
            least=14,
        )
        sheet.line(middle - 55, 91, middle + 55, 91, 0.3, SOFT)
        sheet.write(
            f"于{chinese_date(certificate.starts_at)}参加培训", 40, 99, width - 80, 17, align="C"
        )
        y = sheet.paragraph(
            f"《{certificate.title}》",
            40, 110, width - 80, 24,
            lines=2, least=16, align="C", bold=True, leading=1.5,
        )  # fmt: skip
        sheet.write(
            f"共 {_hours(certificate.hours)} 小时，已到场签到并完成学习，特发此证。",
            40, y + 2, width - 80, 17, align="C",
        )  # fmt: skip
        left, bottom = 32.0, 168.0
        sheet.write("证书编号", left, bottom, 30, 11, colour=SOFT)
        sheet.write(certificate.number, left, bottom + 5.5, 90, 16, bold=True, spacing=0.8)
        if verify_url:
            sheet.qr(verify_url, width - left - 30, 153, 30, INK)
            sheet.write("扫码验真", width - left - 30, 183, 30, 10, align="C", colour=SOFT)
        else:
            sheet.write(
                "向驿站小助手发送编号即可验真", width - left - 70, bottom + 7, 70, 10,
                align="R", colour=SOFT,
            )  # fmt: skip
        if issuer:
            sheet.write(issuer, middle - 55, bottom - 1, 110, 15, align="C", least=10)
        date = chinese_date(certificate.issued_at)
        sheet.write(date, middle - 55, bottom + 7, 110, 14, align="C", colour=INK)
        return sheet.data()


def chinese_date(moment: datetime) -> str:
    """`2026年11月28日`, in Inner Mongolia."""
    local = moment.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日"


def _hours(hours: float) -> str:
    return f"{hours:.1f}".removesuffix(".0")


async def _one(db: AsyncSession, keys: Keyring, wanted: object) -> Certificate | None:
    found = await db.execute(
        select(CertificateRow, TrainingRow.title, TrainingRow.starts_at, TrainingRow.ends_at)
        .join(TrainingRow, TrainingRow.id == CertificateRow.training_id)
        .where(wanted)  # type: ignore[arg-type]
    )
    row = found.one_or_none()
    if row is None:
        return None
    held = row[0]
    return Certificate(
        held.id,
        held.number,
        keys.open(held.name, PLACE),
        row.title,
        row.starts_at,
        row.ends_at,
        held.issued_at,
        held.courier_id,
    )
