"""What operators do with broadcasts on both databases: leagues, drafts, progress."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.services.broadcasts import administration, own_chat
from bot.services.broadcasts.audience import Audience
from bot.services.broadcasts.errors import BroadcastRefused
from bot.services.broadcasts.fan_out import fan_out
from bot.services.couriers.account_linking import AccountLinking
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.privacy import erasure
from bot.services.privacy.erasure import ErasureReason
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.broadcasts import TEXTS, couriers_with_chats, start
from tests.support.cards import KEYS
from tests.support.console import add_operator
from tests.support.console_stations import BAOTOU, HOHHOT

REGION = Operator(1, "region", Role.TRAINER)
LEAGUE = Operator(2, "league", Role.TRAINER, frozenset({HOHHOT}))


async def draft(store: Store, clock: ManualClock, league: str = "") -> int:
    async with store.writing() as db:
        audience = Audience(league=league)
        return await administration.save_draft(db, REGION, TEXTS, audience, clock())


async def test_drafts_are_of_leagues_and_sent_to_nobody(store: Store, clock: ManualClock) -> None:
    await couriers_with_chats(store, clock(), 3)
    region, baotou, own = [await draft(store, clock, one) for one in ("", BAOTOU, HOHHOT)]
    assert await fan_out(store, clock()) == 0
    async with store.reading() as db:
        everything = await administration.listed(db, REGION)
        assert [one.id for one in everything] == [own, baotou, region]
        assert [one.id for one in await administration.listed(db, LEAGUE)] == [own]
        assert [one.id for one in await administration.listed(db, REGION, own)] == [baotou, region]
        with pytest.raises(NotAllowed):
            await administration.look(db, LEAGUE, region)
    async with store.writing() as db:
        for change in (administration.pause, administration.cancel, administration.discard):
            with pytest.raises(NotAllowed):
                await change(db, LEAGUE, baotou, clock())
        with pytest.raises(NotAllowed):
            await administration.save_draft(db, LEAGUE, TEXTS, Audience(), clock())


async def test_a_draft_does_not_count_as_the_same_text_sent_before(
    store: Store, clock: ManualClock
) -> None:
    await couriers_with_chats(store, clock(), 2)
    first, second = [await draft(store, clock) for _ in range(2)]
    until = clock() + timedelta(hours=1)

    async def begin(number: int, *, again: bool = False) -> int:
        async with store.writing() as db:
            return await administration.start(
                db, REGION, number, clock(), until, clock(), again=again
            )

    assert await begin(first) == 2
    with pytest.raises(BroadcastRefused, match="repeated"):
        await begin(second)
    assert await begin(second, again=True) == 2
    with pytest.raises(BroadcastRefused, match="state"):
        await begin(second)


async def test_progress_is_told_without_counting_what_is_over(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await couriers_with_chats(store, clock(), 5)
    number = await start(store, clock())
    await fan_out(store, clock())
    async with store.writing() as db:
        ids = list(await db.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))
        sent = update(OutboxRow).where(OutboxRow.id.in_(ids[:3])).values(status="sent")
        await db.execute(sent)
    monkeypatch.setattr(administration, "COUNTED", 0)
    async with store.reading() as db:
        found = await administration.look(db, REGION, number)
        assert (found.done, found.is_counted, found.one.counts) == (3, False, {})
        (listed,) = await administration.listed(db, REGION)
        assert (listed.done, listed.total) == (3, 5)
        counted = await administration.look(db, REGION, number, count=True)
        assert (counted.done, counted.one.done, counted.is_counted) == (3, 3, True)


async def test_the_linked_chat_goes_with_its_courier(store: Store, clock: ManualClock) -> None:
    (me,) = await couriers_with_chats(store, clock(), 1)
    operator = await add_operator(store, clock, Role.TRAINER)
    async with store.writing() as db:
        code = await AccountLinking(KEYS).new_code(db, me, clock())
        await own_chat.link(db, KEYS, operator, code.lower(), clock())
        assert await own_chat.is_linked(db, operator)
    number = await draft(store, clock)
    async with store.writing() as db:
        assert await own_chat.send_test(db, operator, number, clock()) == "telegram"
        await erasure.erase(db, me, clock(), ErasureReason.REQUESTED)
    async with store.writing() as db:
        assert not await own_chat.is_linked(db, operator)
        assert await own_chat.send_test(db, operator, number, clock()) is None
