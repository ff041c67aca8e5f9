"""What looks like a personal number is masked; what a station's address needs is not."""

import pytest

from bot.services.conversations.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13812345678", "电话138****78"),
        ("138 1234 5678", "138****78"),
        ("138-1234-5678打我", "138****78打我"),
        ("１３８１２３４５６７８", "１３８****７８"),
        ("身份证15010219880615774X", "身份证150****4X"),
        ("6222 0202 0011 2233 446", "622****46"),
        ("座机0471-6543210", "座机047****10"),
        ("邮箱wang.qiang@example.com.cn", "邮箱***@***"),
        ("车站东街12号，14:30，打12351", "车站东街12号，14:30，打12351"),
        ("2026年11月23日 下午3点", "2026年11月23日 下午3点"),
    ],
)
def test_numbers_that_may_identify_somebody_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
