"""The first page counts what waits, within the operator's leagues, and reports are dealt with."""

from bot.console.parts import Parts
from bot.services.operators import audit, notes
from bot.services.operators.audit import SubjectKind
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Role
from tests.conftest import ManualClock
from tests.support.console import KEYS, add_operator, signed_in, text_of
from tests.support.console_stations import HOHHOT, add_stations


async def report(console: Parts, clock: ManualClock, code: str) -> None:
    params = {"code": code, "name": "某驿站", "problem": "closed"}
    async with console.store.writing() as db:
        await notes.write(
            db, KEYS, NoteKind.STATION_PROBLEM, code, params, clock(), f"{code} 门锁着"
        )


async def test_an_editor_counts_sees_and_closes_reports_of_their_league_only(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    await report(console, clock, "H1")
    await report(console, clock, "B1")
    async with signed_in(console, editor) as client:
        said = text_of(await client.get("/"))
        assert "骑手反映 1" in said
        assert "设施故障或缺货 1" in said
        assert "服务时间不详 1" in said
        assert "银行" not in said
        reports = text_of(await client.get("/reports"))
        assert "H1 门锁着" in reports
        assert "B1" not in reports
        assert (await client.post("/reports/2", {"does": "done"})).status_code == 403
        assert "已办结" in text_of(await client.sends("/reports/1", {"does": "in_order"}))
        assert "已经办结" in text_of(await client.sends("/reports/1", {"does": "done"}))
    async with console.store.reading() as db:
        (entry,) = await audit.of_subject(db, SubjectKind.STATION, "H1")
    assert (entry.action, entry.actor, entry.league) == ("report.done", "editor", HOHHOT)
