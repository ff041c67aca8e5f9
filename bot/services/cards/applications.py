"""奋斗卡 applications as their owners may see them: verified once by two facts, then bound.

A wrong fact and an application that does not exist cannot be told apart: the pair of facts is
hashed and looked for in one index, so nothing differs, neither the answer nor the work.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.cards import lockout, notifications, releases
from bot.services.cards.blind_index import FactKind, fact, number_fact
from bot.services.cards.lockout import Guesser
from bot.services.cards.statuses import CardStatus
from bot.services.personal_data.masking import mask_name, mask_number, mask_phone
from bot.store.encryption import Keyring
from bot.store.models.cards import (
    CardApplicationRow,
    CardBindingRow,
    CardFactRow,
    CardRequestRow,
    CardStageRow,
)
from bot.store.prepared import Prepared
from bot.store.upsert import upsert


class _ApplicationColumns(NamedTuple):
    """What is read of a row, in this order."""

    id: int
    number: bytes
    name: bytes | None
    phone: bytes | None
    firm: str
    status: str
    label: bytes
    stage_at: datetime
    office: str
    as_of: datetime
    outlet_code: str
    outlet_name: str
    seal_by: date | None
    missing_docs: bytes | None
    parcel: bytes | None
    reject_reason: bytes | None


_APPLICATION: Final = cast(Table, CardApplicationRow.__table__)
_BINDING: Final = cast(Table, CardBindingRow.__table__)
_STAGE: Final = cast(Table, CardStageRow.__table__)
_MINE: Final = (
    select(*(_APPLICATION.c[name] for name in _ApplicationColumns._fields))
    .join(_BINDING, _BINDING.c.application_id == _APPLICATION.c.id)
    .where(_BINDING.c.courier_id == bindparam("of_courier"))
)
BOUND: Final = Prepared(_MINE.order_by(_APPLICATION.c.stage_at.desc(), _APPLICATION.c.id))
BOUND_ONE: Final = Prepared(_MINE.where(_APPLICATION.c.id == bindparam("of_application")))
_REQUEST: Final = cast(Table, CardRequestRow.__table__)
_STAGE_COLUMNS: Final = (_STAGE.c.code, _STAGE.c.label, _STAGE.c.at, _STAGE.c.office)
STAGES: Final = Prepared(
    select(*_STAGE_COLUMNS)
    .where(_STAGE.c.application_id == bindparam("of_application"))
    .order_by(_STAGE.c.at, _STAGE.c.id)
)
WHOLE: Final = Prepared(
    _MINE.outerjoin(_STAGE, _STAGE.c.application_id == _APPLICATION.c.id)
    .add_columns(
        exists().where(_REQUEST.c.courier_id == bindparam("of_courier")),
        *_STAGE_COLUMNS,
    )
    .order_by(_APPLICATION.c.stage_at.desc(), _APPLICATION.c.id, _STAGE.c.at, _STAGE.c.id)
)


@value
class Stage:
    """When a stage was reached, and at which office."""

    code: CardStatus
    label: str
    at: datetime
    office: str


@value
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
        rows = await BOUND.rows(db, {"of_courier": courier_id})
        return [self._opened(_ApplicationColumns(*row)) for row in rows]

    async def whole(self, db: AsyncSession, courier_id: int) -> tuple[list[Application], bool]:
        """The courier's own applications whole, the latest to move first, and whether there may
        be pre-applications of theirs."""
        stages: dict[_ApplicationColumns, list[Stage]] = {}
        may_have_requests = True
        for row in await WHOLE.rows(db, {"of_courier": courier_id}):
            one = _ApplicationColumns(*row[: len(_ApplicationColumns._fields)])
            may_have_requests, *stage = row[len(one) :]
            reached = stages.setdefault(one, [])
            if stage[0] is not None:
                reached.append(self._stage(*stage))
        return [self._opened(*one) for one in stages.items()], may_have_requests

    async def show(
        self, db: AsyncSession, courier_id: int, application_id: int
    ) -> Application | None:
        """One application whole; None unless it is bound to this courier."""
        known = {"of_courier": courier_id, "of_application": application_id}
        rows = await BOUND_ONE.rows(db, known)
        if not rows:
            return None
        past = await STAGES.rows(db, {"of_application": application_id})
        return self._opened(_ApplicationColumns(*rows[0]), [self._stage(*row) for row in past])

    async def unbind(self, db: AsyncSession, courier_id: int, application_id: int) -> bool:
        """Forgets that an application is theirs; False if it was not."""
        gone = delete(CardBindingRow).where(
            CardBindingRow.courier_id == courier_id,
            CardBindingRow.application_id == application_id,
        )
        done = await db.execute(gone.returning(CardBindingRow.application_id))
        return done.scalar_one_or_none() is not None

    def _opened(self, row: _ApplicationColumns, stages: Sequence[Stage] = ()) -> Application:
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
            stages=tuple(stages),
        )

    def _stage(self, code: str, label: bytes, at: datetime, office: str) -> Stage:
        return Stage(CardStatus(code), self._open(label, "card_stage.label"), at, office)

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
