"""The words for days, times, seasons and closing that are known, as patterns over plain text."""

import re
from typing import Final

from bot.common.lazy_pattern import LazyPattern

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
    rf"(?P<next>次日|翌日|第二天)?(?:的)? ?(?P<part>{_PART})? ?(?P<hour>{_HOUR})"
    # 11:00-14:0017:00-21:00: minutes have two digits, so that the next hour begins after them
    r"(?:[:.](?P<colon>[0-9]{2})(?::00(?![0-9:]))?(?=$|[^0-9]|[0-9]{2}:[0-9]{2}(?![0-9]))"
    r"|(?P<oclock>点钟?|时(?!间))(?:(?P<quarter>半|一刻|三刻)|(?P<minute>[0-9]{1,2})(?![0-9:.点时])分?"
    r"|整)?)?(?: ?(?P<half>[ap]m))?"
)
CLOCK: Final = LazyPattern(_CLOCK)
_NAMELESS: Final = re.sub(r"\(\?P<\w+>", "(?:", _CLOCK)

_WEEK: Final = "每?(?:周|星期|礼拜)"
# "周1-5:8:30-17:30", but "周5:30-7:30" may be hours already.
_DIGIT: Final = "[1-7](?![0-9.点时月日号]|:[0-9]{2}(?![0-9:点时]))"
_NAME: Final = f"{_WEEK}(?:[一二三四五六日天末]|{_DIGIT})"
# Without 周 before it a numeral may already be an hour: "周一、三", but "周五五点".
_NUMERAL: Final = "[一二三四五六](?![点时十月])|[日天末]"
_MORE: Final = (
    rf" ?(?:至|到|-|、|/|和|及|与) ?(?:{_NAME}|{_NUMERAL}|{_DIGIT})|, ?(?:{_NUMERAL}|{_DIGIT})"
    rf"|{_NAME}|{_NUMERAL}"
)
_WEEKDAYS: Final = f"{_NAME}(?:{_MORE})*"
WEEKDAY: Final = LazyPattern(rf"(?P<until>至|到|-)? ?(?:{_WEEK})?(?P<day>[一二三四五六日天末1-7])")

_HOLIDAYS: Final = (
    "(?:国家|国定)?(?:法定)?节?假日|(?:国家)?法定(?:节日|假期)|公(?:共|众)假(?:日|期)|国定节日"
)
_REST_OF_WEEK: Final = "周末|双休日?|非工作日"
_DAYS: Final = rf"(?:{_WEEKDAYS}|{_REST_OF_WEEK}|{_HOLIDAYS})"
_DAY_LIST: Final = rf"{_DAYS}(?:[、及和与/]{_DAYS})*"
WITHOUT: Final = LazyPattern(
    rf"除了? ?({_DAY_LIST})(?:休息|闭馆|不?(?:营业|开放))?(?:[以之]?外|(?=[),;\s]|$))"
    rf"|不(?:含|包括|包含)({_DAY_LIST})"
)
"""除…外 and 不含… as …除外."""

_SERVED: Final = "开放|营业|服务|上班|办公|对外|开门|接待|运营|使用"
_RANGE: Final = " ?(?:-+|至|到) ?"

_SEASON_NAME: Final = "春(?!节)|夏|秋|冬"
_SEASON: Final = (
    rf"(?:{_SEASON_NAME})[季令天]?(?:时|季)?(?:[、和及/](?:{_SEASON_NAME})[季令天]?)*(?:时(?:间|段)?)?"
    r"|(?:非)?(?:供暖|采暖)(?:期|季)?|[淡旺]季"
)
YEAR_PART: Final = LazyPattern(
    r"(?:每年)? ?(?P<m1>[0-9]{1,2})(?:月(?:份)?(?:(?P<d1>[0-9]{1,2})[日号]?)?)?(?:起|开始)?"
    rf"{_RANGE}(?:次年|翌年|第二年|来年)? ?(?:(?P<m2>[0-9]{{1,2}})月(?:份)?)?"
    r"(?:(?P<d2>[0-9]{1,2})[日号]|(?P<end>月?底|末))?止?"
)
DOTTED: Final = LazyPattern(r"(?<![0-9:])([0-9]{1,2})\.([0-9]{1,2})(?![0-9])")
"""夏季(5.1-9.30)"""
_NAMELESS_PART: Final = (
    r"(?:每年)? ?[0-9]{1,2}(?:月(?:份)?(?:[0-9]{1,2}[日号]?)?(?:起|开始)?"
    rf"{_RANGE}(?:次年|翌年|第二年|来年)? ?(?:[0-9]{{1,2}}月(?:份)?(?:[0-9]{{1,2}}[日号]|底|末)?"
    rf"|[0-9]{{1,2}}[日号]|月?底)|{_RANGE}(?:次年)?[0-9]{{1,2}}月(?:份)?)止?"
)
_FULL_DATE: Final = r"20[0-9]{2}(?:[-./][0-9]{1,2}[-./][0-9]{1,2}|年[0-9]{1,2}月[0-9]{1,2}[日号]?)"
DATE: Final = LazyPattern(
    r"(?:(?P<year>20[0-9]{2})[-./年])?(?:(?P<month>[0-9]{1,2})[-./月])?(?P<day>[0-9]{1,2})[日号]?"
)
DATES: Final = LazyPattern(
    rf"(?P<first>{_FULL_DATE})"
    rf"(?:{_RANGE}(?P<last>{_FULL_DATE}|[0-9]{{1,2}}[./月][0-9]{{1,2}}[日号]?|[0-9]{{1,2}}[日号]))?"
    r"(?![0-9:])"
)
_NAMELESS_DATES: Final = re.sub(r"\(\?P<\w+>", "(?:", DATES.pattern)

