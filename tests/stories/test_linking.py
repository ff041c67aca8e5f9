"""A courier links two chats, and is one person in both."""

import asyncio
import re

import pytest
from sqlalchemy import func, select

from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from tests.conftest import ManualClock
from tests.stories.conftest import CHANNELS
from tests.support.courier import Deployment, Line, lines
from tests.support.screens import Screen
from tests.support.stations import HERE

PAIRS = [
    pair
    for pair in (("telegram", "web"), ("wechat", "telegram"), ("web", "wechat"), ("web", "web"))
    if set(pair) <= set(CHANNELS)
]
REFUSED = "这个码用不了"
LINKED = "绑好了"


@pytest.fixture(params=PAIRS, ids="-".join)
def two(deployment: Deployment, request: pytest.FixtureRequest) -> tuple[Line, Line]:
    """The same person's two chats."""
    first, second = request.param
    if first == second:
        both = lines(deployment, first, 2)
        return both[0], both[1]
    return lines(deployment, first)[0], lines(deployment, second)[0]


@pytest.fixture
def pair(deployment: Deployment) -> tuple[Line, Line]:
    """Two chats, where it does not matter of which channels."""
    return lines(deployment, "telegram")[0], lines(deployment, "web")[0]


def code_in(seen: Screen) -> str:
    """The code as it is shown."""
    found = re.search(r"[2-9A-Y]{4}-[2-9A-Y]{4}", seen.text)
    assert found, seen.text
    return found[0]


async def made_by(line: Line) -> str:
    """A fresh code of that chat."""
    await line.says("我的账号")
    return code_in(await line.picks("生成绑定码"))


async def sent_by(line: Line, code: str) -> Screen:
    """What that chat is told when it sends the code."""
    await line.says("绑定账号")
    assert "别人给的码不要输" in await line.picks("输入绑定码")
    return await line.says(code)


async def keep_first(line: Line) -> None:
    """Keeps the station nearest to HERE."""
    await line.shares(*HERE)
    await line.picks("第1家怎么进")
    await line.picks("收藏这家")


async def couriers(deployment: Deployment) -> int:
    """How many persons there are."""
    async with deployment.replicas[0].store.reading() as db:
        return await db.scalar(select(func.count()).select_from(CourierRow)) or 0


async def test_a_favourite_kept_on_one_is_seen_on_the_other(
    deployment: Deployment, two: tuple[Line, Line]
) -> None:
    first, second = two
    await keep_first(first)
    assert "目前只在这儿用" in await second.says("我的账号")
    assert LINKED in await sent_by(second, await made_by(first))
    assert "新城支行驿站" in await second.says("我的收藏")
    seen = await first.says("我的账号")
    assert "（就是这儿）" in seen
    assert "11月23日用过" in seen
    assert await couriers(deployment) == 1


async def test_what_the_second_chat_had_follows_it(pair: tuple[Line, Line]) -> None:
    first, second = pair
    await keep_first(first)
    await keep_first(second)  # both have it: one stays
    await second.says("English")
    assert LINKED not in await second.says("account")
    await second.says("中文")
    assert LINKED in await sent_by(second, await made_by(first))
    seen = await first.says("我的收藏")
    assert seen.text.count("新城支行驿站") == 1


async def test_the_whole_message_with_the_code_may_be_pasted(pair: tuple[Line, Line]) -> None:
    first, second = pair
    await first.says("绑定微信")
    whole = (await first.picks("生成绑定码")).text
    assert LINKED in await sent_by(second, whole)


async def test_wrong_expired_and_used_codes_get_the_same_sentence(
    deployment: Deployment, pair: tuple[Line, Line], clock: ManualClock
) -> None:
    first, second = pair
    third = lines(deployment, "web")[0]
    code = await made_by(first)
    said = {(await sent_by(second, "3333-4444")).text}
    clock.forward(minutes=11)
    said.add((await second.says(code)).text)
    old, code = await made_by(first), await made_by(first)
    said.add((await second.says(old)).text)  # the newest counts
    assert LINKED in await second.says(code)
    said.add((await sent_by(third, code)).text)
    assert len(said) == 1
    assert REFUSED in said.pop()
    assert await couriers(deployment) == 2


async def test_after_five_wrong_codes_even_the_right_one_waits(
    deployment: Deployment, pair: tuple[Line, Line], clock: ManualClock
) -> None:
    first, second = pair
    code = await made_by(first)
    await sent_by(second, "2222-2222")
    for number in range(3, 7):
        assert REFUSED in await second.says(f"2222-222{number}")
    assert "过10分钟再试" in await second.says(code)
    clock.forward(minutes=9)
    assert "过10分钟再试" in await sent_by(second, code)
    clock.forward(minutes=1)
    assert LINKED in await sent_by(second, await made_by(first))


