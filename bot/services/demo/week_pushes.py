"""What the bank's system pushed in the week, and what of it an operator has to look at."""

import random
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.clock import CHINA
from bot.services.card_administration.pushes import SAMPLE
from bot.services.cards.records import OutcomeKind
from bot.services.demo.week_stations import MARK
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.services.storage import Database, Keys
from bot.store.models.administration.card_lists import BankPushRow

TIMES: Final = (time(9, 5), time(14, 5), time(17, 35))
DAYS: Final = 7


async def tell(store: Database, keys: Keys, dice: random.Random, now: datetime) -> None:
    """Three batches of each day so far, and a note that others were refused."""
    async with store.writing() as db:
        today = now.astimezone(CHINA).date()
        for back in range(DAYS - 1, -1, -1):
            for at in TIMES:
                moment = datetime.combine(today - timedelta(days=back), at, CHINA)
                if moment < now:
                    await db.execute(insert(BankPushRow).values(_push(moment, dice)))
        once, params = f"{MARK}push", {"reason": "stale"}
        await notes.write(db, keys, NoteKind.BANK_PUSH, once, params, now - timedelta(hours=20))


async def remove(db: AsyncSession) -> None:
    """Removes the batches; the note goes with the story's other notes."""
    rows = await db.execute(select(BankPushRow.id, BankPushRow.counts))
    ids = [number for number, counts in rows if counts.get(SAMPLE)]
    await db.execute(delete(BankPushRow).where(BankPushRow.id.in_(ids)))


def _push(at: datetime, dice: random.Random) -> dict[str, object]:
    moved, new, same = dice.randint(2, 9), dice.randint(0, 3), dice.randint(5, 20)
    counts = {OutcomeKind.NEW: new, OutcomeKind.MOVED: moved, OutcomeKind.UNCHANGED: same}
    named = {kind.value: count for kind, count in counts.items() if count}
    return {"at": at, "records": new + moved + same, "counts": {**named, SAMPLE: 1}}
