"""Patterns that are compiled when they are first used."""

import re

import pytest

from bot.common.lazy_pattern import LazyPattern


def test_it_finds_what_a_compiled_pattern_finds() -> None:
    lazy, compiled = LazyPattern("b(?P<rest>.)"), re.compile("b(?P<rest>.)")
    text = "abcabd"
    for find in ("match", "fullmatch"):
        for at in range(len(text) + 1):
            found, expected = getattr(lazy, find)(text, at), getattr(compiled, find)(text, at)
            assert (found and found["rest"]) == (expected and expected["rest"])
    found = lazy.search(text)
    assert found is not None
    assert found["rest"] == "c"
    assert lazy.sub("-", text) == compiled.sub("-", text)


def test_it_is_not_compiled_before_it_is_used() -> None:
    wrong = LazyPattern("(")
    with pytest.raises(re.error):
        wrong.search("")
