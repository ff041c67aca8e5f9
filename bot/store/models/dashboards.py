"""Table: the figures of the operators' dashboard, as they were last counted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Instant


class DashboardRow(Table):
    """The figures of the last `days` days for one league (adcode), "" for the whole region.

    `figures` holds sums only: none of couriers below five, nothing of a single one. The row with
    `days` 0 says when a replica last began to count.
    """

    __tablename__ = "dashboard"

    days: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    league: Mapped[str] = mapped_column(String(12), primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(Instant)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
