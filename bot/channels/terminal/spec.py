"""The terminal: a command of its own opens it, and nothing can be pushed to it."""

from typing import Final

from bot.channels.spec import ChannelSpec
from bot.channels.terminal.channel import ABILITIES

TERMINAL: Final[ChannelSpec[object]] = ChannelSpec("terminal", ABILITIES)
