"""What Markdown becomes, and what of it is refused."""

import pytest

from bot.services.content import lessons, markdown
from bot.services.content.markdown import Block, BlockKind, MarkdownFault, Span
from tests.support.content import LESSON


def test_paragraphs_lists_emphasis_links_and_pictures_are_read() -> None:
    text = (
        "一**二***三*\n四\n\n- 甲\n- [乙](https://a.cn/)\n\n3. 丙\n4. 丁\n\n![图](a.png)\n\n"
        "<https://b.cn/>"
    )
    blocks, faults = markdown.parse(text)
    assert faults == ()
    paragraph, item = BlockKind.PARAGRAPH, BlockKind.ITEM
    assert blocks == (
        Block(
            paragraph,
            (
                Span("一"),
                Span("二", strong=True),
                Span("三", emphasis=True),
                Span("\n"),
                Span("四"),
            ),
        ),
        Block(item, (Span("甲"),)),
        Block(item, (Span("乙", url="https://a.cn/"),)),
        Block(item, (Span("丙"),), 3),
        Block(item, (Span("丁"),), 4),
        Block(BlockKind.PICTURE, (Span("图"),), picture="a.png"),
        Block(paragraph, (Span("https://b.cn/", url="https://b.cn/"),)),
    )


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("好\n\n<b>粗</b>", 3, MarkdownFault.HTML),
        ("<div>\n好\n</div>", 1, MarkdownFault.HTML),
        ("好<!-- 注 -->", 1, MarkdownFault.HTML),
        ("## 标题", 1, MarkdownFault.HEADING),
        ("标题\n===", 1, MarkdownFault.HEADING),
        ("- 甲\n  - 乙", 2, MarkdownFault.NESTED_LIST),
        ("好\n\n> 引", 3, MarkdownFault.MARKUP),
        ("```\nx\n```", 1, MarkdownFault.MARKUP),
        ("    x = 1", 1, MarkdownFault.MARKUP),
        ("用`x`", 1, MarkdownFault.MARKUP),
        ("| a |\n|---|\n| b |", 1, MarkdownFault.MARKUP),
        ("---", 1, MarkdownFault.MARKUP),
        ("[好](ftp://a.cn)", 1, MarkdownFault.LINK),
        ("[好](/privacy)", 1, MarkdownFault.LINK),
        ("看图![图](a.png)", 1, MarkdownFault.PICTURE_IN_TEXT),
        ("- ![图](a.png)", 1, MarkdownFault.PICTURE_IN_TEXT),
    ],
)
def test_what_a_chat_cannot_show_is_refused_with_its_line(
    text: str, line: int, code: MarkdownFault
) -> None:
    faults = markdown.parse(text)[1]
    assert (faults[0].line, faults[0].code) == (line, code)


def test_no_script_address_becomes_a_link() -> None:
    for address in ("javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x"):
        blocks, faults = markdown.parse(f"[好]({address})")
        assert faults or not any(span.url for block in blocks for span in block.spans)


CHINESE = LESSON.partition("# 中文\n\n")[2].partition("\n# English")[0]


def test_a_lesson_has_cards_and_questions_with_a_right_answer_and_why() -> None:
    lesson, faults = lessons.parse(CHINESE)
    assert faults == ()
    assert len(lesson.cards) == 3
    assert lesson.questions[0].options == ("用雪搓", "进屋用温水复温")
    assert lesson.questions[0].right == 1
    assert markdown.plain(lesson.questions[0].explanation) == "雪搓会伤皮肤。"


F = lessons.LessonFault


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("## 卡片\n冬天", "先说一句\n## 卡片\n冬天", 1, F.BEFORE_FIRST),
        ("## 卡片\n冬天", "## 卡牌\n冬天", 1, F.SECTION),
        ("## 卡片\n冬天骑车，先把手暖过来。\n", "", 1, F.CARD_COUNT),
        ("## 问题\n手套湿了怎么办？\n- 接着戴\n- [x] 换干的\n> 湿手套散热快。\n", "", 1,
         F.QUESTION_COUNT),
        ("冬天骑车，先把手暖过来。", "", 1, F.EMPTY),
        ("冬天骑车", "冬" * 301, 2, F.TOO_LONG),
        ("- 用雪搓\n", "", 11, F.OPTION_COUNT),
        ("- 用雪搓", "- [x] 用雪搓", 11, F.RIGHT_COUNT),
        ("- [x] 进屋用温水复温", "- 进屋用温水复温", 11, F.RIGHT_COUNT),
        ("- 用雪搓", "- " + "雪" * 21, 13, F.OPTION_LONG),
        ("- 用雪搓", "- 进屋用温水复温", 14, F.OPTION_TWICE),
        ("> 雪搓会伤皮肤。\n", "", 11, F.NO_EXPLANATION),
        ("> 雪搓会伤皮肤。", "> 雪搓会伤皮肤。\n再说", 16, F.AFTER_EXPLANATION),
        ("- 用雪搓", "- **用雪搓**", 13, MarkdownFault.MARKUP),
        ("> 雪搓会伤皮肤。", "> <b>雪</b>", 15, MarkdownFault.HTML),
    ],
)  # fmt: skip
def test_each_fault_of_a_lesson_is_told_with_its_line(
    old: str, new: str, line: int, code: F | MarkdownFault
) -> None:
    assert old in CHINESE
    faults = lessons.parse(CHINESE.replace(old, new, 1))[1]
    assert (line, code) in [(one.line, one.code) for one in faults]


def test_a_card_after_a_question_is_told() -> None:
    faults = lessons.parse(CHINESE + "\n## 卡片\n再来一张\n")[1]
    assert [one.code for one in faults] == [F.ORDER]
