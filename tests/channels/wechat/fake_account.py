"""The WeChat channel on the fake platform, with a push quota in memory."""

from dataclasses import dataclass, field

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import Client
from bot.channels.wechat.templates import parse_templates
from bot.common.push_quota import Grant
from bot.conversation.events import Event
from bot.conversation.replies import Answer, Say, Words
from tests.conftest import ManualClock
from tests.support.fakes.wechat import FakeWeChat

WHO = "oFake0001-_openid"
HELLO = Answer((Words((Say("你好，明天9:00培训 ]]> 😀"),)),))


@dataclass
class QuotaInMemory:
    """A push quota in memory."""

    left: int = 5
    closed: int = 0

    async def take(self, to: str) -> Grant | None:
        if not self.left:
            return None
        self.left -= 1
        return Grant.MESSAGES

    async def give_back(self, to: str, grant: Grant) -> None:
        assert grant is Grant.MESSAGES
        self.left += 1

    async def close(self, to: str) -> None:
        self.left = 0
        self.closed += 1


@dataclass
class Setup:
    """A channel and the platform it talks to."""

    wechat: FakeWeChat
    client: Client
    clock: ManualClock
    purse: QuotaInMemory = field(default_factory=QuotaInMemory)

    def channel(self, templates: str = "") -> WeChatChannel:
        return WeChatChannel(nobody, self.client, self.purse, parse_templates(templates))

    def fail(self, *codes: int, path: str = "message/custom/send") -> None:
        self.wechat.faults[path] += codes


async def nobody(_: Event) -> Answer:
    """No turn is taken in these tests."""
    raise AssertionError