_ALL_DAY: Final = (
    r"(?:全年|全天)?(?:7|七)天?(?:[x×*, ]|每天)?(?:24|二十四)(?:小时|h)|24 ?[x×*] ?7(?!:)|24/7"
    r"|(?:全年|全天)?(?:候)?(?:24|二十四) ?(?:小时|h(?:ours?|rs?)?(?![a-z]))(?:全天候?)?"
    r"|(?:7|七) ?[x×*] ?24(?:小时|h)?|全年全天候?|全天候?|全时段"
)
MEALS: Final = "早市|午市|晚市|夜市|早餐|中餐|午餐|晚餐|正餐|早点|夜宵|宵夜|早茶|午茶|下午茶"
_MIDDAY: Final = "(?:中午|午间|中间)"

REMARK: Final = LazyPattern(
    r"(?:具体)?(?:时间)?以(?:实际|现场|门店|公告|当日|网点|通知|店内|当天)[^,;()0-9]{0,12}为准"
    r"|(?:需|请)?(?:提前)?(?:电话)?预约|(?:请)?(?:先|提前)?(?:电话|致电)(?:咨询|确认)"
)
"""What is said beside the hours and does not change them."""

TOKEN: Final = LazyPattern(
    "|".join(
        (
            r"(?P<gap>[\s,;:|]+)",
            r"(?P<open>\()",
            r"(?P<close>\))",
            r"(?P<join>[、/+&和及与]|以及)",
            rf"(?P<dates>{_NAMELESS_DATES})",
            r"(?P<closed_times>非(?:营业|开放|服务)(?:时段|时间|日期?)[:为]?)",
            rf"(?P<season>(?:{_SEASON})? ?:? ?\({_NAMELESS_PART}\)"
            rf"|(?:{_SEASON}) ?:? ?\([0-9]{{1,2}}\.[0-9]{{1,2}}-[0-9]{{1,2}}\.[0-9]{{1,2}}\)"
            rf"|(?:(?:{_SEASON}) ?:? ?)?{_NAMELESS_PART}|(?:{_SEASON}))",
            r"(?P<rest_of_year>(?:其余|其他|其它)(?:时间|时段|月份|季节|日期))",
            rf"(?P<alike>全年(?:无休|365天|(?:{_SERVED})(?!时))|365天|(?:{_HOLIDAYS})(?:均|也|都)?"
            rf"(?:无休|不休息?|(?:照常|正常)(?:{_SERVED})?)|无休)",
            rf"(?P<as_usual>均?(?:照常|正常)(?>(?:{_SERVED})?)(?! ?时)(?! ?:? ?[0-9上早])"
            rf"|均?(?:{_SERVED})(?=\)))",
            rf"(?P<filler>(?:对外|正常)?(?:{_SERVED}|工作(?!日))(?:时间|时段)?|时间|时段|均为?|为"
            rf"|{_MIDDAY}(?:无休|不休息?|照常)|照常|不打烊|无人值守|自助(?:服务|银行|设备|终端)?|[每]?逢|期间|全年"
            r"(?=每天|每日|周)|第[一二三四123]场)",
            rf"(?P<allday>{_ALL_DAY})",
            rf"(?P<remark>{REMARK.pattern})",
            rf"(?P<included>(?:包括|包含|含)(?:{_HOLIDAYS}))",
            rf"(?P<break>午休(?:时间|时段)?|{_MIDDAY}休息(?:时间|时段)?)",
            r"(?P<except>除外)",
            rf"(?P<off>休[息馆]?(?!日|息)|不(?:对外)?(?:开放|开|{_SERVED})|(?:对外)?暂停(?:{_SERVED})"
            r"|关闭|关门|停业|闭站|闭馆|闭店|放假|歇业|打烊|公休)",
            r"(?P<restdays>非工作日)",
            r"(?P<workdays>(?:法定|国家法定)?工作日|平日)",
            rf"(?P<weekend>周末|双休日?|{_WEEK}末)",
            r"(?P<everyday>每天|每日|天天|全周|(?:[每一]周)?七天|[每一]周7天)",
            rf"(?P<holidays>{_HOLIDAYS})",
            rf"(?P<weekdays>{_WEEKDAYS})",
            rf"(?P<span>{_NAMELESS} ?(?:-+|至|到|一) ?{_NAMELESS})",
            rf"(?P<meal>{MEALS})",
            rf"(?P<part>{_PART})",
        )
    )
)
"""One piece of the text; what no group takes is unreadable."""
