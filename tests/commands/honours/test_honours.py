"""`yizhan honours`: campaigns imported all or nothing, nominations reviewed, votes looked at."""

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.commands.cli import parser
from bot.commands.honours.honours import run_in
from bot.common.i18n import load_languages
from bot.services.honours.statuses import NominationStatus
from bot.store.engine import Store
from bot.store.models.honours import CampaignRow, NominationRow
from bot.store.models.operators import AccessLogRow, RevisionRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS
from tests.support.honours import LIST, STORY, nominate, open_campaign


async def run(store: Store, clock: ManualClock, *words: str | Path) -> int:
    t = load_languages().of("en", None)
    args = parser(t).parse_args(["honours", *map(str, words)])
    return await run_in(args, store, KEYS, t, clock=clock)


async def campaigns(store: Store) -> list[CampaignRow]:
    async with store.reading() as db:
        return list(await db.scalars(select(CampaignRow)))


async def test_a_list_is_a_dry_run_first_and_then_written_once(
    store: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "campaigns.csv"
    path.write_text(LIST, encoding="utf-8")
    assert await run(store, clock, "import", path) == 0
    assert "1 new, 0 changed, 0 unchanged" in capsys.readouterr().out
    assert await campaigns(store) == []
    assert await run(store, clock, "import", path, "--apply") == 0
    assert "Written as revision 1." in capsys.readouterr().out
    (row,) = await campaigns(store)
    assert (row.code, row.winners, row.vote_until.isoformat()) == ("2026-winter", 2, "2026-12-10")
    assert await run(store, clock, "import", path, "--apply") == 0
    assert "Nothing changed" in capsys.readouterr().out
    path.write_text(LIST.replace("每人一票。,", "每人只有一票。,"), encoding="utf-8")
    assert await run(store, clock, "import", path, "--apply") == 0
    assert "每人只有一票" in capsys.readouterr().out
    async with store.reading() as db:
        kinds = list(await db.scalars(select(RevisionRow.kind)))
    assert kinds == ["honours", "honours"]
    assert await run(store, clock, "list") == 0
    assert "2026年最美快递员" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("2026-winter", "Winter 2026", "small Latin letters"),
        ("2026-12-10", "2026-11-01", "it ends before it begins"),
        ("2026-11-30", "月底", "date"),
        (",2\n", ",0\n", "a whole number from 1 to 100"),
        ("One vote each.,,", "One vote each.,火星市,", "not a league"),
        ("每人一票。", "", "required"),
        ("2026年最美快递员", "长" * 61, "60 characters"),
        ("获奖人数", "别的", "获奖人数"),
    ],
)
async def test_a_bad_row_is_named_and_nothing_is_written(
    store: Store,
    clock: ManualClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    was: str,
    becomes: str,
    said: str,
) -> None:
    path = tmp_path / "campaigns.csv"
    good = LIST.splitlines()[1].replace("2026-winter", "2026-other")
    path.write_text(LIST.replace(was, becomes) + good + "\n", encoding="utf-8")
    assert await run(store, clock, "import", path, "--apply") == 1
    assert said in capsys.readouterr().out
    assert await campaigns(store) == []


async def test_a_code_twice_and_a_published_campaign_are_refused(
    store: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "campaigns.csv"
    path.write_text(LIST + LIST.splitlines()[1] + "\n", encoding="utf-8")
    assert await run(store, clock, "import", path, "--apply") == 1
    assert "in the file already" in capsys.readouterr().out
    await open_campaign(store, clock(), published_at=clock())
    path.write_text(LIST, encoding="utf-8")
    assert await run(store, clock, "import", path, "--apply") == 1
    assert "its result is published" in capsys.readouterr().out


async def test_reviewing_goes_step_by_step_and_reading_is_logged(
    store: Store, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = await open_campaign(store, clock())
    await nominate(store, clock(), campaign, "AAA", NominationStatus.NEW)
    await nominate(store, clock(), campaign, "BBB", NominationStatus.ASKED)
    assert await run(store, clock, "list", "2026-winter") == 0
    out = capsys.readouterr().out
    assert "ZM-AAA" in out
    assert "ZM-BBB" not in out  # the nominee has not agreed
    assert await run(store, clock, "show", "zm-aaa", "--photo", tmp_path / "photo.jpg") == 1
    assert STORY in capsys.readouterr().out
    assert await run(store, clock, "show", "ZM-BBB") == 2
    assert await run(store, clock, "approve", "ZM-AAA", "ZM-BBB") == 2
    async with store.reading() as db:
        statuses = list(await db.scalars(select(NominationRow.status).order_by(NominationRow.id)))
        fields = set(await db.scalars(select(AccessLogRow.field)))
    assert statuses == ["new", "asked"]  # all or none
    assert fields == {"nomination.name", "nomination.story", "nomination_photo.photo"}
    for decision in ("approve", "shortlist", "decline", "approve"):
        assert await run(store, clock, decision, "ZM-AAA", "--reason", "ok") == 0
    assert await run(store, clock, "votes", "nothing") == 2
