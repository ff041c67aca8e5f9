"""What couriers are told when a training changes."""

from bot.services.notifications.queue import Plain
from bot.services.trainings.importing.rows import TrainingEntry
from bot.services.trainings.notifications import stored_time


def old_values(before: TrainingEntry, after: TrainingEntry) -> dict[str, Plain]:
    """The old values that a notice of this change names; none where nobody is told."""
    old: dict[str, Plain] = {}
    if before.starts_at != after.starts_at:
        old["starts_at"] = stored_time(before.starts_at)
    if (before.place, before.address) != (after.place, after.address):
        old |= {"place": before.place, "address": before.address}
    if before.ends_at - before.starts_at != after.ends_at - after.starts_at:
        old["ends_at"] = stored_time(before.ends_at)
    if before.is_online != after.is_online:
        old["is_online"] = before.is_online
    if before.link != after.link:
        old["link"] = before.link
    return old
