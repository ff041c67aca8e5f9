"""The language that a courier is answered in, also in what is pushed to them."""

from tests.support.courier import Deployment, TelegramLine, lines


def texts(deployment: Deployment, chat: int) -> list[str]:
    """What Telegram shows of the bot, the oldest first."""
    return [one["text"] for one in deployment.telegram.messages[chat] if "text" in one]


async def test_a_language_that_was_detected_is_kept_for_what_is_pushed(
    deployment: Deployment,
) -> None:
    courier = TelegramLine(deployment, 7000, language="en")
    await courier.says("reminders")
    await courier.picks("Send me one")
    await courier.says("help")  # the fake's taps come from a Chinese client
    await deployment.deliver()
    assert texts(deployment, 7000)[-1] == "This is a sample: reminders reach you here."


async def test_a_language_that_was_chosen_outweighs_the_one_detected(
    deployment: Deployment,
) -> None:
    courier = TelegramLine(deployment, 7000, language="en")
    await courier.says("中文")
    assert "提醒设置：" in await courier.says("提醒设置")
    await courier.picks("发一条试试")
    await deployment.deliver()
    assert texts(deployment, 7000)[-1] == "试发：提醒能发到你这里。"


async def test_no_chinese_is_left_in_the_answer_that_begins_english(
    deployment: Deployment,
) -> None:
    for channel in ("terminal", "wechat"):
        seen = await lines(deployment, channel)[0].says("english")
        assert "From now on I speak English." in seen
        assert "回复数字" not in seen


async def test_voice_on_telegram_is_told_of_the_keyboard(deployment: Deployment) -> None:
    await TelegramLine(deployment, 7000).says("你好")
    update = deployment.telegram.message(7000, {"voice": {"file_id": "A", "duration": 2}})
    await deployment.telegram.redeliver(update)
    assert any("输入法键盘上的🎤" in text for text in texts(deployment, 7000))
