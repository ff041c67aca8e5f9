"""A revision of trainings is undone and couriers are told; or it is said why it is not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.common.clock import CHINA
from bot.geo.places import Places
from bot.services.operators import revisions
from bot.services.operators.revisions import (
    Origin,
    RevisionAction,
    RevisionKind,
    UndoRefusal,
    UndoRefused,
)
from bot.services.spreadsheets.reader import read
from bot.services.trainings.administration import NewTimes, TrainingAdministration
from bot.services.trainings.importing import undo
from bot.services.trainings.importing.apply import apply
from bot.services.trainings.importing.columns import COLUMNS
from bot.services.trainings.importing.plan import plan_import
from bot.services.trainings.importing.recorded import recorded
from bot.services.trainings.importing.undo import Obstacle
from bot.services.trainings.seating import Seating
from bot.store.engine import Store
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.support.training_commands import notification_kinds, register, stored_training

ADMINISTRATION = TrainingAdministration(Seating(timedelta(hours=2)))
HEAD = "编号,主题,盟市,地点,地址,经度,纬度,开始时间,结束时间,名额\n"
LIST = HEAD + (
    "T1,冬季骑行安全,呼和浩特市,二楼会议室,x路1号,111.66,40.82,2026-11-28 9:00,11:30,40\n"
    "T2,急救,呼和浩特市,三楼,x路1号,,,2026-11-29 9:00,11:30,20\n"
)
OTHER = HEAD + (
    "T1,冬季骑行,呼和浩特市,五楼,y路9号,111.70,40.82,2026-11-28 14:00,16:30,30\n"
    "T3,电池安全,呼和浩特市,三楼,x路1号,,,2026-11-30 9:00,11:30,20\n"
)


async def imported(store: Store, text: str, clock: ManualClock) -> int:
    """Applies the list as a file; the number of its revision."""
    async with store.reading() as db:
        plan = await plan_import(db, read(text.encode(), COLUMNS), Places.load(), clock())
    assert plan.problems == []
    async with store.writing() as db:
        origin = Origin("cli:王", RevisionAction.IMPORT, "课表.xlsx")
        await apply(db, plan, ADMINISTRATION, clock(), origin=origin)
    async with store.reading() as db:
        return (await revisions.latest(db, RevisionKind.TRAININGS))[0].id


async def planned(store: Store, number: int, clock: ManualClock) -> undo.TrainingsUndo:
    async with store.reading() as db:
        return await undo.plan_undo(db, number, clock())


async def undone(store: Store, number: int, clock: ManualClock) -> int:
    async with store.writing() as db:
        return await undo.undo_revision(db, number, ADMINISTRATION, "cli:李", clock())


async def codes(store: Store) -> list[str]:
    async with store.reading() as db:
        return sorted(await db.scalars(select(TrainingRow.code)))


async def by_hand(
    store: Store, action: RevisionAction, clock: ManualClock, code: str = "T1"
) -> int:
    """Reschedules or cancels it as the command does; the number of the revision."""
    training = await stored_training(store, code)
    async with store.writing() as db:
        if action is RevisionAction.CANCEL:
            await recorded(
                db,
                training.id,
                lambda db: ADMINISTRATION.cancel(db, training.id, clock()),
                Origin("x", action),
                clock(),
            )
        else:
            new = NewTimes(starts_at=datetime(2026, 12, 1, 9, tzinfo=CHINA))
            await recorded(
                db,
                training.id,
                lambda db: ADMINISTRATION.reschedule(db, training.id, new, clock()),
                Origin("x", action),
                clock(),
            )
    async with store.reading() as db:
        return (await revisions.latest(db, RevisionKind.TRAININGS))[0].id


async def test_a_list_is_undone_and_who_registered_is_told_again(
    store: Store, clock: ManualClock
) -> None:
    await imported(store, LIST, clock)
    before = await stored_training(store)
    await register(store, clock, before.id, 2)
    number = await imported(store, OTHER, clock)
    assert await codes(store) == ["T1", "T2", "T3"]
    found = await planned(store, number, clock)
    assert ([one.after.code for one in found.plan.changed], found.notified) == (["T1"], 2)
    async with store.writing() as db:  # they have read of the change
        told = update(OutboxRow).where(OutboxRow.kind == "training.changed")
        await db.execute(told.values(status="sent", done_at=clock()))
    clock.forward(hours=1)
    back = await undone(store, number, clock)
    assert await codes(store) == ["T1", "T2"]
    after = await stored_training(store)
    for name in ("title", "place", "address", "lat", "lon", "starts_at", "ends_at", "deadline"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.capacity == 40
    assert (await notification_kinds(store)).count("training.changed") == 4
    async with store.reading() as db:
        [newest, old, _] = await revisions.latest(db, RevisionKind.TRAININGS)
    assert (newest.id, newest.undoes, old.undone_by) == (back, number, back)
    await undone(store, back, clock)
    assert await codes(store) == ["T1", "T2", "T3"]
    assert (await stored_training(store)).title == "冬季骑行"


async def test_a_new_training_with_registrations_is_not_removed(
    store: Store, clock: ManualClock
) -> None:
    number = await imported(store, LIST, clock)
    await register(store, clock, (await stored_training(store, "T2")).id, 1)
    found = await planned(store, number, clock)
    assert found.obstacles == {"T2": Obstacle.REGISTERED}
    with pytest.raises(UndoRefused) as refused:
        await undone(store, number, clock)
    assert refused.value.reason is UndoRefusal.CONFLICTS
    assert await codes(store) == ["T1", "T2"]


async def test_a_new_training_without_registrations_is_removed(
    store: Store, clock: ManualClock
) -> None:
    await undone(store, await imported(store, LIST, clock), clock)
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(TrainingRow)) == 0


async def test_a_cancelled_training_stays_cancelled(store: Store, clock: ManualClock) -> None:
    await imported(store, LIST, clock)
    number = await by_hand(store, RevisionAction.CANCEL, clock)
    assert (await planned(store, number, clock)).obstacles == {"T1": Obstacle.CANCELLED}
    with pytest.raises(UndoRefused):
        await undone(store, number, clock)
    assert (await stored_training(store)).status == "cancelled"


async def test_a_rescheduled_training_goes_back_unless_that_day_has_passed(
    store: Store, clock: ManualClock
) -> None:
    await imported(store, LIST, clock)
    number = await by_hand(store, RevisionAction.RESCHEDULE, clock)
    clock.forward(days=6)
    assert (await planned(store, number, clock)).obstacles == {"T1": Obstacle.OVER}
    clock.forward(days=-6)
    await undone(store, number, clock)
    assert (await stored_training(store)).starts_at == datetime(2026, 11, 28, 9, tzinfo=CHINA)


async def test_a_later_change_of_the_same_field_is_named(store: Store, clock: ManualClock) -> None:
    await imported(store, LIST, clock)
    number = await imported(store, OTHER, clock)
    later = await by_hand(store, RevisionAction.RESCHEDULE, clock)
    found = await planned(store, number, clock)
    assert {one.field for one in found.conflicts} == {"starts_at", "ends_at", "deadline"}
    assert {one.later.id for one in found.conflicts if one.later} == {later}
    with pytest.raises(UndoRefused):
        await undone(store, number, clock)


async def test_fewer_seats_than_are_taken_do_not_come_back(
    store: Store, clock: ManualClock
) -> None:
    await imported(store, HEAD + "T1,急救,,三楼,x路1号,,,2026-11-29 9:00,11:30,1\n", clock)
    number = await imported(store, HEAD + "T1,急救,,三楼,x路1号,,,2026-11-29 9:00,11:30,5\n", clock)
    await register(store, clock, (await stored_training(store)).id, 2)
    assert (await planned(store, number, clock)).obstacles == {"T1": Obstacle.SEATS}
