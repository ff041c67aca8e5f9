"""Template messages and the menu, within the platform's limits."""

import json

import pytest

from bot.channels.wechat.menu import Folder, Page, Place, Tap, menu
from bot.channels.wechat.render import News, Text, lines_of
from bot.channels.wechat.templates import Template, parse_templates


def test_a_template_takes_lines_and_keeps_to_its_lengths() -> None:
    templates = parse_templates(
        json.dumps(
            {
                "training.reminder": {
                    "id": "T1",
                    "url": "pages/a",
                    "data": {
                        "thing1": "{1}",
                        "time2": "{2}",
                        "phrase3": "已安排好了的",
                        "thing4": "{9}!",
                    },
                },
                "card.moved": {"id": "T2", "api": "template", "url": "https://x", "data": {}},
            }
        )
    )
    lines = lines_of(Text('长长长长长长长长长长长长长长长长长长长长长\n\n<a href="x">明天9:00</a>'))
    assert templates["training.reminder"].message("oTo", lines) == {
        "touser": "oTo",
        "template_id": "T1",
        "page": "pages/a",
        "data": {
            "thing1": {"value": "长" * 19 + "…"},
            "time2": {"value": "明天9:00"},
            "phrase3": {"value": "已安排好…"},
            "thing4": {"value": "!"},
        },
    }
    assert templates["card.moved"] == Template("T2", "template", {}, "https://x")
    assert templates["card.moved"].message("oTo", [])["url"] == "https://x"
    assert lines_of(News("题", "一\n二", "https://x")) == ["题", "一", "二"]
    assert parse_templates("") == {}


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"a": 1}', '{"a": {"id": "x"}}', '{"a": {"id": "x", "data": {"thing1": 1}}}',
     '{"a": {"id": "x", "data": {}, "api": "sms"}}'],
)  # fmt: skip
def test_wrong_templates_are_refused_at_start(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|needs"):
        parse_templates(text)


def test_a_menu_within_the_platforms_limits() -> None:
    made = menu(
        Place("发送位置"), Folder("服务", (Tap("附近驿站", "locate"), Page("网页", "https://x")))
    )
    assert made == {
        "button": [
            {"type": "location_select", "name": "发送位置", "key": "place"},
            {
                "name": "服务",
                "sub_button": [
                    {"type": "click", "name": "附近驿站", "key": "locate"},
                    {"type": "view", "name": "网页", "url": "https://x"},
                ],
            },
        ]
    }
    for wrong in (
        (),
        (Place("a"),) * 4,
        (Place("发送我的位置"),),
        (Tap("a", ""),),
        (Tap("a", "k" * 129),),
        (Folder("a", ()),),
        (Folder("a", (Place("b"),) * 6),),
        (Folder("a", (Page("b", "https://" + "x" * 1024),)),),
    ):
        with pytest.raises(ValueError, match=r"menu|has|bytes"):
            menu(*wrong)
