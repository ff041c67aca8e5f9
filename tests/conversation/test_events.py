"""What metrics call each kind of content."""

from typing import get_args

import pytest

from bot.conversation.events import (
    ChatLeft,
    ChatOpened,
    Content,
    Location,
    Other,
    Press,
    Text,
    Voice,
    kind_of,
)
from bot.geo.point import Point

NAMED: list[tuple[Content, str]] = [
    (Text("东胜"), "text"),
    (Location(Point(40.8, 111.7)), "location"),
    (Press("help"), "press"),
    (ChatOpened(), "arrival"),
    (ChatLeft(), "departure"),
    (Voice(), "voice"),
    (Other("image"), "other"),
]


@pytest.mark.parametrize(("content", "kind"), NAMED)
def test_a_kind_keeps_the_name_that_dashboards_use(content: Content, kind: str) -> None:
    assert kind_of(content) == kind


def test_every_kind_of_content_has_such_a_name() -> None:
    assert {type(content) for content, _ in NAMED} == set(get_args(Content))
