"""Who answers what: the routing table, case by case."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.codec import dump_buttons, load_buttons
from bot.conversation.context import Context, Handler
from bot.conversation.events import (
    ChatLeft,
    ChatOpened,
    Content,
    Location,
    Other,
    Press,
    Text,
    Voice,
)
from bot.conversation.replies import Button, Buttons, Reply, choices
from bot.conversation.router import (
    Memory,
    Routes,
    comparable,
    find_route,
    nobody,
    spoken_words,
)
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
    narratives=frozenset(),
    attend=nobody,
    **{
        name: handler(name)
        for name in (
            "location",
            "chat_opened",
            "chat_left",
            "voice",
            "other",
            "free_text",
            "too_long",
            "stale_button",
            "emergency",
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
        (ChatOpened("poster-7"), "chat_opened"),
        (ChatLeft(), "chat_left"),
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
    assert comparable("  \uff28ELP\uff01 ") == "help"
    assert comparable("帮助。。。") == "帮助"
    assert comparable("Hot\u3000 Water ~") == "hot water"
    assert spoken_words(["cancel, Stop ,", "取消"]) == ["cancel", "stop", "取消"]


COURSE = Button("11月25日 骑行安全课", "more:5")
OTHER_COURSE = Button("11月27日 骑行急救课", "more:6")
BRIEF = Button("骑行安全", "card:1")


@pytest.mark.parametrize(
    ("typed", "choices", "expected"),
    [
        ("安全课", (COURSE, OTHER_COURSE), ("more", ("5",))),
        ("安全", (COURSE, OTHER_COURSE), ("more", ("5",))),
        ("骑行", (COURSE, OTHER_COURSE), ("free_text", ())),  # it may be either
        ("安", (COURSE,), ("free_text", ())),  # one letter says too little
        ("安全", (BRIEF,), ("free_text", ())),  # a short label is an action, which is named whole
        ("六字的标签", (Button("六字的标签呀", "card:2"),), ("card", ("2",))),
        ("五字标", (Button("五字标签呀", "card:2"),), ("free_text", ())),
        ("不在里面", (COURSE,), ("free_text", ())),
    ],
)
def test_a_part_of_a_long_label_picks_it(
    typed: str, choices: tuple[Button, ...], expected: tuple[str, tuple[str, ...]]
) -> None:
    assert routed(Text(typed), Memory(choices, None, {}, NOW)) == (*expected, False)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(days=1), ("more", ("5",))),
        (timedelta(days=1, microseconds=1), ("free_text", ())),
    ],
)
def test_a_day_later_a_part_of_a_label_picks_nothing(
    age: timedelta, expected: tuple[str, tuple[str, ...]]
) -> None:
    memory = Memory((COURSE,), None, {}, NOW - age)
    assert routed(Text("安全课"), memory) == (*expected, False)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(minutes=30), ("card", ("17",))),
        (timedelta(minutes=30, microseconds=1), ("more", ("7",))),
    ],
)
def test_a_flow_keeps_its_numbers_for_exactly_half_an_hour(
    later: timedelta, expected: tuple[str, tuple[str, ...]]
) -> None:
    asked = replace(ASKED, at=NOW - later)
    memory = replace(asked, pushed=OFFERED, pushed_at=NOW)
    assert routed(Text("1"), memory) == (*expected, False)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("5", ("more", ("5",))),
        ("1", ("more", ("1",))),
        ("6", ("card", ())),
        ("7", ("free_text", ())),
    ],
)
def test_a_digit_means_the_choice_that_has_it_as_its_own_number(
    typed: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    """Wherever that stands; the other choices have the numbers that are left."""
    scores = tuple(Button(f"{n}分", f"more:{n}", number=n) for n in range(5, 0, -1))
    reply = Reply((Buttons(((Button("卡", "card"),), scores), "几分"),))
    stored = load_buttons(json.loads(json.dumps(dump_buttons(choices(reply)))))
    assert [button.number for button in stored] == [6, 5, 4, 3, 2, 1]
    assert routed(Text(typed), Memory(stored, at=NOW))[:2] == expected


def test_two_questions_with_numbers_of_their_own_share_none() -> None:
    one, two = (tuple(Button(f"{n}", f"{word}:{n}", number=n) for n in (1, 2)) for word in "ab")
    asked = choices(Reply((Buttons((one,), ""), Buttons((two, (Button("c", "c"),)), ""))))
    assert [button.number for button in asked] == [1, 2, 3, 4, 5]
