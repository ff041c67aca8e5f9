"""A session as a calendar file: one entry that later files move, change and cancel.

The entry keeps its UID for ever, and its SEQUENCE grows with each change, so that a calendar
replaces what it has instead of showing the session twice. A cancelled session is a file too: it
takes the entry and its alarms out of the calendar.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.services.trainings.catalogue import Training

MEDIA_TYPE: Final = "text/calendar"
ALARMS: Final = (timedelta(days=1), timedelta(hours=1))
"""How long before the start a calendar rings."""
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def session_ics(
    session: Training, description: str, now: datetime, *, place: str = "", url: str = ""
) -> bytes:
    """The session as an .ics file; its times are those of Inner Mongolia, wherever it is opened.

    `description` and `place` (by default the session's own) are in the reader's language; `url`
    leads back to the chat. Cancelled sessions become METHOD:CANCEL.
    """
    from icalendar import (
        Alarm,
        Calendar,
        Event,
        vCalAddress,
        vGeo,
    )  # slow to load, and seldom needed

    cancelled = session.status == "cancelled"
    event = Event()
    event.add("uid", uid(session.id))
    event.add("sequence", session.sequence)
    event.add("dtstamp", now)
    event.add("summary", session.title)
    event.add("dtstart", session.starts_at.astimezone(_SHANGHAI))
    event.add("dtend", session.ends_at.astimezone(_SHANGHAI))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    # RFC 5546 wants an organizer in whatever has a METHOD; we write from no mail address.
    organizer = vCalAddress("invalid:nomail")
    organizer.params["CN"] = session.contact or session.title
    event.add("organizer", organizer)
    where = place or "，".join(filter(None, (session.place, session.address)))
    if where:
        event.add("location", where)
    if description:
        event.add("description", description)
    if url:
        event.add("url", url)
    if session.point is not None:
        event.add("geo", vGeo((session.point.lat, session.point.lon)))
    if not cancelled:
        for before in ALARMS:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", session.title)
            alarm.add("trigger", -before)
            event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//yizhan-bot//trainings//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def uid(session_id: int) -> str:
    """The entry's name in every calendar, for ever: the session may get another code or title."""
    return f"training-{session_id}@yizhan-bot"
