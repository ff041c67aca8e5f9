"""Replies on channels with small limits, message by message, each limit met to the character."""

from dataclasses import replace

import pytest

from bot.conversation.degrade import Phrases, degrade
from bot.conversation.replies import (
    Abilities,
    Article,
    AskLocation,
    Button,
    Buttons,
    Choices,
    Document,
    Link,
    Message,
    Part,
    Pin,
    Reply,
    Say,
    Venue,
    Words,
)
from bot.geo.point import Point

PHRASES = Phrases("(no.)", "[cut]")
SMALL = Abilities(
    text_limit=40,
    text_size=80,
    max_buttons=2,
    pins=1,
    articles=True,
    documents=True,
    location_requests="button",
    push_window=None,
    links="entity",
)
HERE = Point(40.8, 111.7)
LINK = Link("map", "http://m")
FILE = Document("a.ics", "text/calendar", b"x", LINK)
ASK = AskLocation("where?", {"menu": "by the menu", "typed": "type it"})
ARTICLE = Article("title", "words", "http://a")
ONE, TWO, THREE = (Button(label, f"go:{label}") for label in ("one", "two", "three"))
PAIR = ((ONE, TWO),)
TRIPLE = ((ONE, TWO), (THREE,))


def shown(*parts: Part, **changed: object) -> list[Message]:
    ability = replace(SMALL, **changed)  # type: ignore[arg-type]
    return list(degrade(Reply(parts), ability, PHRASES).messages)


def words(*texts: str, **more: object) -> Words:
    return Words(tuple(map(Say, texts)), **more)  # type: ignore[arg-type]


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


def pin(text: str = "", links: tuple[Link, ...] = ()) -> Pin:
    return Pin(HERE, "place", "street", text, links, "1", ONE)


VENUE = Venue(HERE, "place", "street", None, "1", ONE)


