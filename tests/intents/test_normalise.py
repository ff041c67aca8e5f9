"""One spelling for what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intents.normalise import LENGTH, normalise


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("５００Ｍ　内！", "500m 内!"),
        ("  热水,\n充电  ", "热水, 充电"),
        ("「驿站」、哪。", '"驿站",哪.'),
        ("好的👍🏽谢谢🙏", "好的谢谢"),
        ("2️⃣", "2"),
        ("②", "2"),
        ("\u202e你好\u202c", "你好"),
        ("a\x00b", "a b"),
        ("\ud800x", "x"),
        ("WiFi", "wifi"),
        ("", ""),
    ],
)
def test_spelling_is_unified(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


@given(st.text())
def test_the_result_is_short_printable_and_trimmed(text: str) -> None:
    normal = normalise(text)
    assert len(normal) <= LENGTH
    assert normal.isprintable()
    assert normal == " ".join(normal.split())


def test_one_character_that_becomes_eighteen_does_not_pass_the_limit() -> None:
    assert len(normalise("\ufdfa" * 10_000)) <= LENGTH
