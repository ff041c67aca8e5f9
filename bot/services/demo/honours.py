"""A sample campaign that is on, and one with two sample winners; for trying the bot out."""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.honours.nominations import NUMBER, sealed
from bot.services.honours.statuses import NominationStatus
from bot.store.encryption import Keyring
from bot.store.models.honours import CampaignRow, NominationRow


class _Sample(NamedTuple):
    name: str
    firm: str
    league: str
    story: str


_WINNERS: Final = (
    _Sample("示例·王师傅", "示例快递", "150100",
            "送件路上看见老人滑倒，先停车扶人，叫来家属才走。晚了半小时，收件人都说没关系。"),
    _Sample("示例·娜师傅", "示例速运", "150600",
            "跑牧区线路六年，每周两趟，顺路给几户老人捎药，大雪封路那天绕了四十公里也送到了。"),
)  # fmt: skip
_SHORTLISTED: Final = (
    _Sample("示例·李师傅", "示例快递", "150400",
            "小区停电，电梯停了，一箱水扛上十一楼，说人家家里有孩子等着冲奶粉。"),
    _Sample("示例·巴师傅", "示例配送", "150700",
            "零下三十五度帮同行推车两公里到驿站，自己的单超时了也没吭声。"),
)  # fmt: skip
RULES: Final = (
    "提名身边的快递小哥，写写他的故事。本人同意、审核通过后进入候选，大家投票，每人一票。"
)
RULES_EN: Final = (
    "Sample: nominate a courier you know and tell the story. Once they agree and it was reviewed "
    "they are on the short list, and every courier has one vote."
)


async def seed_demo_honours(db: AsyncSession, keys: Keyring, now: datetime) -> int:
    """Adds the samples anew unless the campaign is on; how many nominations were added."""
    today = now.astimezone(CHINA).date()
    running = select(CampaignRow.id).where(
        CampaignRow.is_sample.is_(True), CampaignRow.vote_until > today
    )
    if await db.scalar(running) is not None:
        return 0
    await remove_demo_honours(db)
    past = await _campaign(db, "sample-past", "示例·上届最美快递员", today - timedelta(90), now)
    for place, one in enumerate(_WINNERS, 1):
        await _nomination(
            db, keys, past, one, now, NominationStatus.WINNER,
            place=place, votes=300 - 20 * place, certificate=f"RY-SAMPLE-{place}",
        )  # fmt: skip
    on = await _campaign(db, "sample", "最美快递员", today, now)
    for one in _SHORTLISTED:
        await _nomination(db, keys, on, one, now, NominationStatus.SHORTLISTED)
    return len(_WINNERS) + len(_SHORTLISTED)


async def remove_demo_honours(db: AsyncSession) -> None:
    """Removes them with whatever hangs on them."""
    await db.execute(delete(CampaignRow).where(CampaignRow.is_sample.is_(True)))


async def _campaign(db: AsyncSession, code: str, title: str, first: date, now: datetime) -> int:
    """One that takes nominations and votes for 30 days; over and published if that is past."""
    last = first + timedelta(days=30)
    over = last < now.astimezone(CHINA).date()
    row = insert(CampaignRow).values(
        code=code,
        title=title,
        title_en="Sample: courier of the year" + (" (last time)" if over else ""),
        rules=RULES,
        rules_en=RULES_EN,
        leagues="",
        nominate_from=first,
        nominate_until=last,
        vote_from=first,
        vote_until=last,
        winners=10,
        published_at=now - timedelta(days=50) if over else None,
        is_sample=True,
        updated_at=now,
    )
    return (await db.execute(row.returning(CampaignRow.id))).scalar_one()


async def _nomination(
    db: AsyncSession,
    keys: Keyring,
    campaign: int,
    one: _Sample,
    now: datetime,
    status: NominationStatus,
    *,
    place: int | None = None,
    votes: int = 0,
    certificate: str | None = None,
) -> None:
    number = f"ZM-SAMPLE-{one.name}"  # no code that anybody could send
    await db.execute(
        insert(NominationRow).values(
            campaign_id=campaign,
            number=keys.seal(number, NUMBER),
            number_index=keys.index(number, NUMBER),
            courier_id=None,
            nominator_id=None,
            **sealed(keys, one.name, one.firm, one.story),
            league=one.league,
            status=status,
            created_at=now,
            answered_at=now,
            votes=votes,
            place=place,
            certificate=certificate,
            is_sample=True,
        )
    )