@pytest.mark.parametrize(
    ("parts", "pins", "expected"),
    [
        ((pin(),), 1, [VENUE]),
        ((pin(),), 0, [words("place\nstreet")]),
        ((pin("here"),), 0, [words("here")]),
        ((pin("here"),), 1, [words("here"), VENUE]),
        ((pin("here"), pin("there")), 1, [words("here", "there"), VENUE]),
        ((pin("here"), pin("there")), 2, [words("here", "there"), VENUE, VENUE]),
        ((pin(), pin()), 1, [words("place\nstreet"), VENUE]),
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
def test_a_place_is_native_for_the_first_pins_and_words_for_the_others(
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


@pytest.mark.parametrize(
    ("say", "changed", "expected"),
    [
        (Say("abcd\nefgh\nij"), {"text_limit": 9}, [words("abcd\nefgh"), words("ij")]),
        (Say("abcd\nefgh\nij"), {"text_limit": 8}, [words("abcd"), words("efgh\nij")]),
        (Say("abcdefghij"), {"text_limit": 4}, [words("abcd"), words("efgh"), words("ij")]),
        (Say("ab\n\ncdef"), {"text_limit": 5}, [words("ab\n"), words("cdef")]),
        (Say("热水热水热"), {"text_size": 6}, [words("热水"), words("热水"), words("热")]),
        (Say("热水热水热"), {"text_size": 8}, [words("热水"), words("热水"), words("热")]),
        (Say("abcdefgh", (LINK,)), {"text_limit": 10}, [Say("abcdefgh"), Say("", (LINK,))]),
        (
            Say("abcdef\nghijkl", (LINK,)),
            {"text_limit": 10},
            [Say("abcdef"), Say("ghijkl", (LINK,))],
        ),
    ],
)
def test_a_text_is_cut_at_line_ends_and_in_a_line_only_where_it_is_too_long(
    say: Say, changed: dict[str, object], expected: list[Words | Say]
) -> None:
    messages = [one if isinstance(one, Words) else Words((one,)) for one in expected]
    assert shown(say, **changed) == messages


@pytest.mark.parametrize(
    ("parts", "changed", "expected"),
    [
        ((FILE, Say("a")), {"messages": 2}, [FILE, words("a")]),
        ((FILE, FILE, Say("a")), {"messages": 3}, [FILE, FILE, words("a")]),
        # a venue shows what the words say
        ((pin("here"),), {"messages": 1}, [words("here")]),
        # the words after choices go before them
        (
            (Buttons(PAIR, "p"), Say("a")),
            {"messages": 1},
            [words("a", "p", choices=Choices(PAIR, False))],
        ),
        (
            (Say("a"), FILE, Say("b"), ASK),
            {"messages": 3},
            [words("a"), FILE, words("b", ask_location="where?")],
        ),
        # a document has no room any more
        ((Say("a"), FILE), {"messages": 1}, [words("a", "[cut]")]),
        ((Say("a"), pin(), FILE), {"messages": 1}, [words("a", "[cut]")]),
        # numbers of several lists run on in one message
        (
            (Buttons(TRIPLE, "p"), Buttons(TRIPLE, "q")),
            {"messages": 1, "text_limit": 999, "text_size": 999},
            [words("p (no.)", "q (no.)", choices=Choices((*TRIPLE, *TRIPLE), True))],
        ),
        # buttons and numbers do not mix: the last ones stay
        (
            (Buttons(PAIR, "p"), Buttons(TRIPLE, "q")),
            {"messages": 1, "text_limit": 999, "text_size": 999},
            [words("p", "q (no.)", choices=Choices(TRIPLE, True, 3))],
        ),
        (
            (Buttons(TRIPLE, "p"), Buttons(PAIR, "q")),
            {"messages": 1, "text_limit": 999, "text_size": 999},
            [words("p (no.)", "q", choices=Choices(PAIR, False, 4))],
        ),
        # the choices of a venue that is left out
        (
            (pin("here"), Buttons(PAIR, "")),
            {"messages": 1},
            [words("here", "(no.)", choices=Choices(PAIR, False))],
        ),
        (
            (Say("a"), ASK, Buttons(PAIR, "p")),
            {"messages": 1},
            [words("a", "p", choices=Choices(PAIR, False))],
        ),
        (
            (Buttons(PAIR, "p"), ASK),
            {"messages": 1},
            [words("where?", "p", choices=Choices(PAIR, False))],
        ),
        # cut at a line end, with room for the mark
        (
            (Say("abcd\nefgh\nijkl"),),
            {"messages": 1, "text_limit": 13},
            [words("abcd", "[cut]")],
        ),
        (
            (Say("abcd\nefgh\nijkl"),),
            {"messages": 1, "text_limit": 12},
            [words("abcd", "[cut]")],
        ),
        ((Say("a" * 41),), {"messages": 1}, [words("a" * 32, "[cut]")]),
        # no word fits beside the mark
        ((Say("a" * 9),), {"messages": 1, "text_limit": 7}, [words("[cut]")]),
        # what comes after a text that was cut is left out
        (
            (Say("a" * 30), Say("b\n" + "c" * 30), Say("d")),
            {"messages": 1},
            [words("a" * 30, "b", "[cut]")],
        ),
        # a text that is cut has no links
        (
            (Say("a" * 23), Say("b" * 5, (LINK,)), Say("c" * 30)),
            {"messages": 1},
            [words("a" * 23, "b" * 4, "[cut]")],
        ),
    ],
)
def test_an_answer_of_too_many_messages_is_joined_and_cut(
    parts: tuple[Part, ...], changed: dict[str, object], expected: list[Message]
) -> None:
    assert shown(*parts, **changed) == expected


@pytest.mark.parametrize(("limit", "kept"), [(34, ["aaaa", "[cut]"]), (30, ["[cut]"])])
def test_a_prompt_that_has_no_room_beside_the_mark_is_left_out(limit: int, kept: list[str]) -> None:
    mine = shown(Say("a" * 40), Buttons(TRIPLE, "p" * 30), messages=1, text_limit=limit)
    assert mine == [words(*kept, choices=Choices(TRIPLE, True))]
