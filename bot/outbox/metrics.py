"""The metrics of delivery."""

from collections.abc import Iterable, Mapping

from prometheus_client import Counter, Gauge

RESULTS = Counter("yizhan_notices", "What became of notices", ["channel", "result"])
NOTICES_DUE = Gauge("yizhan_notices_due", "Notices that are due and not sent", ["channel"])
THROTTLED = Counter("yizhan_delivery_throttled", "Calls refused with the wish to wait", ["channel"])
PAUSED = Gauge("yizhan_delivery_paused_seconds", "How long delivery still stands", ["channel"])
WAITING_CHATS = Gauge(
    "yizhan_delivery_waiting_chats", "Chats that the platform asks not to write to", ["channel"]
)
LAST_POLL = Gauge("yizhan_delivery_beat", "When delivery last looked for work, in Unix seconds")


def show_waits(channels: Iterable[str], waits: Mapping[str, tuple[float, int]]) -> None:
    """Sets for each channel how long everything stands, and how many chats wait."""
    for name in channels:
        paused, chats = waits.get(name, (0.0, 0))
        PAUSED.labels(name).set(paused)
        WAITING_CHATS.labels(name).set(chats)
