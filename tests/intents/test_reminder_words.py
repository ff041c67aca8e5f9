"""What switches reminders on and off, which hours are to be quiet, and what is neither."""

import pytest

from bot.intents import understand
from bot.intents.normalise import normalise
from bot.intents.reminders import quiet_hours, switches


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("停卡", {"card": False}),
        ("停培训", {"training": False}),
        ("退订培训", {"training": False}),
        ("停驿站！", {"station": False}),
        ("全停", {"all": False}),
        ("都停了吧", {}),  # stations may be meant
        ("停课", {}),
        ("每周一课不要了", {"lesson": False}),
        ("每周一课别再推了吧", {"lesson": False}),
        ("取消每周一课", {"lesson": False}),
        ("stop the weekly lesson", {"lesson": False}),
        ("每周一课", {}),
        ("每周一课怎么取消", {}),
        ("继续办卡", {}),  # goes on with a form
        ("不要培训", {}),
        ("no stations", {}),
        ("不要培训提醒", {"training": False}),
        ("停所有的消息", {"all": False}),
        ("停培训 开卡", {"training": False, "card": True}),
        ("停培训，开驿站、停卡", {"training": False, "station": True, "card": False}),
        ("停培训和驿站", {"training": False, "station": False}),
        ("恢复培训", {"training": True}),
        ("开培训提醒", {"training": True}),
        ("把提醒停了", {}),
        ("Stop trainings", {"training": False}),
        ("stop all", {"all": False}),
        ("resume cards and stations", {"card": True, "station": True}),
        ("开卡", {}),  # asks for a card
        ("开课", {}),  # when does it begin
        ("取消培训", {}),  # gives the seat back
        ("停车", {}),
        ("停卡怎么办", {}),
        ("开", {}),
        ("", {}),
        ("驿站关门了吗", {}),
    ],
)
def test_switches(text: str, expected: dict[str, bool]) -> None:
    assert switches(normalise(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22点到8点别发", (1320, 480)),
        ("晚上十点到早上八点不要发消息", (1320, 480)),
        ("免打扰 22:00-07:30", (1320, 450)),
        ("晚上11点半到第二天9点勿扰", (1410, 540)),
        ("中午12点至下午2点别打扰", (720, 840)),
        ("半夜12点到6点别发", (0, 360)),
        ("don't message me 10pm-8am", (1320, 480)),
        ("22点到8点开的站", None),
        ("别发了", None),
        ("25点到30点别发", None),
        ("9点到9点别发", (540, 540)),  # the whole day
        ("0点到24点别发", (0, 0)),
        ("全天别打扰我", (0, 0)),
        ("半夜别发", (1290, 450)),
        ("晚上不要再给我发消息", (1290, 450)),
        ("中午别吵我", (660, 840)),
        ("半夜有开的吗", None),
        ("晚上别关门", None),
        ("不要热水", None),
    ],
)
def test_quiet_hours(text: str, expected: tuple[int, int] | None) -> None:
    assert quiet_hours(normalise(text)) == expected


def test_hours_that_were_asked_for_need_no_other_word() -> None:
    assert quiet_hours("22-8", asked=True) == (1320, 480)
    assert quiet_hours("22-8") is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("停培训 开卡", "reminders_off"),
        ("22点到8点别发", "reminders_settings"),
        ("取消培训", "training_cancel"),
    ],
)
def test_the_router_hears_them(text: str, intent: str) -> None:
    heard = understand(text)
    assert (heard.intent, heard.sure) == (intent, True)
