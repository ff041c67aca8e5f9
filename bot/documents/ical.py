"""A training as a calendar file: one entry that later files move, change and cancel.

The entry keeps its UID for ever, and its SEQUENCE grows with each change, so that a calendar
replaces what it has instead of showing the training twice. A cancelled training has a file too: it
removes the entry and its alarms from the calendar.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.services.trainings.catalogue import Training
from bot.services.trainings.statuses import TrainingStatus

MEDIA_TYPE: Final = "text/calendar"
ALARMS: Final = (timedelta(days=1), timedelta(hours=1))
"""How long before the start a calendar rings."""
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def training_ics(
    training: Training, description: str, now: datetime, *, place: str = "", url: str = ""
) -> bytes:
    """The training as an .ics file; its times are those of Inner Mongolia, wherever it is opened.

    `description` and `place` (by default the training's own) are in the reader's language; `url`
    leads back to the chat. Cancelled trainings become METHOD:CANCEL.
    """
    from icalendar import (
        Alarm,
        Calendar,
        Event,
        vCalAddress,
        vGeo,
    )  # slow to load, and seldom needed

    cancelled = training.status == TrainingStatus.CANCELLED
    event = Event()
    event.add("uid", uid(training.id))
    event.add("sequence", training.sequence)
    event.add("dtstamp", now)
    event.add("summary", training.title)
    event.add("dtstart", training.starts_at.astimezone(_SHANGHAI))
    event.add("dtend", training.ends_at.astimezone(_SHANGHAI))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    # RFC 5546 wants an organizer in whatever has a METHOD; we write from no mail address.
    organizer = vCalAddress("invalid:nomail")
    organizer.params["CN"] = training.contact or training.title
    event.add("organizer", organizer)
    where = place or "，".join(filter(None, (training.place, training.address)))
    if where:
        event.add("location", where)
    if description:
        event.add("description", description)
    if url:
        event.add("url", url)
    if training.point is not None:
        event.add("geo", vGeo((training.point.lat, training.point.lon)))
    if not cancelled:
        for before in ALARMS:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", training.title)
            alarm.add("trigger", -before)
            event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//yizhan-bot//trainings//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def uid(training_id: int) -> str:
    """The entry's name in every calendar, for ever: the training may get another code or title."""
    return f"training-{training_id}@yizhan-bot"
