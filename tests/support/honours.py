"""Campaigns, nominations and votes for tests."""

from datetime import date, datetime

from sqlalchemy import insert, select

from bot.services.honours.nominations import NUMBER, sealed
from bot.services.honours.statuses import NominationStatus
from bot.store.engine import Store
from bot.store.models.honours import CampaignRow, HonourVoteRow, NominationRow
from tests.support.cards import KEYS

STORY = "大雪天给牧区的老人送药，推着车走了八公里，到家已经半夜了。"
LIST = (
    "编号,名称,英文名称,规则,英文规则,盟市,提名开始,提名截止,投票开始,投票截止,获奖人数\n"
    "2026-winter,2026年最美快递员,Courier of 2026,每人一票。,One vote each.,,"
    "2026-11-01,2026-11-30,2026-11-10,2026-12-10,2\n"
)


async def open_campaign(store: Store, now: datetime, **values: object) -> int:
    """A campaign that takes nominations and votes in November 2026; its id."""
    row = {
        "code": "2026-winter",
        "title": "2026年最美快递员",
        "title_en": "Courier of 2026",
        "rules": "每人一票。",
        "rules_en": "One vote each.",
        "leagues": "",
        "nominate_from": date(2026, 11, 1),
        "nominate_until": date(2026, 11, 30),
        "vote_from": date(2026, 11, 10),
        "vote_until": date(2026, 12, 10),
        "winners": 2,
        "is_sample": False,
        "updated_at": now,
    } | values
    async with store.writing() as db:
        added = insert(CampaignRow).values(row).returning(CampaignRow.id)
        return (await db.execute(added)).scalar_one()


async def nominate(
    store: Store,
    now: datetime,
    campaign: int,
    name: str,
    status: NominationStatus = NominationStatus.SHORTLISTED,
    **values: object,
) -> int:
    """A nomination under the number ZM-{name}; its id."""
    number = f"ZM-{name}"
    row = {
        "campaign_id": campaign,
        "number": KEYS.seal(number, NUMBER),
        "number_index": KEYS.index(number, NUMBER),
        **sealed(KEYS, name, "顺丰", STORY),
        "league": "150100",
        "status": status,
        "created_at": now,
        "votes": 0,
        "is_sample": False,
    } | values
    async with store.writing() as db:
        added = insert(NominationRow).values(row).returning(NominationRow.id)
        return (await db.execute(added)).scalar_one()


async def nominations(store: Store) -> list[NominationRow]:
    """All of them, the first first."""
    async with store.reading() as db:
        return list(await db.scalars(select(NominationRow).order_by(NominationRow.id)))


async def votes(store: Store) -> list[HonourVoteRow]:
    """All of them, by courier."""
    async with store.reading() as db:
        return list(await db.scalars(select(HonourVoteRow).order_by(HonourVoteRow.courier_id)))
