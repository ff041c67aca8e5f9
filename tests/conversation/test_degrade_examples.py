"""Replies on a channel with small limits, message by message, each met to the character."""

from dataclasses import replace

import pytest

from bot.conversation.replies import (
    Buttons,
    Choices,
    Link,
    Message,
    Part,
    Pin,
    Say,
    Venue,
    Words,
)
from tests.conversation.small_channel import (
    ARTICLE,
    ASK,
    FILE,
    HERE,
    LINK,
    ONE,
    PAIR,
    TRIPLE,
    pin,
    shown,
    words,
)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((Say("a"), Say("b")), [words("a", "b")]),
        ((Say(" \n "),), []),
        ((Say("a"), Say(""), Say("b")), [words("a", "b")]),
        ((Say("", (LINK,)),), [Words((Say("", (LINK,)),))]),
        ((Say("a"), Buttons(PAIR, "p")), [words("a", "p", choices=Choices(PAIR, False))]),
        ((Say("a"), Buttons(PAIR, "")), [words("a", choices=Choices(PAIR, False))]),
        ((Buttons(PAIR, "p"),), [words("p", choices=Choices(PAIR, False))]),
        ((Buttons(PAIR, ""),), [words("…", choices=Choices(PAIR, False))]),
        ((Buttons(TRIPLE, "p"),), [words("p (no.)", choices=Choices(TRIPLE, True))]),
        ((Buttons(TRIPLE, ""),), [words("(no.)", choices=Choices(TRIPLE, True))]),
        ((Say("a"), Buttons((), "p")), [words("a")]),
        (
            (Buttons(PAIR, "p"), Buttons(TRIPLE, "q")),
            [
                words("p", choices=Choices(PAIR, False)),
                words("q (no.)", choices=Choices(TRIPLE, True, 3)),
            ],
        ),
        (
            (Buttons(PAIR, "p"), Say("a")),
            [words("p", choices=Choices(PAIR, False)), words("a")],
        ),
        ((ASK,), [words("where?", ask_location="where?")]),
        ((Say("a"), ASK), [words("a", ask_location="where?")]),
        ((Say("a"), ASK, Say("b")), [words("a", ask_location="where?"), words("b")]),
        (
            (Buttons(PAIR, "p"), ASK),
            [words("p", choices=Choices(PAIR, False)), words("where?", ask_location="where?")],
        ),
        (
            (ASK, Buttons(PAIR, "p")),
            [
                words("where?", ask_location="where?"),
                words("p", choices=Choices(PAIR, False)),
            ],
        ),
        ((FILE, ASK), [FILE, words("where?", ask_location="where?")]),
        ((FILE, Say("a")), [FILE, words("a")]),
        ((FILE, Buttons(PAIR, "p")), [FILE, words("p", choices=Choices(PAIR, False))]),
        ((ARTICLE,), [ARTICLE]),
    ],
)
def test_parts_become_messages(parts: tuple[Part, ...], expected: list[Message]) -> None:
    assert shown(*parts) == expected


VENUE = Venue(HERE, "place", "street", None, "1", ONE)


@pytest.mark.parametrize(
    ("parts", "pins", "expected"),
    [
        ((pin(),), 1, [VENUE]),
        ((pin(),), 0, [words("place\nstreet")]),
        ((pin("here"),), 0, [words("here")]),
        ((pin("here"),), 1, [words("here"), VENUE]),
        ((pin("here"), pin("there")), 1, [words("here", "there")]),
        ((pin("here"), pin("there")), 2, [words("here", "there"), VENUE, VENUE]),
        ((pin(), pin()), 1, [words("place\nstreet", "place\nstreet")]),
        ((pin("", (LINK,)),), 0, [Words((Say("place\nstreet", (LINK,)),))]),
        ((Pin(HERE, "place", ""),), 0, [words("place")]),
        (
            (pin("here"), Buttons(PAIR, "")),
            1,
            [words("here"), replace(VENUE, choices=Choices(PAIR, False))],
        ),
        (
            (pin("here"), Buttons(PAIR, "p")),
            1,
            [words("here"), VENUE, words("p", choices=Choices(PAIR, False))],
        ),
        (
            (pin(), Buttons(PAIR, ""), Buttons(PAIR, "")),
            1,
            [
                replace(VENUE, choices=Choices(PAIR, False)),
                words("…", choices=Choices(PAIR, False, 3)),
            ],
        ),
    ],
)
def test_places_are_native_where_the_channel_has_as_many_and_words_otherwise(
    parts: tuple[Part, ...], pins: int, expected: list[Message]
) -> None:
    assert shown(*parts, pins=pins) == expected


@pytest.mark.parametrize(
    ("parts", "changed", "expected"),
    [
        ((ARTICLE,), {"messages": 1}, [ARTICLE]),
        ((Say("a"), ARTICLE), {"messages": 2}, [words("a"), ARTICLE]),
        (
            (Say("a"), ARTICLE),
            {"messages": 1},
            [Words((Say("a"), Say("words", (Link("title", "http://a"),))))],
        ),
        ((ARTICLE,), {"articles": False}, [Words((Say("words", (Link("title", "http://a"),)),))]),
        ((FILE,), {"documents": False}, [Words((Say("a.ics", (LINK,)),))]),
        ((replace(FILE, link=Link("map", "")),), {"documents": False}, []),
        ((ASK,), {"location_requests": "menu"}, [words("by the menu")]),
        ((ASK,), {"location_requests": "typed"}, [words("type it")]),
    ],
)
def test_what_a_channel_has_not_becomes_words(
    parts: tuple[Part, ...], changed: dict[str, object], expected: list[Message]
) -> None:
    assert shown(*parts, **changed) == expected


MAPPED = Say("ab", (LINK, Link("图", "u")))
LISTED = Buttons(TRIPLE, "p")
"""`p (no.)`, then `1. one`, `2. two` and `3. three`."""


@pytest.mark.parametrize(
    ("parts", "changed", "characters", "size"),
    [
        ((Say("abc"), Say("热水")), {}, 3 + 2 + 2, 3 + 2 + 6),
        ((MAPPED,), {"links": "entity"}, 2 + 4 + 2, 2 + 4 + 4),
        ((MAPPED,), {"links": "bare"}, 2 + 4 + 9 + 2 + 2, 2 + 4 + 9 + 4 + 2),
        ((MAPPED,), {"links": "markup"}, 2 + 4 + 23 + 2 + 16, 2 + 4 + 23 + 4 + 16),
        ((Say("a"), LISTED), {}, 1 + 2 + 7 + 7 + 7 + 9, 1 + 2 + 7 + 6 + 6 + 8 + 3 * 5),
        (
            (Say("a"), LISTED),
            {"choice_size": 9},
            1 + 2 + 7 + 7 + 7 + 9,
            1 + 2 + 7 + 6 + 6 + 8 + 3 * 9,
        ),
        ((Say("a"), Buttons(PAIR, "p")), {}, 1 + 2 + 1, 1 + 2 + 1),
    ],
)
def test_a_message_is_whole_up_to_exactly_its_limit(
    parts: tuple[Part, ...], changed: dict[str, object], characters: int, size: int
) -> None:
    roomy = {"text_limit": 999, "text_size": 999, **changed}
    (whole,) = shown(*parts, **roomy)
    assert shown(*parts, **roomy | {"text_limit": characters}) == [whole]
    assert shown(*parts, **roomy | {"text_size": size}) == [whole]
    assert len(shown(*parts, **roomy | {"text_limit": characters - 1})) == 2
    assert len(shown(*parts, **roomy | {"text_size": size - 1})) == 2
