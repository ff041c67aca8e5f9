"""Lists of other kinds on both databases: recognised, handed over, dropped, kept only so long."""

import pickle
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.geo.places import Places
from bot.services.list_imports import imports, kinds, recognition
from bot.services.list_imports.imports import ListImport
from bot.services.list_imports.states import ImportChanged, ImportState, Tab
from bot.services.list_imports.worker import Task, carry_out
from bot.services.operators.roles import NotAllowed, Operator, Right, Role
from bot.services.privacy.retention import UPLOADS_KEPT, RetentionPeriods, sweep
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault
from bot.services.spreadsheets.mappings import ListKind
from bot.services.trainings.importing.plan import export
from bot.store.engine import Store
from bot.store.models.administration.list_imports import ListFileRow, ListImportRow
from tests.conftest import ManualClock
from tests.support.console import KEYS

ADMIN = Operator(1, "admin", Role.ADMINISTRATOR)
TRAINER = Operator(2, "trainer", Role.TRAINER, frozenset({"150100"}))
HOLD = timedelta(hours=2)
ROWS = "\n".join(f"N{n},课{n},2026-12-{n:02} 9:00,11:00,30,文化宫" for n in range(1, 29))
TRAININGS = f"编号,主题,开始时间,结束时间,名额,地点\n{ROWS}\nX,坏行,,11:00,30,文化宫\n".encode()
CARDS = "申请编号,姓名,手机号,状态\nNM1,王小强,13812345678,待领取\n".encode()


async def uploaded(
    store: Store, clock: ManualClock, operator: Operator, data: bytes, name: str = "清单.csv"
) -> ListImport:
    async with store.writing() as db:
        number = await imports.add(db, KEYS, operator, name, data, clock())
    return await worked(store, clock, operator, number)


async def worked(store: Store, clock: ManualClock, operator: Operator, number: int) -> ListImport:
    await carry_out(store, KEYS, Task(number, operator, clock(), HOLD))
    async with store.reading() as db:
        return await imports.view(db, KEYS, operator, number)


async def count(store: Store, row: type) -> int:
    async with store.reading() as db:
        return await db.scalar(select(func.count()).select_from(row)) or 0


async def trainings(store: Store) -> int:
    async with store.reading() as db:
        return len(await export(db, Places.load())) - 1


async def test_trainings_are_recognised_written_within_the_league_and_undone(
    store: Store, clock: ManualClock
) -> None:
    one = await uploaded(store, clock, TRAINER, TRAININGS)
    assert (one.kind, one.state) == (ListKind.TRAININGS, ImportState.READY)
    assert (one.summary.new, one.summary.left_rows) == (28, 1)
    async with store.reading() as db:
        faulty = await imports.page(db, KEYS, one.id, Tab.FAULTY, 0)
    assert [row["rows"] for row in faulty] == [[30]]
    async with store.writing() as db:
        await imports.begin(db, one, ImportState.APPLYING, clock())
    done = await worked(store, clock, TRAINER, one.id)
    assert done.state is ImportState.APPLIED
    async with store.reading() as db:
        rows = await export(db, Places.load())
    assert {row[rows[0].index("盟市")] for row in rows[1:]} == {"呼和浩特市"}
    async with store.writing() as db:
        await imports.begin(db, done, ImportState.UNDOING, clock())
    undone = await worked(store, clock, TRAINER, one.id)
    assert undone.state is ImportState.UNDONE
    assert await trainings(store) == 0


async def test_what_may_be_a_list_of_cards_is_kept_for_a_day(
    store: Store, clock: ManualClock
) -> None:
    cards = await uploaded(store, clock, ADMIN, CARDS)
    assert (cards.kind, cards.state) == (ListKind.CARDS, ImportState.ASKING)
    unknown = await uploaded(store, clock, ADMIN, b"a,b\n1,2\n")
    assert (unknown.kind, unknown.state) == (None, ImportState.ASKING)
    stays = await uploaded(store, clock, ADMIN, TRAININGS)
    periods = RetentionPeriods(timedelta(days=365), timedelta(days=365))
    clock.forward(days=UPLOADS_KEPT.days, minutes=1)
    await sweep(store, periods, clock())
    async with store.reading() as db:
        assert [one.id for one in await imports.latest(db, ADMIN)] == [stays.id]
    assert await count(store, ListFileRow) == 1


