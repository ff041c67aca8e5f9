"""What becomes of a claimed notice, decided from values only."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.common.values import value
from bot.services.notifications.queue import Plain
from bot.services.notifications.quiet_hours import Quiet
from bot.services.notifications.statuses import OutboxStatus, Priority, Reason

GRACE = timedelta(minutes=15)
"""How late a notice that cannot wait for morning may still go when its allowed time has passed."""


@value
class Due:
    """A claimed notice, its courier and chat. `address` None: the chat cannot be written to.

    `written_at`: when the courier last wrote there, `turns`: how often. `wanted`: its topic is not
    switched off.
    """

    id: int
    courier_id: int
    kind: str
    params: Mapping[str, Plain]
    priority: Priority
    due_at: datetime
    not_after: datetime
    attempts: int
    reason: Reason
    chat_id: int | None
    address: str | None
    written_at: datetime | None
    turns: int
    locale: str | None
    wanted: bool
    quiet: Quiet

    @property
    def urgent(self) -> bool:
        """Whether it may use the reserve that broadcasts leave."""
        return self.priority <= Priority.REMINDER


@value
class Send:
    """Render it and send it now, to chat and address."""

    chat_id: int
    address: str


@value
class Postpone:
    """Not now; ready again at that moment."""

    at: datetime


@value
class Reroute:
    """Not to this chat: another one of the courier, else the 待看箱."""

    reason: Reason


@value
class Hold:
    """It waits for the courier's next message."""

    reason: Reason


@value
class Terminate:
    """Over, in that final state."""

    status: OutboxStatus
    reason: Reason


DeliveryDecision = Send | Postpone | Reroute | Hold | Terminate


def decide(one: Due, now: datetime, window: timedelta | None, *, absent: bool) -> DeliveryDecision:
    """Whether to send it now. `window`: how long after a courier's message the channel lets us
    write first; `absent`: nobody has that page open."""
    if now > one.not_after:
        return Terminate(OutboxStatus.EXPIRED, Reason.LATE)
    if not one.wanted:
        return Terminate(OutboxStatus.CANCELLED, Reason.TOPIC)
    if one.chat_id is None or one.address is None:
        return Reroute(Reason.UNREACHABLE)
    if window is not None and (one.written_at is None or now - one.written_at > window):
        return Reroute(Reason.WINDOW)
    if absent:
        return Reroute(Reason.AWAY)
    send = Send(one.chat_id, one.address)
    if one.priority > Priority.INTERACTIVE and one.quiet.covers(now):
        return _in_quiet_hours(one, now, send)
    return send


def _in_quiet_hours(one: Due, now: datetime, send: Send) -> DeliveryDecision:
    later = one.quiet.next_gap(now)
    if later is not None and later <= one.not_after:
        return Postpone(later)
    if now - one.due_at <= GRACE and not one.quiet.covers(one.due_at):
        return send
    return Hold(Reason.QUIET)
