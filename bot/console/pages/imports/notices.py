"""The very notices that couriers would get of a changed training, worded as the chat words them."""

from datetime import timedelta

from bot.console.visits import Visit
from bot.handlers.trainings import notifications
from bot.services.list_imports.summaries import JsonRow
from bot.services.trainings.editing.edits import described
from bot.services.trainings.importing.recorded import from_values
from bot.services.trainings.notifications import hold_end
from bot.services.trainings.registration_queries import Registration
from bot.services.trainings.statuses import RegistrationStatus


def training_notices(visit: Visit, row: JsonRow) -> list[str]:
    """The lines that couriers with a seat would read; none where nobody is told."""
    notice = row.get("notice")
    if not notice:
        return []
    after = described(from_values(notice["after"]))
    hold = timedelta(minutes=visit.parts.settings.hold_minutes)
    seat = Registration(0, after.id, 0, RegistrationStatus.SEAT, 1, hold_end(visit.now, hold))
    text = notifications.changed_text(visit.bot_words, after, seat, notice["old"], visit.now)
    return text.splitlines()
