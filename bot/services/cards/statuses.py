"""The statuses of an application: every label of a bank as data, and the order of the stages.

Labels differ from bank to bank and year to year; a new one is a row here. Which of them 工行 really
uses is still to be confirmed with the bank.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class CardStatus(StrEnum):
    """Every status that an application can have, in the usual order; the values are stored."""

    SUBMITTED = "submitted"
    NEED_DOCS = "need_docs"
    REVIEWING = "reviewing"
    INTERVIEW = "interview"
    APPROVED = "approved"
    MAKING = "making"
    MADE = "made"
    SHIPPED = "shipped"
    AT_BRANCH = "at_branch"
    COLLECTED = "collected"
    ACTIVATED = "activated"
    REJECTED = "rejected"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """A label of the bank whose meaning is not known."""


LABELS: Final[Mapping[CardStatus, tuple[str, ...]]] = {
    CardStatus.SUBMITTED: ("已提交", "申请已受理", "数据录入", "资料录入"),
    CardStatus.NEED_DOCS: ("待补件", "资料不全", "退件"),
    CardStatus.REVIEWING: (
        "审核中",
        "预审中",
        "初审中",
        "终审中",
        "预审/初审/终审中",
        "审批中",
        "资料审核中",
    ),
    CardStatus.INTERVIEW: ("待面签", "待核身", "待激活前核验"),
    CardStatus.APPROVED: ("审批通过", "核准"),
    CardStatus.MAKING: ("制卡中", "卡片制作中"),
    CardStatus.MADE: ("已制卡", "已产生卡片", "制卡完成"),
    CardStatus.SHIPPED: ("已寄出", "已邮寄", "物流派送"),
    CardStatus.AT_BRANCH: ("市行签收", "银行网点签收", "待领取", "已到网点"),
    CardStatus.COLLECTED: ("已领取", "已领卡", "领卡未激活"),
    CardStatus.ACTIVATED: ("已激活", "正常"),
    CardStatus.REJECTED: ("未通过", "拒绝", "审批未通过"),
    CardStatus.RETURNED: ("退卡", "制卡失败", "投递失败", "逾期封存"),
    CardStatus.CANCELLED: ("已撤销", "已取消", "已过期", "销户"),
}
"""The labels of each known status. Its value itself is understood too."""

SETTLED: Final = frozenset(
    {CardStatus.ACTIVATED, CardStatus.REJECTED, CardStatus.RETURNED, CardStatus.CANCELLED}
)
"""Final statuses: nothing more is expected, and the time to erasure begins."""

# Checking, asking for documents and an interview take turns, so none of them is a step back.
_RANKS: Final = {
    CardStatus.SUBMITTED: 0,
    CardStatus.NEED_DOCS: 1,
    CardStatus.REVIEWING: 1,
    CardStatus.INTERVIEW: 1,
    CardStatus.APPROVED: 2,
    CardStatus.MAKING: 3,
    CardStatus.MADE: 4,
    CardStatus.SHIPPED: 5,
    CardStatus.AT_BRANCH: 6,
    CardStatus.COLLECTED: 7,
    CardStatus.ACTIVATED: 8,
    CardStatus.REJECTED: 9,
    CardStatus.RETURNED: 9,
    CardStatus.CANCELLED: 9,
}


def status_of(label: str) -> CardStatus:
    """The status of a label as a bank writes it; `UNKNOWN` for a label that is not listed."""
    return _STATUSES.get(_normalised(label), CardStatus.UNKNOWN)


def is_backwards(before: CardStatus, after: CardStatus) -> bool:
    """Whether a status takes a step back; to or from an unknown one never does."""
    if CardStatus.UNKNOWN in (before, after):
        return False
    return _RANKS[after] < _RANKS[before]


def _normalised(label: str) -> str:
    return "".join(unicodedata.normalize("NFKC", label).split()).casefold().strip("。.")


_STATUSES: Final = {
    _normalised(label): status
    for status, labels in LABELS.items()
    for label in (status.value, *labels)
}
