"""What an answer becomes within 2000 bytes, and that no word of it can be taken for markup."""

import random
import re
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

import pytest
import xmltodict  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.wechat.abilities import ABILITIES, TEXT_BYTES
from bot.channels.wechat.parse import read_xml
from bot.channels.wechat.render import News, Text, cdata, customer, passive, render
from bot.conversation.degrade import degrade
from bot.conversation.replies import (
    Answer,
    Article,
    AskLocation,
    Button,
    Buttons,
    Choices,
    Document,
    Link,
    Part,
    Pin,
    Reply,
    Say,
    Venue,
    Words,
)
from bot.geo import map_links
from bot.geo.point import Point
from tests.conversation.small_channel import PHRASES
from tests.support.fakes.wechat_messages import CONTENT, LINK, answered_with

HERE = Point(40.8424, 111.75)
TENCENT = map_links.tencent(HERE, "新城支行驿站", "新城区测试路1号")
AMAP = map_links.without_app(map_links.route_links(HERE, "新城支行驿站").amap)
MAPS = (Link("腾讯地图", TENCENT), Link("高德地图", AMAP))


def text_of(answer: Answer) -> str:
    native = render(answer)
    assert isinstance(native, Text)
    return native.content


def choices(*labels: str) -> Choices:
    return Choices(tuple((Button(label, "near.more:3"),) for label in labels), True)


def test_a_line_to_tap_sends_its_words_and_its_action() -> None:
    rows = ((Button("有热水", "near.with:1"), Button("✓热饭", "near.with:2")),)
    content = text_of(Answer((Words((Say("选一个"),), Choices(rows, True)),)))
    assert content == (
        "选一个\n"
        '<a href="weixin://bizmsgmenu?msgmenucontent=有热水&msgmenuid=near.with:1">1. 有热水</a>'
        '\u3000<a href="weixin://bizmsgmenu?msgmenucontent=2&msgmenuid=near.with:2">2. ✓热饭</a>'
    )


def test_an_odd_action_is_not_put_into_a_link() -> None:
    hung = Choices(((Button("x", 'a"b>c'), Button("y", "A b")),), True)
    content = text_of(Answer((Words((Say("?"),), hung),)))
    assert 'msgmenuid=1">1. x' in content
    assert 'msgmenuid=2">2. y' in content


def test_long_choices_stand_in_lines_of_their_own() -> None:
    hung = Choices(((Button("第1家怎么进", "a"), Button("第2家怎么进", "b")),), True)
    assert "\u3000" not in text_of(Answer((Words((Say("?"),), hung),)))


def test_room_goes_to_one_way_for_each_place_then_to_choices_then_to_other_maps() -> None:
    """Three stations of usual length and nine choices: not all links fit."""
    station = "新城支行驿站（最近）\n300米，骑车约1分钟\n有：热水、充电、厕所、座位\n已核实"
    said = tuple(Say(f"{number}. {station}", MAPS) for number in (1, 2, 3))
    hung = choices(*(f"第{number}家怎么进" for number in range(1, 10)))
    content = text_of(Answer((Words(said, hung),)))
    assert len(content.encode()) <= TEXT_BYTES
    assert content.count(">高德地图<") == 3  # the shorter one
    assert ">腾讯地图<" not in content
    assert content.count("weixin://bizmsgmenu") == 9
    assert content.index("高德地图") < content.index("2. 新城")
    few = text_of(Answer((Words(said[:1], choices("换一个")),)))
    assert few.count("https://") == 2


def test_no_link_calls_an_app_which_fails_in_the_browser_of_wechat() -> None:
    ride = Link("高德骑行", map_links.route_links(HERE, "驿站").amap)
    assert "callnative=0" in text_of(Answer((Words((Say("1. 驿站", (ride,)),)),)))


def test_a_choice_without_room_is_still_printed_with_its_number() -> None:
    said = (Say("字" * 500),)
    content = text_of(Answer((Words(said, choices(*"甲乙丙丁戊己庚辛")),)))
    assert 0 < content.count("weixin://") < 8
    assert [line.rpartition(". ")[2] for line in LINK.sub(r"\2", content).splitlines()[1:]] == list(
        "甲乙丙丁戊己庚辛"
    )


def test_too_many_words_are_cut_at_a_line_end_and_choices_stay() -> None:
    """Such an answer does not leave `degrade`; but a text of 2048 bytes is silence."""
    said = (Say("\n".join(f"第{n}行" + "字" * 60 for n in range(12))), Say("问？"))
    content = text_of(Answer((Words(said, choices("好", "不好")),)))
    assert len(content.encode()) <= TEXT_BYTES
    assert LINK.sub(r"\2", content).endswith("1. 好\n2. 不好")
    assert re.search(r"字{60}\n", content)
    assert "第11行" not in content


@pytest.mark.parametrize("text", ['<a href="http://evil">点我</a>', "<b>", "</a>", "a<b>c"])
def test_typed_markup_is_only_text(text: str) -> None:
    said = Answer((Words((Say(text, (Link(text, 'https://x.example/?a=<">'),)),), choices(text)),))
    content = text_of(said)
    assert "<" not in LINK.sub("", content)
    assert next(href for href, _ in LINK.findall(content)) == "https://x.example/?a=%3C%22%3E"
    assert "evil" not in "".join(href for href, _ in LINK.findall(content))


def test_one_card_and_one_place_are_a_news_card() -> None:
    card = render(Answer((Article("证书", "上好了这一课", "https://x.example/c"),)))
    assert card == News("证书", "上好了这一课", "https://x.example/c")
    place = render(Answer((Venue(HERE, "新城支行驿站", "测试路1号"),)))
    assert isinstance(place, News)
    assert place.url == map_links.tencent(HERE, "新城支行驿站", "测试路1号")
    assert "coord:40.84" in place.url  # latitude first, and not as WGS-84 says it
    assert "111.750000" not in place.url
    long = render(Answer((Article("长" * 100, "字" * 1000, "https://x.example/"),)))
    assert isinstance(long, News)
    assert len(long.title) == 64
    assert len(long.description.encode()) <= 1000


