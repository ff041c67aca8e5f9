"""Tables: idempotency keys and used signatures of the bank's HTTP API."""

from datetime import datetime

from sqlalchemy import (
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import SEALED, Table
from bot.store.types import Instant


class ApiRequestRow(Table):
    """A batch that the bank sent under an idempotency key, with the response to repeat."""

    __tablename__ = "api_request"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    response: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class ApiSignatureRow(Table):
    """A request signature that was used; the same one again is a replay."""

    __tablename__ = "api_signature"

    signature: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
