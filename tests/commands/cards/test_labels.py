"""`yizhan cards labels` as an operator runs it."""

from pathlib import Path

import pytest

from bot.commands.cards import cards, labels
from bot.store.engine import Store
from tests.commands.cards.bank_lists import KEYS, arguments, say
from tests.conftest import ManualClock


class Commands:
    """Runs `cards …` and keeps what it prints."""

    def __init__(
        self, store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._capsys = capsys

    async def __call__(self, code: int, *words: str | Path) -> str:
        """What was printed; the exit code must be this one."""
        self._capsys.readouterr()
        args = arguments("cards", *words)
        run = cards.run_import if args.what == "import" else labels.run
        given = await run(args, self._store, KEYS, say, clock=self._clock)
        captured = self._capsys.readouterr()
        assert given == code, captured
        return captured.out + captured.err


@pytest.fixture
def command(file: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> Commands:
    """The command line on an empty database."""
    return Commands(file, clock, capsys)


async def test_a_bank_s_other_word_for_approved_is_known_from_the_start(
    command: Commands, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("申请编号,状态,手机号\nNM20260002,审核通过,5678\n", encoding="utf-8-sig")
    assert "no known status" not in await command(0, "import", path, "--apply")
    assert "审核通过 → approved" in await command(0, "labels")


async def test_an_unknown_label_is_told_listed_set_and_taken_back(
    command: Commands, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    rows = [f"NM2026000{n},总行已通过,567{n}" for n in range(3)]
    path.write_text("\n".join(["申请编号,状态,手机号", *rows, ""]), encoding="utf-8")
    out = await command(0, "import", path, "--apply")
    assert "no known status; 3 rows" in out
    out = await command(0, "labels")
    assert "Not known: 总行已通过: 3 applications, first on 2026-11-23, last on 2026-11-23" in out
    assert "1 not known" in out
    out = await command(2, "labels", "set", "总行已通过", "通过了吧")
    assert "approved 审批通过" in out
    assert "3 applications" in await command(0, "labels", "set", "总行已通过", "审批通过")
    out = await command(0, "labels")
    assert "总行已通过 → approved  set by cli" in out
    assert "0 not known" in out
    assert "3 applications" in await command(0, "labels", "remove", "总行已通过")
    assert "no status" in await command(1, "labels", "remove", "总行已通过")
    assert "1 to 60" in await command(2, "labels", "set", "approved", "made")
    assert "1 to 60" in await command(2, "labels", "remove", "")


async def test_a_usual_label_that_is_removed_is_listed_as_set_aside(command: Commands) -> None:
    assert "no status any more" in await command(0, "labels", "remove", "正常")
    assert "正常 → (set aside)" in await command(0, "labels")
    assert "正常 → activated" in await command(0, "labels", "remove", "正常")
