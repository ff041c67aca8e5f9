"""Renders answers as plain text for a terminal: wrapped by display width, with optional colour."""

import os
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, TextIO
from unicodedata import category, east_asian_width

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.conversation.replies import Answer, Article, Choices, Document, Link, Say, Venue, Words

WIDTH: Final = 80

# What a Chinese line never begins with, and what it never ends with.
_NOT_FIRST: Final = set("，。、；：！？）》」』】〉〕”’%…,.;:!?)]}·")
_NOT_LAST: Final = set("（《「『【〈〔“‘([{")
_WORD = LazyPattern(r"[\u0021-\u024f]+|\s|.", re.DOTALL)


@value
class Style:
    """The width of a line in columns, and whether to use colours."""

    width: int = WIDTH
    colour: bool = False

    def prompt(self, text: str) -> str:
        """Marks where to type."""
        return self._paint("1", text)

    def number(self, text: str) -> str:
        """Marks what may be typed to choose."""
        return self._paint("1;36", text)

    def link(self, text: str) -> str:
        """Marks an address; never wrapped, so that a terminal still recognises it."""
        return self._paint("4", text)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


PLAIN: Final = Style()


def style_for(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """Colours only on a terminal, and unless NO_COLOR is set (https://no-color.org)."""
    return Style(colour=stream.isatty() and not environ.get("NO_COLOR"))


def render(answer: Answer, style: Style = PLAIN) -> str:
    """The text of an answer, ending in a newline; messages are set apart by a blank line."""
    blocks = [block for message in answer.messages for block in _blocks(message, style)]
    return "".join(f"\n{block}\n" for block in blocks if block)


def _blocks(message: Words | Venue | Article | Document, style: Style) -> Iterator[str]:
    match message:
        case Words(paragraphs, choices, ask_location):
            for say in paragraphs:
                yield _say(say, style)
            if ask_location:
                yield _wrapped(ask_location, style.width)
            yield from _choices(choices, style)
        case Venue(point, title, address, choices):
            place = f"{title}\n{address}\n{point.lat:.5f},{point.lon:.5f}"
            yield _say(Say(place), style)
            yield from _choices(choices, style)
        case Article(title, text, url):
            yield _say(Say(text, (Link(title, url),)), style)
        case Document(name, _, _, link):
            yield _say(Say(name, (link,)), style)


def _say(say: Say, style: Style) -> str:
    lines = [_wrapped(say.text, style.width)] if say.text else []
    lines += [f"{_printable(link.label)}: {style.link(_printable(link.url))}" for link in say.links]
    return "\n".join(lines)


def _choices(choices: Choices | None, style: Style) -> Iterator[str]:
    if choices is None:
        return
    lines = []
    for number, button in chain.from_iterable(choices.numbered_rows()):
        head = f"{number}. "
        label = _wrapped(button.label, style.width - len(head)).replace(
            "\n", "\n" + " " * len(head)
        )
        lines.append(style.number(head) + label)
    yield "\n".join(lines)


def _wrapped(text: str, width: int) -> str:
    return "\n".join(line for whole in text.split("\n") for line in wrap(_printable(whole), width))


def _printable(text: str) -> str:
    """Without control characters: an answer may repeat what somebody typed or imported."""
    return "".join(" " if c == "\t" else c for c in text if c == "\t" or category(c) != "Cc")


def columns(text: str) -> int:
    """The display width of a text in columns; Chinese characters take two."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def wrap(line: str, width: int) -> list[str]:
    """Breaks one line into lines of at most `width` columns, as Chinese and Latin text are broken.

    Between any two Chinese characters, at spaces in Latin text, inside a word only where it alone
    is too wide; a comma or a closing bracket stays with the word before it.
    """
    lines: list[str] = []
    row = ""
    for piece in _pieces(line, width):
        if row and columns(row) + columns(piece.rstrip()) > width:
            lines.append(row.rstrip())
            row = piece.lstrip()
        else:
            row += piece
    return [*lines, row.rstrip()]


def _pieces(line: str, width: int) -> Iterator[str]:
    """The parts between which a line may be cut."""
    held = ""
    for token in _WORD.findall(line):
        glued = held and (held[-1] in _NOT_LAST or token[0] in _NOT_FIRST)
        if held and not glued and not token.isspace():
            yield from _cut(held, width)
            held = ""
        held += token
    yield from _cut(held, width)


def _cut(piece: str, width: int) -> Iterator[str]:
    part = ""
    for character in piece:
        if columns(part + character) > width and not character.isspace():
            yield part
            part = ""
        part += character
    yield part
