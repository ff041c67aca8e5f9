"""The bot's commands and descriptions in each language; set once per deploy."""

from collections.abc import Mapping

from telegram import Bot, BotCommand

from bot.common.values import value


@value
class Profile:
    """`commands`: name without the slash and what it does, in order. `description` (512
    characters) fills the empty chat, `short_description` (120) the bot's page."""

    commands: tuple[tuple[str, str], ...]
    description: str
    short_description: str


async def deploy_profile(bot: Bot, texts: Mapping[str, Profile]) -> None:
    """Sets every language's texts; the key is a two-letter code, or "" for all other languages.

    Raises `telegram.error.TelegramError`. https://core.telegram.org/bots/api#setmycommands
    """
    for code, profile in texts.items():
        language = code or None
        commands = [BotCommand(name, description) for name, description in profile.commands]
        await bot.set_my_commands(commands, language_code=language)
        await bot.set_my_description(profile.description, language_code=language)
        await bot.set_my_short_description(profile.short_description, language_code=language)
