"""What is answered, as values: a handler builds a `Reply` and sends nothing itself."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import timedelta
from itertools import count
from typing import Literal

from bot.common.values import value
from bot.geo.point import Point

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
LocationRequest = Literal["button", "menu", "typed"]
LinkStyle = Literal["entity", "markup", "bare"]

ACTION_BYTES = 64  # Telegram's callback_data, the tightest of all channels


@value
class Link:
    """A named address that leaves the chat, such as a map."""

    label: str
    url: str


@value
class Button:
    """A choice that carries its own meaning: it works a week later and after a restart.

    `action` is printable ASCII, at most 64 bytes: `name` or `name:argument:argument`. `number`:
    what a courier types for it, where the question has numbers of its own (5分, 第2场); None: its
    place among the choices.
    """

    label: str
    action: str
    number: int | None = None

    def __post_init__(self) -> None:
        fits = self.action.isascii() and self.action.isprintable()
        if not (fits and 1 <= len(self.action) <= ACTION_BYTES):
            raise ValueError("an action is 1 to 64 printable ASCII characters")


@value
class Say:
    """A paragraph, with the links that belong to it. Plain text: no markup of any channel."""

    text: str
    links: tuple[Link, ...] = ()


@value
class Pin:
    """A place with its words: shown everywhere, and a native venue besides where there is one.

    `mark` is the number that the words give it, and `more` what a tap on it means, where a channel
    draws several places in one map. One that is `aside` was not asked for: its words and links do
    where a native place is a message of its own.
    """

    point: Point
    title: str
    address: str
    text: str = ""
    links: tuple[Link, ...] = ()
    mark: str = ""
    more: Button | None = None
    aside: bool = False


@value
class Article:
    """A picture-less card that opens one link; becomes a paragraph where there are none."""

    title: str
    text: str
    url: str


@value
class Document:
    """A file; `link` serves the same bytes to channels that cannot take files.

    Where its address is empty there is no such link, and the words beside the file must do.
    """

    name: str
    media_type: str
    content: bytes
    link: Link


@value
class Buttons:
    """Choices in rows. Numbered through all rows from 1, so that "2" means the same everywhere.

    `prompt` is always shown; it is the message's text where the buttons must stand alone.
    """

    rows: tuple[tuple[Button, ...], ...]
    prompt: str


@value
class AskLocation:
    """Asks for a location by the channel's own button, else by `hints[how]`.

    `shown_before`: the button has been shown in this chat, where it stays.
    """

    label: str
    hints: Mapping[str, str]
    shown_before: bool = False


Part = Say | Pin | Article | Document | Buttons | AskLocation


@value
class Then:
    """What is stored with the reply: `step` names who handles the next text, as a feature's
    `steps` does, and gets `data` (plain JSON) as `ctx.data`.

    With an empty `step` no text is awaited; `data` then only tells what the conversation is about,
    and is there for whichever handler answers next.
    """

    step: str
    data: dict[str, Json] = field(default_factory=dict)


@value
class Reply:
    """An answer and what comes after it; `then` None ends the conversation.

    `erased`: all data of the courier were deleted, so a channel empties what it shows and keeps.
    `locale`: the language of its words where that is no longer the one the turn began with.
    """

    parts: tuple[Part, ...]
    then: Then | None = None
    erased: bool = False
    locale: str | None = None


@value
class Abilities:
    """What a channel can show, as data; `degrade` makes any reply fit it.

    `text_limit` counts characters and `text_size` UTF-8 bytes of one message; `pins` is how many
    native places one answer may have (of more none is native; 0: there are none; 1: it is a
    message of its own); `messages` is how
    many one answer may have; `max_buttons` native buttons per message (more become a numbered
    list, whose lines cost `choice_size` bytes beyond the label); `links` whether a link costs its
    label only (entity), markup around both (markup) or is printed (bare); `push_window` how long
    after the courier's last message one may still write first (None: always); `abroad` whether
    its messages pass through servers outside mainland China, so that whole names and phones are
    not asked for there; `pushes` whether one may write first at all;
    `needs_open_page`: it takes a page that the courier has open.
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
    needs_open_page: bool = False

    @property
    def sure_pushes(self) -> timedelta | None:
        """How long after a message of theirs a courier can surely be written to; None: always."""
        return self.push_window if self.pushes and not self.needs_open_page else timedelta(0)


@value
class Choices:
    """Buttons as a message carries them; `numbered`: as lines to type, from `first`."""

    rows: tuple[tuple[Button, ...], ...]
    numbered: bool
    first: int = 1

    def lines(self) -> list[str]:
        """`1. label` for each choice, as a channel without buttons prints them."""
        return [
            f"{number}. {button.label}" for row in self.numbered_rows() for number, button in row
        ]

    def numbered_rows(self) -> list[list[tuple[int, Button]]]:
        """The rows, each button with the number that is typed for it."""
        places = count(self.first)
        rows = [[(next(places), button) for button in row] for row in self.rows]
        return [[(one.number or place, one) for place, one in row] for row in rows]


@value
class Words:
    """One text message: paragraphs, and what hangs on it."""

    paragraphs: tuple[Say, ...]
    choices: Choices | None = None
    ask_location: str = ""


@value
class Venue:
    """One native place message."""

    point: Point
    title: str
    address: str
    choices: Choices | None = None
    mark: str = ""
    more: Button | None = None


Message = Words | Venue | Article | Document


@value
class Answer:
    """A reply cut to one channel: what its adapter sends, in order, each within its limits.

    `erased`: as in `Reply`.
    """

    messages: tuple[Message, ...]
    erased: bool = False


def choices(reply: Reply) -> tuple[Button, ...]:
    """The buttons of a reply, in order.

    Where one has a number of its own, all get one: the others those that are left, from 1.
    """
    buttons = [
        button
        for part in reply.parts
        if isinstance(part, Buttons)
        for row in part.rows
        for button in row
    ]
    if not [None for button in buttons if button.number is not None]:
        return tuple(buttons)
    taken = {button.number for button in buttons}
    free = (number for number in count(1) if number not in taken)
    used: set[int] = set()
    numbered = []
    for button in buttons:
        own = button.number
        number = next(free) if own is None or own in used else own
        used.add(number)
        numbered.append(replace(button, number=number))
    return tuple(numbered)
