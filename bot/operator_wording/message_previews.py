"""A message as each channel shows it, made by the functions that make what is sent."""

import re
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from bot.channels.telegram import render as telegram
from bot.channels.telegram.abilities import ABILITIES as TELEGRAM
from bot.channels.terminal import render as terminal
from bot.channels.terminal.channel import ABILITIES as TERMINAL
from bot.channels.web.channel import ABILITIES as WEB
from bot.channels.web.frames import rendered_texts
from bot.channels.wechat import render as wechat
from bot.channels.wechat.abilities import ABILITIES as WECHAT
from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.degrade import degrade
from bot.conversation.replies import Reply
from bot.handlers.system_phrases import turn_phrases

FILE: Final = "🖼"
"""A message that is a picture or another file."""
_LINK: Final = re.compile(r"<a [^>]*>(.*?)</a>")
OPEN_PAGE: Final = timedelta(minutes=10)
"""Which pages are open, only the processes that serve them know; who wrote there so recently is
counted as reachable.
"""
WINDOWS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"web": OPEN_PAGE, "wechat": WECHAT.push_window or timedelta.max}
)
"""By channel, how long after their last message couriers can be written to first."""


@value
class ChannelPreview:
    """The messages of one channel as text; `may_push`: it can be sent without being asked for."""

    channel: str
    messages: tuple[str, ...]
    may_push: bool


def previews(t: Translator, reply: Reply) -> list[ChannelPreview]:
    """The reply on every channel, in the language of `t`."""
    phrases = turn_phrases(t).fitting
    native = wechat.render(degrade(reply, WECHAT, phrases))
    calls = telegram.render(degrade(reply, TELEGRAM, phrases), 0)
    page = rendered_texts(degrade(reply, WEB, phrases))
    screen = terminal.render(degrade(reply, TERMINAL, phrases)).strip("\n")
    return [
        ChannelPreview("wechat", (_wechat(native),) if native else (), may_push=WECHAT.pushes),
        ChannelPreview(
            "telegram",
            tuple(str(one.params.get("text", FILE)) for one in calls),
            may_push=TELEGRAM.pushes,
        ),
        ChannelPreview("web", tuple(one or FILE for one in page), may_push=WEB.pushes),
        ChannelPreview("terminal", (screen,), may_push=TERMINAL.pushes),
    ]


def alike(found: list[ChannelPreview]) -> list[tuple[list[ChannelPreview], tuple[str, ...]]]:
    """Channels that show the same together, in the order of the first of each."""
    groups: dict[tuple[str, ...], list[ChannelPreview]] = {}
    for one in found:
        groups.setdefault(one.messages, []).append(one)
    return [(channels, messages) for messages, channels in groups.items()]


def _wechat(native: wechat.Native) -> str:
    match native:
        case wechat.Text(content):
            return _LINK.sub(r"\1", content)
        case wechat.News(title, description, _):
            return f"{title}\n{description}"
