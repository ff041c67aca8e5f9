"""`yizhan doctor` says what the platforms say, against both fakes, and never a secret."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.commands.running.channel_checks import Finding, check_telegram, check_wechat
from bot.common.i18n import load_languages
from bot.config.settings import Settings, read_settings
from tests.conftest import ManualClock
from tests.support.fakes import telegram as telegram_fake
from tests.support.fakes import wechat as wechat_fake
from tests.support.fakes import wechat_api
from tests.support.fakes.telegram import FakeTelegram
from tests.support.fakes.telegram_calls import Fault
from tests.support.fakes.wechat import FakeWeChat

HOOK = "https://bot.example.org/telegram/webhook"
T = load_languages().of("zh_CN", None)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    """Telegram, with nothing configured there."""
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def wechat(clock: ManualClock) -> AsyncIterator[FakeWeChat]:
    """An account that may do everything."""
    async with FakeWeChat(clock) as fake:
        yield fake


def on_telegram(fake: FakeTelegram, **given: str) -> Settings:
    """Settings that fit the fake, but for `given`."""
    own = {"token": telegram_fake.TOKEN, "api_base": fake.url} | given
    return read_settings({f"YIZHAN_TELEGRAM_{name.upper()}": value for name, value in own.items()})


def on_wechat(fake: FakeWeChat, **given: str) -> Settings:
    """Settings that fit the fake, but for `given`; an empty value is one that is not set."""
    own = {
        "app_id": wechat_api.APP_ID,
        "app_secret": wechat_api.SECRET,
        "token": wechat_fake.TOKEN,
        "aes_key": wechat_fake.AES_KEY,
        "api_base": fake.url,
    } | given
    return read_settings({f"YIZHAN_WECHAT_{name.upper()}": value for name, value in own.items()})


def report(findings: list[Finding], *secrets: str) -> str:
    """All lines; none of them holds a secret."""
    text = "\n".join(one.text for one in findings)
    for secret in secrets:
        assert secret not in text
    return text


def wrong(findings: list[Finding]) -> int:
    """How many keep the channel from working."""
    return sum(one.is_wrong for one in findings)


async def test_what_is_not_set_up_is_said_and_is_not_wrong() -> None:
    found = [*await check_telegram(read_settings({}), T), *await check_wechat(read_settings({}), T)]
    assert [one.is_wrong for one in found] == [False, False]
    assert "YIZHAN_TELEGRAM_TOKEN" in found[0].text
    assert "YIZHAN_WECHAT_APP_ID" in found[1].text


async def test_telegram_knows_us(telegram: FakeTelegram) -> None:
    found = await check_telegram(on_telegram(telegram), T)
    assert not wrong(found)
    assert "@yizhan_test_bot" in report(found, telegram_fake.TOKEN)


async def test_telegram_does_not_know_the_token(telegram: FakeTelegram) -> None:
    found = await check_telegram(on_telegram(telegram, token="4242:wrong"), T)
    assert wrong(found) == 1
    assert "@BotFather" in report(found, "4242:wrong")


@pytest.mark.parametrize("fault", [Fault(hold=True), Fault(drop=True), Fault(502, body=b"<html>")])
async def test_telegram_does_not_answer(telegram: FakeTelegram, fault: Fault) -> None:
    telegram.inject("getMe", fault)
    found = await check_telegram(on_telegram(telegram), T, seconds=0.2)
    assert wrong(found) == 1
    assert "YIZHAN_TELEGRAM_API_BASE" in report(found, telegram_fake.TOKEN)


async def test_where_telegram_sends_updates(telegram: FakeTelegram) -> None:
    ours = on_telegram(telegram, webhook_url=HOOK, webhook_secret="hush")
    assert "还没有设 webhook" in report(await check_telegram(ours, T), "hush")
    telegram.webhook = {"url": "https://elsewhere.example.org/"}
    found = await check_telegram(ours, T)
    assert "是别的地址" in report(found)
    assert not wrong(found)
    telegram.webhook = {"url": HOOK}
    assert len(await check_telegram(ours, T)) == 2
    assert "设着 webhook" in report(await check_telegram(on_telegram(telegram), T))


async def test_wechat_lets_us_in_and_grants_everything(wechat: FakeWeChat) -> None:
    found = await check_wechat(on_wechat(wechat), T)
    assert not wrong(found)
    text = report(found, wechat_api.SECRET, wechat_fake.TOKEN, wechat_fake.AES_KEY, wechat.token)
    assert "都能用" in text
    assert not wechat.shown  # nobody was sent anything


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (40164, "203.0.113.7"),
        (40164, "IP白名单"),
        (40001, "YIZHAN_WECHAT_APP_SECRET"),
        (40125, "AppSecret"),
        (40243, "解冻"),
        (40013, "YIZHAN_WECHAT_APP_ID"),
        (45009, "45009"),
        (-1, "再试"),
        (89503, "rid 89503-t"),
    ],
)
async def test_wechat_does_not_let_us_in(wechat: FakeWeChat, code: int, words: str) -> None:
    wechat.faults["stable_token"].append(code)
    found = await check_wechat(on_wechat(wechat), T)
    assert wrong(found) == 1
    assert words in report(found, wechat_api.SECRET)


async def test_a_wrong_secret_and_a_wrong_app_id(wechat: FakeWeChat) -> None:
    found = await check_wechat(on_wechat(wechat, app_secret="f" * 32), T)
    assert "40125" in report(found, "f" * 32)
    found = await check_wechat(on_wechat(wechat, app_id="wx00"), T)
    assert "40013" in report(found)


@pytest.mark.parametrize("code", [48001, 40200])
async def test_an_account_that_is_not_certified(wechat: FakeWeChat, code: int) -> None:
    for path in ("menu/get", "message/custom/send", "qrcode/create"):
        wechat.faults[path].append(code)
    found = await check_wechat(on_wechat(wechat), T)
    text = report(found)
    for words in ("不能用自定义菜单", "客服消息", "二维码"):
        assert words in text
    assert text.count(str(code)) == 3
    assert not wrong(found)  # it still answers


async def test_no_menu_yet_and_an_unknown_code(wechat: FakeWeChat) -> None:
    wechat.faults["menu/get"].append(46003)
    wechat.faults["qrcode/create"].append(99999)
    text = report(await check_wechat(on_wechat(wechat), T))
    assert "yizhan wechat menu --apply" in text
    assert "qrcode/create" in text
    assert "99999" in text


async def test_settings_that_are_missing_or_malformed(wechat: FakeWeChat) -> None:
    found = await check_wechat(on_wechat(wechat, app_secret="", token="", aes_key=""), T)
    assert wrong(found) == 2
    assert "安全模式" in report(found)
    bad = on_wechat(wechat, aes_key="short", templates="[]")
    found = await check_wechat(bad, T)
    assert wrong(found) == 2
    assert "43" in report(found, "short")


async def test_wechat_hangs(wechat: FakeWeChat) -> None:
    wechat.gate = asyncio.Event()
    found = await check_wechat(on_wechat(wechat), T, seconds=0.2)
    assert wrong(found) == 1
    assert "YIZHAN_WECHAT_API_BASE" in report(found, wechat.token)


async def test_wechat_is_not_there() -> None:
    names = {"APP_ID": "wx1", "APP_SECRET": "s3cret", "TOKEN": "t", "AES_KEY": "A" * 43}
    given = {f"YIZHAN_WECHAT_{name}": value for name, value in names.items()}
    settings = read_settings(given | {"YIZHAN_WECHAT_API_BASE": "http://127.0.0.1:9"})
    found = await check_wechat(settings, T)
    assert wrong(found) == 1
    report(found, "s3cret")
