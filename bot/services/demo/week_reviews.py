"""What waits for an editor: nominations to decide on, and a text that is due for review."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.content.catalogue import ContentKind
from bot.services.honours.nominations import NUMBER, sealed
from bot.services.honours.statuses import NominationStatus
from bot.services.storage import Database, Keys
from bot.store.models.content import ContentRow
from bot.store.models.honours import CampaignRow, NominationRow

CODE: Final = "sample-due"
TITLE: Final = "示例：冬季配送补贴怎么领"
TEXT: Final = "示例：这里写补贴的条件、材料和办理地点。文件换了，内容就要复核。"
SOURCE: Final = "示例文件"
_NOMINATED: Final = (
    ("ZM-SAMPLE-NEW-1", "示例·高师傅", "示例快递", "150100",
     "雨天看见外卖同行车坏在路上，停下帮忙修好，自己晚到也没抱怨。"),
    ("ZM-SAMPLE-NEW-2", "示例·其师傅", "示例速运", "152500",
     "把走失的老人送回家，守到家属赶来才走。"),
)  # fmt: skip


async def tell(store: Database, keys: Keys, now: datetime) -> None:
    """Adds them; nominations only while the sample campaign is on."""
    today = now.astimezone(CHINA).date()
    async with store.writing() as db:
        await remove(db, keys)
        values = {
            "code": CODE,
            "kind": ContentKind.ARTICLE.value,
            "title": TITLE,
            "text": TEXT,
            "source": SOURCE,
            "review_on": today - timedelta(days=3),
            "is_sample": True,
            "updated_at": now - timedelta(days=180),
        }
        await db.execute(insert(ContentRow).values(values))
        on = select(CampaignRow.id).where(
            CampaignRow.is_sample.is_(True), CampaignRow.published_at.is_(None)
        )
        campaign = await db.scalar(on.order_by(CampaignRow.id.desc()).limit(1))
        if campaign is None:
            return
        for number, name, firm, league, story in _NOMINATED:
            nomination = {
                "campaign_id": campaign,
                "number": keys.seal(number, NUMBER),
                "number_index": keys.index(number, NUMBER),
                **sealed(keys, name, firm, story),
                "league": league,
                "status": NominationStatus.NEW.value,
                "created_at": now - timedelta(days=1),
                "answered_at": now - timedelta(hours=9),
                "is_sample": True,
            }
            await db.execute(insert(NominationRow).values(nomination))


async def remove(db: AsyncSession, keys: Keys) -> None:
    """Removes them, whatever was decided on them."""
    indexes = [index for number, *_ in _NOMINATED for index in keys.indexes(number, NUMBER)]
    await db.execute(delete(NominationRow).where(NominationRow.number_index.in_(indexes)))
    mine = (ContentRow.code == CODE) & ContentRow.is_sample.is_(True)
    await db.execute(delete(ContentRow).where(mine))
