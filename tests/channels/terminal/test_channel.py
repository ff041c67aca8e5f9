"""The terminal: what a typed line means, how an answer is printed, and a whole sitting."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.protocol import Unavailable
from bot.channels.terminal.channel import ABILITIES, PROMPT, TRY_AGAIN, chat, parse, typed_lines
from bot.channels.terminal.render import Style, columns, render, style_for, wrap
from bot.common.clock import Clock
from bot.conversation.events import ChatOpened, Content, Event, Location, Other, Text
from bot.conversation.replies import (
    Answer,
    Article,
    Button,
    Choices,
    Document,
    Link,
    Say,
    Venue,
    Words,
)
from bot.geo.point import Point
from tests.support.fakes.web import ScriptedTurn

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
HOHHOT = Location(Point(40.84, 111.75))


@pytest.mark.parametrize(
    ("line", "content"),
    [
        ("位置 40.84,111.75\n", HOHHOT),
        ("位置：40.84，111.75", HOHHOT),
        ("loc 40.84 111.75", HOHHOT),
        ("Location: 40.84, 111.75", HOHHOT),
        ("40.84,111.75", HOHHOT),
        (" 40.84 , 111.75 ", HOHHOT),
        ("loc -33 151", Location(Point(-33, 151))),
        ("loc 111.75 40.84", Other("bad_location")),
        ("111.75,40.84", Other("bad_location")),
        ("位置", Text("位置")),
        ("1,2", Text("1,2")),
        ("40.84 111.75", Text("40.84 111.75")),
        ("呼市新城区\n", Text("呼市新城区")),
        ("2", Text("2")),
        ("/start", ChatOpened()),
        ("/START poster_7", ChatOpened("poster_7")),
        ("/help", Text("/help")),
        ("nan,nan", Text("nan,nan")),
    ],
)
def test_a_line_is_what_it_looks_like(line: str, content: Content) -> None:
    assert parse(line, 1, NOW).content == content


def test_no_two_lines_share_an_id() -> None:
    later = NOW.replace(microsecond=1)
    ids = {parse("x", n, now, who).id for n in (1, 2) for now in (NOW, later) for who in "ab"}
    assert len(ids) == 8


def test_an_answer_is_plain_text() -> None:
    rows = ((Button("第一家怎么进门", "s:1"), Button("更多", "more")),)
    answer = Answer(
        (
            Words((Say("最近的一家", (Link("导航", "https://e.org/1"),)), Say("请选")), None),
            Words((), Choices(rows, True, 3)),
            Venue(Point(40.8, 111.7), "示例·站", "某路 1 号"),
            Document("a.ics", "text/calendar", b"", Link("日历", "https://e.org/2")),
            Article("海报", "请看", "https://e.org/3"),
        )
    )
    assert render(answer) == (
        "\n最近的一家\n导航: https://e.org/1\n"
        "\n请选\n"
        "\n3. 第一家怎么进门\n4. 更多\n"
        "\n示例·站\n某路 1 号\n40.80000,111.70000\n"
        "\na.ics\n日历: https://e.org/2\n"
        "\n请看\n海报: https://e.org/3\n"
    )


def test_nothing_that_is_said_can_drive_the_terminal() -> None:
    answer = Answer((Words((Say("a\x1b[31m\x07b\tc", (Link("\x1b]0;x", "https://e.org\x1b"),)),)),))
    assert "\x1b" not in render(answer)
    assert "\x07" not in render(answer)


def test_colours_are_for_people_who_want_them() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert style_for(Screen(), {}).colour
    assert not style_for(Screen(), {"NO_COLOR": "1"}).colour
    assert not style_for(io.StringIO(), {}).colour
    assert "\x1b[" in Style(colour=True).number("1. ")
    assert Style().number("1. ") == "1. "


@pytest.mark.parametrize(
    ("line", "width", "lines"),
    [
        ("", 10, [""]),
        ("热水充电厕所", 8, ["热水充电", "厕所"]),
        ("热水充电，厕所", 8, ["热水充", "电，厕所"]),
        ("见“爱心驿站”", 6, ["见“爱", "心驿", "站”"]),
        ("open until 17:00 today", 12, ["open until", "17:00 today"]),
        ("开到 17:00，周末休息", 12, ["开到 17:00，", "周末休息"]),
        ("https://example.org/long", 10, ["https://ex", "ample.org/", "long"]),
    ],
)
def test_lines_are_wrapped_by_the_width_of_characters(
    line: str, width: int, lines: list[str]
) -> None:
    assert wrap(line, width) == lines


@given(st.text(alphabet="热水，。“”（） ab1é́驿🔥", max_size=60), st.integers(6, 30))
def test_wrapping_loses_nothing_but_spaces_and_never_overflows(line: str, width: int) -> None:
    lines = wrap(line, width)
    assert "".join(lines).replace(" ", "") == line.replace(" ", "")
    assert all(columns(one) <= width for one in lines)


def echo(event: Event) -> Answer:
    return Answer((Words((Say(repr(event.content)),)),))


async def sitting(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield f"{line}\n"


async def test_a_sitting_opens_the_chat_answers_each_line_and_quits(clock: Clock) -> None:
    turn, written = ScriptedTurn(echo), list[str]()
    await chat(
        turn, sitting("东胜", "", "loc 40.84 111.75", "/QUIT", "太晚"), written.append, clock
    )
    assert [event.content for event in turn.taken] == [ChatOpened(), Text("东胜"), HOHHOT]
    assert all(event.sender.channel == "terminal" for event in turn.taken)
    assert written.count(PROMPT) == 4
    assert "东胜" in "".join(written)
    assert written[-1] == "\n"


async def test_the_end_of_input_ends_the_sitting(clock: Clock) -> None:
    turn, written = ScriptedTurn(echo), list[str]()
    await chat(turn, typed_lines(io.StringIO("帮助\n最后一行")), written.append, clock)
    assert [event.content for event in turn.taken] == [ChatOpened(), Text("帮助"), Text("最后一行")]


async def test_a_database_that_is_away_ends_no_sitting(clock: Clock) -> None:
    def script(event: Event) -> Answer:
        if event.content == Text("坏了"):
            raise Unavailable
        return echo(event)

    turn, written = ScriptedTurn(script), list[str]()
    await chat(turn, sitting("坏了", "好了"), written.append, clock)
    assert f"{TRY_AGAIN}\n" in written
    assert "好了" in "".join(written)


def test_the_terminal_has_no_buttons() -> None:
    assert (ABILITIES.max_buttons, ABILITIES.pins) == (0, False)
    assert (ABILITIES.location_requests, ABILITIES.links) == ("typed", "bare")
