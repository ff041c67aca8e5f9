"""Retention: an hourly sweep erases what is past its time, in small transactions.

Expired rows are found without a lock and checked again once they are locked, so that a long query
blocks no turn. Replicas may sweep at once: each takes rows that no other has locked. Each courier
is erased in a transaction of its own, and one whose turn is running stays until the next hour: so a
turn waits for one erasure at most, and no erasure waits for a turn, which rules out a deadlock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.appointments.statuses import OPEN
from bot.services.cards import releases
from bot.services.cards.pre_applications import PreApplicationStatus
from bot.services.conversations import statuses as conversations
from bot.services.dataset_version import Dataset, raise_version
from bot.services.honours import expiry
from bot.services.list_imports import states
from bot.services.lockout import counters
from bot.services.notifications.statuses import OutboxStatus
from bot.services.operators import revisions
from bot.services.privacy import erasure
from bot.services.privacy.erasure import BeforeErasure, ErasureReason
from bot.services.spreadsheets.mappings import ListKind
from bot.services.stations import observations, visits
from bot.services.stations.administration import photos
from bot.store.batches import delete_in_batches, update_in_batches
from bot.store.engine import Store
from bot.store.models.administration.card_lists import BankPushRow, CardListPartRow, CardListRow
from bot.store.models.administration.list_imports import ListFileRow, ListImportRow
from bot.store.models.administration.operators import (
    AccessLogRow,
    OperatorNoteRow,
    RevisionRecordRow,
    RevisionRow,
)
from bot.store.models.api import ApiRequestRow, ApiSignatureRow
from bot.store.models.appointments import AppointmentRow
from bot.store.models.cards import CardApplicationRow, CardRequestRow
from bot.store.models.conversation import ChatRow
from bot.store.models.conversations import PersonConversationRow, PersonMessageRow
from bot.store.models.couriers import CourierRow
from bot.store.models.notifications import OutboxRow
from bot.store.models.observations import ObservationRow, VisitRow
from bot.store.models.registry import owned
from bot.store.models.stations import DemandRow, LeftOutStationRow, StationPhotoRow

BATCH: Final = 100
BATCHES: Final = 200
"""Of each kind in one sweep: what is left then goes in the next hour."""
ANSWERS_KEPT: Final = timedelta(days=2)
SIGNATURES_KEPT: Final = timedelta(hours=1)
UPLOADS_KEPT: Final = timedelta(days=1)
"""Of a bank's list that nobody imported; one that was imported is deleted at once."""
PUSHES_KEPT: Final = timedelta(days=366)
"""What was imported and pushed, in counts."""
LOG_KEPT: Final = timedelta(days=3 * 366)
NOTICES: Final = 1_000
"""Of one transaction: no other rows refer to them, and a broadcast leaves very many."""
NOTICES_KEPT: Final = timedelta(days=30)
"""So long an operator can check whether a courier was notified."""
UNKNOWN_RETENTION: Final = timedelta(days=180)
"""Of deliveries with an unknown outcome, which count in the statistics of a channel."""
ARRIVALS_KEPT: Final = timedelta(days=30)
"""Somebody who opened the chat and did nothing there of which anything is kept."""
PASSING: Final = frozenset({"chat", "outbox", "link_code"})
"""Tables whose rows exist without any action of the courier, or expire by themselves."""


@value
class RetentionPeriods:
    """How long a settled application is kept, and an idle courier with all that is theirs."""

    settled: timedelta
    idle: timedelta


async def sweep(
    store: Store,
    periods: RetentionPeriods,
    now: datetime,
    before_erasure: Sequence[BeforeErasure] = (),
) -> Mapping[str, int]:
    """Erases what is past its time; rows by kind, for the log."""
    done = {
        "applications": await _applications(store, periods, now),
        "couriers": await _couriers(
            store, CourierRow.seen_at < now - periods.idle, now, ErasureReason.IDLE, before_erasure
        ),
        "arrivals": await _couriers(
            store, _only_arrived(now), now, ErasureReason.ARRIVED, before_erasure
        ),
    }
    settled, idle = now - periods.settled, now - periods.idle
    said, talk, month = PersonMessageRow, PersonConversationRow, now - conversations.KEPT
    handled = CardRequestRow.status != PreApplicationStatus.NEW
    for name, row, expired, size in (
        ("requests", CardRequestRow, or_(
            CardRequestRow.created_at < idle, handled & (CardRequestRow.created_at < settled)
        ), BATCH),
        ("appointments", AppointmentRow, or_(
            AppointmentRow.created_at < idle,
            AppointmentRow.status.not_in(OPEN) & (AppointmentRow.changed_at < settled),
        ), BATCH),
        ("demand", DemandRow, DemandRow.at < idle, BATCH),
        ("visits", VisitRow, VisitRow.arrives_at < now - visits.KEPT, BATCH),
        ("observations", ObservationRow, ObservationRow.at < idle, BATCH),
        ("person_messages", said, said.at < month, BATCH),
        ("person_conversations", talk, talk.closed_at < month, BATCH),
        ("notes", OperatorNoteRow, OperatorNoteRow.done_at < settled, BATCH),
        ("notices", OutboxRow, _finished(now), NOTICES),
        ("station_photos", StationPhotoRow, StationPhotoRow.removed_at < now - photos.KEPT, BATCH),
        ("imports", ListImportRow, _expired_imports(now), BATCH),
        ("log", AccessLogRow, AccessLogRow.at < now - LOG_KEPT, BATCH),
    ):  # fmt: skip
        done[name] = await delete_in_batches(
            store, row, expired, row.id, size=size, batches=BATCHES
        )
    unused = ListFileRow.digest.not_in(select(ListImportRow.digest))
    done["import_files"] = await delete_in_batches(
        store, ListFileRow, unused, ListFileRow.digest, size=BATCH, batches=BATCHES
    )
    linked = ObservationRow.courier_id.is_not(None)
    old = linked & (ObservationRow.at < now - observations.LINKED_FOR)
    done["observation_couriers"] = await update_in_batches(
        store, ObservationRow, old, ObservationRow.at, {"courier_id": None}
    )
    await delete_in_batches(
        store, LeftOutStationRow, LeftOutStationRow.until <= now, LeftOutStationRow.courier_id
    )
    done["revisions"] = await _revisions(store, now)
    done |= await expiry.delete_expired(store, now)
    waiting = select(CardListRow.id).where(CardListRow.created_at < now - UPLOADS_KEPT)
    parts, by = CardListPartRow.list_id.in_(waiting), CardListPartRow.list_id
    done["card_lists"] = await delete_in_batches(store, CardListPartRow, parts, by)
    for counted, at in ((CardListRow, CardListRow.created_at), (BankPushRow, BankPushRow.at)):
        await delete_in_batches(store, counted, at < now - PUSHES_KEPT, at)
    await counters.forget(store, now)
    await releases.delete_expired(store, now)
    for answered, kept in ((ApiRequestRow, ANSWERS_KEPT), (ApiSignatureRow, SIGNATURES_KEPT)):
        await delete_in_batches(store, answered, answered.at < now - kept, answered.at)
    return {name: count for name, count in done.items() if count}


