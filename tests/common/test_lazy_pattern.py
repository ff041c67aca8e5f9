"""Patterns that are compiled when they are first used."""

import re

import pytest

from bot.common.lazy_pattern import LazyPattern

TEXT = "abcaBdb"


@pytest.mark.parametrize("find", ["match", "fullmatch", "search"])
def test_it_finds_what_a_compiled_pattern_finds(find: str) -> None:
    lazy, compiled = LazyPattern("b(?P<rest>.?)", re.IGNORECASE), re.compile("(?i)b(?P<rest>.?)")
    for _ in ("when it is compiled", "afterwards"):
        for at in range(len(TEXT) + 1):
            found, expected = getattr(lazy, find)(TEXT, at), getattr(compiled, find)(TEXT, at)
            assert (found and found.span()) == (expected and expected.span())
            assert (found and found["rest"]) == (expected and expected["rest"])


def test_it_finds_every_place_that_a_compiled_pattern_finds() -> None:
    compiled = re.compile("b(.?)", re.IGNORECASE)

    def lazy() -> LazyPattern:
        return LazyPattern("b(.?)", re.IGNORECASE)

    assert [one.span() for one in lazy().finditer(TEXT, 2)] == [(4, 6), (6, 7)]
    assert lazy().findall(TEXT) == compiled.findall(TEXT)
    assert lazy().split(TEXT) == compiled.split(TEXT)
    assert lazy().split(TEXT, 1) == compiled.split(TEXT, 1)
    assert lazy().sub("-", TEXT) == compiled.sub("-", TEXT)
    assert lazy().sub(lambda found: found[1], TEXT, 1) == "acaBdb"
    assert lazy().subn("-", TEXT, 2) == ("a-a-b", 2)


def test_it_is_not_compiled_before_it_is_used() -> None:
    wrong = LazyPattern("(")
    with pytest.raises(re.error):
        wrong.search("")
