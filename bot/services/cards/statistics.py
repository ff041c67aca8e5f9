"""How long stages take, from the bank's own history, and which applications take longer."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Boolean, ColumnElement, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.cards.statuses import SETTLED, CardStatus
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.services.personal_data.masking import mask_number
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow, CardStageRow
from bot.store.types import Instant

ENOUGH: Final = 5
"""Below so many cases nothing is usual."""
LATE: Final = 0.9
"""Overdue is what takes longer than nine in ten took."""
DAY: Final = timedelta(days=1)
SAMPLED: Final = 20_000
"""Applications that are enough to say what is usual."""
SAMPLES: Final = 200
"""Runs of neighbouring numbers in a sample."""


@value
class Spread:
    """How long one stage took, in days. `outlet` is its code and name, empty for all together."""

    code: CardStatus
    outlet: str
    cases: int
    median: float
    low: float
    high: float
    late: float


@value
class Overdue:
    """An application that stays in its stage for longer than usual; days, the number masked."""

    number: str
    code: CardStatus
    days: float
    usual: float
    outlet: str
    seal_by: str


async def sample(db: AsyncSession) -> ColumnElement[bool]:
    """The condition for stages of about `SAMPLED` applications, evenly spread over all of them;
    of all, where there are no more."""
    ids = CardApplicationRow.id
    first, last = (await db.execute(select(func.min(ids), func.max(ids)))).one()
    if first is None or last - first < SAMPLED:
        return true()
    step, size = (last - first) // SAMPLES, SAMPLED // SAMPLES
    whose = CardStageRow.application_id
    begins = range(first, last, step)
    return or_(*(whose.between(one, one + size - 1) for one in begins))


async def spreads(
    db: AsyncSession,
    since: datetime,
    *,
    by_outlet: bool = False,
    among: ColumnElement[bool] | None = None,
) -> list[Spread]:
    """Median, middle half and ninth tenth of every stage that was left after `since`.

    In the order of the stages, those of all outlets together first. Steps back, and the stages
    that they ended, do not count. `among`: of which stages.
    """
    whose, when = CardStageRow.application_id, (CardStageRow.at, CardStageRow.id)
    left = func.lead(CardStageRow.at, type_=Instant).over(partition_by=whose, order_by=when)
    undone = func.lead(CardStageRow.backwards, type_=Boolean).over(
        partition_by=whose, order_by=when
    )
    every = select(
        CardStageRow.application_id,
        CardStageRow.code,
        CardStageRow.at,
        CardStageRow.backwards,
        left.label("left"),
        undone.label("undone"),
    )
    steps = every.where(true() if among is None else among).subquery()
    outlet = (CardApplicationRow.outlet_code, CardApplicationRow.outlet_name)
    ended = (
        select(steps.c.code, steps.c.at, steps.c.left, *outlet)
        .join(CardApplicationRow, CardApplicationRow.id == steps.c.application_id)
        .where(steps.c.left >= since, steps.c.backwards.is_(False), steps.c.undone.is_(False))
    )
    days: dict[tuple[CardStatus, str], list[float]] = {}
    rows = await db.stream(ended.execution_options(yield_per=2000))
    async for code, at, left, outlet_code, outlet_name in rows:
        took, status = (left - at) / DAY, CardStatus(code)
        days.setdefault((status, ""), []).append(took)
        if by_outlet:
            named = " ".join(filter(None, (outlet_code, outlet_name)))
            days.setdefault((status, named or "-"), []).append(took)
    order = {status: place for place, status in enumerate(CardStatus)}
    found = [_spread(code, outlet, took) for (code, outlet), took in days.items()]
    return sorted(found, key=lambda one: (one.outlet, order[one.code]))


async def overdue(
    db: AsyncSession, keys: Keyring, now: datetime, since: datetime, actor: str
) -> list[Overdue]:
    """Open applications that stay longer than nine in ten did, the longest over first.

    Their masked numbers are shown, so each is entered in the access log.
    """
    usual = {one.code: one.late for one in await spreads(db, since) if one.cases >= ENOUGH}
    waiting = CardApplicationRow.status.in_([code for code in usual if code not in SETTLED])
    late = []
    for row in await db.scalars(select(CardApplicationRow).where(waiting)):
        days = (now - row.stage_at) / DAY
        if days > usual[CardStatus(row.status)]:
            late.append((days / max(usual[CardStatus(row.status)], 0.5), days, row))
    late.sort(key=lambda one: (-one[0], one[2].id))
    seen = [("card_application.number", row.id) for _, _, row in late]
    await access_log.record(db, keys, actor, AccessAction.READ, seen, "overdue", now)
    return [
        Overdue(
            number=mask_number(keys.open(row.number, "card_application.number")),
            code=CardStatus(row.status),
            days=days,
            usual=usual[CardStatus(row.status)],
            outlet=" ".join(filter(None, (row.outlet_code, row.outlet_name))),
            seal_by=row.seal_by.isoformat() if row.seal_by else "",
        )
        for _, days, row in late
    ]


def _spread(code: CardStatus, outlet: str, took: Iterable[float]) -> Spread:
    days = sorted(took)
    low, middle, high, late = (_at(days, part) for part in (0.25, 0.5, 0.75, LATE))
    return Spread(code, outlet, len(days), middle, low, high, late)


def _at(ordered: Sequence[float], part: float) -> float:
    """The value at this part of the way, between its two neighbours."""
    place = part * (len(ordered) - 1)
    before = int(place)
    after = min(before + 1, len(ordered) - 1)
    return ordered[before] + (ordered[after] - ordered[before]) * (place - before)
