"""One message to many couriers, written to the outbox a little ahead of the sending.

A broadcast is a row with a cursor. While it runs, `fan_out` keeps some thousand notices of it in
the outbox and no more, so that a million couriers cost no more memory, and a pause takes effect at
once. Each is an ordinary notice of the lowest priority: quiet hours, switched-off topics and the
待看箱 hold for it too, and it never overtakes a reminder or an answer.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    String,
    case,
    exists,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.errors import BroadcastRefused
from bot.services.notices import BROADCAST, Topic
from bot.services.quiet import USUAL, Quiet
from bot.store.engine import Store
from bot.store.models import ChatRow, CourierRow, OutboxRow, TopicRow
from bot.store.training_models import BroadcastPartRow, BroadcastRow, ProfileRow

KIND: Final = "broadcast"
AHEAD: Final = 5_000
"""Notices that wait in the outbox at most: some three minutes of sending."""
PIECE: Final = 1_000
"""Notices of one transaction: couriers who write meanwhile wait for it, so it must be short."""
LONGEST: Final = 500
DEFAULT: Final = "zh_CN"
PER_SECOND: Final = 25.0
"""Pushes a second that the platform allows in all, less what is kept free for answers."""
_OPEN: Final = ("ready", "claimed", "sending")
_UNSENT: Final = ("ready", "held")
_NEVER: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant: those with the topic switched on, in that league (adcode), of that firm."""

    topic: str = Topic.TRAINING
    league: str = ""
    firm: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom it would reach. `by_channel`: pushes; `waiting`: only shown when they write next;
    `switched_off`: meant, but they do not want that topic."""

    total: int
    by_channel: Mapping[str, int]
    waiting: int
    switched_off: int

    @property
    def seconds(self) -> float:
        """How long the sending takes, without quiet hours: channels send side by side."""
        return max(self.by_channel.values(), default=0) / PER_SECOND


@dataclass(frozen=True, slots=True)
class Broadcast:
    """How far one is. `counts` by state of the notices (`sent`, `ready`, …), `reasons` of those
    that did not arrive; what has not been written to the outbox yet is `unwritten`."""

    id: int
    texts: Mapping[str, str]
    audience: Audience
    at: datetime
    not_after: datetime
    status: str
    total: int
    counts: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Notices that nothing more will be done about now."""
        return sum(n for state, n in self.counts.items() if state not in _OPEN)

    @property
    def unwritten(self) -> int:
        """Couriers who are still to be written to."""
        return max(0, self.total - sum(self.counts.values()))


async def preview(db: AsyncSession, audience: Audience, now: datetime) -> Preview:
    """Counts the audience as it is now; writes nothing."""
    chat = _best_chat()
    found = await db.execute(
        select(chat.c.channel, func.count())
        .select_from(CourierRow)
        .join(chat, (chat.c.courier_id == CourierRow.id) & (chat.c.place == 1))
        .where(*_meant(audience, now), ~_is_off(audience))
        .group_by(chat.c.channel)
    )
    by_channel: dict[str, int] = dict(found.all())
    everybody = select(func.count()).select_from(CourierRow).where(*_meant(audience, now))
    total = await db.scalar(everybody.where(~_is_off(audience))) or 0
    off = await db.scalar(everybody.where(_is_off(audience))) or 0
    return Preview(total, by_channel, total - sum(by_channel.values()), off)


def ends_at(starts: datetime, seconds: float, quiet: Quiet = USUAL) -> datetime:
    """When a sending of that length ends that rests in quiet hours."""
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
) -> int:
    """Starts one at `at`; its id. `texts` by locale, Chinese at least.

    Raises `BroadcastRefused` (no_text, too_long, past, nobody).
    """
    check_texts(texts)
    if not_after <= max(at, now):
        raise BroadcastRefused("past")
    found = await preview(db, audience, now)
    if not found.total:
        raise BroadcastRefused("nobody")
    row = BroadcastRow(
        texts=dict(texts),
        audience=asdict(audience),
        at=at,
        not_after=not_after,
        status="running",
        cursor=0,
        total=found.total,
        counts={},
        created_at=now,
    )
    db.add(row)
    await db.flush()
    return row.id


def check_texts(texts: Mapping[str, str]) -> None:
    """Raises `BroadcastRefused` where a text is missing or longer than a courier reads."""
    if not texts.get(DEFAULT, "").strip():
        raise BroadcastRefused("no_text", DEFAULT)
    for locale, said in texts.items():
        if not said.strip():
            raise BroadcastRefused("no_text", locale)
        if len(said) > LONGEST:
            raise BroadcastRefused("too_long", locale)


async def text_of(db: AsyncSession, broadcast_id: int, locale: str) -> tuple[str, Topic] | None:
    """What is said in that language, else in Chinese, and its topic; None if it is called off.

    Raises `BroadcastRefused` (state) while it is paused.
    """
    row = await db.get(BroadcastRow, broadcast_id, populate_existing=True)
    if row is None or row.status == "cancelled":
        return None
    if row.status == "paused":
        raise BroadcastRefused("state", row.status)
    return row.texts.get(locale) or row.texts[DEFAULT], Topic(row.audience["topic"])


