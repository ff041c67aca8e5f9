"""Imports on both databases: kept sealed, planned, written once, undone, deleted after a week."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.geo.datum import Datum
from bot.services.list_imports import imports, progress
from bot.services.list_imports.answers import MendedCell
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.mending import mended
from bot.services.list_imports.states import (
    KEPT,
    ImportChanged,
    ImportState,
    ImportUnknown,
    Tab,
)
from bot.services.list_imports.worker import Task, carry_out
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.services.privacy.key_rotation import rotate
from bot.services.privacy.retention import RetentionPeriods, sweep
from bot.services.spreadsheets import reader
from bot.services.stations.importing.columns import LIST_COLUMNS, PROSE
from bot.services.stations.importing.stored import export
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.administration.list_imports import (
    ListFileRow,
    ListImportPageRow,
    ListImportRow,
)
from tests.conftest import ManualClock
from tests.support.console import KEYS

EDITOR = Operator(1, "dorji", Role.EDITOR)
HOLD = timedelta(hours=2)
ROWS = "\n".join(f"N{n},站{n},150102,111.{600 + n * 2},40.83,9-17点,王五" for n in range(1, 121))
DATA = f"编号,名称,区划代码,经度,纬度,服务时间,联系人\n{ROWS}\n".encode()


async def uploaded(store: Store, clock: ManualClock, data: bytes = DATA) -> ListImport:
    """An import whose coordinates are answered, planned."""
    async with store.writing() as db:
        number = await imports.add(db, KEYS, EDITOR, "站点.csv", data, clock())
    one = await worked(store, clock, number)
    assert one.state is ImportState.ASKING
    async with store.writing() as db:
        await imports.answer(db, number, replace(one.answers, datum=Datum.WGS84), clock())
    return await worked(store, clock, number)


async def worked(store: Store, clock: ManualClock, number: int) -> ListImport:
    await carry_out(store, KEYS, Task(number, EDITOR, clock(), HOLD))
    return await seen(store, number)


async def seen(store: Store, number: int) -> ListImport:
    async with store.reading() as db:
        return await imports.view(db, KEYS, EDITOR, number)


async def begun(
    store: Store, clock: ManualClock, one: ListImport, state: ImportState
) -> ListImport:
    async with store.writing() as db:
        await imports.begin(db, one, state, clock())
    return await worked(store, clock, one.id)


async def stations(store: Store) -> int:
    async with store.reading() as db:
        return len(await export(db)) - 1


async def test_what_was_previewed_is_written_once_and_undone(
    store: Store, clock: ManualClock
) -> None:
    one = await uploaded(store, clock)
    assert (one.state, one.summary.new, one.summary.tabs["new"]) == (ImportState.READY, 120, 120)
    async with store.reading() as db:
        pages = [await imports.page(db, KEYS, one.id, Tab.NEW, at) for at in range(4)]
        assert [len(page) for page in pages] == [50, 50, 20, 0]
        assert len(await imports.all_rows(db, KEYS, one.id, Tab.NEW)) == 120
    async with store.writing() as db:
        await imports.begin(db, one, ImportState.APPLYING, clock())
    tasks = [carry_out(store, KEYS, Task(one.id, EDITOR, clock(), HOLD)) for _ in range(2)]
    await asyncio.gather(*tasks)
    done = await seen(store, one.id)
    assert done.state is ImportState.APPLIED
    assert await stations(store) == 120
    with pytest.raises(ImportChanged):
        await begun(store, clock, one, ImportState.APPLYING)
    undone = await begun(store, clock, done, ImportState.UNDOING)
    assert undone.state is ImportState.UNDONE
    assert await stations(store) == 0


async def test_a_file_is_sealed_kept_once_and_deleted_after_a_week(
    store: Store, clock: ManualClock
) -> None:
    first = await uploaded(store, clock)
    clock.forward(days=1)
    second = await uploaded(store, clock)
    async with store.reading() as db:
        parts = list(await db.scalars(select(ListFileRow.part)))
        assert len(parts) == 1
        assert "王五".encode() not in parts[0]
        assert await imports.file(db, KEYS, first.digest) == DATA
    periods = RetentionPeriods(timedelta(days=365), timedelta(days=365))
    clock.forward(days=KEPT.days - 0.5)
    await sweep(store, periods, clock())
    with pytest.raises(ImportUnknown):
        await seen(store, first.id)
    async with store.reading() as db:
        assert await imports.file(db, KEYS, second.digest) == DATA
    clock.forward(days=1)
    await sweep(store, periods, clock())
    async with store.reading() as db:
        for row in (ListImportRow, ListImportPageRow, ListFileRow):
            assert await db.scalar(select(func.count()).select_from(row)) == 0


async def test_files_and_previews_are_read_after_a_key_rotation(
    store: Store, clock: ManualClock
) -> None:
    one = await uploaded(store, clock)
    after = Keyring(2, {**KEYS.keys, 2: bytes(range(32))})
    assert not (await rotate(store, after, lambda _table, _rows: None)).left
    only = Keyring(2, {2: bytes(range(32))})
    async with store.reading() as db:
        assert await imports.file(db, only, one.digest) == DATA
        assert (await imports.view(db, only, EDITOR, one.id)).summary == one.summary
        assert len(await imports.page(db, only, one.id, Tab.NEW, 0)) == 50


async def test_answers_given_while_a_worker_plans_win(store: Store, clock: ManualClock) -> None:
    one = await uploaded(store, clock)
    clock.forward(minutes=1)
    async with store.writing() as db:
        await imports.answer(db, one.id, replace(one.answers, accept_all=True), clock())
    stale = await seen(store, one.id)
    clock.forward(minutes=1)
    async with store.writing() as db:
        await progress.give_up(db, one.id, stale.begun_at)
    async with store.writing() as db:
        await imports.answer(db, one.id, one.answers, clock())
        await progress.planned(db, KEYS, stale, ImportState.READY, stale.summary, "stale")
    assert (await seen(store, one.id)).effect != "stale"


async def test_who_does_not_edit_stations_uploads_nothing(store: Store, clock: ManualClock) -> None:
    reader_only = Operator(2, "reader", Role.READER)
    async with store.writing() as db:
        with pytest.raises(NotAllowed):
            await imports.add(db, KEYS, reader_only, "a.csv", DATA, clock())


def test_mended_cells_replace_those_that_are_alike_and_the_last_answer_holds() -> None:
    table = reader.read(
        "名称,地址\n甲,东街\n乙,东街\n丙,西街\n".encode(), LIST_COLUMNS, prose=PROSE
    )
    name = table.sheets[0].name

    def cells(*given: tuple[int, str, str]) -> list[str]:
        done = mended(
            table, [MendedCell(name, row, "地址", was, new) for row, was, new in given], PROSE
        )
        return [values[1] for _, values in done.sheets[0].rows]

    assert cells((0, "东街", "南街")) == ["南街", "南街", "西街"]
    assert cells((3, "东街", "北街")) == ["东街", "北街", "西街"]
    assert cells((0, "东街", "南街"), (0, "南街", "东街")) == ["东街", "东街", "西街"]
    assert cells((0, "东街", "西街"), (0, "西街", "北街")) == ["北街", "北街", "北街"]
    assert cells((2, "东街", "南街"), (2, "南街", "中街")) == ["中街", "东街", "西街"]
    assert cells((9, "东街", "南街")) == ["东街", "东街", "西街"]
