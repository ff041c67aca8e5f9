"""Which messages ask for something to learn, and which only look so."""

import pytest

from bot.intents.normalise import normalise
from bot.intents.subjects.lesson_words import goes_on, wants_lesson

WISHES = """我想学点啥 想学点东西 学点什么好 没事学点啥 有空学点东西 现在能学点啥 学习
 我要学习 我想学习
 有微课吗 有没有微课 微课 看看微课 上微课 来节微课 有啥可学的 有什么能学的 有没有可以学的
 我想学点技能 能学点啥不
 微课在哪看 闲着没事学点啥 学点新东西"""
ENGLISH = ("learn something", "I want to learn something", "any short lessons?", "micro-lessons")
NO_WISHES = """学生证 学费多少 我在学车 上学 学习强国 放学 同学你好 学校附近有驿站吗 医学院
 学生 培训 我报的课几点
 学会了 谁教你的 热水 教学楼 大学东路 科学路 有课吗 取消学习 学习桌在哪 充电 微信 微波炉 上课在哪"""


@pytest.mark.parametrize("text", [*WISHES.split(), *ENGLISH])
def test_a_wish_to_learn_is_understood(text: str) -> None:
    assert wants_lesson(normalise(text))


@pytest.mark.parametrize("text", NO_WISHES.split())
def test_other_messages_with_such_words_are_left_alone(text: str) -> None:
    assert not wants_lesson(normalise(text))
    assert not goes_on(normalise(text))


@pytest.mark.parametrize(
    "text", ["接着学", "继续学吧", "往下学", "下一张", "下一题!", "keep learning"]
)
def test_going_on_is_understood(text: str) -> None:
    assert goes_on(normalise(text))


@pytest.mark.parametrize("text", ["继续", "接着送", "下一家", "下一站", "下一单", "下一个"])
def test_other_words_of_going_on_are_left_alone(text: str) -> None:
    assert not goes_on(normalise(text))
