"""What is stored of an answer comes back equal, or a redelivery would say something else."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.codec import (
    dump_answer,
    dump_buttons,
    dump_json,
    load_answer,
    load_buttons,
    load_json,
)
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

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
links = st.builds(Link, text, text)
points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
actions = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
buttons = st.builds(Button, text, actions)
rows = st.lists(st.lists(buttons, max_size=3).map(tuple), max_size=3).map(tuple)
hung = st.none() | st.builds(Choices, rows, st.booleans(), st.integers(1, 99))
messages = st.one_of(
    st.builds(
        Words,
        st.lists(st.builds(Say, text, st.lists(links, max_size=2).map(tuple)), max_size=3).map(
            tuple
        ),
        hung,
        text,
    ),
    st.builds(Venue, points, text, text, hung, text, st.none() | st.just(Button("进", "in:1"))),
    st.builds(Article, text, text, text),
    st.builds(Document, text, text, st.binary(max_size=40), links),
)


@given(st.builds(Answer, st.lists(messages, max_size=4).map(tuple), st.booleans()))
def test_an_answer_comes_back_equal(answer: Answer) -> None:
    stored = dump_answer(answer)
    assert "\n" not in stored
    assert load_answer(stored) == answer


@given(st.lists(buttons, max_size=9).map(tuple))
def test_buttons_come_back_equal_through_json(shown: tuple[Button, ...]) -> None:
    assert load_buttons(json.loads(json.dumps(dump_buttons(shown)))) == shown


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(plain.filter(lambda value: "Infinity" not in json.dumps(value)))
def test_what_is_remembered_comes_back_equal_in_text_that_can_be_sealed(value: object) -> None:
    stored = dump_json(value)  # halves of surrogate pairs and long numbers too
    assert stored.encode().decode() == stored
    assert load_json(stored) == value


@given(plain)
def test_what_json_of_the_standard_library_wrote_is_read(value: object) -> None:
    assert load_json(json.dumps(value)) == value
    assert load_json(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize("value", [{1}, Say("a"), datetime(2026, 11, 23, tzinfo=UTC), b"a"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        dump_json(value)


@pytest.mark.parametrize("stored", ["", "[1", '[{"is": "song"}]', "[{}]"])
def test_other_text_is_refused(stored: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        load_answer(stored)
