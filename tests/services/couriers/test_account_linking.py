"""Two couriers become one, whatever tables there are, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.account_linking import (
    ALPHABET,
    LENGTH,
    LIMIT,
    AccountLinking,
    merge,
    read_code,
)
from bot.services.couriers.errors import LinkRefusal, LinkRefused
from bot.services.notifications import queue
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Notice, Topic
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import ConsentRow, CourierRow
from bot.store.models.linking import LinkCodeRow
from bot.store.models.notifications import OutboxRow, TopicRow
from bot.store.models.stations import FavouriteRow, StationRow

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS = parse_keys("1:" + "A" * 43 + "=")


async def add_courier(db: AsyncSession, number: int, *channels: str, **values: Any) -> None:
    """A courier with a chat on each channel; chat ids are ten times the courier's, counted on."""
    times = {"created_at": NOW - number * DAY, "seen_at": NOW + number * DAY}
    await db.execute(insert(CourierRow).values(id=number, **times | values))
    for place, channel in enumerate(channels):
        chat = {"id": number * 10 + place, "channel": channel, "external_id": f"{number}"}
        await db.execute(
            insert(ChatRow).values(**chat, courier_id=number, reachable=True, state_at=NOW)
        )


async def add_stations(db: AsyncSession) -> None:
    """Stations 1 to 3."""
    place = {"raw_lat": 40.8, "raw_lon": 111.7, "lat": 40.8, "lon": 111.7, "datum": "wgs84"}
    for number in (1, 2, 3):
        db.add(StationRow(id=number, code=f"{number}", name="示例", updated_at=NOW, **place))
    await db.flush()


