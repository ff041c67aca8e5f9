"""The keys of front matter, which are the columns of a workbook, and what their values may be."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.services.content.catalogue import ContentKind
from bot.services.spreadsheets.cells import whole_key
from bot.services.spreadsheets.tables import Columns

COLUMNS: Final[Columns] = MappingProxyType(
    {
        "kind": ("种类", "kind", "类型"),
        "code": ("编号", "code", "编码"),
        "title": ("标题", "title", "中文标题"),
        "title_en": ("英文标题", "title_en", "title.en"),
        "text": ("正文", "text", "内容", "中文正文"),
        "text_en": ("英文正文", "text_en", "text.en"),
        "picture": ("图片", "picture"),
        "source": ("来源", "source", "出处"),
        "valid_from": ("生效日期", "valid_from", "开始日期"),
        "valid_until": ("失效日期", "valid_until", "截止日期"),
        "review_on": ("复核日期", "review", "review_on"),
        "league": ("盟市", "league"),
        "position": ("顺序", "order", "position"),
        "tags": ("标签", "tags"),
        "minutes": ("分钟", "minutes"),
        "series": ("系列", "series"),
        "series_en": ("英文系列", "series_en", "series.en"),
        "is_sample": ("示例", "sample", "is_sample"),
    }
)
"""Field → its Chinese name, its English one, and others."""
TEXTS: Final = ("text", "text_en")
"""In a Markdown file these stand under the front matter."""
PROSE: Final = frozenset({"title", "title_en", "text", "text_en", "source", "series", "series_en"})
FIELDS_BY_KEY: Final[Mapping[str, str]] = MappingProxyType(
    {whole_key(name): field for field, names in COLUMNS.items() for name in (field, *names)}
)
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {"中文": "text", "chinese": "text", "zh": "text", "english": "text_en", "en": "text_en",
     "英文": "text_en"}
)  # fmt: skip
"""Heading above a text → the field that it is."""
KINDS: Final[Mapping[str, ContentKind]] = MappingProxyType(
    {kind.value: kind for kind in ContentKind}
    | {
        "文章": ContentKind.ARTICLE,
        "微课": ContentKind.LESSON,
        "主题": ContentKind.TOPIC,
        "提醒": ContentKind.WARNING,
        "警示": ContentKind.WARNING,
    }
)
YES: Final = frozenset({"是", "yes", "y", "true", "1", "示例", "√", "✓"})
NO: Final = frozenset({"", "否", "no", "n", "false", "0"})
LENGTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "title": 60,
        "title_en": 120,
        "source": 200,
        "tags": 200,
        "series": 60,
        "series_en": 120,
        "text": 20_000,
        "text_en": 20_000,
    }
)
"""Characters."""
MOST_MINUTES: Final = 60
MOST_POSITION: Final = 9999
