"""`yizhan telegram deploy`: commands and descriptions in the empty chat, once per release."""

import sys

from telegram.error import BadRequest, NetworkError, TelegramError

from bot.channels.telegram.client import make_client
from bot.channels.telegram.profile import Profile, deploy_profile
from bot.channels.telegram.transport import BotApiTransport
from bot.common.i18n import Languages, Translator
from bot.config.settings import Settings


async def deploy(settings: Settings, languages: Languages, t: Translator) -> int:
    """Sets the texts of every language; Chinese is what all others see."""
    if settings.telegram_token is None:
        print(t("YIZHAN_TELEGRAM_TOKEN is not set."), file=sys.stderr)
        return 2
    request = BotApiTransport(None)
    await request.initialize()
    try:
        client = make_client(
            settings.telegram_token.get_secret_value(), request, settings.telegram_api_base
        )
        await deploy_profile(
            client,
            {
                "": _profile(languages.of(None, None)),
                "zh": _profile(languages.of("zh_CN", None)),
                "en": _profile(languages.of("en", None)),
            },
        )
    except NetworkError as error:
        if isinstance(error, BadRequest):
            return _refused(error, t)
        print(
            t(
                "No answer from Telegram. From mainland China it cannot be reached directly: run "
                "the bot elsewhere or set YIZHAN_TELEGRAM_API_BASE to a Bot API server that can be."
            ),
            file=sys.stderr,
        )
        return 1
    except TelegramError as error:
        return _refused(error, t)
    finally:
        await request.shutdown()
    print(t("Commands and descriptions are set."))
    return 0


def _refused(error: TelegramError, t: Translator) -> int:
    print(
        t("Telegram refused: {reason}. Check the token.", reason=type(error).__name__),
        file=sys.stderr,
    )
    return 1


def _profile(t: Translator) -> Profile:
    return Profile(
        commands=(
            ("start", t("begin")),
            ("near", t("stations near me")),
            ("favourites", t("my favourites")),
            ("language", t("language")),
            ("help", t("help")),
            ("cancel", t("drop what we are doing")),
        ),
        description=t(
            "Send me where you are: I tell you which 爱心驿站 will be open when you get there, "
            "with hot water, charging and a warm seat. Free for couriers."
        ),
        short_description=t("Find a warm station that will be open when you get there."),
    )
