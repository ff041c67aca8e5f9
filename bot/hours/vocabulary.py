"""The words for days, times and closing that `parser` knows, as patterns over normalised text."""

import re
from typing import Final

MARKS: Final = str.maketrans({"∶": ":", "：": ":", "週": "周", "。": ",", "兩": "两", "點": "点"})
DASHES: Final = re.compile(r"(?<=\S)(?:\s*[-‐‑‒–—―−~〜∼─━]\s*)+(?=\S)")
"""Between two things only, so that a lone dash stays what it is: nothing known."""

UNKNOWN: Final = frozenset(
    {"", "-", "--", "—", "——", "/", "无", "暂无", "不详", "未知", "待定", "待补充", "待确认"}
    | {"n/a", "na", "none", "null", "nan"}
)
OSM: Final = re.compile(r"\b(?:mo|tu|we|th|fr|sa|su|ph)\b|24/7|\A(?:off|closed)\Z")
SEASON: Final = re.compile(r"[夏冬春秋][季令天]|[夏冬]|供暖期?|[0-9一二三四五六七八九十]+月")

WEEKDAYS: Final = {
    c: n for n, cs in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7")) for c in cs
}

_NUMBERS: Final = "一二三四五六七八九十"
NUMERALS: Final = (
    {"零": 0, "两": 2}
    | {word: n for n, word in enumerate(_NUMBERS, 1)}
    | {f"十{word}": n for n, word in enumerate(_NUMBERS[:9], 11)}
    | {"二十": 20}
    | {f"二十{word}": n for n, word in enumerate(_NUMBERS[:4], 21)}
)

_PART: Final = "上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|晚间|夜间|夜里|早|晚"
_HOUR: Final = "[0-9]{1,2}|(?:" + "|".join(sorted(NUMERALS, key=len, reverse=True)) + ")(?=[点时])"
_CLOCK: Final = (
    rf"(?P<next>次日|翌日|第二天)? ?(?P<part>{_PART})? ?(?P<hour>{_HOUR})"
    r"(?:[:.](?P<colon>[0-9]{2})(?::00)?(?![0-9])"
    r"|(?P<oclock>点钟?|时(?!间))(?:(?P<quarter>半|一刻|三刻)|(?P<minute>[0-9]{1,2})(?![0-9:.点时])分?"
    r"|整)?)?"
)
CLOCK: Final = re.compile(_CLOCK)
_NAMELESS: Final = re.sub(r"\(\?P<\w+>", "(?:", _CLOCK)

_WEEK: Final = "每?(?:周|星期|礼拜)"
_NAME: Final = f"{_WEEK}(?:[一二三四五六日天末]|[1-7](?![0-9:.点时]))"
_LINK: Final = "至|到|-|、|,|和|及|与"
# Without 周 before it a numeral may already be an hour: "周一、三", but "周五五点".
_MORE: Final = (
    rf"(?:{_LINK})? ?(?:{_NAME}|[一二三四五六](?![点时十])|[日天末])"
    rf"|(?:{_LINK}) ?[1-7](?![0-9:.点时])"
)
_WEEKDAYS: Final = f"{_NAME}(?: ?(?:{_MORE}))*"
WEEKDAY: Final = re.compile(rf"(?P<until>至|到|-)? ?(?:{_WEEK})?(?P<day>[一二三四五六日天末1-7])")

_HOLIDAYS: Final = "(?:国家)?(?:法定)?节假日|法定(?:节日|假日|假期)|国定(?:节)?假日|公众假期"
WITHOUT: Final = re.compile(rf"除了? ?({_WEEKDAYS}|周末|双休日|{_HOLIDAYS})(?:以|之)?外")
"""除…外 as …除外."""

_SERVED: Final = "开放|营业|服务|上班|办公"
TOKEN: Final = re.compile(
    "|".join(
        (
            r"(?P<filler>[\s,;、/|()\[\]:+]+|和|以及|及|与|均为?|为"
            rf"|(?:对外|正常)?(?:{_SERVED}|工作(?!日))(?:时间|时段)?|时间|时段"
            r"|(?:中午|午间)(?:无休|不休息?|照常))",
            r"(?P<allday>全天候?|(?:24|二十四) ?小时|24 ?h(?:ours?|rs?)?(?![a-z])|24/7|全时段)",
            rf"(?P<alike>全年(?:无休|365天)|365天|(?:{_HOLIDAYS})(?:均|也|都)?(?:无休|不休息?"
            rf"|(?:照常|正常)(?:{_SERVED})?)|无休)",
            rf"(?P<included>(?:包括|包含|含)(?:{_HOLIDAYS}))",
            rf"(?P<off>休息?(?!日|息)|不(?:对外)?(?:开放|开|{_SERVED})|关闭|关门|停业|闭馆|除外)",
            r"(?P<restdays>非工作日)",
            r"(?P<workdays>工作日)",
            rf"(?P<weekend>周末|双休日|{_WEEK}末)",
            r"(?P<everyday>每天|每日|天天|全周|[每一]周七天)",
            rf"(?P<holidays>{_HOLIDAYS})",
            rf"(?P<weekdays>{_WEEKDAYS})",
            rf"(?P<span>{_NAMELESS} ?(?:-+|至|到|一) ?{_NAMELESS})",
        )
    )
)
"""One piece of the text; what no group takes is unreadable."""
