"""What a bank's status labels stand for: every label seen, as data, and the order of the stages.

Labels differ from bank to bank and year to year; a new one is a row here. Which of them 工行 really
uses is still to be confirmed with the bank.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

UNKNOWN: Final = "unknown"

LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "submitted": ("已提交", "申请已受理", "数据录入", "资料录入"),
    "need_docs": ("待补件", "资料不全", "退件"),
    "reviewing": (
        "审核中",
        "预审中",
        "初审中",
        "终审中",
        "预审/初审/终审中",
        "审批中",
        "资料审核中",
    ),
    "interview": ("待面签", "待核身", "待激活前核验"),
    "approved": ("审批通过", "核准"),
    "making": ("制卡中", "卡片制作中"),
    "made": ("已制卡", "已产生卡片", "制卡完成"),
    "shipped": ("已寄出", "已邮寄", "物流派送"),
    "at_branch": ("市行签收", "银行网点签收", "待领取", "已到网点"),
    "collected": ("已领取", "已领卡", "领卡未激活"),
    "activated": ("已激活", "正常"),
    "rejected": ("未通过", "拒绝", "审批未通过"),
    "returned": ("退卡", "制卡失败", "投递失败", "逾期封存"),
    "cancelled": ("已撤销", "已取消", "已过期", "销户"),
}
"""The labels of each code. A code itself is understood too."""

SETTLED: Final = frozenset({"activated", "rejected", "returned", "cancelled"})
"""Nothing more is expected: the time to erasure begins."""

# Checking, asking for papers and an interview take turns, so none of them is a step back.
_RANKS: Final = {
    "submitted": 0,
    "need_docs": 1,
    "reviewing": 1,
    "interview": 1,
    "approved": 2,
    "making": 3,
    "made": 4,
    "shipped": 5,
    "at_branch": 6,
    "collected": 7,
    "activated": 8,
    "rejected": 9,
    "returned": 9,
    "cancelled": 9,
}


def code_of(label: str) -> str:
    """The code of a label as a bank writes it; `UNKNOWN` for one that nobody has explained."""
    return _CODES.get(_plain(label), UNKNOWN)


def is_backwards(before: str, after: str) -> bool:
    """Whether a status takes a step back; what is unknown never does."""
    if UNKNOWN in (before, after):
        return False
    return _RANKS[after] < _RANKS[before]


def _plain(label: str) -> str:
    return "".join(unicodedata.normalize("NFKC", label).split()).casefold().strip("。.")


_CODES: Final = {
    _plain(label): code for code, labels in LABELS.items() for label in (code, *labels)
}
