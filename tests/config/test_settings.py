"""The settings of an installation."""

from bot.config.settings import read_settings


def test_a_secret_is_not_shown_where_the_settings_are_printed() -> None:
    settings = read_settings({"YIZHAN_TELEGRAM_TOKEN": "4242:hunter2"})
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == "4242:hunter2"
    for shown in (repr(settings), f"{settings.telegram_token}", repr(settings.telegram_token)):
        assert "hunter2" not in shown


def test_equal_settings_are_equal_with_their_secrets() -> None:
    given = {"YIZHAN_TELEGRAM_TOKEN": "4242:hunter2"}
    assert read_settings(given) == read_settings(given)
    assert read_settings(given) != read_settings({"YIZHAN_TELEGRAM_TOKEN": "4242:other"})
