"""What may still be sent first, counted by two replicas on each database."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.common.location_push import LocationPush
from bot.common.push_quota import Grant
from bot.services.notifications.push_quota import StoredPushQuota
from bot.store.engine import Store, open_store
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import AllowanceRow
from tests.conftest import ManualClock

WHO = "oFake0001"


@pytest.fixture
async def quota(store: Store, clock: ManualClock) -> StoredPushQuota:
    """That of one follower whose chat is known."""
    async with store.writing() as db:
        db.add(CourierRow(id=1, created_at=clock(), seen_at=clock()))
        await db.flush()
        for channel in ("wechat", "web"):
            db.add(ChatRow(channel=channel, external_id=WHO, courier_id=1, state_at=clock()))
    return StoredPushQuota(store, "wechat", clock)


async def taken(quota: StoredPushQuota) -> list[Grant]:
    found: list[Grant] = []
    while one := await quota.take(WHO):
        found.append(one)
    return found


async def test_five_in_two_days_after_a_message(quota: StoredPushQuota, clock: ManualClock) -> None:
    assert await taken(quota) == []
    await quota.record_event(WHO, "1", clock(), click=False)
    assert await taken(quota) == [Grant.MESSAGES] * 5
    await quota.record_event(WHO, "2", clock(), click=False)
    clock.forward(hours=48)
    assert await taken(quota) == []


async def test_three_in_a_minute_after_a_click_are_spent_first(
    quota: StoredPushQuota, clock: ManualClock
) -> None:
    await quota.record_event(WHO, "1", clock(), click=False)
    await quota.record_event(WHO, "2", clock(), click=True)
    assert await taken(quota) == [Grant.CLICKS] * 3 + [Grant.MESSAGES] * 5
    await quota.record_event(WHO, "3", clock(), click=True)
    clock.forward(minutes=1)
    assert await taken(quota) == []


async def test_a_repeated_or_older_event_grants_nothing_again(
    quota: StoredPushQuota, clock: ManualClock
) -> None:
    """Its copies reach other replicas, later than newer ones perhaps."""
    await quota.record_event(WHO, "1", clock(), click=False)
    assert len(await taken(quota)) == 5
    await quota.record_event(WHO, "1", clock(), click=False)
    await quota.record_event(WHO, "0", clock() - timedelta(seconds=5), click=False)
    assert await taken(quota) == []
    await quota.record_event(WHO, "2", clock(), click=False)
    assert len(await taken(quota)) == 5


async def test_the_platform_has_the_last_word(quota: StoredPushQuota, clock: ManualClock) -> None:
    await quota.record_event(WHO, "1", clock(), click=False)
    await quota.record_event(WHO, "2", clock(), click=True)
    await quota.close(WHO)
    assert await taken(quota) == []


async def test_what_was_not_sent_is_given_back(quota: StoredPushQuota, clock: ManualClock) -> None:
    await quota.record_event(WHO, "1", clock(), click=True)
    await quota.record_event(WHO, "2", clock(), click=False)
    assert await quota.take(WHO) == Grant.CLICKS
    await quota.give_back(WHO, Grant.CLICKS)
    await quota.give_back(WHO, Grant.CLICKS)  # never more than there were
    await quota.give_back(WHO, Grant.MESSAGES)
    assert await taken(quota) == [Grant.CLICKS] * 3 + [Grant.MESSAGES] * 5


async def test_two_replicas_spend_one_budget(
    quota: StoredPushQuota, database_url: str, clock: ManualClock
) -> None:
    other_store = await open_store(database_url)
    other = StoredPushQuota(other_store, "wechat", clock)
    await quota.record_event(WHO, "1", clock(), click=False)
    spent = await asyncio.gather(*((quota, other)[n % 2].take(WHO) for n in range(16)))
    assert len([one for one in spent if one]) == 5
    await other_store.close()


async def place(
    quota: StoredPushQuota, kind: str, at: datetime, to: str = WHO, event: str = "1"
) -> LocationPush:
    return await quota.classify_location_push(to, kind, event, at, message=kind == "location")


async def test_a_pair_is_one_place_at_whichever_replica(
    quota: StoredPushQuota, database_url: str, clock: ManualClock
) -> None:
    other_store = await open_store(database_url)
    other = StoredPushQuota(other_store, "wechat", clock)
    for _ in range(5):
        first = await asyncio.gather(
            place(quota, "location_select", clock()), place(other, "location", clock())
        )
        assert sorted(first) == [LocationPush.FIRST, LocationPush.SECOND]
        clock.forward(minutes=1)
    await other_store.close()


async def test_what_is_no_pair(quota: StoredPushQuota, clock: ManualClock) -> None:
    assert await place(quota, "location", clock()) is LocationPush.FIRST
    repeated = await place(quota, "location", clock())  # or another place
    assert repeated is LocationPush.FIRST
    assert await place(quota, "location_select", clock()) is LocationPush.SECOND
    later = clock() + timedelta(seconds=11)
    assert await place(quota, "location_select", later) is LocationPush.FIRST
    assert await place(quota, "location", clock() + timedelta(seconds=30)) is LocationPush.FIRST


@pytest.mark.parametrize("kinds", [("location_select", "location"), ("location",)])
async def test_a_place_sent_as_a_message_grants_what_a_message_does(
    quota: StoredPushQuota, clock: ManualClock, kinds: tuple[str, ...]
) -> None:
    for kind in kinds:
        assert await taken(quota) == []
        await place(quota, kind, clock())
    assert await taken(quota) == [Grant.MESSAGES] * 5
    await place(quota, "location", clock())  # its repetition
    assert await taken(quota) == []


async def test_a_stranger_has_nothing_and_is_answered(
    quota: StoredPushQuota, clock: ManualClock
) -> None:
    await quota.record_event("oStranger", "1", clock(), click=False)
    assert await quota.take("oStranger") is None
    for kind in ("location", "location_select"):
        assert await place(quota, kind, clock(), "oStranger") is LocationPush.STRANGER


async def test_nothing_of_a_place_is_kept_and_all_goes_with_the_chat(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    await place(quota, "location_select", clock())
    async with store.reading() as db:
        row = (await db.execute(select(AllowanceRow))).scalar_one()
        assert row.place_kind == "location_select"
        assert (row.messages_left, row.clicks_left, row.heard_event) == (0, 0, "")
    async with store.writing() as db:
        await db.execute(update(ChatRow).values(state=None))
        await db.execute(delete(ChatRow))
        assert (await db.execute(select(AllowanceRow))).scalar_one_or_none() is None
