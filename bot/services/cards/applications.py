"""奋斗卡 applications as their owners may see them: verified once by two facts, then bound.

A wrong fact and an application that does not exist cannot be told apart: the pair of facts is
hashed and looked for in one index, so nothing differs, neither the answer nor the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards import lockout, notifications, releases
from bot.services.cards.blind_index import FactKind, fact, number_fact
from bot.services.cards.lockout import Guesser
from bot.services.cards.statuses import CardStatus
from bot.services.personal_data.masking import mask_name, mask_number, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.cards import CardApplicationRow, CardBindingRow, CardFactRow, CardStageRow
from bot.store.upsert import upsert

USUAL_OF: Final = 300
USUAL_FROM: Final = 5


@dataclass(frozen=True, slots=True)
class Stage:
    """When a stage was reached, and at which office."""

    code: CardStatus
    label: str
    at: datetime
    office: str


@dataclass(frozen=True, slots=True)
class Application:
    """One application with masked values; `stages` oldest first, the present one last."""

    id: int
    number: str
    name: str
    phone: str
    firm: str
    status: CardStatus
    label: str
    stage_at: datetime
    office: str
    as_of: datetime
    outlet_code: str
    outlet_name: str
    seal_by: date | None
    missing_docs: str
    parcel: str
    reject_reason: str
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Usual:
    """How long a stage lasts for the middle half of `cases`, in whole days, rounded up."""

    low: int
    high: int
    cases: int


class Cards:
    """Applications, opened with these keys."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    async def prove(
        self,
        db: AsyncSession,
        who: Guesser,
        number: str,
        digits: str,
        now: datetime,
        kinds: Sequence[FactKind] = tuple(FactKind),
    ) -> int | None:
        """Binds the application that both facts belong to and returns its id; None without one.

        `number` and `digits` are normalised by `personal_data.validation`; `kinds` is what the
        digits may be of. Where the courier is bound to the number already, nothing is tried: no
        lock keeps out whoever got in before. Raises `TriesUsedUp`.
        """
        if (own := await self._bound(db, who.courier_id, number)) is not None:
            return own
        charged = await lockout.admit(db, self._keys, who, number, now)
        wanted = [
            index for kind in kinds for index in self._keys.indexes(*fact(kind, number, digits))
        ]
        # An import updates the application before it reads who is bound to it: with this lock
        # either it sees the binding, or the answer to this turn shows the new status.
        found = (
            select(CardApplicationRow.id)
            .join(CardFactRow, CardFactRow.application_id == CardApplicationRow.id)
            .where(CardFactRow.fact_index.in_(wanted))
            .with_for_update(read=True, of=CardApplicationRow)
        )
        application_id = await db.scalar(found.limit(1))
        if application_id is None:
            await lockout.count_wrong(db, self._keys, charged, now)
            return None
        await self._bind(db, who.courier_id, application_id, now)
        return application_id

    async def prove_by_release(
        self, db: AsyncSession, who: Guesser, number: str, code: str, now: datetime
    ) -> int | None:
        """Binds the application that a release code was issued for, in spite of any lock.

        None for a wrong code, which counts as a wrong try. Raises `TriesUsedUp` for one where
        tries are used up.
        """
        application_id = await releases.redeem(db, self._keys, number, code, now)
        if application_id is None:
            charged = await lockout.admit(db, self._keys, who, number, now)
            await lockout.count_wrong(db, self._keys, charged, now)
            return None
        await self._bind(db, who.courier_id, application_id, now)
        return application_id

    async def tries_left(self, db: AsyncSession, who: Guesser, number: str, now: datetime) -> int:
        """How many more wrong facts the courier may give for that number."""
        return await lockout.left(db, self._keys, who, number, now)

    async def mine(self, db: AsyncSession, courier_id: int) -> list[Application]:
        """The courier's own applications without their history, the latest to move first."""
        bound = (
            select(CardApplicationRow)
            .join(CardBindingRow, CardBindingRow.application_id == CardApplicationRow.id)
            .where(CardBindingRow.courier_id == courier_id)
            .order_by(CardApplicationRow.stage_at.desc(), CardApplicationRow.id)
        )
        return [self._opened(row, ()) for row in await db.scalars(bound)]

    async def show(
        self, db: AsyncSession, courier_id: int, application_id: int
    ) -> Application | None:
        """One application whole; None unless it is bound to this courier."""
        bound = (
            select(CardApplicationRow)
            .join(CardBindingRow, CardBindingRow.application_id == CardApplicationRow.id)
            .where(CardBindingRow.courier_id == courier_id)
            .where(CardApplicationRow.id == application_id)
        )
        row = await db.scalar(bound)
        if row is None:
            return None
        history = (
            select(CardStageRow)
            .where(CardStageRow.application_id == application_id)
            .order_by(CardStageRow.at, CardStageRow.id)
        )
        stages = tuple(
            Stage(
                CardStatus(one.code), self._open(one.label, "card_stage.label"), one.at, one.office
            )
            for one in await db.scalars(history)
        )
        return self._opened(row, stages)

    async def unbind(self, db: AsyncSession, courier_id: int, application_id: int) -> bool:
        """Forgets that an application is theirs; False if it was not."""
        gone = delete(CardBindingRow).where(
            CardBindingRow.courier_id == courier_id,
            CardBindingRow.application_id == application_id,
        )
        done = await db.execute(gone.returning(CardBindingRow.application_id))
        return done.scalar_one_or_none() is not None

    def _stage(self, row: CardStageRow) -> Stage:
        label = self._open(row.label, "card_stage.label")
        return Stage(CardStatus(row.code), label, row.at, row.office)

    def _opened(self, row: CardApplicationRow, stages: tuple[Stage, ...]) -> Application:
        return Application(
            id=row.id,
            number=mask_number(self._open(row.number, "card_application.number")),
            name=mask_name(self._open(row.name, "card_application.name")),
            phone=mask_phone(self._open(row.phone, "card_application.phone")),
            firm=row.firm,
            status=CardStatus(row.status),
            label=self._open(row.label, "card_application.label"),
            stage_at=row.stage_at,
            office=row.office,
            as_of=row.as_of,
            outlet_code=row.outlet_code,
            outlet_name=row.outlet_name,
            seal_by=row.seal_by,
            missing_docs=self._open(row.missing_docs, "card_application.missing_docs"),
            parcel=self._open(row.parcel, "card_application.parcel"),
            reject_reason=self._open(row.reject_reason, "card_application.reject_reason"),
            stages=stages,
        )

    async def _bound(self, db: AsyncSession, courier_id: int, number: str) -> int | None:
        bound = (
            select(CardApplicationRow.id)
            .join(CardBindingRow, CardBindingRow.application_id == CardApplicationRow.id)
            .where(CardBindingRow.courier_id == courier_id)
            .where(CardApplicationRow.number_index.in_(self._keys.indexes(*number_fact(number))))
        )
        return await db.scalar(bound)

    async def _bind(
        self, db: AsyncSession, courier_id: int, application_id: int, now: datetime
    ) -> None:
        """Binds, and notifies whoever is bound already."""
        row = {"courier_id": courier_id, "application_id": application_id, "at": now}
        added = upsert(db, CardBindingRow).values(row).on_conflict_do_nothing()
        if await db.scalar(added.returning(CardBindingRow.application_id)) is not None:
            await notifications.bound_elsewhere(db, application_id, courier_id, now)

    def _open(self, sealed: bytes | None, place: str) -> str:
        return "" if sealed is None else self._keys.open(sealed, place)


