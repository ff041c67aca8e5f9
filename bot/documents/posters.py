"""Posters to print, in Chinese: of a training with its check-in code, and of a station.

The QR codes open the chat and check in at once; the digits, legible from the last row, are for
whoever cannot scan. The code is valid only around the time of the training, so a photograph of the
poster is worth nothing a week later.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final

from bot.common.clock import CHINA
from bot.common.values import value
from bot.documents.pdf import GOLD, GREY, INK, RED, WHITE, Fonts, Page
from bot.services.trainings.catalogue import Training

_WEEKDAYS: Final = "一二三四五六日"
_MARGIN: Final = 20.0


@value
class Code:
    """A QR code and what stands below it, such as `Telegram 扫码`."""

    caption: str
    url: str


@value
class StationPoster:
    """What the poster of a 爱心驿站 says; all but `name` may be empty."""

    name: str
    address: str
    hours: str
    facilities: str
    phone: str


def training_poster(training: Training, fonts: Fonts, codes: Sequence[Code] = ()) -> bytes:
    """An A4 page for the entrance and the screen. Raises `Unprintable`."""
    with _framed_page(f"签到海报 {training.code}", "职业培训大讲堂", fonts) as page:
        width, inner = page.width, page.width - 2 * _MARGIN
        y = _heading(page, training.title, 50)
        where = "线上" if training.is_online else training.place
        y = max(y, 74) + 4
        for text in filter(None, (when(training), where, training.address)):
            page.write(text, _MARGIN, y, inner, 19, align="C", least=11)
            y += 10
        panel = 140.0
        page.outline(_MARGIN, panel, inner, 52, 0.8, GOLD)
        page.write("签 到 码", 0, panel + 4, width, 15, align="C", colour=GREY, spacing=2)
        digits = f"{training.checkin_code[:3]} {training.checkin_code[3:]}"
        page.write(digits, 0, panel + 10.5, width, 84, align="C", colour=RED, bold=True, spacing=8)
        _codes(page, codes, 200)
        said = "扫码，或把 6 位签到码发给驿站小助手，就签到了" if codes else ""
        page.write(
            said or "把 6 位签到码发给驿站小助手，就签到了",
            0, 264, width, 16, align="C", bold=True, least=12,
        )  # fmt: skip
        page.write(
            "开讲前半小时到结束后半小时内有效，签到后可领结业证书",
            0, 273.5, width, 11.5, align="C", colour=GREY,
        )  # fmt: skip
        return page.data()


def station_poster(station: StationPoster, fonts: Fonts, codes: Sequence[Code] = ()) -> bytes:
    """An A4 page for a station's entrance; the codes open this station. Raises `Unprintable`."""
    with _framed_page(station.name, "爱心驿站", fonts) as page:
        inner = page.width - 2 * _MARGIN
        y = _heading(page, station.name, 54)
        y = max(y, 80) + 4
        rows = (
            ("开放时间", station.hours),
            ("可以用", station.facilities),
            ("地址", station.address),
            ("电话", station.phone),
        )
        for label, text in rows:
            if text:
                page.write(label, _MARGIN, y + 0.8, 26, 14, colour=GREY)
                end = page.paragraph(text, _MARGIN + 28, y, inner - 28, 18, lines=3, least=13)
                y = max(end, y + 10) + 2
        _codes(page, codes, 196)
        page.write(
            "骑手进来歇歇脚：喝口热水、充充电，都免费",
            0, 266, page.width, 17, align="C", bold=True,
        )  # fmt: skip
        if codes:
            page.write(
                "扫码看这家驿站：怎么进门、几点关门、有什么",
                0, 275, page.width, 11.5, align="C", colour=GREY,
            )  # fmt: skip
        return page.data()


def keeper_sheet(name: str, last_day: date, fonts: Fonts, codes: Sequence[Code]) -> bytes:
    """An A4 page for the back room; `codes` is the keeper's link. Raises `Unprintable`."""
    with _framed_page(f"站长确认 {name}", "站长确认", fonts) as page:
        inner = page.width - 2 * _MARGIN
        y = max(_heading(page, name, 50), 76) + 6
        page.write("扫码，20 秒", _MARGIN, y, inner, 26, align="C", bold=True)
        page.write(
            "今天开着吗、几点关、设施好不好用", _MARGIN, y + 14, inner, 18, align="C", least=12
        )
        size = 84.0
        page.qr(codes[0].url, (page.width - size) / 2, y + 30, size, INK)
        day = f"{last_day.year}年{last_day.month}月{last_day.day}日"
        page.write(
            f"这张码用到{day}，只改{name}", _MARGIN, 240, inner, 14, align="C", colour=GREY, least=9
        )
        page.write(
            "贴在里屋，别贴在门口：谁扫了都能改",
            0, 262, page.width, 17, align="C", bold=True,
        )  # fmt: skip
        return page.data()


def browser_code(public_url: str, page: str) -> Code:
    """The code that opens a page of the web chat; `page` may be a query such as `?start=ci-…`."""
    return Code("手机浏览器", f"{public_url.rstrip('/')}/{page}")


def chat_codes(
    telegram: str, public_url: str, start: str = "", page: str = "", wechat_url: str = ""
) -> list[Code]:
    """Codes that open the chat, with `start` as its first message; a browser opens `page`.

    `telegram`: the bot's name there, `wechat_url` what WeChat's own code for `start` says; ""
    where there is none.
    """
    query = f"?start={start}" if start else ""
    codes = [Code("微信扫一扫", wechat_url)] if wechat_url else []
    if name := telegram.lstrip("@"):
        codes.append(Code("Telegram", f"https://t.me/{name}{query}"))
    if public_url:
        codes.append(browser_code(public_url, page or query))
    return codes


def when(training: Training) -> str:
    """`2026年11月28日（周六）9:00-11:30`, or both dates where it ends on another day."""
    start, end = training.starts_at.astimezone(CHINA), training.ends_at.astimezone(CHINA)
    day = f"{start.year}年{start.month}月{start.day}日（周{_WEEKDAYS[start.weekday()]}）"
    until = f"{end.hour}:{end.minute:02}"
    if end.date() != start.date():
        until = f"{end.month}月{end.day}日 {until}"
    return f"{day}{start.hour}:{start.minute:02}-{until}"


@contextmanager
def _framed_page(title: str, banner: str, fonts: Fonts) -> Iterator[Page]:
    """A page with red header and footer."""
    with Page(title, fonts) as page:
        width = page.width
        page.box(0, 0, width, 36, RED)
        page.write(banner, 0, 10, width, 30, align="C", colour=WHITE, bold=True, spacing=6)
        page.line(_MARGIN, 40, width - _MARGIN, 40, 0.6, GOLD)
        page.box(0, 285, width, 12, RED)
        page.write("驿站小助手", 0, 287, width, 14, align="C", colour=WHITE, spacing=4)
        yield page


def _heading(page: Page, text: str, y: float) -> float:
    """At most two large lines; returns the `y` below them."""
    inner = page.width - 2 * _MARGIN
    return page.paragraph(
        text, _MARGIN, y, inner, 40, lines=2, least=24, align="C", bold=True, leading=1.45
    )


def _codes(page: Page, codes: Sequence[Code], y: float) -> None:
    """Draws at most three, side by side and centred."""
    shown = codes[:3]
    size, gap = 50.0, 12.0
    x = (page.width - len(shown) * size - (len(shown) - 1) * gap) / 2
    for code in shown:
        page.qr(code.url, x, y, size, INK)
        page.write(code.caption, x - 4, y + size, size + 8, 12, align="C", colour=GREY, least=9)
        x += size + gap
