"""Steps of a conversation about the card that several stories take."""

from tests.support.cards import (
    DIGITS,
    NUMBER,
)
from tests.support.courier import Line
from tests.support.screens import Screen

WARNING = "工作人员不会向你要密码、完整卡号、验证码"


async def bind(courier: Line, number: str = NUMBER, digits: str = DIGITS) -> Screen:
    """All the way from the first question to the answer."""
    seen = await courier.says("我卡办到哪了")
    if "同意" in seen.labels:
        seen = await courier.picks("同意")
    elif "查一笔申请" in seen.labels:
        seen = await courier.picks("查一笔申请")
    assert "请打申请编号" in seen
    assert WARNING in seen
    seen = await courier.says(number)
    assert "后四位" in seen
    assert WARNING in seen
    return await courier.says(digits)
