"""The client and the channel against a platform on this machine: tokens, errors, budgets."""

import asyncio
import json

import pytest
from structlog.testing import capture_logs

from bot.channels.protocol import (
    Away,
    Channel,
    DeliveryFailed,
    Unreachable,
)
from bot.channels.wechat.abilities import ABILITIES
from bot.channels.wechat.menu import Place, apply, create_code, menu
from bot.conversation.replies import Answer
from tests.channels.wechat.fake_account import HELLO, WHO, Setup
from tests.support.fakes.wechat_api import SECRET

TEMPLATES = '{"training.reminder": {"id": "T1", "data": {"thing1": "{1}"}}}'


async def test_a_customer_message_is_sent_as_it_reads(setup: Setup) -> None:
    channel: Channel = setup.channel()
    await channel.deliver(WHO, HELLO)
    assert setup.wechat.shown[WHO][0].text == "你好，明天9:00培训 ]]> 😀"
    raw = setup.wechat.calls[0].raw
    assert "你好，明天9:00培训 ]]> 😀".encode() in raw
    assert rb"\u" not in raw
    assert setup.purse.left == 4
    assert channel.abilities is ABILITIES
    await channel.deliver(WHO, Answer(()))
    assert len(setup.wechat.calls) == 1


async def test_one_token_serves_all_calls_until_shortly_before_its_end(setup: Setup) -> None:
    channel = setup.channel()
    for minutes in (0, 30, 84):
        setup.clock.forward(minutes=minutes)
        await channel.deliver(WHO, HELLO)
    assert setup.wechat.tokens_asked == 1
    setup.clock.forward(minutes=2)
    await channel.deliver(WHO, HELLO)
    assert setup.wechat.tokens_asked == 2


async def test_two_hundred_sends_with_a_dead_token_make_one_refresh(setup: Setup) -> None:
    """Another program took the account's token away: all find it refused at the same time."""
    channel = setup.channel()
    setup.purse.left = 1000
    await channel.deliver(WHO, HELLO)
    setup.wechat.expire_token()
    couriers = [f"oFake{number:05}" for number in range(200)]
    for one in couriers:
        setup.wechat._count(setup.wechat.message(one, "text", {"Content": "x"}))
    await asyncio.gather(*(channel.deliver(one, HELLO) for one in couriers))
    assert setup.wechat.tokens_asked == 2
    assert all(len(setup.wechat.shown[one]) == 1 for one in couriers)


async def test_two_hundred_sends_at_the_start_make_one_token(setup: Setup) -> None:
    setup.purse.left = 1000
    setup.wechat._grants[WHO]["message"].left = 1000
    await asyncio.gather(*(setup.channel().deliver(WHO, HELLO) for _ in range(200)))
    assert setup.wechat.tokens_asked == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once_and_no_more(setup: Setup, code: int) -> None:
    setup.fail(code)
    await setup.channel().deliver(WHO, HELLO)
    assert len(setup.wechat.shown[WHO]) == 1
    assert setup.wechat.tokens_asked == 2
    setup.fail(code, code)
    with pytest.raises(Unreachable):
        await setup.channel().deliver(WHO, HELLO)
    assert setup.wechat.tokens_asked == 3
    assert setup.purse.left == 4  # surely not sent, so not spent


async def test_no_budget_is_no_call(setup: Setup) -> None:
    setup.purse.left = 0
    with pytest.raises(Away):
        await setup.channel(TEMPLATES).deliver(WHO, HELLO, "card.moved")
    assert setup.wechat.calls == []
    assert setup.wechat.tokens_asked == 0


async def test_beyond_the_window_the_template_of_that_kind_goes_out(setup: Setup) -> None:
    channel = setup.channel(TEMPLATES)
    assert channel.abilities.push_window is None
    setup.purse.left = 0
    await channel.deliver(WHO, HELLO, "training.reminder")
    setup.purse.left = 1
    setup.fail(45015)
    await channel.deliver(WHO, HELLO, "training.reminder")
    assert [call.path for call in setup.wechat.calls] == ["message/subscribe/bizsend"] * 2
    assert setup.wechat.calls[0].params == {
        "touser": WHO,
        "template_id": "T1",
        "data": {"thing1": {"value": "你好，明天9:00培训 ]]> 😀"[:20]}},
    }
    setup.fail(43101, path="message/subscribe/bizsend")  # no consent is left
    with pytest.raises(Away):
        await channel.deliver(WHO, HELLO, "training.reminder")


@pytest.mark.parametrize("secret_in", ["token", "secret"])
async def test_secrets_are_in_no_log_and_no_error(setup: Setup, secret_in: str) -> None:
    await setup.channel().deliver(WHO, HELLO)
    secret = setup.wechat.token if secret_in == "token" else SECRET
    said = [repr(setup.client)]
    with capture_logs() as logs:
        for code in (45002, 40164, -1, 48001):
            setup.fail(code)
            try:
                await setup.channel().deliver(WHO, HELLO)
            except DeliveryFailed as error:
                said += [repr(error), str(error), repr(error.__cause__), repr(error.__context__)]
            setup.purse.left = 5
    assert logs
    assert secret not in json.dumps(logs, default=str)
    assert secret not in "".join(said)
    assert WHO not in json.dumps(logs, default=str)


async def test_menu_and_codes_are_made(setup: Setup) -> None:
    await apply(setup.client, menu(Place("发送位置")))
    code = await create_code(setup.client, "poster-7")
    assert code.url == "http://weixin.qq.com/q/02"
    assert code.picture.endswith("?ticket=gQ%3D%3D%2F%2B")
    await create_code(setup.client, "desk_1", 600)
    assert [call.params for call in setup.wechat.calls[1:]] == [
        {
            "action_name": "QR_LIMIT_STR_SCENE",
            "action_info": {"scene": {"scene_str": "poster-7"}},
        },
        {
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "desk_1"}},
            "expire_seconds": 600,
        },
    ]
    for scene, seconds in (("", None), ("两", None), ("x" * 65, None), ("x", 0), ("x", 3_000_000)):
        with pytest.raises(ValueError, match="code"):
            await create_code(setup.client, scene, seconds)
