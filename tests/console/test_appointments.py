"""约一下 in the console: masked, revealed for a reason, states that the courier is told, export."""

import io
import json

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.console.parts import Parts
from bot.services.appointments.requests import Appointments, Draft
from bot.services.appointments.wishes import CallWish, Part
from bot.services.operators.roles import Role
from bot.store.engine import Store
from bot.store.models.administration.accounts import AuditRow
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.appointments import AppointmentRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.stations import StationRow
from tests.conftest import ManualClock
from tests.support.console import KEYS, add_operator, console_parts, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, add_stations
from tests.support.trainings import create_couriers

NAME, PHONE = "王小强", "13812345678"


@pytest.fixture
def console(store: Store, clock: ManualClock) -> Parts:
    """What pages work with, on both databases."""
    return console_parts(store, clock)


async def asked(console: Parts, outlet: str = "", name: str = NAME) -> int:
    """An appointment with a station of that code, or with a typed outlet; its row."""
    now = console.clock()
    async with console.store.writing() as db:
        (courier,) = await create_couriers(db, 1, now)
        station = None
        if outlet:
            station = await db.scalar(select(StationRow.id).where(StationRow.code == outlet))
        draft = Draft("loan", name, PHONE, "", station, "新城支行", CallWish(Part.MORNING))
        await Appointments(KEYS).submit(db, courier, draft, now)
        return await db.scalar(select(AppointmentRow.id).order_by(AppointmentRow.id.desc())) or 0


async def audited(console: Parts) -> list[tuple[str, str]]:
    async with console.store.reading() as db:
        rows = await db.scalars(select(AuditRow).order_by(AuditRow.id))
        return [
            (row.action, json.dumps([row.subject, row.before, row.after], ensure_ascii=False))
            for row in rows
            if row.action.startswith("appointment.")
        ]


async def test_a_request_is_masked_and_its_state_is_told_to_the_courier(
    console: Parts, clock: ManualClock
) -> None:
    number = await asked(console)
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        page = await client.get("/appointments")
        assert "王*" in text_of(page)
        assert NAME not in page.text
        assert PHONE not in page.text
        address = f"/appointments/{number}"
        done = text_of(await client.sends(address, {"was": "new", "state": "unreached"}))
        assert "未联系上" in done
        late = await client.post(address, {"was": "new", "state": "contacted"})
        assert late.status_code == 409
        assert "王*" in text_of(await client.get("/appointments", state="unreached"))
        await client.sends(address, {"was": "unreached", "state": "contacted"})
        await client.sends(address, {"was": "contacted", "state": "done"})
        back = await client.post(address, {"was": "done", "state": "new"})
        assert back.status_code == 409
        assert (await client.post(address, {"was": "done", "state": "x"})).status_code == 404
        assert (
            await client.post("/appointments/999", {"was": "new", "state": "done"})
        ).status_code == 404
    async with console.store.reading() as db:
        told = list(await db.scalars(select(OutboxRow).order_by(OutboxRow.id)))
    assert [one.params["status"] for one in told] == ["unreached", "contacted", "done"]
    recorded = await audited(console)
    assert [action for action, _ in recorded] == ["appointment.set"] * 3
    assert not any(NAME in text or PHONE in text for _, text in recorded)


async def test_whole_values_need_a_reason_that_is_recorded(
    console: Parts, clock: ManualClock
) -> None:
    number = await asked(console)
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        address = f"/appointments/{number}/reveal"
        for reason in ("", PHONE):
            answer = await client.post(address, {"reason": reason, "was": "new"})
            assert answer.status_code == 422
            assert PHONE not in answer.text
        shown = await client.post(address, {"reason": "call", "was": "new"})
        assert NAME in shown.text
        assert PHONE in shown.text
        assert shown.headers["cache-control"] == "no-store"
        assert PHONE not in (await client.get("/appointments")).text
        gone = await client.post("/appointments/999/reveal", {"reason": "call"})
        assert gone.status_code == 404
    ((action, text),) = await audited(console)
    assert action == "appointment.reveal"
    assert "call" in text
    assert NAME not in text
    async with console.store.reading() as db:
        assert "reveal:call" in set(await db.scalars(select(AccessLogRow.purpose)))


async def test_the_export_holds_whole_values(console: Parts, clock: ManualClock) -> None:
    await asked(console)
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, staff) as client:
        answer = await client.post("/appointments/export", {"state": "new"})
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
        assert sheet.to_python()[1][2:4] == [NAME, PHONE]
        assert (await client.post("/appointments/export", {"state": "x"})).status_code == 404
    ((action, text),) = await audited(console)
    assert action == "appointment.export"
    assert '"rows": 1' in text


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR, Role.TRAINER])
async def test_other_roles_do_not_see_requests(
    console: Parts, clock: ManualClock, role: Role
) -> None:
    number = await asked(console)
    operator = await add_operator(console.store, clock, role)
    async with signed_in(console, operator) as client:
        assert (await client.get("/appointments")).status_code == 403
        assert (
            await client.post(f"/appointments/{number}/reveal", {"reason": "call"})
        ).status_code == 403


async def test_staff_of_a_league_see_what_is_for_its_outlets(
    console: Parts, clock: ManualClock
) -> None:
    await add_stations(console.store, clock)
    theirs = await asked(console, "B1", "包头人")
    ours = await asked(console, "H1", "呼市人")
    typed = await asked(console, "", "别处人")
    staff = await add_operator(console.store, clock, Role.CARDS, [HOHHOT])
    region = await add_operator(console.store, clock, Role.CARDS, [HOHHOT, BAOTOU], "both")
    async with signed_in(console, staff) as client:
        page = text_of(await client.get("/appointments"))
        assert "呼*" in page
        assert "包*" not in page
        assert "别*" not in page
        for number in (theirs, typed):
            form = {"was": "new", "state": "done"}
            assert (await client.post(f"/appointments/{number}", form)).status_code == 403
            seen = await client.post(f"/appointments/{number}/reveal", {"reason": "call"})
            assert seen.status_code == 403
        await client.sends(f"/appointments/{ours}", {"was": "new", "state": "contacted"})
    async with signed_in(console, region) as client:
        assert "包*" in text_of(await client.get("/appointments"))
