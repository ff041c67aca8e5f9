"""How long a stage of an application usually lasts, from the last few hundred that have left it."""

from datetime import datetime, timedelta
from math import ceil
from typing import Final, cast

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.cards.statuses import CardStatus
from bot.store.models.cards import CardStageRow
from bot.store.prepared import Prepared

USUAL_OF: Final = 300
USUAL_FROM: Final = 5
HELD: Final = timedelta(minutes=10)
_STAGE: Final = cast(Table, CardStageRow.__table__)
_AFTER: Final = _STAGE.alias("after")
_PASSED: Final = Prepared(
    select(
        _STAGE.c.at,
        select(func.min(_AFTER.c.at))
        .where(_AFTER.c.application_id == _STAGE.c.application_id)
        .where(_AFTER.c.at > _STAGE.c.at)
        .scalar_subquery()
        .label("left"),
    )
    .where(_STAGE.c.code == bindparam("of_code"), _STAGE.c.backwards.is_(False))
    .order_by(_STAGE.c.at.desc())
    .limit(USUAL_OF)
)


@value
class Usual:
    """How long a stage lasts for the middle half of `cases`, in whole days, rounded up."""

    low: int
    high: int
    cases: int


class UsualTimes:
    """Usual times, each worked out once in ten minutes: they change by a case or two a day."""

    def __init__(self) -> None:
        self._held: dict[CardStatus, tuple[datetime, Usual]] = {}

    async def usual_time(self, db: AsyncSession, code: CardStatus, now: datetime) -> Usual | None:
        """How long applications stay in a stage; None while fewer than five have left it."""
        at, held = self._held.get(code, (now, None))
        if held is None or not timedelta() <= now - at < HELD:
            held = await _usual_time(db, code)
            if held is not None:
                self._held[code] = now, held
        return held


async def _usual_time(db: AsyncSession, code: CardStatus) -> Usual | None:
    passed = await _PASSED.rows(db, {"of_code": code})
    days = sorted((left - at) / timedelta(days=1) for at, left in passed if left)
    if len(days) < USUAL_FROM:
        return None
    low, high = (days[round(part * (len(days) - 1))] for part in (0.25, 0.75))
    return Usual(max(1, ceil(low)), max(1, ceil(high)), len(days))
