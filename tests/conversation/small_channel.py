"""A channel with small limits, and parts of replies for it."""

from dataclasses import replace

from bot.conversation.degrade import degrade
from bot.conversation.phrases import Phrases
from bot.conversation.replies import (
    Abilities,
    Article,
    AskLocation,
    Button,
    Document,
    Link,
    Message,
    Part,
    Pin,
    Reply,
    Say,
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


def pin(text: str = "", links: tuple[Link, ...] = ()) -> Pin:
    return Pin(HERE, "place", "street", text, links, "1", ONE)
