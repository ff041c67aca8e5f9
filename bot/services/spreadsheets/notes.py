"""Rows of a table that are no records: totals, remarks, who filled it in, bands between parts."""

import re
from collections.abc import Sequence
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.services.spreadsheets.cells import clean

_TOTAL: Final = LazyPattern(
    r"[合总小共]\s*计(?:[:(].*)?|共\s*\d.{0,12}[家个处条座所]|total", re.IGNORECASE
)
_REMARK: Final = LazyPattern(
    r"(?:备\s*注|注|(?:填表|特别|有关)?说\s*明|填\s*[表报]\s*[人单位日期时间]{1,2}|"
    r"[审复]\s*核\s*人?|制\s*表\s*(?:人|日期|单位|时间)?|经办人|负责人|联系人|联系电话|"
    r"统计\s*(?:人|时间|日期|截止)|(?:数据)?来源|打印(?:时间|日期)|(?:单位)?盖章|(?:领导)?签字|"
    r"日期|截至|截止)\s*\d{0,2}\s*(?:[:(,]|$)"
)
_ITEM: Final = LazyPattern(r"^\(?\d{1,2}[.、)]\s*[^\d\s]{2}|[。;]$")
"""A numbered remark, or one that ends as a sentence does."""
_EXAMPLE: Final = LazyPattern(r"(?:示例|样例|范例|填写示例)(?:行|\(.*\))?")
"""A row that a template shows how to fill in, by its first cell."""
_SENTENCE: Final = 16
"""Characters from which one text alone in its row is a remark, not the rest of a record."""


def is_note(cells: Sequence[str], kept: Sequence[int], *, band: bool) -> bool:
    """Whether a row is none of the records.

    `kept`: the columns that are read. `band`: one merged cell across most of the table.
    """
    texts = [cell for cell in cells if cell]
    if not texts:
        return False
    first = clean(texts[0])
    if _TOTAL.fullmatch(first) or _EXAMPLE.fullmatch(first):
        return True
    if len(texts) == 1 and (band or len(first) >= _SENTENCE or _ITEM.search(first)):
        return True
    named = sum(1 for place in kept if place < len(cells) and cells[place])
    return named * 2 <= max(len(kept), 2) and bool(_REMARK.match(first))
