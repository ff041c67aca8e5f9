"""When a courier wants no notices: hours of the day, whole days of the week, and 夜里可以发.

Takes text as `normalise` leaves it.
"""

from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.intents.reminders import LEAVE_ME, quiet_hours

_NUMBERS: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEK: Final = "(?:周|星期|礼拜)"
_DAYS: Final = LazyPattern(
    rf"{_WEEK}(?P<first>[一二三四五六])\s*(?:到|至|-|~)\s*{_WEEK}?(?P<last>[二三四五六日天])"
    rf"|{_WEEK}(?P<some>[一二三四五六日天]{{1,5}})"
    r"|(?P<weekend>周末|双休日?|weekends?)|(?P<working>工作日|weekdays?|working days?)"
    r"|\b(?P<english>mon|tues?|wednes|thurs|fri|satur|sun)days?\b"
)
_ENGLISH: Final = ("mon", "tue", "wednes", "thurs", "fri", "satur", "sun")
_ONCE: Final = LazyPattern(r"[这本下上]个?(?:周|星期|礼拜)|\b(?:this|next)\b")
_NIGHT: Final = r"(?:夜里|夜间|半夜|后半夜|深夜|凌晨|大?晚上|通宵)"
_RIDES_AT_NIGHT: Final = LazyPattern(
    rf"{_NIGHT}[^,.!;?\s]{{0,4}}?(?:跑|干活|上班|接单|送单|送外卖|送货|出车|送餐)"
    r"|夜班|跑夜|夜猫|night shift|(?:ride|work|deliver)s? (?:at night|nights)"
    rf"|{_NIGHT}\s*(?:都|也|就)?(?:可以|能|再|随便|随时|照常)\s*(?:给我)?(?:发|推|提醒)"
)
_ALLOWED: Final = LazyPattern(
    r"(?P<when>.+?)\s*(?:都|也|就|又)?(?:可以|能|照常|照样|随便|正常|继续)(?:给我)?"
    r"(?:发|推送?|提醒)(?:我|消息|通知|提醒)?(?:了|吧|啦)*[.!\s]*"
)
_NIGHT_ONLY: Final = LazyPattern(rf"(?:我|我在)?{_NIGHT}")


@value
class QuietWish:
    """`hours`: no notices from and to, in minutes after midnight; equal ones are the whole day.

    `days`: none on these days of the week (Monday is 0); `once`: only on the next such day.
    `night_allowed`: they may come at night; `allowed_days`: on these days again.
    """

    hours: tuple[int, int] | None = None
    days: frozenset[int] = frozenset()
    once: bool = False
    night_allowed: bool = False
    allowed_days: frozenset[int] = frozenset()


def quiet_wish(text: str, *, asked: bool = False) -> QuietWish | None:
    """What the message wants; None where it wants nothing of the kind.

    `asked`: we asked for it, so that 周末 and "22-8" need no 别发.
    """
    if match := _ALLOWED.fullmatch(text):
        if _NIGHT_ONLY.fullmatch(match["when"]):
            return QuietWish(night_allowed=True)
        if days := _named_days(match["when"]):
            return QuietWish(allowed_days=days)
    at_night = _RIDES_AT_NIGHT.search(text) is not None
    # 白天睡觉 晚上跑单 别吵: the night is when they ride, not when it shall be quiet
    rest = _RIDES_AT_NIGHT.sub(" ", text)
    hours = quiet_hours(rest, asked=asked) or quiet_hours(text, asked=asked)
    days = _named_days(text) if asked or LEAVE_ME.search(text) else frozenset()
    if hours is None and not days:
        return None
    by_day = hours is not None and hours[0] < hours[1]
    return QuietWish(
        hours,
        days,
        once=bool(days) and _ONCE.search(text) is not None,
        night_allowed=by_day and at_night,
    )


def _named_days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for match in _DAYS.finditer(text):
        if match["first"]:
            found.update(range(_NUMBERS[match["first"]], _NUMBERS[match["last"]] + 1))
        elif match["some"]:
            found.update(_NUMBERS[one] for one in match["some"])
        elif match["english"]:
            found.add(next(n for n, one in enumerate(_ENGLISH) if match["english"][:3] == one[:3]))
        else:
            found.update(range(5, 7) if match["weekend"] else range(5))
    return frozenset(found)
