"""Applications that stay in their stage for longer than usual, by outlet and one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Places
from bot.services import bounded
from bot.services.card_administration.requests import RevealReason
from bot.services.cards.statistics import DAY, ENOUGH, Overdue, sample, spreads
from bot.services.cards.statuses import SETTLED, CardStatus
from bot.services.kept_counts import KeptCounts
from bot.services.operators import access_log, audit
from bot.services.operators.access_log import AccessAction
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Right
from bot.services.personal_data.masking import mask_number
from bot.services.stations.administration.leagues import visible
from bot.services.storage import Database
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow, CardStageRow
from bot.store.models.stations import StationRow

PAGE: Final = 30
OUTLETS: Final = 100
SINCE: Final = timedelta(days=365)
"""So far back the history says what is usual."""
NUMBER: Final = "card_application.number"


@value
class OutletCount:
    """How many applications of an outlet are late, and since when the oldest of them waits."""

    code: str
    name: str
    late: int
    oldest: datetime


@value
class LateOutlets:
    """The `OUTLETS` outlets with most late applications, and how many are late at all together."""

    outlets: tuple[OutletCount, ...] = ()
    late: int = 0


@value
class LateApplication:
    """One of them, the number masked."""

    id: int
    since: datetime
    about: Overdue


@dataclass(frozen=True, slots=True, repr=False)
class RevealedApplication:
    """An application's whole values. `phone` may be its last digits only."""

    number: str
    name: str
    phone: str


@value
class Usual:
    """How many days nine in ten stayed in a stage at most, for each stage that has enough cases.

    `is_counted` False: nobody knows yet; `is_due`: somebody should `count_again`.
    """

    days: Mapping[CardStatus, float]
    is_counted: bool = True
    is_due: bool = False


async def usual_days(store: Database, now: datetime) -> Usual:
    """What is usual; where there is much history, what is kept."""
    async with store.reading() as db:
        if await bounded.count(db, CardStageRow) <= bounded.COUNTED:
            return Usual(await _usual(now, db))
    kept = _KEPT.look(store, "", now)
    if kept is None:
        return Usual({}, is_counted=False, is_due=True)
    return Usual(kept.value, is_due=kept.is_due)


async def count_again(store: Database, now: datetime) -> None:
    """Counts a sample of a long history and keeps that, unless somebody is at it."""
    await _KEPT.renew(store, "", now, partial(_usual, now))


async def _usual(now: datetime, db: AsyncSession) -> Mapping[CardStatus, float]:
    found = await spreads(db, now - SINCE, among=await sample(db))
    return {one.code: one.late for one in found if one.cases >= ENOUGH and one.code not in SETTLED}


async def by_outlet(
    db: AsyncSession,
    places: Places,
    operator: Operator,
    usual: Mapping[CardStatus, float],
    now: datetime,
) -> LateOutlets:
    """The outlets with most late applications first. Raises `NotAllowed`."""
    operator.require(Right.CARDS)
    outlet = CardApplicationRow.outlet_code, CardApplicationRow.outlet_name
    late = func.count()
    rows = (
        select(*outlet, late, func.min(CardApplicationRow.stage_at), func.sum(late).over())
        .where(or_(false(), *_late_by_status(usual, now)), _theirs(places, operator))
        .group_by(*outlet)
        .order_by(late.desc(), *outlet)
        .limit(OUTLETS)
    )
    found = (await db.execute(rows)).all()
    outlets = tuple(OutletCount(*row[:-1]) for row in found)
    return LateOutlets(outlets, int(found[0][-1])) if found else LateOutlets()


async def page(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    usual: Mapping[CardStatus, float],
    outlet: str | None,
    after: tuple[datetime, int] | None,
    now: datetime,
) -> list[LateApplication]:
    """Those that wait longest first, of one outlet code or of all, behind `after`.

    Each number that was opened is in the access log. Raises `NotAllowed`.
    """
    operator.require(Right.CARDS)
    rows = select(CardApplicationRow).where(_theirs(places, operator))
    if outlet is not None:
        rows = rows.where(CardApplicationRow.outlet_code == outlet)
    if after is not None:
        at, number = after
        behind = (CardApplicationRow.stage_at == at) & (CardApplicationRow.id <= number)
        rows = rows.where(CardApplicationRow.stage_at >= at, ~behind)
    order = CardApplicationRow.stage_at, CardApplicationRow.id
    rows = rows.order_by(*order).limit(PAGE)
    found: list[CardApplicationRow] = []
    for condition in _late_by_status(usual, now):  # each in the order of its index
        found += await db.scalars(rows.where(condition))
    found = sorted(found, key=lambda row: (row.stage_at, row.id))[:PAGE]
    seen = [(NUMBER, row.id) for row in found]
    await access_log.record(db, keys, operator.name, AccessAction.READ, seen, "overdue", now)
    return [
        LateApplication(
            row.id,
            row.stage_at,
            Overdue(
                number=mask_number(keys.open(row.number, NUMBER)),
                code=CardStatus(row.status),
                days=(now - row.stage_at) / DAY,
                usual=usual[CardStatus(row.status)],
                outlet=" ".join(filter(None, (row.outlet_code, row.outlet_name))),
                seal_by=row.seal_by.isoformat() if row.seal_by else "",
            ),
        )
        for row in found
    ]


async def reveal(
    db: AsyncSession,
    keys: Keyring,
    places: Places,
    operator: Operator,
    number: int,
    reason: RevealReason,
    now: datetime,
) -> RevealedApplication | None:
    """One with its whole number, name and phone; None if there is none. Raises `NotAllowed`."""
    operator.require(Right.CARDS)
    mine = (CardApplicationRow.id == number) & _theirs(places, operator)
    row = await db.scalar(select(CardApplicationRow).where(mine))
    if row is None:
        return None
    names = ("number", "name", "phone")
    opened = {name: getattr(row, name) for name in names}
    seen = [(f"card_application.{name}", row.id) for name in names if opened[name]]
    await access_log.record(
        db, keys, operator.name, AccessAction.READ, seen, f"reveal:{reason}", now
    )
    await audit.record(
        db, operator.name, "card.reveal", SubjectKind.CARD, f"application {number}", now,
        after={"reason": reason.value},
    )  # fmt: skip
    return RevealedApplication(
        **{
            name: keys.open(sealed, f"card_application.{name}") if sealed else ""
            for name, sealed in opened.items()
        }
    )


def _late_by_status(usual: Mapping[CardStatus, float], now: datetime) -> list[ColumnElement[bool]]:
    """Each status by its own day, so that the index of both is used."""
    return [
        and_(
            CardApplicationRow.status == status,
            CardApplicationRow.stage_at < now - timedelta(days=days),
        )
        for status, days in usual.items()
    ]


def _theirs(places: Places, operator: Operator) -> ColumnElement[bool]:
    """Applications whose outlet is a station of the operator's leagues."""
    if not operator.leagues:
        return true()
    codes = select(StationRow.code).where(visible(places, operator))
    return CardApplicationRow.outlet_code.in_(codes)


_KEPT: Final = KeptCounts[Mapping[CardStatus, float]](timedelta(hours=1))
