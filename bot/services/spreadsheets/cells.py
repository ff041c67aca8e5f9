"""One cell of a table as people send it: read as clean text, and made safe to be opened again.

A cell of an exported file that starts with `=`, `+`, `-` or `@` would run as a formula in the
reader's spreadsheet, also in a full-width or other compatible form and after blanks, tabs, line
ends or invisible characters, which spreadsheets drop. It gets an apostrophe in front, and one that
starts with apostrophes before such a character gets one more. Reading takes one away again: what
was exported comes back unchanged. A text that still begins with `=` is a formula that was never
calculated.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from bot.common.clock import CHINA
from bot.common.lazy_pattern import LazyPattern


def neutral(value: str) -> str:
    """The cell as a spreadsheet may safely show it; `plain` is the way back."""
    return f"'{value}" if _RISKY.match(value) else value


def plain(value: str) -> str:
    """Takes the apostrophe of `neutral` away."""
    return value[1:] if _NEUTRAL.match(value) else value


_SIGNS: Final = "=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−⩵⩶﬩"
"""What starts a formula, and what a spreadsheet or NFKC may take for it."""
_DROPPED: Final = (
    r"\s\x00-\x08\x0e-\x1b\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
)
"""Blanks, controls and invisible characters, which a spreadsheet may drop from the front."""
_RISKY: Final = LazyPattern(f"['{_DROPPED}]*[{_SIGNS}]")
_NEUTRAL: Final = LazyPattern(f"'['{_DROPPED}]*[{_SIGNS}]")


@lru_cache(maxsize=1 << 16)
def clean(text: str) -> str:
    """NFKC, on one line, without control and zero-width characters, trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _on_one_line(unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=1 << 16)
def clean_prose(text: str) -> str:
    """As `clean`, but Chinese punctuation stays: for what people read, not for codes or numbers."""
    if text.isascii() and text.isprintable():
        return text.strip()
    pieces = _PROSE_MARKS.split(text)  # every second piece is a mark
    pieces[::2] = [unicodedata.normalize("NFKC", piece) for piece in pieces[::2]]
    return _on_one_line("".join(pieces))


_PROSE_MARKS: Final = LazyPattern("([，；：！？（）…～])")


def _on_one_line(folded: str) -> str:
    if not folded.isprintable():
        folded = "".join(
            "" if unicodedata.category(one) in {"Cf", "Cs"} else one if one.isprintable() else " "
            for one in folded
        )
    return " ".join(folded.split(" ")).strip()


@lru_cache(maxsize=1024)
def key(heading: str) -> str:
    """A heading as it is compared: without case, spaces, `*`, and what stands in brackets."""
    return _simplified(re.sub(r"\(.*?\)|[\s*:_]", "", clean(heading).casefold()))


@lru_cache(maxsize=1024)
def whole_key(heading: str) -> str:
    """As `key`, but what stands in brackets counts: 坐标(经度,纬度) is not 坐标."""
    return _simplified(re.sub(r"[\s*:_()]", "", clean(heading).casefold()))


def in_brackets(heading: str) -> str:
    """What stands in the brackets of a heading, such as 百度 in 经度（百度）."""
    return " ".join(one.strip() for one in re.findall(r"\((.*?)\)", clean(heading))).strip()


def _simplified(text: str) -> str:
    return text if text.isascii() else text.translate(_SIMPLIFIED)


_SIMPLIFIED: Final = str.maketrans(
    "編號稱經緯電話聯繫絡時間務設備類別區縣屬單詳細點業營開對應負責狀態"
    "驛機構標準圖總計數據實進門衛廁停車場熱飲內項說註錄級園團醫療網鄉鎮場館絡處",
    "编号称经纬电话联系络时间务设备类别区县属单详细点业营开对应负责状态"
    "驿机构标准图总计数据实进门卫厕停车场热饮内项说注录级园团医疗网乡镇场馆络处",
)
"""Characters of headings in lists that were written in traditional ones."""


def quoted(cell: str) -> str:
    """The text that a csv cell holds in a formula's disguise, else the cell."""
    # ="00123" is how some systems stop a spreadsheet from eating the zeros.
    found = _AS_TEXT.fullmatch(cell) if cell.startswith("=") else None
    return found[1] if found else cell


_AS_TEXT: Final = LazyPattern(r'="([^"]*)"')


def text_of(value: str | float | bool | date | datetime | time | timedelta) -> str:
    """A workbook's value as clean prose; a whole number has no `.0`, a date no midnight."""
    match value:
        case str():
            return clean_prose(value)
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime():
            return value.isoformat(" ", "minutes")
        case time():
            return value.isoformat("minutes")
        case timedelta():
            minutes = int(value.total_seconds()) // 60
            return f"{minutes // 60:02}:{minutes % 60:02}"
        case _:
            return str(value)


_TIME: Final = r"(上午|早上|下午|晚上)?\s*(\d{1,2})\s*[::点时]\s*(\d{1,2}|半)?\s*分?(?::\d{2})?"
_MOMENT: Final = LazyPattern(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*"
    rf"(?:\(?(?:周|星期)[一二三四五六日天]\)?)?[T\s]*(?:{_TIME})?"
)
_CLOCK: Final = LazyPattern(_TIME)


def read_moment(text: str, day_of: datetime | None = None) -> datetime | None:
    """`2026-11-28 9:00`, `2026年11月28日(周六)下午2点半`, or `11:30` on the day of `day_of`.

    None if it is none of these.

    A date without a time is its last minute. Times are those of Inner Mongolia.
    """
    text = text.strip()
    if found := _MOMENT.fullmatch(text):
        year, month, day, *time = found.groups()
        return _moment(int(year), int(month), int(day), *time)
    found = _CLOCK.fullmatch(text)
    if found is None or day_of is None:
        return None
    day = day_of.astimezone(CHINA)
    return _moment(day.year, day.month, day.day, *found.groups())


def write_moment(moment: datetime) -> str:
    """`2026-11-28 09:00`, as it is read."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _of_day(hour: int, half: str | None) -> int:
    """The hour from 0 to 23. Raises `ValueError` where 上午 or 下午 contradicts it."""
    match half:
        case None:
            return hour
        case "上午" | "早上" if hour <= 12:
            return hour
        case "下午" if hour <= 12:
            return hour % 12 + 12
        case "晚上" if 5 <= hour < 12:
            return hour + 12
        case "下午" | "晚上" if hour >= 12 + 5 * (half == "晚上"):
            return hour
        case _:
            raise ValueError(half)


def _moment(
    year: int, month: int, day: int, half: str | None, hour: str | None, minute: str | None
) -> datetime | None:
    minutes = 30 if minute == "半" else int(minute or 0)
    try:
        midnight = datetime(year, month, day, tzinfo=CHINA)
        if hour is None:
            return midnight + timedelta(hours=23, minutes=59)
        if hour == "24" and minutes == 0 and half is None:
            return midnight + timedelta(days=1)
        return midnight.replace(hour=_of_day(int(hour), half), minute=minutes)
    except ValueError:
        return None
