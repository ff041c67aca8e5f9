"""What a courier did, as channel-neutral values."""

import re
from dataclasses import field
from datetime import datetime

from bot.common.push_quota import Grant
from bot.common.values import value
from bot.geo.point import Point

NOT_PRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters and what is no character: XML and some databases refuse them."""


@value
class Address:
    """Where a courier can be answered: a channel's name and that channel's own identifier."""

    channel: str
    id: str


@value
class Text:
    """Typed words, as received. `place` is what a geocoder found for them, where one is set up.

    Control characters and halves of surrogate pairs are dropped: JSON carries them, but neither
    every database nor every platform takes them back.
    """

    text: str
    place: Point | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", NOT_PRINTABLE.sub("", self.text))


@value
class Location:
    """A shared place in WGS-84; a channel that speaks another datum has converted it."""

    point: Point


@value
class Press:
    """A pressed button's action, such as `station.card:17`; it may be old or forged."""

    action: str


@value
class ChatOpened:
    """The courier opened the chat, perhaps with the code of a poster or a link.

    `again`: all that is known is that they can be written to again; what they want they write next.
    """

    code: str = ""
    again: bool = False


@value
class ChatLeft:
    """The courier blocked the bot or unfollowed; nothing can be answered.

    `erase`: on that channel leaving takes back what was agreed to, and their data goes too.
    """

    erase: bool = False


@value
class Voice:
    """A voice message, which the channel could not turn into words.

    `transcribed_by_app`: the courier's app can do so, by a long press.
    """

    transcribed_by_app: bool = True


@value
class Other:
    """Something that is no message to us; `kind` is one of image, sticker, file, bad_location."""

    kind: str


Content = Text | Location | Press | ChatOpened | ChatLeft | Voice | Other


def kind_of(content: Content) -> str:
    """The name of a kind of content in metrics, which dashboards refer to."""
    match content:
        case Text():
            return "text"
        case Location():
            return "location"
        case Press():
            return "press"
        case ChatOpened():
            return "arrival"
        case ChatLeft():
            return "departure"
        case Voice():
            return "voice"
        case Other():
            return "other"


@value
class Event:
    """One thing a courier did. `id` is the platform's own, equal in each redelivery.

    `language` is what the courier's client claims (`zh-hans`, `en-GB`), used until they choose.
    `network`: the sender's network (`http_requests.network_of`) on a channel where new addresses
    cost nothing, else empty. It limits guessing, and is stored as a keyed hash only, never logged.
    `grant`: what it adds to the chat's push quota, where the platform has one. `location_push`: the
    kind of push that brought a location, where the platform sends one location by two kinds; only
    the first is answered.
    """

    id: str
    sender: Address
    at: datetime
    content: Content
    language: str | None = None
    network: str = field(default="", repr=False)
    grant: Grant | None = None
    location_push: str = ""


class Unavailable(Exception):
    """The service cannot take this message now; nothing was done, the platform may repeat it."""
