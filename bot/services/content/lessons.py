"""A lesson: cards to read, then questions with an answer that is explained at once.

Its text is a sequence of sections, each under a heading of its own:

    ## 卡片
    What the courier reads.

    ## 问题
    What is asked?
    - a wrong answer
    - [x] the right answer
    > Why it is right.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import dropwhile, takewhile
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.content import markdown
from bot.services.content.markdown import Block, MarkdownFault

CARDS: Final = (3, 8)
QUESTIONS: Final = (3, 5)
OPTIONS: Final = (2, 4)
"""The least and the most of each."""
CARD_SIZE: Final = 900
"""UTF-8 bytes: a card, its source and the choices under it fit one message everywhere."""
OPTION_SIZE: Final = 60
"""UTF-8 bytes: 20 Chinese characters, which a button shows whole."""
QUESTION_SIZE: Final = 600
"""UTF-8 bytes of a question, and of an explanation."""
_HEADING: Final = LazyPattern(r"##\s*(\S.*?)\s*#*\s*")
_OPTION: Final = LazyPattern(r"[-*+]\s+(?:\[([ xX✓√])\]\s*)?(.*\S)\s*")
_CARD: Final = frozenset({"卡片", "卡", "card"})
_QUESTION: Final = frozenset({"问题", "题", "question"})


class LessonFault(StrEnum):
    """What can be wrong with a lesson."""

    BEFORE_FIRST = "before_first"
    SECTION = "section"
    CARD_COUNT = "card_count"  # count, least, most
    QUESTION_COUNT = "question_count"  # count, least, most
    ORDER = "order"
    """A card after a question."""
    EMPTY = "empty"
    TOO_LONG = "card_too_long"  # size, most
    OPTION_COUNT = "option_count"  # count, least, most
    RIGHT_COUNT = "right_count"  # count
    OPTION_LONG = "option_long"  # most
    OPTION_TWICE = "option_twice"
    NO_EXPLANATION = "no_explanation"
    AFTER_EXPLANATION = "after_explanation"


@value
class Fault:
    """What is wrong in which line of the text, the first is 1; `params`: values for the advice."""

    line: int
    code: LessonFault | MarkdownFault
    found: str = ""
    params: tuple[tuple[str, str], ...] = ()


@value
class Question:
    """`right` is the place of the right option, counted from 0."""

    prompt: tuple[Block, ...]
    options: tuple[str, ...]
    right: int
    explanation: tuple[Block, ...]


@value
class Lesson:
    """What one language of a lesson holds."""

    cards: tuple[tuple[Block, ...], ...]
    questions: tuple[Question, ...]

    def shape(self) -> tuple[int, tuple[tuple[int, int], ...]]:
        """What all languages of a lesson have in common: progress is counted in it."""
        return len(self.cards), tuple((len(one.options), one.right) for one in self.questions)


def lesson_of(text: str) -> Lesson:
    """The lesson of a text that was accepted."""
    return parse(text)[0]


def parse(text: str) -> tuple[Lesson, tuple[Fault, ...]]:
    """The lesson in a text, and what is wrong with it; with any fault the lesson is not used."""
    reading = _Reading()
    for section in _sections(text):
        reading.take(section)
    return reading.lesson(), tuple(reading.faults)


@value
class _Section:
    """`line`: where its heading stands; `lines` are those under it."""

    line: int
    heading: str
    lines: tuple[str, ...]


def _sections(text: str) -> Iterator[_Section]:
    begin, heading, lines = 0, "", list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if found := _HEADING.fullmatch(line):
            yield _Section(begin, heading, tuple(lines))
            begin, heading, lines = number, found[1], []
        else:
            lines.append(line)
    yield _Section(begin, heading, tuple(lines))


class _Reading:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._cards: list[tuple[Block, ...]] = []
        self._questions: list[Question] = []

    def lesson(self) -> Lesson:
        """What was read; also checks how much there is of each."""
        counts = (
            (LessonFault.CARD_COUNT, len(self._cards), CARDS),
            (LessonFault.QUESTION_COUNT, len(self._questions), QUESTIONS),
        )
        for code, count, limits in counts:
            self._check_count(1, code, count, limits)
        return Lesson(tuple(self._cards), tuple(self._questions))

    def take(self, section: _Section) -> None:
        kind = re.sub(r"[\s\d]+$", "", section.heading).casefold()
        if not section.line:
            if any(line.strip() for line in section.lines):
                self._wrong(1, LessonFault.BEFORE_FIRST)
        elif kind in _CARD:
            self._card(section)
        elif kind in _QUESTION:
            self._question(section)
        else:
            self._wrong(section.line, LessonFault.SECTION, section.heading)

    def _card(self, section: _Section) -> None:
        if self._questions:
            self._wrong(section.line, LessonFault.ORDER)
        self._cards.append(self._blocks(section.line, section.lines, CARD_SIZE))

    def _question(self, section: _Section) -> None:
        lines = list(enumerate(section.lines, section.line + 1))
        prompt = list(takewhile(lambda one: not _OPTION.fullmatch(one[1].strip()), lines))
        rest = [one for one in lines[len(prompt) :] if one[1].strip()]
        marked = list(takewhile(lambda one: _OPTION.fullmatch(one[1].strip()), rest))
        said = list(takewhile(lambda one: one[1].lstrip().startswith(">"), rest[len(marked) :]))
        for number, line in rest[len(marked) + len(said) :]:
            self._wrong(number, LessonFault.AFTER_EXPLANATION, line.strip())
            break
        asked = self._blocks(section.line, [line for _, line in prompt], QUESTION_SIZE)
        options, right = self._options(section.line, marked)
        why: tuple[Block, ...] = ()
        if said:
            text = [re.sub(r"^\s*> ?", "", line) for _, line in said]
            why = self._blocks(said[0][0] - 1, text, QUESTION_SIZE)
        else:
            self._wrong(section.line, LessonFault.NO_EXPLANATION)
        self._questions.append(Question(asked, options, right, why))

    def _options(self, line: int, marked: list[tuple[int, str]]) -> tuple[tuple[str, ...], int]:
        """The options, and the place of the right one."""
        options: list[str] = []
        right: list[int] = []
        for number, written in marked:
            found = _OPTION.fullmatch(written.strip())
            mark, option = (found[1] or "", found[2]) if found else ("", "")
            blocks, faults = markdown.parse(option)
            if faults or len(blocks) != 1 or blocks[0].text != option:
                code = faults[0].code if faults else MarkdownFault.MARKUP
                self._wrong(number, code, option)
            if len(option.encode()) > OPTION_SIZE:
                self._wrong(number, LessonFault.OPTION_LONG, option, most=str(OPTION_SIZE // 3))
            if option in options:
                self._wrong(number, LessonFault.OPTION_TWICE, option)
            if mark.strip():
                right.append(len(options))
            options.append(option)
        self._check_count(line, LessonFault.OPTION_COUNT, len(options), OPTIONS)
        if len(right) != 1:
            self._wrong(line, LessonFault.RIGHT_COUNT, count=str(len(right)))
        return tuple(options), right[0] if right else 0

    def _blocks(
        self, line: int, lines: "list[str] | tuple[str, ...]", most: int
    ) -> tuple[Block, ...]:
        """Lines of Markdown; `line` is that before the first of them."""
        blanks = len(lines) - len(list(dropwhile(lambda one: not one.strip(), lines)))
        blocks, faults = markdown.parse("\n".join(lines))
        for fault in faults:
            self._wrong(line + fault.line, fault.code, fault.found)
        size = len(markdown.plain(blocks).encode())
        if not blocks:
            self._wrong(line, LessonFault.EMPTY)
        elif size > most:
            where = line + 1 + blanks
            self._wrong(where, LessonFault.TOO_LONG, size=str(size), most=str(most))
        return blocks

    def _check_count(
        self, line: int, code: LessonFault, count: int, limits: tuple[int, int]
    ) -> None:
        least, most = limits
        if not least <= count <= most:
            self._wrong(line, code, count=str(count), least=str(least), most=str(most))

    def _wrong(
        self, line: int, code: LessonFault | MarkdownFault, found: str = "", *, count: str = "",
        least: str = "", most: str = "", size: str = "",
    ) -> None:  # fmt: skip
        given = {"count": count, "least": least, "most": most, "size": size}
        params = tuple((name, value) for name, value in given.items() if value)
        self.faults.append(Fault(line, code, found, params))