@pytest.fixture
async def seats(store: Store) -> AsyncIterator[sa.Table]:
    """A table that no link knows of: one live row for each courier and session, and a guest."""
    courier = sa.ForeignKey("courier.id", ondelete="CASCADE")
    guest = sa.ForeignKey("courier.id", ondelete="SET NULL")
    table = sa.Table(
        "seat_of_a_test",
        Table.metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session", sa.Integer, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("courier_id", courier, nullable=False),
        sa.Column("guest_id", guest, unique=True),
    )
    sa.Index(
        "uq_seat_of_a_test_live",
        table.c.session,
        table.c.courier_id,
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    async with store.writing() as db:
        await db.run_sync(lambda sync: table.create(sync.connection()))
    yield table
    Table.metadata.remove(table)


async def test_all_rows_follow_and_those_that_both_have_stay_with_the_owner(
    store: Store, seats: sa.Table
) -> None:
    async with store.writing() as db:
        await add_courier(db, 1, "telegram")
        await add_courier(db, 2, "wechat", "web", locale="en")
        await add_stations(db)
        for courier, station in ((1, 1), (1, 2), (2, 2), (2, 3)):
            row = {"courier_id": courier, "station_id": station, "added_at": NOW + courier * DAY}
            await db.execute(insert(FavouriteRow).values(**row))
        for courier, is_on in ((1, True), (2, False)):
            row = {"courier_id": courier, "topic": "card", "is_on": is_on, "at": NOW}
            await db.execute(insert(TopicRow).values(**row))
        row = {"purpose": "card", "version": "1", "given": True, "at": NOW, "channel": "web"}
        await db.execute(insert(ConsentRow).values(courier_id=2, **row))
        rows = (
            # id, session, live, courier, guest
            (1, 1, True, 1, 1),
            (2, 1, True, 2, 2),
            (3, 1, False, 2, None),
            (4, 2, True, 2, None),
            (5, 3, False, 1, None),
            (6, 3, True, 2, None),
        )
        names = ("id", "session", "live", "courier_id", "guest_id")
        for values in rows:
            await db.execute(insert(seats).values(dict(zip(names, values, strict=True))))
        await merge(db, 2, 1)
    async with store.reading() as db:
        assert list(await db.scalars(select(CourierRow.id))) == [1]
        one = (await db.scalars(select(CourierRow))).one()
        assert (one.locale, one.created_at, one.seen_at) == (
            "en",
            NOW - 2 * DAY,
            NOW + 2 * DAY,
        )
        owners = set(await db.scalars(select(ChatRow.courier_id)))
        assert owners == {1}
        assert await db.scalar(select(func.count()).select_from(ChatRow)) == 3
        kept = select(FavouriteRow.station_id, FavouriteRow.added_at).order_by("station_id")
        assert [tuple(row) for row in await db.execute(kept)] == [
            (1, NOW + DAY),
            (2, NOW + DAY),
            (3, NOW + 2 * DAY),
        ]
        assert list(await db.scalars(select(TopicRow.is_on))) == [True]
        assert list(await db.scalars(select(ConsentRow.courier_id))) == [1]
        left = await db.execute(select(seats).order_by(seats.c.id))
        assert [tuple(row) for row in left] == [
            (1, 1, True, 1, 1),
            (3, 1, False, 1, None),
            (4, 2, True, 1, None),
            (5, 3, False, 1, None),
            (6, 3, True, 1, None),
        ]


async def test_a_reference_that_may_be_empty_is_emptied_where_it_cannot_follow(
    store: Store, seats: sa.Table
) -> None:
    async with store.writing() as db:
        for number in (1, 2, 3):
            await add_courier(db, number)
        for guest in (1, 2):
            row = {"id": guest, "session": guest, "live": True, "courier_id": 3}
            await db.execute(insert(seats).values(guest_id=guest, **row))
        await merge(db, 2, 1)
    async with store.reading() as db:
        guests = await db.scalars(select(seats.c.guest_id).order_by(seats.c.id))
        assert list(guests) == [1, None]


async def test_hooks_run_before_a_merge_and_their_failure_leaves_both_as_they_were(
    store: Store, seats: sa.Table
) -> None:
    """As trainings do, whose double seat is given back before the two become one."""

    async def give_back(db: AsyncSession, old: int, into: int, _: datetime) -> None:
        have = select(seats.c.session).where(seats.c.courier_id == into)
        mine = sa.update(seats).where(seats.c.courier_id == old, seats.c.session.in_(have))
        await db.execute(mine.values(live=False))

    async def fail(*_: object) -> None:
        raise RuntimeError("half-way")

    async with store.writing() as db:
        await add_courier(db, 1, "telegram")
        await add_courier(db, 2, "wechat")
        for number in (1, 2):
            row = {"id": number, "session": 7, "live": True, "courier_id": number}
            await db.execute(insert(seats).values(**row))
        code = await AccountLinking(KEYS).new_code(db, 1, NOW)
    with pytest.raises(RuntimeError, match="half-way"):
        async with store.writing() as db:
            await AccountLinking(KEYS, (give_back, fail)).redeem(db, 20, 2, code, NOW)
    async with store.reading() as db:
        assert set(await db.scalars(select(seats.c.live))) == {True}
        assert await db.scalar(select(func.count()).select_from(CourierRow)) == 2
    async with store.writing() as db:
        assert await AccountLinking(KEYS, (give_back,)).redeem(db, 20, 2, code, NOW) == 1
    async with store.reading() as db:
        rows = await db.execute(select(seats.c.live, seats.c.courier_id).order_by(seats.c.id))
        assert [tuple(row) for row in rows] == [(True, 1), (False, 1)]


async def test_notices_follow_the_person_and_not_the_chat_that_left(store: Store) -> None:
    links = AccountLinking(KEYS)

    def notice(key: str) -> Notice:
        return Notice(NoticeKind.CARD_STAGE, 51, {}, Topic.SERVICE, key, NOW, NOW + DAY)

    async with store.writing() as db:
        await add_courier(db, 51, "telegram", "wechat")
        await db.execute(
            sa.update(ChatRow).where(ChatRow.id == 511).values(state_at=NOW + timedelta(minutes=1))
        )
        assert await queue.enqueue(db, notice("a"), NOW)
        code = await links.new_code(db, 51, NOW)
        assert await db.scalar(select(OutboxRow.chat_id)) == 511
        assert await links.unlink(db, 51, 511, NOW)
        row = (await db.execute(select(OutboxRow.chat_id, OutboxRow.channel))).one()
        assert tuple(row) == (510, "telegram")
        assert not await links.unlink(db, 51, 510, NOW)  # their only one
        assert not await links.unlink(db, 51, 511, NOW)  # no longer theirs
        await add_courier(db, 53, "web")
        with pytest.raises(LinkRefused, match="cannot be linked") as caught:
            await links.redeem(db, 530, 53, code, NOW)  # what the chat that left may have seen
        assert caught.value.reason is LinkRefusal.CODE


async def test_a_code_stays_valid_while_the_owners_turn_is_running(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("one writer: nobody is being answered at the same time")
    links = AccountLinking(KEYS)
    async with store.writing() as db:
        await add_courier(db, 1, "telegram")
        await add_courier(db, 2, "wechat")
        code = await links.new_code(db, 1, NOW)
    async with store.writing() as other:
        await other.execute(select(CourierRow).where(CourierRow.id == 1).with_for_update())
        async with store.writing() as db:
            with pytest.raises(LinkRefused) as caught:
                await links.redeem(db, 20, 2, code, NOW)
            assert caught.value.reason is LinkRefusal.BUSY
    async with store.writing() as db:
        assert await links.redeem(db, 20, 2, code, NOW) == 1


async def test_a_chat_that_is_deleted_and_opened_again_has_no_new_tries(store: Store) -> None:
    linking = AccountLinking(KEYS)

    async def refusal(courier_id: int) -> LinkRefusal:
        async with store.writing() as db:
            with pytest.raises(LinkRefused) as caught:
                await linking.redeem(db, courier_id * 10, courier_id, "K7WM4PXR", NOW)
            return caught.value.reason

    async with store.writing() as db:
        await add_courier(db, 1, "web")
        await add_courier(db, 2, "web")
    refused = [await refusal(1) for _ in range(LIMIT.most + 1)]
    assert refused == [LinkRefusal.CODE] * LIMIT.most + [LinkRefusal.TRIES]
    assert await refusal(2) is LinkRefusal.CODE
    async with store.writing() as db:
        await db.execute(sa.delete(ChatRow).where(ChatRow.courier_id == 1))
        await db.execute(sa.delete(CourierRow).where(CourierRow.id == 1))
        await add_courier(db, 1, "web")
    assert await refusal(1) is LinkRefusal.TRIES


async def test_the_code_itself_is_not_stored(store: Store) -> None:
    async with store.writing() as db:
        await add_courier(db, 1, "telegram")
        code = await AccountLinking(KEYS).new_code(db, 1, NOW)
        (row,) = (await db.execute(select(LinkCodeRow.code_index))).all()
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert code.encode() not in row[0]
    assert row[0] == KEYS.index(code, "link_code.code_index")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("K7WM4PXR", "K7WM4PXR"),
        ("k7wm-4pxr", "K7WM4PXR"),
        ("K7WM 4PXR", "K7WM4PXR"),
        (" Ｋ７ＷＭ－４ＰＸＲ。", "K7WM4PXR"),
        ("绑定码:K7WM-4PXR\n10分钟内有效", "K7WM4PXR"),
        ("Linking code: K7WM-4PXR\nValid for 10 minutes, once.", "K7WM4PXR"),
        ("S7ZM-BPUR", "572M8PVR"),
        ("K7WM4PX", None),
        ("K7WM4PXRT", None),
        ("K7WM4PX0", None),
        ("哪里有热水", None),
        ("13812345678", None),
        ("", None),
    ],
)
def test_a_code_is_read_however_it_is_typed(text: str, code: str | None) -> None:
    assert read_code(text) == code
