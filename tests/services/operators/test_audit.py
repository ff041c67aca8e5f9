"""The audit log on both databases: written with the change, never changed, searched by league."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Executable, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.services.operators import audit
from bot.services.operators.audit import Query, SubjectKind
from bot.services.operators.roles import NotAllowed, Operator, Role
from bot.store.engine import Store
from bot.store.models.administration.accounts import AuditRow

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
ADMIN = Operator(1, "admin", Role.ADMINISTRATOR)


async def record(store: Store, subject: str, league: str = "", actor: str = "admin") -> None:
    async with store.writing() as db:
        await audit.record(
            db, actor, "station.set", SubjectKind.STATION, subject, NOW, league=league,
            before={"phone": "1"}, after={"phone": "2"},
        )  # fmt: skip


async def test_the_database_refuses_to_change_or_delete_a_row(store: Store) -> None:
    await record(store, "A1")
    refused: list[Executable] = [update(AuditRow).values(actor="nobody"), delete(AuditRow)]
    if not store.is_sqlite:
        refused.append(text("TRUNCATE audit"))
    for statement in refused:
        with pytest.raises(DBAPIError, match="append-only"):
            async with store.writing() as db:
                await db.execute(statement)
    async with store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(AuditRow)) == 1
        assert await db.scalar(select(AuditRow.actor)) == "admin"


async def test_a_change_that_fails_leaves_no_row(store: Store) -> None:
    async def change_and_fail() -> None:
        async with store.writing() as db:
            await audit.record(db, "admin", "station.set", SubjectKind.STATION, "A1", NOW)
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        await change_and_fail()
    async with store.reading() as db:
        assert await audit.find(db, ADMIN, Query()) == []


async def test_it_is_searched_and_shown_in_pages_the_newest_first(store: Store) -> None:
    for number in range(audit.PAGE + 1):
        await record(store, f"A{number}")
    async with store.reading() as db:
        first = await audit.find(db, ADMIN, Query())
        assert len(first) == audit.PAGE
        assert first[0].subject == f"A{audit.PAGE}"
        assert (first[0].before, first[0].after) == ({"phone": "1"}, {"phone": "2"})
        rest = await audit.find(db, ADMIN, Query(before=first[-1].id))
        assert [one.subject for one in rest] == ["A0"]
        assert len(await audit.find(db, ADMIN, Query(text="A50"))) == 1
        assert await audit.find(db, ADMIN, Query(text="%")) == []
        assert await audit.find(db, ADMIN, Query(actor="nobody")) == []


async def test_an_editor_reads_of_their_leagues_and_of_themselves(store: Store) -> None:
    await record(store, "H1", "150100")
    await record(store, "B1", "150200")
    await record(store, "own", "", "dorji")
    editor = Operator(2, "dorji", Role.EDITOR, frozenset({"150100"}))
    async with store.reading() as db:
        assert [one.subject for one in await audit.find(db, editor, Query())] == ["own", "H1"]
        with pytest.raises(NotAllowed):
            await audit.find(db, Operator(3, "reader", Role.READER), Query())
