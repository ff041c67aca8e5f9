"""Messages about money and fraud, and others that must not be taken for them.

`tests/data/money_messages.csv`, in the manner of `courier_messages.csv`: `answer` is a fragment of
the right answer, over the demonstration data. In the situation `other` nothing was shown before,
and the message is about something else than money.
"""

import csv

from bot.services.demo.content import seed_demo_content
from tests.conftest import ManualClock
from tests.support.demo_courier import EVENING, DemoCourier, demo_app
from tests.support.paths import TESTS

TABLE = TESTS / "data" / "money_messages.csv"
MONEY = (
    "骗局特征",
    "of fraud:",
    "贴过来",
    "Paste the message",
    "利率额度以网点为准",
    "Rates and amounts",
)
"""One of these is in every answer about money or fraud."""


async def test_every_message_gets_its_answer_and_no_other_subject_is_taken(
    sqlite_url: str,
) -> None:
    """One courier for each, so that none remembers another's answer."""
    wrong = []
    clock = ManualClock(EVENING)
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [(row["situation"], row["message"], row["answer"]) for row in csv.DictReader(file)]
    async with demo_app(clock, sqlite_url) as app:
        async with app.store.writing() as db:
            await seed_demo_content(db, clock())
        for situation, message, answer in rows:
            courier = DemoCourier(app)
            await courier.finds_themselves("fresh" if situation == "other" else situation)
            seen = await courier.says(message)
            shown = "\n".join((seen.text, *seen.labels, *seen.links))
            taken = any(words in shown for words in MONEY)
            if answer not in shown or (taken and situation == "other"):
                wrong.append(f"[{situation}] {message}\n  {answer} → {shown[:160]}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)
    assert len(rows) > 200