async def pause(db: AsyncSession, broadcast_id: int) -> None:
    """Sends no more but what is being sent this second. Raises `BroadcastRefused` (gone, state)."""
    row = await _locked(db, broadcast_id, ("running",))
    row.status = "paused"
    await _park(db, row)


async def resume(db: AsyncSession, broadcast_id: int, now: datetime) -> None:
    """Goes on where it was paused. Raises `BroadcastRefused` (gone, state, past)."""
    row = await _locked(db, broadcast_id, ("paused",))
    if row.not_after <= now:
        raise BroadcastRefused("past")
    row.status = "running"
    parked = update(OutboxRow).where(_of(row.id), OutboxRow.status.in_(_UNSENT))
    await db.execute(parked.where(OutboxRow.due_at > row.not_after).values(due_at=now))


async def cancel(db: AsyncSession, broadcast_id: int, now: datetime) -> int:
    """Takes back what has not gone out; how many couriers will not hear it. Raises
    `BroadcastRefused` (gone, state)."""
    row = await _locked(db, broadcast_id, ("running", "paused"))
    row.status = "cancelled"
    waiting = update(OutboxRow).where(_of(row.id), OutboxRow.status.in_((*_UNSENT, "claimed")))
    over = waiting.values(status="cancelled", reason="called_off", done_at=now)
    await db.execute(over.execution_options(synchronize_session=False))
    counts, reasons = await _tally(db, row.id)
    row.counts = {"states": counts, "reasons": reasons}
    spared = row.total - sum(counts.values())
    return max(0, spared) + counts.get("cancelled", 0)


async def look(db: AsyncSession, broadcast_id: int) -> Broadcast:
    """How far it is. Raises `BroadcastRefused` (gone)."""
    row = await db.get(BroadcastRow, broadcast_id, populate_existing=True)
    if row is None:
        raise BroadcastRefused("gone", str(broadcast_id))
    return await _told(db, row)


async def listed(db: AsyncSession, most: int = 20) -> list[Broadcast]:
    """The latest ones, newest first."""
    rows = await db.scalars(select(BroadcastRow).order_by(BroadcastRow.id.desc()).limit(most))
    return [await _told(db, row) for row in list(rows)]


async def fan_out(store: Store, now: datetime) -> int:
    """Writes the next notices of every running broadcast, and ends those that are through.

    To be called every few seconds, by any number of processes; how many notices were written.
    """
    alive = select(BroadcastRow.id).where(BroadcastRow.status.in_(("running", "paused")))
    async with store.reading() as db:
        ids = list(await db.scalars(alive.where(BroadcastRow.at <= now).order_by(BroadcastRow.id)))
    total = 0
    for broadcast_id in ids:
        while True:
            async with store.writing() as db:
                written = await _step(db, broadcast_id, now)
            total += written
            if not written:
                break
    if total:
        # Or the planner goes on believing that the table is empty.
        async with store.writing() as db:
            if store.is_sqlite:
                await db.execute(text("PRAGMA analysis_limit=1000"))
            await db.execute(text("ANALYZE outbox"))
    return total


async def _step(db: AsyncSession, broadcast_id: int, now: datetime) -> int:
    found = select(BroadcastRow).where(
        BroadcastRow.id == broadcast_id, BroadcastRow.status.in_(("running", "paused"))
    )
    row = (await db.scalars(found.with_for_update(skip_locked=True))).one_or_none()
    if row is None:
        return 0  # another process is at it
    if row.status == "paused":
        await _park(db, row)  # what a worker had in its hands and gave back
        return 0
    open_ = func.count().filter(OutboxRow.status == "ready"), func.count()
    counted = select(*open_).where(_of(row.id), OutboxRow.status.in_(_OPEN))
    ready, pending = (await db.execute(counted)).one()
    if now <= row.not_after:
        room = min(PIECE, AHEAD - ready)
        if room <= 0 or USUAL.covers(now):
            return 0
        last = await _last(db, row, room)
        if last is not None:
            return await _write(db, row, last, now)
    if not pending:
        counts, reasons = await _tally(db, row.id)
        row.status, row.counts = "done", {"states": counts, "reasons": reasons}
    return 0


async def _last(db: AsyncSession, row: BroadcastRow, room: int) -> int | None:
    """The last courier of the next piece."""
    piece = _next(row).order_by(CourierRow.id).limit(room).subquery()
    return await db.scalar(select(func.max(piece.c.id)))


