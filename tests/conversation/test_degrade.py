"""Any reply fits any channel, and what a courier can choose is never lost on the way."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.abilities import ABILITIES as TELEGRAM
from bot.channels.terminal.channel import ABILITIES as TERMINAL
from bot.channels.wechat.abilities import ABILITIES as WECHAT
from bot.conversation.degrade import degrade
from bot.conversation.phrases import Phrases
from bot.conversation.replies import (
    Abilities,
    Answer,
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
    choices,
)
from tests.conversation.small_channel import HERE

PHRASES = Phrases("回复数字选择", "……后面的放不下了")
HINTS = {"menu": "点菜单里的“发送位置”", "typed": "请打字告诉我您在哪个旗县区"}

short = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)
line = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
long_text = st.builds(
    lambda lines, times: "\n".join(lines * times), st.lists(line, min_size=1, max_size=6),
    st.sampled_from([1, 1, 1, 5, 60]),
)  # fmt: skip
links = st.lists(
    st.builds(Link, short, st.just("https://uri.amap.com/marker?position=111.7,40.8")), max_size=2
).map(tuple)
buttons = st.lists(
    st.lists(st.builds(Button, short, st.just("near.more:3")), min_size=1, max_size=3).map(tuple),
    max_size=3,
).map(tuple)
saying = st.one_of(
    st.builds(Say, long_text, links),
    st.builds(Pin, st.just(HERE), short, short, long_text, links),
    st.builds(Article, short, long_text, st.just("https://yizhan.example/")),
    st.builds(
        Document, short, st.just("text/calendar"), st.binary(max_size=9),
        st.just(Link("下载", "https://yizhan.example/1.ics")),
    ),
    st.builds(AskLocation, short, st.just(HINTS)),
)  # fmt: skip
choosing = st.builds(Buttons, buttons, short)
replies = st.builds(
    Reply, st.lists(st.one_of(saying, saying, choosing), min_size=1, max_size=7).map(tuple)
)
abilities = st.one_of(
    st.sampled_from([TELEGRAM, WECHAT, TERMINAL]),
    st.builds(
        Abilities,
        text_limit=st.integers(600, 4096),
        text_size=st.integers(1800, 16_384),
        max_buttons=st.sampled_from([0, 1, 3, 24]),
        pins=st.integers(0, 3),
        articles=st.booleans(),
        documents=st.booleans(),
        location_requests=st.sampled_from(["button", "menu", "typed"]),
        push_window=st.none(),
        links=st.sampled_from(["entity", "markup", "bare"]),
        messages=st.integers(1, 10),
        choice_size=st.sampled_from([5, 40]),
    ),
)


def printed(words: Words, ability: Abilities) -> str:
    """One message as its reader gets it, links as the channel writes them."""
    paragraphs = []
    for say in words.paragraphs:
        text = say.text
        for link in say.links:
            match ability.links:
                case "entity":
                    text += f"\n{link.label}"
                case "markup":
                    text += f'\n<a href="{link.url}">{link.label}</a>'
                case "bare":
                    text += f"\n{link.label} {link.url}"
        paragraphs.append(text)
    text = "\n\n".join(paragraphs)
    if words.choices is not None and words.choices.numbered:
        text = "\n".join([text, *words.choices.lines()])
    return text


def hung(answer: Answer) -> list[Choices]:
    """The choices of an answer, message by message."""
    return [
        message.choices
        for message in answer.messages
        if isinstance(message, Words | Venue) and message.choices is not None
    ]


def pressable(answer: Answer) -> list[Button]:
    return [button for one in hung(answer) for row in one.rows for button in row]


def all_text(answer: Answer) -> str:
    """All words of an answer, without blanks: cutting and joining may move those."""
    words = [one for one in answer.messages if isinstance(one, Words)]
    return "".join("".join(say.text for one in words for say in one.paragraphs).split())


@given(replies, abilities)
@settings(max_examples=400)
def test_every_message_is_within_the_limits_of_its_channel(
    reply: Reply, ability: Abilities
) -> None:
    answer = degrade(reply, ability, PHRASES)
    assert len(answer.messages) <= ability.messages
    for message in answer.messages:
        match message:
            case Words(_, choices=on_it):
                text = printed(message, ability)
                extra = 0
                if on_it is not None and on_it.numbered:
                    extra = (ability.choice_size - 5) * sum(len(row) for row in on_it.rows)
                assert len(text) <= ability.text_limit
                assert len(text.encode()) + extra <= ability.text_size
                assert text.strip(), "no channel takes an empty message"
            case Venue():
                assert ability.pins
            case Article():
                assert ability.articles
            case Document():
                assert ability.documents


@given(replies, abilities)
@settings(max_examples=400)
def test_choices_keep_their_order_and_their_numbers(reply: Reply, ability: Abilities) -> None:
    every = choices(reply)
    answer = degrade(reply, ability, PHRASES)
    for one in hung(answer):
        shown = tuple(button for row in one.rows for button in row)
        assert every[one.first - 1 : one.first - 1 + len(shown)] == shown
        assert one.numbered == (len(shown) > ability.max_buttons)
    assert [one.first for one in hung(answer)] == sorted({one.first for one in hung(answer)})


@given(st.lists(saying, max_size=5), choosing, st.lists(saying, max_size=2), abilities)
@settings(max_examples=400)
def test_the_only_choices_of_a_reply_are_never_lost(
    before: list[Part], asked: Buttons, after: list[Part], ability: Abilities
) -> None:
    """However long the rest is: what is cut is words, not the way on."""
    reply = Reply((*before, asked, *after))
    assert pressable(degrade(reply, ability, PHRASES)) == list(choices(reply))


@given(replies, abilities)
@settings(max_examples=300)
def test_nothing_is_lost_when_there_is_room(reply: Reply, ability: Abilities) -> None:
    roomy = replace(ability, messages=1000)
    answer = degrade(reply, roomy, PHRASES)
    assert pressable(answer) == list(choices(reply))
    for part in reply.parts:
        match part:
            case Say(text) | Pin(text=text):
                assert "".join(text.split()) in all_text(answer)
            case Buttons(rows, prompt) if any(rows):
                assert prompt in all_text(answer)
            case _:
                pass
    if len(answer.messages) <= ability.messages:
        assert degrade(reply, ability, PHRASES) == answer


def test_no_place_is_native_where_there_are_more_than_the_channel_has() -> None:
    door = Button("第4家怎么进", "station.card:4")
    first = Pin(HERE, "甲站", "某路1号", "4. 甲站", mark="4", more=door)
    reply = Reply((first, Pin(HERE, "乙站", "某路2号", "5. 乙站"), Pin(HERE, "丙站", "某路3号")))
    said = (Say("4. 甲站"), Say("5. 乙站"), Say("丙站\n某路3号"))
    assert degrade(reply, TELEGRAM, PHRASES).messages == (Words(said),)
    assert degrade(reply, WECHAT, PHRASES).messages == (Words(said),)
    everything = degrade(reply, replace(TELEGRAM, pins=3), PHRASES)
    drawn = [one for one in everything.messages if isinstance(one, Venue)]
    assert drawn[0] == Venue(HERE, "甲站", "某路1号", None, "4", door)
    assert [one.title for one in drawn] == ["甲站", "乙站", "丙站"]


def test_a_station_with_its_pin_and_buttons_on_each_kind_of_channel() -> None:
    map_link = Link("高德地图", "https://uri.amap.com/marker?position=111.7,40.8")
    row = (Button("有热水", "near.filter:1"), Button("更多", "near.more:3"))
    reply = Reply(
        (
            Pin(HERE, "示例驿站", "新城北街1号", "1. 示例驿站\n350米", (map_link,)),
            Buttons((row,), "还要什么?"),
        )
    )
    words = Say("1. 示例驿站\n350米", (map_link,))
    asked = Say("还要什么?")
    on_telegram: tuple[Message, ...] = (
        Words((words,)),
        Venue(HERE, "示例驿站", "新城北街1号"),
        Words((asked,), Choices((row,), numbered=False)),
    )
    assert degrade(reply, TELEGRAM, PHRASES).messages == on_telegram
    asked = Say(f"还要什么? {PHRASES.pick_a_number}")
    hung_on = Words((words, asked), Choices((row,), numbered=True))
    assert degrade(reply, WECHAT, PHRASES).messages == (hung_on,)
    assert hung_on.choices is not None
    assert hung_on.choices.lines() == ["1. 有热水", "2. 更多"]


def test_a_location_is_asked_for_in_the_way_the_channel_has() -> None:
    reply = Reply((Say("您在哪儿?"), AskLocation("发送位置", HINTS)))
    (asked,) = degrade(reply, TELEGRAM, PHRASES).messages
    assert asked == Words((Say("您在哪儿?"),), ask_location="发送位置")
    (hinted,) = degrade(reply, WECHAT, PHRASES).messages
    assert hinted == Words((Say("您在哪儿?"), Say(HINTS["menu"])))


def test_a_text_too_long_for_its_only_message_is_cut_at_a_line_and_says_so() -> None:
    lines = [f"第{number}行" + "很长" * 20 for number in range(40)]
    row = (Button("更多", "near.more:3"),)
    reply = Reply((Say("\n".join(lines)), Buttons((row,), "还要什么?")))
    (message,) = degrade(reply, WECHAT, PHRASES).messages
    assert isinstance(message, Words)
    kept, mark, _ = message.paragraphs
    assert kept.text.split("\n") == lines[: len(kept.text.split("\n"))]
    assert len(kept.text) > 400
    assert mark == Say(PHRASES.cut_short)
    assert message.choices == Choices((row,), numbered=True)
