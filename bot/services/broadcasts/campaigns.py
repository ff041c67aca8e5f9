"""One message to many couriers: started, paused, taken back and counted.

A broadcast is a row with a cursor; its notices are written by `fan_out`.
"""

from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.services.broadcasts.audience import Audience, preview
from bot.services.broadcasts.errors import BroadcastRefusal, BroadcastRefused
from bot.services.broadcasts.repeats import last_with_text
from bot.services.broadcasts.statuses import ACTIVE, BroadcastStatus
from bot.services.dataset_version import Dataset, raise_version
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import Topic
from bot.services.notifications.quiet_hours import USUAL, Quiet
from bot.services.notifications.statuses import OutboxStatus, Reason
from bot.store.models.broadcasts import BroadcastRow
from bot.store.models.notifications import OutboxRow

LONGEST: Final = 500
DEFAULT: Final = "zh_CN"
OPEN: Final = (OutboxStatus.READY, OutboxStatus.CLAIMED, OutboxStatus.SENDING)
_UNSENT: Final = (OutboxStatus.READY, OutboxStatus.HELD)
_NEVER: Final = timedelta(seconds=1)


@value
class Broadcast:
    """How far one is. `counts` by state of the notices (`sent`, `ready`, …), `reasons` of those
    that did not arrive; what has not been written to the outbox yet is `unwritten`."""

    id: int
    texts: Mapping[str, str]
    audience: Audience
    at: datetime
    not_after: datetime
    status: BroadcastStatus
    total: int
    counts: Mapping[OutboxStatus, int] = field(default_factory=dict)
    reasons: Mapping[Reason, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Notices that nothing more will be done about now."""
        return sum(n for state, n in self.counts.items() if state not in OPEN)

    @property
    def unwritten(self) -> int:
        """Couriers who are still to be written to."""
        return max(0, self.total - sum(self.counts.values()))


def ends_at(starts: datetime, seconds: float, quiet: Quiet = USUAL) -> datetime:
    """When a sending of that length ends; it pauses in quiet hours."""
    at, left = quiet.next_gap(starts) or starts, timedelta(seconds=seconds)
    step = timedelta(minutes=1)
    while left > step:
        at, left = quiet.next_gap(at + step) or at + step, left - step
    return at + left


async def create(
    db: AsyncSession,
    texts: Mapping[str, str],
    audience: Audience,
    at: datetime,
    not_after: datetime,
    now: datetime,
    *,
    again: bool = False,
) -> int:
    """Starts one at `at`; its id. `texts` by locale, Chinese at least.

    `again`: although some of the couriers got one of the texts within a day. Raises
    `BroadcastRefused` (no_text, too_long, start_past, past, repeated, nobody).
    """
    total = await admit(db, texts, audience, at, not_after, now, again=again)
    row = BroadcastRow(
        texts=dict(texts),
        audience=asdict(audience),
        at=at,
        not_after=not_after,
        status=BroadcastStatus.RUNNING,
        cursor=0,
        total=total,
        counts={},
        created_at=now,
    )
    db.add(row)
    await db.flush()
    return row.id


async def admit(
    db: AsyncSession,
    texts: Mapping[str, str],
    audience: Audience,
    at: datetime,
    not_after: datetime,
    now: datetime,
    *,
    again: bool,
) -> int:
    """How many couriers one that starts so is for. Raises `BroadcastRefused` as `create` does."""
    check_texts(texts)
    check_start(at, now)
    if not_after <= max(at, now):
        raise BroadcastRefused(BroadcastRefusal.PAST)
    await raise_version(db, Dataset.BROADCASTS)  # of two at once the second sees the first
    if not again and (earlier := await last_with_text(db, texts, audience, at, now)):
        raise BroadcastRefused(BroadcastRefusal.REPEATED, str(earlier.id))
    found = await preview(db, audience, now)
    if not found.total:
        raise BroadcastRefused(BroadcastRefusal.NOBODY)
    return found.total


def check_texts(texts: Mapping[str, str]) -> None:
    """Raises `BroadcastRefused` where a text is missing or longer than a courier reads."""
    if not texts.get(DEFAULT, "").strip():
        raise BroadcastRefused(BroadcastRefusal.NO_TEXT, DEFAULT)
    for locale, text in texts.items():
        if not text.strip():
            raise BroadcastRefused(BroadcastRefusal.NO_TEXT, locale)
        if len(text) > LONGEST:
            raise BroadcastRefused(BroadcastRefusal.TOO_LONG, locale)


def check_start(at: datetime, now: datetime) -> None:
    """Raises `BroadcastRefused` (start_past) for a time before this minute."""
    if at < now.replace(second=0, microsecond=0):
        raise BroadcastRefused(BroadcastRefusal.START_PAST)


async def text_of(db: AsyncSession, broadcast_id: int, locale: str) -> tuple[str, Topic] | None:
    """The text in that language, else in Chinese, and its topic; None if it is called off.

    Raises `BroadcastRefused` (state) while it is paused.
    """
    row = await db.get(BroadcastRow, broadcast_id, populate_existing=True)
    if row is None or row.status == BroadcastStatus.CANCELLED:
        return None
    if row.status == BroadcastStatus.PAUSED:
        raise BroadcastRefused(BroadcastRefusal.STATE, row.status)
    return row.texts.get(locale) or row.texts[DEFAULT], Topic(row.audience["topic"])


async def pause(db: AsyncSession, broadcast_id: int) -> None:
    """Sends no more but what is being sent this second. Raises `BroadcastRefused` (gone, state)."""
    row = await locked(db, broadcast_id, (BroadcastStatus.RUNNING,))
    row.status = BroadcastStatus.PAUSED
    await park(db, row)


async def resume(db: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """Goes on where it was paused. Raises `BroadcastRefused` (gone, state, past)."""
    row = await locked(db, broadcast_id, (BroadcastStatus.PAUSED,))
    if row.not_after <= now:
        raise BroadcastRefused(BroadcastRefusal.PAST)
    row.status = BroadcastStatus.RUNNING
    parked = update(OutboxRow).where(notices_of(row), OutboxRow.status.in_(_UNSENT))
    await db.execute(parked.where(OutboxRow.due_at > row.not_after).values(due_at=now))


async def cancel(db: AsyncSession, broadcast_id: int, now: datetime) -> int:
    """Takes back what has not gone out; how many couriers will not hear it. Raises
    `BroadcastRefused` (gone, state)."""
    row = await locked(db, broadcast_id, ACTIVE)
    row.status = BroadcastStatus.CANCELLED
    waiting = update(OutboxRow).where(
        notices_of(row), OutboxRow.status.in_((*_UNSENT, OutboxStatus.CLAIMED))
    )
    over = waiting.values(status=OutboxStatus.CANCELLED, reason=Reason.CALLED_OFF, done_at=now)
    await db.execute(over.execution_options(synchronize_session=False))
    counts, reasons = await tally(db, row)
    row.counts = {"states": counts, "reasons": reasons}
    spared = row.total - sum(counts.values())
    return max(0, spared) + counts.get(OutboxStatus.CANCELLED, 0)


async def look(db: AsyncSession, broadcast_id: int) -> Broadcast:
    """How far it is. Raises `BroadcastRefused` (gone)."""
    row = await db.get(BroadcastRow, broadcast_id, populate_existing=True)
    if row is None:
        raise BroadcastRefused(BroadcastRefusal.GONE, str(broadcast_id))
    return await report_of(db, row)


async def listed(db: AsyncSession, most: int = 20) -> list[Broadcast]:
    """The latest ones, newest first."""
    rows = await db.scalars(select(BroadcastRow).order_by(BroadcastRow.id.desc()).limit(most))
    return [await report_of(db, row) for row in list(rows)]


def notices_of(row: BroadcastRow) -> ColumnElement[bool]:
    """The notices of one broadcast, in the words of the index that finds them."""
    return and_(
        OutboxRow.kind == literal(NoticeKind.BROADCAST, String, literal_execute=True),
        OutboxRow.not_after == row.not_after,
        OutboxRow.dedupe_key.like(f"{NoticeKind.BROADCAST}:{row.id}:%"),
    )


async def park(db: AsyncSession, row: BroadcastRow) -> None:
    """Makes its notices due only when it is too late: neither sent nor shown till resumed."""
    waiting = update(OutboxRow).where(notices_of(row), OutboxRow.status.in_(_UNSENT))
    parked = waiting.where(OutboxRow.due_at <= row.not_after)
    await db.execute(
        parked.values(due_at=row.not_after + _NEVER).execution_options(synchronize_session=False)
    )


async def locked(
    db: AsyncSession, broadcast_id: int, states: tuple[BroadcastStatus, ...]
) -> BroadcastRow:
    """The row, locked. Raises `BroadcastRefused` (gone, state)."""
    found = select(BroadcastRow).where(BroadcastRow.id == broadcast_id).with_for_update()
    row = (await db.scalars(found)).one_or_none()
    if row is None:
        raise BroadcastRefused(BroadcastRefusal.GONE, str(broadcast_id))
    if row.status not in states:
        raise BroadcastRefused(BroadcastRefusal.STATE, row.status)
    return row


async def tally(
    db: AsyncSession, row: BroadcastRow
) -> tuple[dict[OutboxStatus, int], dict[Reason, int]]:
    """Its notices by state, and those that did not arrive by reason."""
    found = await db.execute(
        select(OutboxRow.status, OutboxRow.reason, func.count())
        .where(notices_of(row))
        .group_by(OutboxRow.status, OutboxRow.reason)
    )
    counts: dict[OutboxStatus, int] = {}
    reasons: dict[Reason, int] = {}
    for status, reason, count in found:
        state, why = OutboxStatus(status), Reason(reason)
        counts[state] = counts.get(state, 0) + count
        if why and state not in {OutboxStatus.READY, OutboxStatus.SENT, OutboxStatus.SHOWN}:
            reasons[why] = reasons.get(why, 0) + count
    return counts, reasons


async def report_of(db: AsyncSession, row: BroadcastRow) -> Broadcast:
    """How far the broadcast of a row is, all of its notices counted."""
    counts, reasons = await tally(db, row)
    if sum(counts.values()) < sum(row.counts.get("states", {}).values()):
        # Its notices have been cleared away since: what was counted last holds.
        counts = {OutboxStatus(name): n for name, n in row.counts["states"].items()}
        reasons = {Reason(name): n for name, n in row.counts["reasons"].items()}
    return Broadcast(
        row.id, row.texts, Audience.load(row.audience), row.at, row.not_after,
        BroadcastStatus(row.status), row.total, counts, reasons,
    )  # fmt: skip
