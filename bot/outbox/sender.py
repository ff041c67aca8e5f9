"""A channel that notices are sent on, and how it slows down when the platform asks."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.channels.protocol import Channel
from bot.outbox.leader import Election
from bot.outbox.metrics import THROTTLED
from bot.outbox.rate_limit import RateLimiter
from bot.outbox.routing import Present
from bot.outbox.settlement import Outcome, RetryableFailure

FAILURE_DELAY = 2.0  # seconds to wait when the database or the platform is away

log = structlog.get_logger()


@dataclass(slots=True)
class ChannelSender:
    """A channel to send on. `election` None: every process sends for itself.

    `present`: the addresses that can be reached from this process, where others cannot be.
    """

    channel: Channel
    limiter: RateLimiter
    election: Election | None = None
    present: Present | None = None

    def slow_down(self, outcome: Outcome, chat: int) -> None:
        """Waits for that chat, or for all, if the message to that chat surely was not sent."""
        match outcome:
            case RetryableFailure(None):
                self.limiter.pause(FAILURE_DELAY)  # no connection: no chat can be reached
            case RetryableFailure(timedelta() as wait):
                seconds = wait.total_seconds()
                everything = self.limiter.throttle(chat, seconds)
                name = self.channel.name
                THROTTLED.labels(name).inc()
                log.warning(
                    "delivery.throttled", channel=name, seconds=seconds, everything=everything
                )
            case _:
                pass
