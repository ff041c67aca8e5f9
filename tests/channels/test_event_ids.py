"""Event ids: equal when one courier's message is delivered again, never equal for two couriers."""

from datetime import UTC, datetime

from bot.channels.terminal.channel import parse as parse_line
from bot.channels.wechat.parse import parse as parse_push
from bot.common.clock import Clock
from tests.channels.web.running_chat import RunningChat
from tests.support.fakes.web import WebLine
from tests.support.fakes.wechat_messages import xml

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
ID = "00000000-0000-4000-a000-000000000001"


def test_terminal() -> None:
    mine, theirs, again = (parse_line("帮助", 1, NOW, who).id for who in ("a", "b", "a"))
    assert mine == again != theirs


def test_wechat() -> None:
    def event_id(openid: str) -> str:
        fields = {
            "ToUserName": "gh_0123456789ab",
            "FromUserName": openid,
            "CreateTime": int(NOW.timestamp()),
            "MsgType": "text",
            "Content": "帮助",
            "MsgId": "7",
        }
        event = parse_push(xml(fields).encode(), NOW).event
        assert event is not None
        return event.id

    assert event_id("a") == event_id("a") != event_id("b")


async def test_web(clock: Clock) -> None:
    running = await RunningChat(clock).opened()
    async with WebLine() as mine, WebLine() as theirs:
        for line in (mine, theirs):
            await line.connect(running.url)
            await line.text("帮助", ID)
        await mine.connect(running.url)
        await mine.text("帮助", ID)
    assert len(running.turn.taken) == 2  # the repeated one was answered from the first one's id
    assert len({event.id for event in running.turn.taken}) == 2
    await running.server.close()
