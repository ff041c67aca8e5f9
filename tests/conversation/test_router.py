"""Who answers what: the routing table, case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.context import Context, Handler
from bot.conversation.events import Arrival, Content, Departure, Location, Other, Press, Text, Voice
from bot.conversation.replies import Button, Reply
from bot.conversation.router import Memory, Routes, find_route, listen, normalise
from bot.geo.point import Point

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def handler(name: str) -> Handler:
    """A handler that is only told from the others by its name."""

    async def answer(_: Context) -> Reply:
        raise AssertionError(name)

    answer.__name__ = name
    return answer


ROUTES = Routes(
    actions={name: handler(name) for name in ("card", "more", "cancel")},
    steps={"near": handler("near")},
    words={"取消": "cancel", "cancel": "cancel", "more of the same": "more:9"},
    resumes={},
    **{
        name: handler(name)
        for name in (
            "location",
            "arrival",
            "departure",
            "voice",
            "other",
            "free_text",
            "too_long",
            "stale_button",
        )
    },
)
NOTHING = Memory()
SHOWN = (Button("怎么进 1", "card:17"), Button("Hot Water", "more:3:1"), Button("取消", "card:8"))
ASKED = Memory(SHOWN, "near", {"mask": 2}, NOW - timedelta(minutes=5))
OLD = Memory(SHOWN, "near", {"mask": 2}, NOW - timedelta(days=1, seconds=1))


def routed(content: Content, memory: Memory = NOTHING) -> tuple[str, tuple[str, ...], bool]:
    """The handler's name, its arguments, and whether a step had expired."""
    route = find_route(content, memory, ROUTES, NOW)
    return getattr(route.handler, "__name__", ""), route.args, route.expired


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1", ("card", ("17",))),
        ("2", ("more", ("3", "1"))),
        (" 2。", ("more", ("3", "1"))),
        ("\uff12", ("more", ("3", "1"))),
        ("②", ("more", ("3", "1"))),
        ("٢", ("more", ("3", "1"))),
        ("02", ("more", ("3", "1"))),
        ("hot  water!", ("more", ("3", "1"))),
        ("怎么进1", ("near", ())),  # a blank is part of a label; words are left to the step
        ("怎么进 1", ("card", ("17",))),
        ("取消", ("card", ("8",))),  # what is shown comes before what is always understood
        ("Cancel", ("cancel", ())),
        ("More of the same", ("more", ("9",))),
        ("0", ("near", ())),
        ("4", ("near", ())),
        ("-1", ("near", ())),
        ("²³", ("near", ())),
        ("100000000000000000000000", ("near", ())),
        ("新城区", ("near", ())),
        ("", ("near", ())),
        ("?!", ("near", ())),
        ("热" * 1000, ("near", ())),
        ("热" * 1001, ("too_long", ())),
        ("1" * 10_000, ("too_long", ())),
    ],
)
def test_typed_words(typed: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert routed(Text(typed), ASKED) == (*expected, False)


@pytest.mark.parametrize("typed", ["1", "新城区", "Hot Water"])
def test_without_a_memory_words_are_free_text(typed: str) -> None:
    assert routed(Text(typed)) == ("free_text", (), False)


def test_a_step_takes_its_data_along_and_a_location_too() -> None:
    assert find_route(Text("新城区"), ASKED, ROUTES, NOW).data == {"mask": 2}
    here = Location(Point(40.8, 111.7))
    assert find_route(here, ASKED, ROUTES, NOW).data == {"mask": 2}
    assert find_route(here, OLD, ROUTES, NOW).data == {}


@pytest.mark.parametrize("typed", ["新城区", "怎么进 1"])
def test_a_step_older_than_a_day_is_dropped(typed: str) -> None:
    assert routed(Text(typed), OLD) == ("free_text", (), True)


LONG_LABELS = (Button("冬季骑行安全培训", "card:1"), Button("客户服务技巧培训", "card:2"))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(days=1), ("card", ("1",), False)),
        (timedelta(days=1, microseconds=1), ("free_text", (), False)),
    ],
)
def test_part_of_a_label_picks_its_choice_for_exactly_a_day(
    age: timedelta, expected: tuple[str, tuple[str, ...], bool]
) -> None:
    assert routed(Text("冬季骑行"), Memory(LONG_LABELS, at=NOW - age)) == expected