async def _write(db: AsyncSession, row: BroadcastRow, last: int, now: datetime) -> int:
    first = row.cursor + 1
    chat = _best_chat((first, last))
    courier = _next(row).where(CourierRow.id <= last).subquery()
    name = literal(f"{KIND}:{row.id}:", String) + courier.c.id.cast(String)
    values: dict[str, Any] = {
        "dedupe_key": name,
        "courier_id": courier.c.id,
        "chat_id": chat.c.id,
        "channel": func.coalesce(chat.c.channel, ""),
        "kind": literal(KIND),
        "params": literal({"broadcast": row.id}, OutboxRow.params.type),
        "topic": literal(str(row.audience["topic"])),
        "priority": literal(BROADCAST),
        "status": case((chat.c.id.is_(None), "held"), else_="ready"),
        "due_at": literal(now, OutboxRow.due_at.type),
        "not_after": literal(row.not_after, OutboxRow.not_after.type),
        "attempts": literal(0),
        "reason": case((chat.c.id.is_(None), "unreachable"), else_=""),
        "created_at": literal(now, OutboxRow.created_at.type),
    }
    notices = (
        select(*values.values())
        .select_from(courier)
        .outerjoin(chat, (chat.c.courier_id == courier.c.id) & (chat.c.place == 1))
        .where(literal(True))  # or SQLite would read ON CONFLICT as the join's
    )
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    written = insert(OutboxRow).from_select(list(values), notices).on_conflict_do_nothing()
    result = await db.execute(written)
    count = int(getattr(result, "rowcount", 0))
    db.add(BroadcastPartRow(broadcast_id=row.id, first=first, last=last, written=count, at=now))
    row.cursor = last
    return max(1, count)


def _next(row: BroadcastRow) -> Any:
    """Ids of the couriers who are meant and come after the cursor."""
    audience = Audience(**row.audience)
    return select(CourierRow.id).where(
        *_meant(audience, row.created_at), ~_is_off(audience), CourierRow.id > row.cursor
    )


def _meant(audience: Audience, now: datetime) -> list[ColumnElement[bool]]:
    """Those who were there by then and have a chat that lasts, unlike a terminal's."""
    lasting = (ChatRow.courier_id == CourierRow.id) & (ChatRow.channel != "terminal")
    wanted = [CourierRow.created_at <= now, exists().where(lasting)]
    profile = ProfileRow.courier_id == CourierRow.id
    if audience.league:
        wanted.append(exists().where(profile, ProfileRow.league == audience.league))
    if audience.firm:
        wanted.append(exists().where(profile, ProfileRow.firm == audience.firm))
    return wanted


def _is_off(audience: Audience) -> ColumnElement[bool]:
    return exists().where(
        TopicRow.courier_id == CourierRow.id,
        TopicRow.topic == audience.topic,
        TopicRow.is_on.is_(False),
        literal(audience.topic != Topic.SERVICE),
    )


def _best_chat(between: tuple[int, int] | None = None) -> Any:
    """Each courier's chats that can be pushed to, `place` 1 being the one used last."""
    latest = ChatRow.state_at.desc(), ChatRow.id.desc()
    chats = select(
        ChatRow.id,
        ChatRow.courier_id,
        ChatRow.channel,
        func.row_number().over(partition_by=ChatRow.courier_id, order_by=latest).label("place"),
    ).where(ChatRow.reachable.is_(True), ChatRow.channel != "terminal")
    if between is not None:
        chats = chats.where(ChatRow.courier_id.between(*between))
    return chats.subquery()


def _of(broadcast_id: int) -> ColumnElement[bool]:
    return (OutboxRow.kind == KIND) & OutboxRow.dedupe_key.like(f"{KIND}:{broadcast_id}:%")


async def _park(db: AsyncSession, row: BroadcastRow) -> None:
    """Not due before it is too late: neither sent nor shown, until it is resumed."""
    waiting = update(OutboxRow).where(_of(row.id), OutboxRow.status.in_(_UNSENT))
    parked = waiting.where(OutboxRow.due_at <= row.not_after)
    await db.execute(
        parked.values(due_at=row.not_after + _NEVER).execution_options(synchronize_session=False)
    )


async def _locked(db: AsyncSession, broadcast_id: int, states: tuple[str, ...]) -> BroadcastRow:
    found = select(BroadcastRow).where(BroadcastRow.id == broadcast_id).with_for_update()
    row = (await db.scalars(found)).one_or_none()
    if row is None:
        raise BroadcastRefused("gone", str(broadcast_id))
    if row.status not in states:
        raise BroadcastRefused("state", row.status)
    return row


async def _tally(db: AsyncSession, broadcast_id: int) -> tuple[dict[str, int], dict[str, int]]:
    found = await db.execute(
        select(OutboxRow.status, OutboxRow.reason, func.count())
        .where(_of(broadcast_id))
        .group_by(OutboxRow.status, OutboxRow.reason)
    )
    counts: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for status, reason, count in found:
        counts[status] = counts.get(status, 0) + count
        if reason and status not in {"ready", "sent", "shown"}:
            reasons[reason] = reasons.get(reason, 0) + count
    return counts, reasons


async def _told(db: AsyncSession, row: BroadcastRow) -> Broadcast:
    counts, reasons = await _tally(db, row.id)
    if sum(counts.values()) < sum(row.counts.get("states", {}).values()):
        # Its notices have been cleared away since: what was counted last holds.
        counts, reasons = row.counts["states"], row.counts["reasons"]
    return Broadcast(
        row.id, row.texts, Audience(**row.audience), row.at, row.not_after, row.status, row.total,
        counts, reasons,
    )  # fmt: skip
