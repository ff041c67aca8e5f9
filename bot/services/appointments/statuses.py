"""The states of an appointment, and which follows which."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AppointmentStatus(StrEnum):
    """The values are stored."""

    NEW = "new"
    CONTACTED = "contacted"
    """The outlet has spoken to the courier."""
    DONE = "done"
    UNREACHED = "unreached"
    """The outlet phoned and nobody answered."""


OPEN: Final = frozenset({AppointmentStatus.NEW, AppointmentStatus.CONTACTED})
"""Those that somebody still has to do something about."""

FOLLOWING: Final[Mapping[AppointmentStatus, frozenset[AppointmentStatus]]] = MappingProxyType(
    {
        AppointmentStatus.NEW: frozenset(
            {AppointmentStatus.CONTACTED, AppointmentStatus.UNREACHED, AppointmentStatus.DONE}
        ),
        AppointmentStatus.UNREACHED: frozenset(
            {AppointmentStatus.CONTACTED, AppointmentStatus.DONE}
        ),
        AppointmentStatus.CONTACTED: frozenset(
            {AppointmentStatus.DONE, AppointmentStatus.UNREACHED}
        ),
        AppointmentStatus.DONE: frozenset(),
    }
)
"""State → those that it may change to."""
