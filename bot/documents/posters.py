"""Posters to print: a session's, with the check-in code in figures that the last row can read.

The QR codes lead into the chat with the code already said; the figures are for whoever cannot scan.
The code counts only around the time of the session, so a photograph of the poster is worth nothing
the week after. Paper is Chinese.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bot.common.clock import CHINA
from bot.documents.pdf import GOLD, INK, RED, SOFT, WHITE, Fonts, Sheet
from bot.services.trainings.catalogue import Training

_WEEKDAYS: Final = "一二三四五六日"
_MARGIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code and what stands below it, such as `Telegram 扫码`."""

    caption: str
    url: str


@dataclass(frozen=True, slots=True)
class StationPoster:
    """What the poster of a 爱心驿站 says; all but `name` may be empty."""

    name: str
    address: str
    hours: str
    facilities: str
    phone: str


def session_poster(session: Training, fonts: Fonts, codes: Sequence[Code] = ()) -> bytes:
    """An A4 page for the door and the screen. Raises `Unprintable`."""
    with _head(f"签到海报 {session.code}", "职业培训大讲堂", fonts) as sheet:
        width, inner = sheet.width, sheet.width - 2 * _MARGIN
        y = _heading(sheet, session.title, 50)
        where = "线上" if session.is_online else session.place
        y = max(y, 74) + 4
        for text in filter(None, (when(session), where, session.address)):
            sheet.write(text, _MARGIN, y, inner, 19, align="C", least=11)
            y += 10
        panel = 140.0
        sheet.outline(_MARGIN, panel, inner, 52, 0.8, GOLD)
        sheet.write("签 到 码", 0, panel + 4, width, 15, align="C", colour=SOFT, spacing=2)
        digits = f"{session.checkin_code[:3]} {session.checkin_code[3:]}"
        sheet.write(digits, 0, panel + 10.5, width, 84, align="C", colour=RED, bold=True, spacing=8)
        _codes(sheet, codes, 200)
        said = "扫码，或把 6 位签到码发给驿站小助手，就签到了" if codes else ""
        sheet.write(
            said or "把 6 位签到码发给驿站小助手，就签到了",
            0, 264, width, 16, align="C", bold=True, least=12,
        )  # fmt: skip
        sheet.write(
            "开讲前半小时到结束后半小时内有效，签到后可领结业证书",
            0, 273.5, width, 11.5, align="C", colour=SOFT,
        )  # fmt: skip
        return sheet.data()


def station_poster(station: StationPoster, fonts: Fonts, codes: Sequence[Code] = ()) -> bytes:
    """An A4 page for a station's door. Raises `Unprintable`."""
    with _head(station.name, "爱心驿站", fonts) as sheet:
        inner = sheet.width - 2 * _MARGIN
        y = _heading(sheet, station.name, 54)
        y = max(y, 80) + 4
        rows = (
            ("开放时间", station.hours),
            ("可以用", station.facilities),
            ("地址", station.address),
            ("电话", station.phone),
        )
        for label, text in rows:
            if text:
                sheet.write(label, _MARGIN, y + 0.8, 26, 14, colour=SOFT)
                end = sheet.paragraph(text, _MARGIN + 28, y, inner - 28, 18, lines=3, least=13)
                y = max(end, y + 10) + 2
        _codes(sheet, codes, 196)
        sheet.write(
            "骑手进来歇歇脚：喝口热水、充充电，都免费",
            0,
            268,
            sheet.width,
            17,
            align="C",
            bold=True,
        )
        return sheet.data()


def when(session: Training) -> str:
    """`2026年11月28日（周六）9:00-11:30`, or both dates where it ends on another day."""
    start, end = session.starts_at.astimezone(CHINA), session.ends_at.astimezone(CHINA)
    day = f"{start.year}年{start.month}月{start.day}日（周{_WEEKDAYS[start.weekday()]}）"
    until = f"{end.hour}:{end.minute:02}"
    if end.date() != start.date():
        until = f"{end.month}月{end.day}日 {until}"
    return f"{day}{start.hour}:{start.minute:02}-{until}"


@contextmanager
def _head(title: str, banner: str, fonts: Fonts) -> Iterator[Sheet]:
    """A page with its red head and foot."""
    with Sheet(title, fonts) as sheet:
        width = sheet.width
        sheet.box(0, 0, width, 36, RED)
        sheet.write(banner, 0, 10, width, 30, align="C", colour=WHITE, bold=True, spacing=6)
        sheet.line(_MARGIN, 40, width - _MARGIN, 40, 0.6, GOLD)
        sheet.box(0, 285, width, 12, RED)
        sheet.write("驿站小助手", 0, 287, width, 14, align="C", colour=WHITE, spacing=4)
        yield sheet


def _heading(sheet: Sheet, text: str, y: float) -> float:
    """Two lines at the most, large; where they end."""
    inner = sheet.width - 2 * _MARGIN
    return sheet.paragraph(
        text, _MARGIN, y, inner, 40, lines=2, least=24, align="C", bold=True, leading=1.45
    )


def _codes(sheet: Sheet, codes: Sequence[Code], y: float) -> None:
    """At most three side by side, in the middle."""
    shown = codes[:3]
    size, gap = 50.0, 12.0
    x = (sheet.width - len(shown) * size - (len(shown) - 1) * gap) / 2
    for code in shown:
        sheet.qr(code.url, x, y, size, INK)
        sheet.write(code.caption, x - 4, y + size, size + 8, 12, align="C", colour=SOFT, least=9)
        x += size + gap