async def latest_stage(db: AsyncSession, application_id: int) -> int | None:
    """The id of the stage that an application is in."""
    latest = select(CardStageRow.id).where(CardStageRow.application_id == application_id)
    return await db.scalar(latest.order_by(CardStageRow.at.desc(), CardStageRow.id.desc()).limit(1))


async def usual_time(db: AsyncSession, code: CardStatus) -> Usual | None:
    """How long the last few hundred applications stayed in a stage; None below five of them."""
    after = CardStageRow.__table__.alias("after")
    left = (
        select(func.min(after.c.at))
        .where(after.c.application_id == CardStageRow.application_id)
        .where(after.c.at > CardStageRow.at)
        .scalar_subquery()
    )
    passed = (
        select(CardStageRow.at, left.label("left"))
        .where(CardStageRow.code == code, CardStageRow.backwards.is_(False))
        .order_by(CardStageRow.at.desc())
        .limit(USUAL_OF)
    )
    days = sorted(
        (until - at) / timedelta(days=1) for at, until in await db.execute(passed) if until
    )
    if len(days) < USUAL_FROM:
        return None
    low, high = (days[round(part * (len(days) - 1))] for part in (0.25, 0.75))
    return Usual(max(1, ceil(low)), max(1, ceil(high)), len(days))
