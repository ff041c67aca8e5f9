"""What is answered, as values: a handler builds a `Reply` and sends nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.geo.point import Point

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
LocationRequest = Literal["button", "menu", "typed"]
LinkStyle = Literal["entity", "markup", "bare"]

ACTION_BYTES = 64  # Telegram's callback_data, the tightest of all channels


@dataclass(frozen=True, slots=True)
class Link:
    """A named address that leaves the chat, such as a map."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Button:
    """A choice that carries its own meaning: it works a week later and after a restart.

    `action` is printable ASCII, at most 64 bytes: `name` or `name:argument:argument`.
    """

    label: str
    action: str

    def __post_init__(self) -> None:
        fits = self.action.isascii() and self.action.isprintable()
        if not (fits and 1 <= len(self.action) <= ACTION_BYTES):
            raise ValueError("an action is 1 to 64 printable ASCII characters")


@dataclass(frozen=True, slots=True)
class Say:
    """A paragraph, with the links that belong to it. Plain text: no markup of any channel."""

    text: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Pin:
    """A place with its words: shown everywhere, and a native venue besides where there is one.

    `mark` is the number that the words give it, and `more` what a tap on it means, where a channel
    draws several places in one map.
    """

    point: Point
    title: str
    address: str
    text: str = ""
    links: tuple[Link, ...] = ()
    mark: str = ""
    more: Button | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A picture-less card that opens one link; becomes a paragraph where there are none."""

    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file; `link` serves the same bytes to channels that cannot take files.

    Where its address is empty there is no such link, and the words beside the file must do.
    """

    name: str
    media_type: str
    content: bytes
    link: Link


@dataclass(frozen=True, slots=True)
class Buttons:
    """Choices in rows. Numbered through all rows from 1, so that "2" means the same everywhere.

    `prompt` is always shown; it is the message's text where the buttons must stand alone.
    """

    rows: tuple[tuple[Button, ...], ...]
    prompt: str


@dataclass(frozen=True, slots=True)
class AskLocation:
    """Asks for a location by the channel's own button, else by `hints[how]`."""

    label: str
    hints: Mapping[str, str]


Part = Say | Pin | Article | Document | Buttons | AskLocation


@dataclass(frozen=True, slots=True)
class Then:
    """Which step takes the courier's next words, and what it needs to remember (plain JSON).

    An empty `step` awaits nothing: `data` is only what the conversation is about.
    """

    step: str
    data: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and what comes after it; `then` None ends the conversation.

    `forgotten`: the courier's data were erased, and what the channel's client keeps must go too.
    """

    parts: tuple[Part, ...]
    then: Then | None = None
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can show, as data; `degrade` makes any reply fit it.

    `text_limit` counts characters and `text_size` UTF-8 bytes of one message; `pins` is how many
    native places one answer may have, the first ones stay (0: there are none); `messages` is how
    many one answer may have; `max_buttons` native buttons per message (more become a numbered
    list, whose lines cost `choice_size` bytes beyond the label); `links` whether a link costs its
    label only (entity), markup around both (markup) or is printed (bare); `push_window` how long
    after the courier's last message one may still write first (None: always); `abroad` whether
    its messages pass through servers outside mainland China, so that whole names and phones are
    not asked for there; `pushes` whether one may write first at all.
    """

    text_limit: int
    text_size: int
    max_buttons: int
    pins: int
    articles: bool
    documents: bool
    location_requests: LocationRequest
    push_window: timedelta | None
    links: LinkStyle = "bare"
    messages: int = 10
    choice_size: int = 5
    abroad: bool = False
    pushes: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """Buttons as a message carries them; `numbered`: as lines to type, from `first`."""

    rows: tuple[tuple[Button, ...], ...]
    numbered: bool
    first: int = 1

    def lines(self) -> list[str]:
        """`1. label` for each choice, as a channel without buttons prints them."""
        buttons = [button for row in self.rows for button in row]
        return [f"{number}. {button.label}" for number, button in enumerate(buttons, self.first)]


@dataclass(frozen=True, slots=True)
class Words:
    """One text message: paragraphs, and what hangs on it."""

    paragraphs: tuple[Say, ...]
    choices: Choices | None = None
    ask_location: str = ""


@dataclass(frozen=True, slots=True)
class Venue:
    """One native place message."""

    point: Point
    title: str
    address: str
    choices: Choices | None = None
    mark: str = ""
    more: Button | None = None


Message = Words | Venue | Article | Document


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply cut to one channel: what its adapter sends, in order, each within its limits.

    `forgotten` as in `Reply`.
    """

    messages: tuple[Message, ...]
    forgotten: bool = False


def choices(reply: Reply) -> tuple[Button, ...]:
    """The buttons of a reply in the order in which they are numbered, from 1."""
    return tuple(
        button
        for part in reply.parts
        if isinstance(part, Buttons)
        for row in part.rows
        for button in row
    )
