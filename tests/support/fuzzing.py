"""Odd texts and changed JSON for the fuzzing of parsers, and the time that one input may take."""

from collections.abc import Callable
from time import process_time
from typing import Any, Final

from hypothesis import strategies as st

SECONDS: Final = 5.0
"""A single input may take that much processor time at most, on the slowest machine."""

ODD = st.sampled_from(
    ["\ud83d", "\udc00", "\x00", "\x08", "\x1d", "\ufffe", "\ufeff", "\u202e", "\u200b", "﷽", "²",
     "٣", "１", "İ", "ß", "ﬃ", "𠮷", "👨‍👩‍👧", "e\u0301" * 30, "]]>", "%s", "{0}", "$(id)", "';--",
     "<script>", "../../etc/passwd", "1e999", "-0", "NaN", "9" * 400]
)  # fmt: skip
LETTERS = st.characters(exclude_categories=[])  # surrogates too, as JSON can carry them
SPOKEN = st.sampled_from(
    ["热水", "充电", "附近", "驿站", "8点", "后", "明天", "周三", "3公里", "以内", "呼和浩特",
     "新城区", "奋斗卡", "进度", "取消", "不", "不要", "提醒", "晚上", "十一月", "31号", "第",
     "期", "13800138000", "：", "，", " "]
)  # fmt: skip
TEXTS = st.lists(st.text(LETTERS, max_size=12) | ODD | SPOKEN, max_size=12).map("".join)
HOURS = st.lists(
    st.sampled_from(
        ["周一", "至", "周五", "每天", "8:30", "18:00", "-", "～", "24小时", "次日", "24:00",
         "节假日", "休息",
         "除外", "上午", "下午", "9点半", "；", "，", " ", "夏季", "00:00", "99:99"]
    )
    | TEXTS,
    max_size=10,
).map("".join)  # fmt: skip
NUMBERS = st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from([10**400, -(10**400)])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def in_time(parse: Callable[..., object], *given: object) -> object:
    begun = process_time()
    try:
        return parse(*given)
    finally:
        assert process_time() - begun < SECONDS


def changed(valid: Any) -> st.SearchStrategy[Any]:
    """The JSON value with any parts of it replaced by other JSON, at any depth."""
    whole = st.one_of(st.just(valid), st.just(valid), st.just(valid), JSON)
    match valid:
        case dict():
            parts = {key: changed(value) for key, value in valid.items()}
            return whole | st.fixed_dictionaries({}, optional=parts) | st.fixed_dictionaries(parts)
        case list():
            return whole | st.lists(st.one_of(*map(changed, valid)), max_size=3)
        case _:
            return whole
