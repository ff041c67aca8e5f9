"""Firms as couriers write them."""

import pytest

from bot.intents.own_firm import own_firm
from bot.services.couriers.firms import firm_of, firms


def listed(name: str) -> str:
    return firms().get(firm_of(name), "")


@pytest.mark.parametrize(
    ("typed", "firm"),
    [
        ("中通", "中通"),
        ("中通快递", "中通"),
        ("我是中通的", "中通"),
        ("在美团跑单", "美团"),
        ("我在顺丰", "顺丰"),
        ("给饿了么送外卖", "饿了么"),
        ("我们是圆通的小哥", "圆通"),
        ("在蒙马配送", "蒙马配送"),
        ("我在蒙马跑单", "蒙马"),
        ("我是蒙马的骑手", "蒙马"),
    ],
)
def test_the_firm_that_a_courier_names_as_their_own(typed: str, firm: str) -> None:
    assert own_firm(typed, listed) == firm


@pytest.mark.parametrize(
    "typed",
    [
        "在呼和浩特", "我是呼市的",
        "在路上", "在加班", "在外面", "在大街上", "我在这儿", "是男的", "我是新来的", "我是骑手",
        "我是外卖骑手", "我是本地骑手", "我在外面送餐", "在工行", "在上海", "是哪家", "在哪上", "",
    ],
)  # fmt: skip
def test_where_or_what_a_courier_is_is_no_firm(typed: str) -> None:
    assert own_firm(typed, listed) == ""
