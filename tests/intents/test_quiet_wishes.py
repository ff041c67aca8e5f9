"""Messages that want no notices at some hours, on some days, or by day only."""

import pytest

from bot.intents import Intent, understand
from bot.intents.normalise import normalise
from bot.intents.quiet_wishes import QuietWish, quiet_wish

WEEKEND = frozenset({5, 6})
BY_DAY = (450, 1020)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我夜里跑单 白天别发", QuietWish(BY_DAY, night_allowed=True)),
        ("夜班骑手，白天勿扰", QuietWish(BY_DAY, night_allowed=True)),
        ("我白天睡觉 晚上跑单 别吵", QuietWish(BY_DAY, night_allowed=True)),
        ("白天别发 晚上再发", QuietWish(BY_DAY, night_allowed=True)),
        ("上夜班，早上8点到下午4点别吵", QuietWish((480, 960), night_allowed=True)),
        ("I work nights, don't write during the day", QuietWish(BY_DAY, night_allowed=True)),
        ("白天睡觉别吵我", QuietWish(BY_DAY)),
        ("睡觉的时候别发", QuietWish((1290, 450))),
        ("我夜里跑单 别发", QuietWish((1290, 450))),
        ("夜里可以发", QuietWish(night_allowed=True)),
        ("周末别发", QuietWish(days=WEEKEND)),
        ("别在周末发", QuietWish(days=WEEKEND)),
        ("周六周日别打扰", QuietWish(days=WEEKEND)),
        ("周六日免打扰", QuietWish(days=WEEKEND)),
        ("双休日勿扰", QuietWish(days=WEEKEND)),
        ("礼拜天不要给我发消息", QuietWish(days=frozenset({6}))),
        ("周一到周五别打扰", QuietWish(days=frozenset(range(5)))),
        ("don't message me on weekends", QuietWish(days=WEEKEND)),
        ("no messages on Tuesdays", QuietWish(days=frozenset({1}))),
        ("周末可以发", QuietWish(allowed_days=WEEKEND)),
        ("这周末别发", QuietWish(days=WEEKEND, once=True)),
        ("周六晚上8点以后别发", QuietWish((1200, 450), frozenset({5}))),
    ],
)
def test_what_is_wished(text: str, expected: QuietWish) -> None:
    assert quiet_wish(normalise(text)) == expected
    assert understand(text).intent is Intent.REMINDERS_SETTINGS


@pytest.mark.parametrize(
    "text",
    [
        "周末开门吗",
        "周末别关门",
        "周末别发货",
        "晚上能发货吗",
        "周六有课吗",
        "我夜里跑单",
        "周日呢",
    ],
)
def test_what_is_about_something_else(text: str) -> None:
    assert quiet_wish(normalise(text)) is None