@pytest.mark.parametrize("typed", ["培训", "冬"])
def test_part_of_two_labels_or_one_letter_picks_nothing(typed: str) -> None:
    assert routed(Text(typed), Memory(LONG_LABELS, at=NOW)) == ("free_text", (), False)


def test_a_step_is_remembered_for_exactly_a_day() -> None:
    memory = Memory((), "near", {}, NOW - timedelta(days=1))
    assert routed(Text("新城区"), memory) == ("near", (), False)


def test_a_step_that_a_deploy_removed_is_dropped() -> None:
    gone = Memory((), "near.v1", {}, NOW)
    assert routed(Text("新城区"), gone) == ("free_text", (), True)
    assert routed(Text("cancel"), gone) == ("cancel", (), False)


OFFERED = (Button("我会来", "more:7"), Button("来不了", "card:7"))
BARE = Memory(SHOWN, None, {}, NOW - timedelta(minutes=5))


def after_push(before: Memory, minutes_ago: float = 1) -> Memory:
    """The same, and a notice that was pushed so long ago."""
    return replace(before, pushed=OFFERED, pushed_at=NOW - timedelta(minutes=minutes_ago))


@pytest.mark.parametrize(
    ("typed", "memory", "expected"),
    [
        ("1", after_push(NOTHING), ("more", ("7",))),
        ("1", after_push(BARE), ("more", ("7",))),
        ("来不了", after_push(BARE), ("card", ("7",))),
        ("3", after_push(BARE), ("card", ("8",))),  # only the older list has a third
        ("Hot Water", after_push(BARE), ("more", ("3", "1"))),
        ("1", after_push(OLD), ("more", ("7",))),
        ("新城区", after_push(ASKED), ("near", ())),
        ("1", after_push(ASKED), ("card", ("17",))),
        ("4", after_push(ASKED), ("near", ())),
        ("来不了", after_push(ASKED), ("card", ("7",))),
        ("1", after_push(replace(ASKED, choices=())), ("near", ())),
        ("1", after_push(replace(ASKED, at=NOW - timedelta(minutes=31)), 0), ("more", ("7",))),
        ("1", after_push(replace(ASKED, at=NOW - timedelta(hours=23)), 24 * 60), ("card", ("17",))),
        ("1", after_push(NOTHING, 24 * 60 + 1), ("free_text", ())),
    ],
)
def test_a_number_after_a_push(
    typed: str, memory: Memory, expected: tuple[str, tuple[str, ...]]
) -> None:
    assert routed(Text(typed), memory) == (*expected, False)


@pytest.mark.parametrize("memory", [NOTHING, ASKED, OLD])
def test_a_button_means_the_same_whenever_it_is_pressed(memory: Memory) -> None:
    assert routed(Press("card:17"), memory) == ("card", ("17",), False)
    assert routed(Press("more"), memory) == ("more", (), False)


@pytest.mark.parametrize(
    "action", ["", ":", "unknown:1", "cardx", "__class__:1", "card\n:1", "热水"]
)
def test_an_unknown_button_is_stale(action: str) -> None:
    assert routed(Press(action), ASKED)[0] == "stale_button"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (Location(Point(40.8, 111.7)), "location"),
        (Arrival("poster-7"), "arrival"),
        (Departure(), "departure"),
        (Voice(), "voice"),
        (Other("sticker"), "other"),
    ],
)
def test_each_kind_has_its_handler(content: Content, name: str) -> None:
    assert routed(content) == (name, (), False)
    assert routed(content, OLD) == (name, (), False)


def test_text_keeps_only_what_is_a_character() -> None:
    # ascii(): half a surrogate pair in a failure's report could not be written either.
    assert ascii(Text("热\ud83d水\x00\udfff。").text) == ascii("热水。")
    assert Text("👍🏽 ع\u200f").text == "👍🏽 ع\u200f"


def test_words_are_compared_without_their_dress() -> None:
    assert normalise("  \uff28ELP\uff01 ") == "help"
    assert normalise("帮助。。。") == "帮助"
    assert normalise("Hot\u3000 Water ~") == "hot water"
    assert listen(["cancel, Stop ,", "取消"]) == ["cancel", "stop", "取消"]
