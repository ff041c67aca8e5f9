"""Lists in pages by key: every row stands on one page, also where rows go meanwhile."""

import re

import pytest
from sqlalchemy import select, update

from bot.console.parts import Parts
from bot.services.operators import accounts, notes
from bot.services.operators.notes import NoteKind
from bot.services.operators.roles import Role
from bot.services.stations.administration import reports
from bot.services.trainings.operating import attendees
from bot.services.trainings.registration_queries import COMMENT
from bot.store.models.trainings import RegistrationRow
from tests.conftest import ManualClock
from tests.support.console import KEYS, OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import HOHHOT, add_stations
from tests.support.console_trainings import add_trainings


async def pages(client: OperatorClient, path: str) -> list[str]:
    """What stands on each page, from the first to the last, by its links “更多”."""
    found: list[str] = []
    wanted: str | None = path
    while wanted is not None and len(found) < 10:
        answer = await client.get(wanted)
        assert answer.status_code == 200
        found.append(text_of(answer))
        more = re.search(r'href="([^"]*after=[^"]+)">更多<', answer.text)
        wanted = more[1].replace("&amp;", "&") if more else None
    return found


def names(shown: list[str], of: str) -> list[list[str]]:
    """The names that a pattern finds on each page."""
    return [list(dict.fromkeys(re.findall(of, one))) for one in shown]


async def test_reports_are_listed_in_pages_what_is_to_be_checked_first(
    console: Parts, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PAGE", 2)
    await add_stations(console.store, clock)
    async with console.store.writing() as db:
        for number in range(4):
            kind = NoteKind.STATION_CHECK if number == 3 else NoteKind.STATION_PROBLEM
            params = {"code": "H1", "name": "某驿站", "problem": "closed", "fact": "enter"}
            await notes.write(db, KEYS, kind, str(number), params, clock(), f"反映{number}")
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    async with signed_in(console, editor) as client:
        first = await client.get("/reports")
        await client.post("/reports/1", {"does": "done"})
        rest = text_of(await client.get("/reports", after="1"))
    assert re.findall(r"/reports/(\d)", first.text) == ["4", "1"]
    assert "after=1" in first.text
    assert re.findall(r"反映\d", rest) == ["反映1", "反映2"]


async def test_accounts_are_listed_in_pages_by_name(
    console: Parts, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "PAGE", 2)
    admin = await add_operator(console.store, clock, name="zz")
    async with console.store.writing() as db:
        for name in ("clerk-a", "clerk-b", "clerk-c"):
            await accounts.add(db, name, Role.READER, [], "hash", "zz", clock())
    async with signed_in(console, admin) as client:
        shown = await pages(client, "/people")
    assert names(shown, r"clerk-\w") == [["clerk-a", "clerk-b"], ["clerk-c"]]


async def test_what_couriers_said_is_listed_in_pages_the_lowest_scores_first(
    console: Parts, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendees, "PAGE", 2)
    trainings = await add_trainings(console.store, KEYS, clock)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    mine = RegistrationRow.training_id == trainings.hohhot
    async with console.store.writing() as db:
        ids = sorted(await db.scalars(select(RegistrationRow.id).where(mine)))[:3]
        for number, score in zip(ids, (None, 5, 1), strict=True):
            values = {"comment": KEYS.seal(f"意见{score}", COMMENT), "score": score}
            one = RegistrationRow.id == number
            await db.execute(update(RegistrationRow).where(one).values(values))
    async with signed_in(console, trainer) as client:
        shown = await pages(client, f"/trainings/{trainings.hohhot}/feedback")
    assert names(shown, r"意见\w+") == [["意见1", "意见5"], ["意见None"]]