async def test_a_sentence_is_no_wrong_code(pair: tuple[Line, Line]) -> None:
    first, second = pair
    await second.says("输入绑定码")
    for _ in range(6):
        assert REFUSED in await second.says("哪里有热水啊")
    assert LINKED in await second.says(await made_by(first))


async def test_the_code_does_nothing_in_its_own_chat(pair: tuple[Line, Line]) -> None:
    first, second = pair
    code = await made_by(first)
    assert "请到要绑的另一个聊天里输这个码" in await sent_by(first, code)
    assert LINKED in await sent_by(second, code)


async def test_back_and_cancel(pair: tuple[Line, Line]) -> None:
    first, _ = pair
    await first.says("输入绑定码")
    assert "目前只在这儿用" in await first.picks("返回")
    await first.picks("输入绑定码")
    assert REFUSED not in await first.picks("取消")
    assert REFUSED not in await first.says("3333-4444")  # nothing waits for a code any more


async def test_unlinking_asks_first_and_leaves_what_there_is(
    deployment: Deployment, two: tuple[Line, Line]
) -> None:
    first, second = two
    await keep_first(first)
    await sent_by(second, await made_by(first))
    seen = await second.says("我的账号")
    here = re.search(r"· (.+)（就是这儿）", seen.text)
    assert here
    assert "确定解绑吗" in await second.picks(f"解绑{here[1]}")
    await second.picks("返回")
    await second.picks(f"解绑{here[1]}")
    assert "现在单独一个账号" in await second.picks("确定解绑")
    assert "还没收藏" in await second.says("我的收藏")
    assert "新城支行驿站" in await first.says("我的收藏")
    assert await couriers(deployment) == 2


async def test_the_lost_phone_is_unlinked_from_the_other_chat(
    deployment: Deployment, pair: tuple[Line, Line]
) -> None:
    first, second = pair
    await sent_by(second, await made_by(first))
    await first.says("我的账号")
    await first.picks("解绑网页")
    code = await made_by(second)
    await first.says("我的账号")
    await first.picks("解绑网页")
    await first.picks("确定解绑")
    assert "目前只在这儿用" in await second.says("我的账号")
    assert REFUSED in await sent_by(lines(deployment, "terminal")[0], code)


async def test_two_chats_send_one_code_at_once_and_one_is_linked(deployment: Deployment) -> None:
    owner, *others = (*lines(deployment, "web", 4), *lines(deployment, "telegram", 2))
    code = await made_by(owner)
    for line in others:
        await line.says("输入绑定码")
    seen = await asyncio.gather(*(line.says(code) for line in others))
    assert sorted(LINKED in one for one in seen) == [False] * 4 + [True]
    assert await couriers(deployment) == 5
    async with deployment.replicas[0].store.reading() as db:
        shared = select(func.count()).select_from(ChatRow).group_by(ChatRow.courier_id)
        shared = shared.order_by(func.count().desc())
        assert list(await db.scalars(shared)) == [2, 1, 1, 1, 1]


async def test_each_sends_the_others_code_at_once_and_nobody_waits_for_ever(
    deployment: Deployment,
) -> None:
    first, second = lines(deployment, "web")[0], lines(deployment, "telegram")[0]
    codes = await made_by(first), await made_by(second)
    await first.says("输入绑定码")
    await second.says("输入绑定码")
    seen = await asyncio.gather(first.says(codes[1]), second.says(codes[0]))
    for one in seen:
        assert any(words in one for words in (LINKED, REFUSED, "再发一遍"))
    if not any(LINKED in one for one in seen):
        assert LINKED in await second.says(codes[0])
    assert await couriers(deployment) == 1


@pytest.mark.parametrize("before", ["你好", "我卡办到哪了"])
async def test_a_code_pasted_at_any_time_is_taken_after_a_word_about_whose_it_is(
    two: tuple[Line, Line], before: str
) -> None:
    first, second = two
    code = await made_by(first)
    await second.says(before)
    seen = await second.says(code)
    assert "只绑你自己生成的码" in seen
    assert LINKED in await second.picks("是我的，绑上")


async def test_a_pasted_code_that_does_not_count_is_refused(pair: tuple[Line, Line]) -> None:
    _, second = pair
    await second.says("绑定码：2345-6789")
    assert REFUSED in await second.picks("是我的，绑上")
