"""The abilities of WeChat."""

from datetime import timedelta
from typing import Final

from bot.conversation.replies import Abilities

NAME: Final = "wechat"

TEXT_BYTES: Final = 2000
"""One text with its markup, in UTF-8. 2048 is the documented limit and 2047 was seen to be
dropped without a word, so some room is left."""

ABILITIES: Final = Abilities(
    text_limit=TEXT_BYTES,
    text_size=TEXT_BYTES - 400,  # the rest is for the markup of links, which `render` allots
    max_buttons=0,
    pins=0,  # a place goes out as text with a map link; a native one cannot be sent
    articles=True,  # one 图文消息, where it is the whole answer
    documents=False,
    location_requests="menu",
    push_window=timedelta(hours=48),
    links="entity",  # only the label counts here: `render` drops the links that do not fit
    messages=1,  # one passive answer for each push
    choice_size=3,  # a line end, or the wide blank between two choices of one line
)
