"""The Markdown that content may use: what a chat, a terminal and a page can all show.

Paragraphs, lists of one level, emphasis, links, and pictures on lines of their own. HTML, headings,
tables, quotations and code are faults, so that nothing is shown in one place and lost in another.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


class BlockKind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    ITEM = "item"
    PICTURE = "picture"


@value
class Span:
    """A run of text of one look; a line end in it is a line end. `url`: where it leads."""

    text: str
    strong: bool = False
    emphasis: bool = False
    url: str = ""


@value
class Block:
    """A paragraph, an item of a list, or a picture.

    `number`: of an item in a numbered list, 0 in any other. `picture`: the name of its file, whose
    description is the text of `spans`.
    """

    kind: BlockKind
    spans: tuple[Span, ...]
    number: int = 0
    picture: str = ""

    @property
    def text(self) -> str:
        """Its words without any markup."""
        return "".join(span.text for span in self.spans)


class MarkdownFault(StrEnum):
    """What a text may not have."""

    HTML = "html"
    HEADING = "heading"
    NESTED_LIST = "nested_list"
    MARKUP = "markup"  # found
    """A table, quotation, code, line or other markup that a chat cannot show."""
    LINK = "link"
    """A link that leads neither to a web page nor to a phone."""
    PICTURE_IN_TEXT = "picture_in_text"
    """A picture that does not stand on a line of its own, with empty lines around it."""


@value
class Fault:
    """What is wrong in which line of the text, the first is 1; `found`: the text that is wrong."""

    line: int
    code: MarkdownFault
    found: str = ""


PICTURE: Final = LazyPattern(r"!\[([^\]\n]*)\]\(([^)\s]+)\)")
_LINK: Final = LazyPattern(r"(?:https?://[^\s]+|tel:[0-9+-]+)", re.IGNORECASE)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 20 ms that the first answer would wait for

    return MarkdownIt("commonmark", {"html": True}).enable("table")


def parse(text: str) -> tuple[tuple[Block, ...], tuple[Fault, ...]]:
    """The blocks of a text, and what is wrong with it; with any fault the blocks are not used."""
    reading = _Reading()
    for token in _parser().parse(text):
        reading.take(token)
    return tuple(reading.blocks), tuple(reading.faults)


def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a text that was accepted."""
    return parse(text)[0]


def plain(blocks: Sequence[Block]) -> str:
    """The words of blocks, a line for each."""
    return "\n".join(block.text for block in blocks)


class _Reading:
    """Walks the tokens of one text."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.faults: list[Fault] = []
        self._lists: list[int] = []
        """Of each list that is open: the next number, 0 where it has none."""

    def take(self, token: "Token") -> None:
        line = token.map[0] + 1 if token.map else 1
        match token.type:
            case "inline":
                self._inline(token, line)
            case "bullet_list_open" | "ordered_list_open":
                if self._lists:
                    self._wrong(line, MarkdownFault.NESTED_LIST)
                numbered = token.type == "ordered_list_open"
                self._lists.append(int(token.attrGet("start") or 1) if numbered else 0)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "paragraph_open" | "paragraph_close" | "list_item_open" | "list_item_close":
                pass
            case "html_block":
                self._wrong(line, MarkdownFault.HTML, token.content.strip())
            case "heading_open":
                self._wrong(line, MarkdownFault.HEADING)
            case _ if token.nesting >= 0 and token.type not in _PARTS:
                self._wrong(line, MarkdownFault.MARKUP, token.type.removesuffix("_open"))
            case _:
                pass

    def _inline(self, token: "Token", line: int) -> None:
        children = token.children or []
        pictures = [child for child in children if child.type == "image"]
        if pictures:
            if len(children) > 1 or self._lists:
                self._wrong(line, MarkdownFault.PICTURE_IN_TEXT)
                return
            name = str(pictures[0].attrGet("src") or "")
            described = (Span(pictures[0].content),)
            self.blocks.append(Block(BlockKind.PICTURE, described, picture=name))
            return
        spans = tuple(self._spans(children, line))
        if not self._lists:
            self.blocks.append(Block(BlockKind.PARAGRAPH, spans))
            return
        number = self._lists[-1]
        self.blocks.append(Block(BlockKind.ITEM, spans, number))
        if number:
            self._lists[-1] += 1

    def _spans(self, children: Sequence["Token"], line: int) -> Iterator[Span]:
        strong = emphasis = 0
        url = ""
        for child in children:
            match child.type:
                case "text" | "text_special":
                    if child.content:
                        yield Span(child.content, strong > 0, emphasis > 0, url)
                case "softbreak" | "hardbreak":
                    line += 1
                    yield Span("\n", strong > 0, emphasis > 0, url)
                case "strong_open" | "strong_close":
                    strong += child.nesting
                case "em_open" | "em_close":
                    emphasis += child.nesting
                case "link_open":
                    url = str(child.attrGet("href") or "")
                    if not _LINK.fullmatch(url):
                        self._wrong(line, MarkdownFault.LINK, url)
                case "link_close":
                    url = ""
                case "html_inline":
                    self._wrong(line, MarkdownFault.HTML, child.content)
                case _:
                    self._wrong(line, MarkdownFault.MARKUP, child.type)

    def _wrong(self, line: int, code: MarkdownFault, found: str = "") -> None:
        self.faults.append(Fault(line, code, found))


_PARTS: Final = frozenset({"thead_open", "tbody_open", "tr_open", "th_open", "td_open"})
"""Parts of a table, which is a fault itself."""
