"""What may still be sent first, counted by two replicas on each database."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.common.push_quota import Grant
from bot.services.notifications.push_quota import StoredPushQuota, record_push
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


async def heard(
    store: Store, event: str, at: datetime, grant: Grant | None, location_push: str = ""
) -> bool:
    """Whether the turn of that event is to answer it."""
    async with store.turn() as db:
        chat = select(ChatRow.id).where(ChatRow.channel == "wechat", ChatRow.external_id == WHO)
        chat_id = (await db.execute(chat.with_for_update())).scalar_one()  # as a turn locks it
        return await record_push(db, chat_id, event, at, grant, location_push)


async def taken(quota: StoredPushQuota) -> list[Grant]:
    found: list[Grant] = []
    while one := await quota.take(WHO):
        found.append(one)
    return found


async def test_five_in_two_days_after_a_message(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    assert await taken(quota) == []
    await heard(store, "1", clock(), Grant.MESSAGES)
    assert await taken(quota) == [Grant.MESSAGES] * 5
    await heard(store, "2", clock(), Grant.MESSAGES)
    clock.forward(hours=48)
    assert await taken(quota) == []


async def test_three_in_a_minute_after_a_click_are_spent_first(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    await heard(store, "1", clock(), Grant.MESSAGES)
    await heard(store, "2", clock(), Grant.CLICKS)
    assert await taken(quota) == [Grant.CLICKS] * 3 + [Grant.MESSAGES] * 5
    await heard(store, "3", clock(), Grant.CLICKS)
    clock.forward(minutes=1)
    assert await taken(quota) == []


async def test_a_repeated_or_older_event_grants_nothing_again(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    """Its copies reach other replicas, later than newer ones perhaps."""
    await heard(store, "1", clock(), Grant.MESSAGES)
    assert len(await taken(quota)) == 5
    await heard(store, "1", clock(), Grant.MESSAGES)
    await heard(store, "0", clock() - timedelta(seconds=5), Grant.MESSAGES)
    assert await taken(quota) == []
    await heard(store, "2", clock(), Grant.MESSAGES)
    assert len(await taken(quota)) == 5


async def test_the_platform_has_the_last_word(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    await heard(store, "1", clock(), Grant.MESSAGES)
    await heard(store, "2", clock(), Grant.CLICKS)
    await quota.close(WHO)
    assert await taken(quota) == []


async def test_what_was_not_sent_is_given_back(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    await heard(store, "1", clock(), Grant.CLICKS)
    await heard(store, "2", clock(), Grant.MESSAGES)
    assert await quota.take(WHO) == Grant.CLICKS
    await quota.give_back(WHO, Grant.CLICKS)
    await quota.give_back(WHO, Grant.CLICKS)  # never more than there were
    await quota.give_back(WHO, Grant.MESSAGES)
    assert await taken(quota) == [Grant.CLICKS] * 3 + [Grant.MESSAGES] * 5


async def test_two_replicas_spend_one_budget(
    quota: StoredPushQuota, store: Store, database_url: str, clock: ManualClock
) -> None:
    other_store = await open_store(database_url)
    other = StoredPushQuota(other_store, "wechat", clock)
    await heard(store, "1", clock(), Grant.MESSAGES)
    spent = await asyncio.gather(*((quota, other)[n % 2].take(WHO) for n in range(16)))
    assert len([one for one in spent if one]) == 5
    await other_store.close()


async def place(store: Store, kind: str, at: datetime, event: str = "1") -> bool:
    grant = Grant.MESSAGES if kind == "location" else None
    return await heard(store, event, at, grant, kind)


async def test_of_a_pair_one_is_answered_at_whichever_replica(
    quota: StoredPushQuota, store: Store, database_url: str, clock: ManualClock
) -> None:
    other = await open_store(database_url)
    for _ in range(5):
        answered = await asyncio.gather(
            place(store, "location_select", clock()), place(other, "location", clock())
        )
        assert sorted(answered) == [False, True]
        clock.forward(minutes=1)
    await other.close()


async def test_what_is_no_pair(quota: StoredPushQuota, store: Store, clock: ManualClock) -> None:
    assert await place(store, "location", clock())
    assert await place(store, "location", clock())  # repeated, or another place
    assert not await place(store, "location_select", clock())
    assert await place(store, "location_select", clock() + timedelta(seconds=11))
    assert await place(store, "location", clock() + timedelta(seconds=30))


@pytest.mark.parametrize("kinds", [("location_select", "location"), ("location",)])
async def test_a_place_sent_as_a_message_grants_what_a_message_does(
    quota: StoredPushQuota, store: Store, clock: ManualClock, kinds: tuple[str, ...]
) -> None:
    for kind in kinds:
        assert await taken(quota) == []
        await place(store, kind, clock())
    assert await taken(quota) == [Grant.MESSAGES] * 5
    await place(store, "location", clock())  # its repetition
    assert await taken(quota) == []


async def test_a_stranger_has_nothing(quota: StoredPushQuota) -> None:
    assert await quota.take("oStranger") is None


async def test_what_a_turn_undid_grants_nothing(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    async def fails() -> None:
        async with store.turn() as db:
            chat_id = await db.scalar(select(ChatRow.id).where(ChatRow.channel == "wechat"))
            assert chat_id is not None
            assert await record_push(db, chat_id, "1", clock(), Grant.MESSAGES, "location")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await taken(quota) == []
    assert await place(store, "location_select", clock())


async def test_nothing_of_a_place_is_kept_and_all_goes_with_the_chat(
    quota: StoredPushQuota, store: Store, clock: ManualClock
) -> None:
    await place(store, "location_select", clock())
    async with store.reading() as db:
        row = (await db.execute(select(AllowanceRow))).scalar_one()
        assert row.place_kind == "location_select"
        assert (row.messages_left, row.clicks_left, row.heard_event) == (0, 0, "")
    async with store.writing() as db:
        await db.execute(update(ChatRow).values(state=None))
        await db.execute(delete(ChatRow))
        assert (await db.execute(select(AllowanceRow))).scalar_one_or_none() is None
