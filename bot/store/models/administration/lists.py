"""Table: what operators answered about the headings of imported lists."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Instant


class ListMappingRow(Table):
    """One column of the lists of one source: which field it is, NULL for one that is left out.

    `kind` is that of the list, `fingerprint` that of all its headings.
    """

    __tablename__ = "list_mapping"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32), primary_key=True)
    heading: Mapped[str] = mapped_column(String(200), primary_key=True)
    field: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)
