"""The bot takes over again where nobody writes or nobody comes, and tells the courier so."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update

from bot.services.conversations.courier_side import WAIT
from bot.services.conversations.notices import tell_state
from bot.services.conversations.statuses import ClosedBy, PersonStatus
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.store.engine import Store
from bot.store.models.conversations import PersonConversationRow

BATCH: Final = 100
ACTOR: Final = "service"
_ROW = PersonConversationRow


async def close_idle(store: Store, idle: timedelta, now: datetime) -> int:
    """Closes what is past its time; how many. Any number of replicas may do so at once."""
    over = or_(
        (_ROW.status == PersonStatus.TAKEN) & (_ROW.since <= now - idle),
        (_ROW.status == PersonStatus.WAITING) & (_ROW.since <= now - WAIT),
    )
    async with store.reading() as db:
        ids = list(await db.scalars(select(_ROW.id).where(over).order_by(_ROW.id).limit(BATCH)))
    done = 0
    for number in ids:
        async with store.writing() as db:
            locked = select(_ROW).where(_ROW.id == number, over)
            row = (await db.scalars(locked.with_for_update(skip_locked=True))).one_or_none()
            if row is None:
                continue
            waited = row.status == PersonStatus.WAITING
            by = ClosedBy.NOBODY if waited else ClosedBy.SILENCE
            closed = update(_ROW).where(_ROW.id == number)
            await db.execute(
                closed.values(
                    status=PersonStatus.CLOSED, closed_at=now, closed_by=by, awaits_answer=False
                )
            )
            subject = SubjectKind.CONVERSATION
            after = {"closed_by": by.value}
            await audit.record(
                db, ACTOR, "conversation.close", subject, str(number), now,
                league=row.league, after=after,
            )  # fmt: skip
            await tell_state(db, row.courier_id, number, PersonStatus.CLOSED, now)
            done += 1
    return done
