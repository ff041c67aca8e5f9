"""Content as files: a lesson, an article, and a store that holds some."""

from collections.abc import Mapping
from io import BytesIO

from PIL import Image

from bot.services.content.importing.plan import apply
from bot.services.content.importing.sources import plan_import, read_sources
from bot.services.operators.revisions import Origin, RevisionAction
from bot.store.engine import Store
from tests.conftest import ManualClock

LESSON = """---
kind: lesson
code: {code}
order: {order}
title: {title}
title_en: {title_en}
source: GB 17761-2024
minutes: 5
series: {series}
series_en: {series}
sample: {sample}
---

# 中文

## 卡片
冬天骑车，先把手暖过来。

## 卡片
- 手套要两层
- 鞋要**干**的

## 卡片
详情见[标准](https://std.samr.gov.cn/)。

## 问题
脸上发白发硬，先做什么？
- 用雪搓
- [x] 进屋用温水复温
> 雪搓会伤皮肤。

## 问题
手套湿了怎么办？
- 接着戴
- [x] 换干的
> 湿手套散热快。

## 问题
头晕还骑吗？
- [x] 停下歇会儿
- 再送两单
> 身体要紧。

# English

## Card
Warm your hands before you ride.

## Card
- two layers of gloves
- **dry** shoes

## Card
See the [standard](https://std.samr.gov.cn/).

## Question
Your cheek is white and hard. What first?
- rub it with snow
- [x] warm water indoors
> Snow harms the skin.

## Question
Your gloves are wet?
- keep them on
- [x] change them
> Wet gloves lose heat.

## Question
You feel dizzy?
- [x] stop and rest
- two more orders
> Your health comes first.
"""

ARTICLE = """---
kind: article
code: {code}
title: 冬天怎么停车
title_en: Parking in winter
source: 示例支行
{more}---

# 中文

把车停在**避风**的地方。

1. 先断电
2. 再锁车

看[说明](https://example.org/a?b=1&c=2)，或打[12351](tel:12351)。

# English

Park out of the wind.
"""


def lesson(
    code: str = "gloves",
    title: str = "冬季骑行",
    *,
    title_en: str = "Winter riding",
    series: str = "平安过冬",
    sample: bool = False,
    order: int = 10,
) -> bytes:
    """The file of a lesson of three cards and three questions in two languages."""
    text = LESSON.format(
        code=code,
        title=title,
        title_en=title_en,
        series=series,
        sample="是" if sample else "否",
        order=order,
    )
    return text.encode()


def article(code: str = "parking", **more: str) -> bytes:
    """The file of an article; `more` are further keys."""
    extra = "".join(f"{key}: {value}\n" for key, value in more.items())
    return ARTICLE.format(code=code, more=extra).encode()


def photo(size: tuple[int, int] = (40, 30), kind: str = "JPEG", *, exif: bool = False) -> bytes:
    """A picture; with `exif`, one that tells where and how it was taken."""
    output = BytesIO()
    picture = Image.new("RGB", size, (200, 30, 30))
    if exif:
        data = Image.Exif()
        data[0x010F] = "SECRETCAMERA"
        data[0x0112] = 6  # lies on its side
        picture.save(output, kind, exif=data)
    else:
        picture.save(output, kind)
    return output.getvalue()


async def put_content(
    store: Store,
    clock: ManualClock,
    *files: bytes,
    pictures: Mapping[str, bytes] | None = None,
) -> int | None:
    """Imports Markdown files; the number of the revision."""
    named = {f"{number}.md": data for number, data in enumerate(files)}
    async with store.writing() as db:
        found = (pictures or {}).get
        plan = await plan_import(db, read_sources(named), {"呼和浩特市": "150100"}, found)
        assert plan.problems == []
        return await apply(db, plan, Origin("test", RevisionAction.IMPORT, "test"), clock())
