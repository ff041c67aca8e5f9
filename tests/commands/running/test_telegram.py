"""`yizhan telegram deploy` sets commands and descriptions in both languages."""

import pytest

from bot.commands.running.telegram import deploy
from bot.common.i18n import load_languages
from bot.config.settings import read_settings
from tests.support.fakes.bot_api_oracle import check_calls
from tests.support.fakes.telegram import TOKEN, FakeTelegram


async def test_texts_in_every_language() -> None:
    languages = load_languages()
    async with FakeTelegram() as telegram:
        settings = read_settings(
            {"YIZHAN_TELEGRAM_TOKEN": TOKEN, "YIZHAN_TELEGRAM_API_BASE": telegram.url}
        )
        assert await deploy(settings, languages, languages.of(None, None)) == 0
        check_calls(telegram.calls)
        said = {
            call.params.get("language_code", ""): call.params
            for call in telegram.called("setMyCommands")
        }
        assert set(said) == {"", "zh", "en"}
        assert "附近驿站" in str(said["zh"])
        assert "stations near me" in str(said["en"])
        assert len(telegram.called("setMyDescription")) == 3


async def test_a_wrong_token_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    languages = load_languages()
    async with FakeTelegram() as telegram:
        settings = read_settings(
            {"YIZHAN_TELEGRAM_TOKEN": "1:wrong", "YIZHAN_TELEGRAM_API_BASE": telegram.url}
        )
        assert await deploy(settings, languages, languages.of(None, None)) == 1
    assert "请检查令牌" in capsys.readouterr().err
    assert await deploy(read_settings({}), languages, languages.of(None, None)) == 2


async def test_no_answer_is_not_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    languages = load_languages()
    settings = read_settings(
        {"YIZHAN_TELEGRAM_TOKEN": TOKEN, "YIZHAN_TELEGRAM_API_BASE": "http://127.0.0.1:1"}
    )
    assert await deploy(settings, languages, languages.of(None, None)) == 1
    said = capsys.readouterr().err
    assert "YIZHAN_TELEGRAM_API_BASE" in said
    assert "令牌" not in said
