"""Tables: the links by which keepers confirm their stations, and weather modes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table
from bot.store.types import Id, Instant


class KeeperLinkRow(Table):
    """The link of a station's keeper; a new one replaces it.

    `token_hash`: SHA-256 of the token, in hexadecimal; the token itself is stored nowhere.
    `last_form`: the id of the form that was saved last, so that a second tap saves nothing.
    """

    __tablename__ = "keeper_link"

    station_id: Mapped[int] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), primary_key=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, index=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    saved_at: Mapped[datetime | None] = mapped_column(Instant)
    last_form: Mapped[str] = mapped_column(String(32), default="")


class WeatherModeRow(Table):
    """Cold, dust or heat in a league (`league`: its adcode), from `since` to `until`."""

    __tablename__ = "weather_mode"
    __table_args__ = (CheckConstraint("kind IN ('cold','dust','heat')", name="kind"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    league: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str] = mapped_column(String(40))
