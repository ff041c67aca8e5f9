"""Texts and answers that are too long for a channel with small limits."""

import pytest

from bot.conversation.replies import (
    Buttons,
    Choices,
    Message,
    Part,
    Say,
    Words,
)
from tests.conversation.small_channel import ASK, FILE, LINK, PAIR, TRIPLE, pin, shown, words


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
            [words("a", "where?", "p", choices=Choices(PAIR, False))],
        ),
        # words after a request for a location leave it its button
        (
            (Say("a"), ASK, Say("b"), pin("here")),
            {"messages": 1},
            [words("a", "b", "here", ask_location="where?")],
        ),
        (
            (FILE, Say("a"), ASK, Say("b"), ASK, Say("c")),
            {"messages": 2},
            [FILE, words("a", "b", "c", ask_location="where?")],
        ),
        # with choices it has none, and is said
        (
            (Say("a"), ASK, pin("here"), Buttons(PAIR, "")),
            {"messages": 1},
            [words("a", "here", "where?", "(no.)", choices=Choices(PAIR, False))],
        ),
        (
            (Buttons(PAIR, "p"), Say("a"), ASK),
            {"messages": 1},
            [words("a", "where?", "p", choices=Choices(PAIR, False))],
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