def test_a_card_beside_words_is_a_link_in_the_text() -> None:
    reply = Reply((Say("好了"), Article("看证书", "上好了", "https://x.example/c")))
    content = text_of(degrade(reply, ABILITIES, PHRASES))
    assert content == '好了\n\n上好了\n<a href="https://x.example/c">看证书</a>'
    alone = degrade(Reply((Article("a", "b", "https://x.example/"),)), ABILITIES, PHRASES)
    assert isinstance(render(alone), News)


def test_a_document_is_its_link_or_nothing() -> None:
    file = Document("课程.ics", "text/calendar", b"x", Link("下载", "https://x.example/1.ics"))
    content = text_of(degrade(Reply((Say("好"), file)), ABILITIES, PHRASES))
    assert '<a href="https://x.example/1.ics">下载</a>' in content
    bare = Answer((Words((Say("课程.ics", (Link("下载", ""),)),)),))
    assert text_of(bare) == "课程.ics"


def test_nothing_to_show_is_no_message() -> None:
    assert render(Answer(())) is None
    assert render(Answer((Words((Say(" "),)),))) is None


def test_passive_and_customer_messages() -> None:
    body = passive(Text("好 ]]> 了"), "oTo", "gh_from", 1700000000)
    assert (
        body
        == (
            "<xml><ToUserName><![CDATA[oTo]]></ToUserName>"
            "<FromUserName><![CDATA[gh_from]]></FromUserName><CreateTime>1700000000</CreateTime>"
            "<MsgType><![CDATA[text]]></MsgType>"
            "<Content><![CDATA[好 ]]]]><![CDATA[> 了]]></Content></xml>"
        ).encode()
    )
    news = News("题", "说", "https://x.example/?a=1&b=2")
    shown = answered_with(
        passive(news, "oTo", "gh_from", 1), {"FromUserName": "oTo", "ToUserName": "gh_from"}
    )
    assert (shown.kind, shown.title, shown.text, shown.url) == ("news", "题", "说", news.url)
    assert customer(Text("好"), "oTo") == {
        "touser": "oTo", "msgtype": "text", "text": {"content": "好"},
    }  # fmt: skip
    article = {"title": "题", "description": "说", "url": news.url}
    assert customer(news, "oTo") == {
        "touser": "oTo", "msgtype": "news", "news": {"articles": [article]},
    }  # fmt: skip


def test_a_thousand_texts_cross_to_another_library() -> None:
    dice = random.Random(9)
    pieces = (
        "你好",
        "😀👨‍👩‍👧",
        "]]>",
        "]]",
        ">",
        "&amp;",
        "&",
        "abc",
        "\n",
        "驿站",
        "𠮷",
        "<![CDATA[",
    )
    for _ in range(1000):
        words = "x" + "".join(dice.choices(pieces, k=dice.randrange(1, 60))) + "x"
        body = passive(Text(words), "oTo", "gh_from", 1)
        assert read_xml(body)["Content"] == words
        assert xmltodict.parse(body)["xml"]["Content"] == words


def test_what_no_xml_takes_is_left_out() -> None:
    assert cdata("a\x00b\x0bc\ufffe\ud800d\te\n") == "<![CDATA[abcd\te\n]]>"
    body = passive(Text("\x08好\ud800"), "oTo", "gh", 1)
    assert ET.fromstring(body).findtext("Content") == "好"  # noqa: S314 - our own


short = st.text(min_size=1, max_size=14)
button = st.builds(Button, short, st.sampled_from(["locate", "near.more:3", "language:zh_CN"]))
url = st.sampled_from([TENCENT, AMAP, "https://x.example/1.ics"])
link = st.builds(Link, short, url)
long_text = st.text(max_size=900)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Say, long_text, st.lists(link, max_size=2).map(tuple)),
    st.builds(Pin, st.just(HERE), short, short, long_text, st.just(MAPS)),
    st.builds(Article, short, long_text, url),
    st.builds(AskLocation, short, st.just({"menu": "点菜单", "typed": "x", "button": "x"})),
    st.builds(
        Buttons,
        st.lists(st.lists(button, min_size=1, max_size=3).map(tuple), max_size=5).map(tuple),
        short,
    ),
)


@given(st.lists(parts, min_size=1, max_size=6).map(tuple))
@settings(max_examples=300)
def test_any_reply_is_shown_and_every_line_can_be_tapped(parts: tuple[Part, ...]) -> None:
    answer = degrade(Reply(parts), ABILITIES, PHRASES)
    assert len(answer.messages) <= 1
    native = render(answer)
    if native is None:
        return
    sides = {"FromUserName": "oTo", "ToUserName": "gh_from"}
    shown = answered_with(passive(native, "oTo", "gh_from", 1), sides)
    if shown.kind == "news":
        return
    assert len(shown.text.encode()) <= TEXT_BYTES
    for _, href in shown.links:
        if href.startswith("weixin:"):
            content, number = re.findall(r"=([^&]*)", href)
            assert CONTENT.fullmatch(unquote_plus(unquote_plus(content)))
            assert unquote_plus(unquote_plus(number)) == number
    hung = [one.choices for one in answer.messages if isinstance(one, Words) and one.choices]
    for one in hung:
        for number in range(one.first, one.first + sum(len(row) for row in one.rows)):
            assert re.search(rf"(?:^|\u3000){number}\. ", shown.words, re.MULTILINE)