def _expired_imports(now: datetime) -> ColumnElement[bool]:
    """Uploaded lists; those that may be a bank's only as long as a bank's list."""
    at = ListImportRow.created_at
    may_be_cards = ListImportRow.kind.in_(["", ListKind.CARDS.value])
    return or_(at < now - states.KEPT, and_(may_be_cards, at < now - UPLOADS_KEPT))


async def _revisions(store: Store, now: datetime) -> int:
    """Old revisions, their records first: a single one may have very many."""
    expired = RevisionRow.at < now - revisions.KEPT
    records = RevisionRecordRow.revision_id.in_(select(RevisionRow.id).where(expired))
    by = RevisionRecordRow.revision_id
    await delete_in_batches(store, RevisionRecordRow, records, by, size=NOTICES, batches=BATCHES)
    return await delete_in_batches(
        store, RevisionRow, expired & revisions.EMPTY, RevisionRow.id, size=BATCH, batches=BATCHES
    )


async def _applications(store: Store, periods: RetentionPeriods, now: datetime) -> int:
    """Settled ones, and those that the bank stopped reporting; history and bindings go too."""
    expired = or_(
        CardApplicationRow.settled_at < now - periods.settled,
        CardApplicationRow.as_of < now - periods.idle,
    )
    total = 0
    for _ in range(BATCHES):
        async with store.reading() as db:
            ids = await _some(db, CardApplicationRow.id, expired)
        if not ids:
            break
        async with store.writing() as db:
            await raise_version(db, Dataset.CARDS)
            mine = CardApplicationRow.id.in_(ids) & expired  # unless a newer report came in between
            await db.execute(delete(CardApplicationRow).where(mine))
        total += len(ids)
    return total


async def _couriers(
    store: Store,
    expired: ColumnElement[bool],
    now: datetime,
    reason: ErasureReason,
    before_erasure: Sequence[BeforeErasure],
) -> int:
    """Those to whom `expired` applies, with all that belongs to them."""
    total, last = 0, 0
    for _ in range(BATCHES):
        async with store.reading() as db:
            ids = await _some(db, CourierRow.id, expired & (CourierRow.id > last))
        for courier_id in ids:
            async with store.writing() as db:
                if await _is_free(db, courier_id, expired):
                    await erasure.erase(db, courier_id, now, reason, before_erasure)
                    total += 1
        if len(ids) < BATCH:
            break
        last = ids[-1]
    return total


async def _is_free(db: AsyncSession, courier_id: int, expired: ColumnElement[bool]) -> bool:
    """Locks a courier and all their chats; False if one is locked already, or they just wrote.

    Other transactions may still insert references to the courier, as a waiting list does that moves
    in the training which the erasure waits for.
    """
    me = select(CourierRow.id).where(CourierRow.id == courier_id, expired)
    if await db.scalar(me.with_for_update(key_share=True, skip_locked=True)) is None:
        return False
    chats = select(ChatRow.id).where(ChatRow.courier_id == courier_id)
    locked = chats.with_for_update(key_share=True, skip_locked=True)
    return set(await db.scalars(locked)) == set(await db.scalars(chats))


def _only_arrived(now: datetime) -> ColumnElement[bool]:
    """Couriers to whom nothing refers but one chat and what was sent there."""
    kept = (column for column in owned() if column.table.name not in PASSING)
    chats = select(func.count()).select_from(ChatRow).where(ChatRow.courier_id == CourierRow.id)
    return and_(
        CourierRow.seen_at < now - ARRIVALS_KEPT,
        CourierRow.locale.is_(None),
        chats.scalar_subquery() <= 1,
        *(~exists().where(column == CourierRow.id) for column in kept),
    )


async def _some(db: AsyncSession, column: Any, expired: ColumnElement[bool]) -> list[int]:
    return list(await db.scalars(select(column).where(expired).order_by(column).limit(BATCH)))


def _finished(now: datetime) -> ColumnElement[bool]:
    """Notices that are final; one that could still be scheduled again stays."""
    over = now - NOTICES_KEPT
    long_over = OutboxRow.done_at < now - UNKNOWN_RETENTION
    sure = (OutboxRow.status != OutboxStatus.UNKNOWN) | long_over
    return and_(OutboxRow.done_at < over, OutboxRow.not_after < over, sure)
