"""Messages written by people who saw no code, each with what its answer must say.

`tests/data/courier_messages.csv`: `situation` is what the screen showed before, `answer` a fragment
of the answer that was judged right. To read all answers in full: `tests/support/demo_courier.py`.
"""

import csv
from pathlib import Path

from tests.conftest import ManualClock
from tests.support.demo_courier import EVENING, SITUATIONS, DemoCourier, demo_app
from tests.support.paths import TESTS

TABLE = TESTS / "data" / "courier_messages.csv"
NOT_UNDERSTOOD = ("没太听懂", "I did not quite get that")


async def test_every_message_gets_its_answer_and_none_is_not_understood(sqlite_url: str) -> None:
    """One courier for each, so that none remembers another's answer."""
    wrong = []
    rows = _rows(TABLE)
    async with demo_app(ManualClock(EVENING), sqlite_url) as app:
        for situation, message, answer in rows:
            courier = DemoCourier(app)
            await courier.finds_themselves(situation)
            seen = await courier.says(message)
            shown = "\n".join((seen.text, *seen.labels, *seen.links))
            if answer not in shown or any(words in shown for words in NOT_UNDERSTOOD):
                wrong.append(f"[{situation}] {message}\n  {answer} → {shown[:160]}")
    assert not wrong, "\n".join(wrong)
    assert len(rows) > 200


def test_every_situation_is_played() -> None:
    assert {situation for situation, _, _ in _rows(TABLE)} == set(SITUATIONS)


def _rows(path: Path) -> list[tuple[str, str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["situation"], row["message"], row["answer"]) for row in csv.DictReader(file)]
