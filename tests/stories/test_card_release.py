"""The owner of an application gets in though others locked it, and hears of other chats."""

import re
from contextlib import redirect_stdout
from io import StringIO

import pytest

from bot.commands.cards.cards import release as release_card
from bot.commands.cli import parser
from bot.common.i18n import load_languages
from tests.conftest import ManualClock
from tests.stories.card_conversation import bind
from tests.support.cards import DIGITS, KEYS, NUMBER
from tests.support.courier import Deployment, Line, lines

pytestmark = pytest.mark.usefixtures("bank")
ENGLISH = load_languages().of("en", "en")


async def release(deployment: Deployment, clock: ManualClock, number: str = NUMBER) -> str:
    """What `yizhan cards release` prints."""
    args = parser(ENGLISH).parse_args(["cards", "release", number])
    printed = StringIO()
    with redirect_stdout(printed):
        store = deployment.replicas[0].store
        code = await release_card(args, store, KEYS, ENGLISH, clock=clock)
    assert code == 0
    found = re.search(r"Release code: ([A-Z0-9]{4}-[A-Z0-9]{4})", printed.getvalue())
    assert found is not None
    return found[1]


async def test_whom_others_locked_out_gets_in_by_a_release_code(
    courier: Line, deployment: Deployment, clock: ManualClock
) -> None:
    for at in range(5):
        stranger = lines(deployment, "terminal")[0]
        expected = "对不上" if at < 4 else "先锁24小时"
        assert expected in await bind(stranger, digits=f"000{at}")
    seen = await bind(courier)
    assert "先锁24小时" in seen
    assert "放行码" in seen
    code = await release(deployment, clock)
    assert "对不上" in await bind(lines(deployment, "terminal")[0], "NM99999999", code)
    assert "【奋斗卡】" in await bind(courier, digits=f"放行码是 {code.lower()}")
    assert "先锁24小时" in await bind(lines(deployment, "terminal")[0], digits=code)
    assert "【奋斗卡】" in await courier.says("办卡进度")


def sent(deployment: Deployment) -> list[str]:
    """The texts that the first Telegram chat was sent."""
    return [one["text"] for one in deployment.telegram.messages[7000] if "text" in one]


async def test_the_owner_is_told_of_another_chat_that_is_bound(
    deployment: Deployment, clock: ManualClock
) -> None:
    """Once an hour, by a push; who was bound last is told nothing, nor is who unbound."""
    owner, second = lines(deployment, "telegram", 2)
    await bind(owner)
    assert await deployment.deliver() == 0  # nobody else was bound
    others = [*lines(deployment, "web", 2), second]
    assert "【奋斗卡】" in await bind(others[0])
    await deployment.deliver()
    told = [text for text in sent(deployment) if "另一个聊天" in text]
    assert len(told) == 1
    assert NUMBER not in told[0]
    assert "****0815" in told[0]
    await bind(others[1])
    await deployment.deliver()
    told = [text for text in sent(deployment) if "另一个聊天" in text]
    assert len(told) == 1
    await owner.says("办卡进度")
    await owner.picks("解绑")
    clock.forward(hours=1)
    await bind(others[2])
    await deployment.deliver()
    told = [text for text in sent(deployment) if "另一个聊天" in text]
    assert len(told) == 1
    assert "另一个聊天" in await others[0].says("办卡进度")  # held: a closed page gets no push


async def test_binding_again_tells_nobody(
    terminal: Line, deployment: Deployment, clock: ManualClock
) -> None:
    owner = lines(deployment, "telegram")[0]
    await bind(owner)
    await bind(terminal)
    assert await deployment.deliver() == 1
    clock.forward(hours=1)
    await terminal.picks("查别的申请")
    await terminal.says(NUMBER)
    assert "【奋斗卡】" in await terminal.says(DIGITS)
    assert await deployment.deliver() == 0