async def test_a_file_that_another_import_has_stays_when_one_is_dropped(
    store: Store, clock: ManualClock
) -> None:
    first = await uploaded(store, clock, ADMIN, CARDS)
    second = await uploaded(store, clock, ADMIN, CARDS)
    async with store.writing() as db:
        await imports.drop(db, ADMIN, first, clock(), action="import.drop")
    assert await count(store, ListFileRow) == 1
    async with store.writing() as db:
        with pytest.raises(ImportChanged):
            await imports.drop(db, ADMIN, first, clock(), action="import.drop")
        await imports.drop(db, ADMIN, second, clock(), action="import.drop")
    assert [await count(store, row) for row in (ListFileRow, ListImportRow)] == [0, 0]


async def test_another_kind_begins_anew_until_it_is_written(
    store: Store, clock: ManualClock
) -> None:
    one = await uploaded(store, clock, ADMIN, TRAININGS)
    async with store.writing() as db:
        assert await imports.choose(db, one, ListKind.CARDS, clock()) is ImportState.ASKING
    async with store.reading() as db:
        again = await imports.view(db, KEYS, ADMIN, one.id)
        assert await imports.page(db, KEYS, one.id, Tab.NEW, 0) == []
    assert (again.kind, again.effect, again.summary.columns) == (ListKind.CARDS, "", [])
    async with store.writing() as db:
        await imports.choose(db, again, ListKind.TRAININGS, clock())
    ready = await worked(store, clock, ADMIN, one.id)
    assert ready.effect == one.effect
    async with store.writing() as db:
        await imports.begin(db, ready, ImportState.APPLYING, clock())
    with pytest.raises(ImportChanged):
        async with store.writing() as db:
            await imports.choose(db, ready, ListKind.CARDS, clock())


async def test_others_see_lists_of_kinds_that_they_import_in_the_whole_region(
    store: Store, clock: ManualClock
) -> None:
    one = await uploaded(store, clock, TRAINER, TRAININGS)
    other = Operator(3, "other", Role.TRAINER)
    league = Operator(4, "league", Role.TRAINER, frozenset({"150100"}))
    editor = Operator(5, "editor", Role.EDITOR)
    async with store.reading() as db:
        assert [of.id for of in await imports.latest(db, other)] == [one.id]
        for stranger in (league, editor):
            assert await imports.latest(db, stranger) == []
            with pytest.raises(NotAllowed):
                await imports.view(db, KEYS, stranger, one.id)


@pytest.mark.parametrize(
    ("role", "leagues", "allowed"),
    [
        (Role.ADMINISTRATOR, (), list(kinds.KINDS)),
        (Role.ADMINISTRATOR, ("150100",), [ListKind.STATIONS, ListKind.TRAININGS]),
        (Role.EDITOR, (), [ListKind.STATIONS, ListKind.HONOURS]),
        (Role.EDITOR, ("150100",), [ListKind.STATIONS]),
        (Role.TRAINER, ("150100",), [ListKind.TRAININGS]),
        (Role.CARDS, (), [ListKind.CARDS]),
        (Role.CARDS, ("150100",), []),
        (Role.DUTY, (), []),
        (Role.READER, (), []),
    ],
)
def test_each_role_imports_its_kinds(
    role: Role, leagues: tuple[str, ...], allowed: list[ListKind]
) -> None:
    assert kinds.importable(Operator(1, "a", role, frozenset(leagues))) == allowed


def test_a_file_without_a_cell_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        recognition.recognise(b"\n \n", "a.csv")
    assert refused.value.code is FileFault.EMPTY


def test_refusals_reach_another_process_whole() -> None:
    no = pickle.loads(pickle.dumps(NotAllowed(Right.CARDS, "150100")))  # noqa: S301 - our own
    assert (no.right, no.league) == (Right.CARDS, "150100")
    file = pickle.loads(pickle.dumps(FileRefused(FileFault.TOO_BIG, most="20")))  # noqa: S301
    assert (file.code, file.params) == (FileFault.TOO_BIG, {"most": "20"})
