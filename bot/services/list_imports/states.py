"""How far an import is, what its preview is divided into, and why a request is refused."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.services.errors import DomainError

KEPT: Final = timedelta(days=7)
"""So long an upload and its preview are kept."""


class ImportState(StrEnum):
    """How far an import is; the values are stored."""

    PLANNING = "planning"
    """A worker reads the file and compares it."""
    ASKING = "asking"
    """The operator has to say what columns or coordinates mean."""
    READY = "ready"
    """The preview can be written."""
    REFUSED = "refused"
    """The file is no table that can be read."""
    FAILED = "failed"
    """The worker broke off; nothing was written."""
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


WORKING: Final = frozenset({ImportState.PLANNING, ImportState.APPLYING, ImportState.UNDOING})
"""A worker is at it."""
OPEN: Final = frozenset({ImportState.ASKING, ImportState.READY, ImportState.FAILED})
"""Nothing is written yet, and answers may still change."""


class Tab(StrEnum):
    """A part of a preview; the values are stored."""

    NEW = "new"
    CHANGED = "changed"
    FAULTY = "faulty"
    DOUBTFUL = "doubtful"
    MISSING = "missing"


class ImportUnknown(DomainError):
    """There is no such import, or it is another operator's."""


class ImportChanged(DomainError):
    """The import is not in the state, or does not have the preview, that the request was about."""


class ListChanged(DomainError):
    """What the list was compared with was changed meanwhile."""


class UploadRefused(DomainError):
    """The file is empty or too large to be kept."""
