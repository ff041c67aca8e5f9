"""Messages about lessons, the honour, money and fraud, and others that only sound like them.

`tests/data/seed_messages.csv`, in the manner of `money_messages.csv`: `answer` is a fragment of the
right answer, over the demonstration data. In the situation `other` nothing was shown before, and
the message is about none of these subjects.
"""

import csv

from tests.conftest import ManualClock
from tests.support.demo_courier import EVENING, DemoCourier, demo_app
from tests.support.paths import TESTS

TABLE = TESTS / "data" / "seed_messages.csv"
MARKS = (
    "现在就能学，",
    "Learn now,",
    " · 第1张",
    "提名身边的快递小哥",
    "（全名）",
    "投你的一票",
    "没有提名你的",
    "骗局特征",
    "贴过来，或者",
    "利率额度以网点为准",
    "网点打来找谁",
    "想让网点跟你说",
)
"""One of these is in every answer about these subjects."""


async def test_every_message_gets_its_answer_and_others_are_not_taken(sqlite_url: str) -> None:
    """One courier for each, so that none remembers another's answer."""
    wrong = []
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [(row["situation"], row["message"], row["answer"]) for row in csv.DictReader(file)]
    async with demo_app(ManualClock(EVENING), sqlite_url) as app:
        for situation, message, answer in rows:
            courier = DemoCourier(app)
            await courier.finds_themselves("fresh")
            seen = await courier.says(message)
            shown = "\n".join((seen.text, *seen.labels, *seen.links))
            taken = situation == "other" and any(mark in shown for mark in MARKS)
            if answer not in shown or taken:
                wrong.append(f"[{situation}] {message}\n  {answer} → {shown[:160]}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)
    assert len(rows) > 300
