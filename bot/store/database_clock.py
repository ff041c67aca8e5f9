"""The database's own clock, which all replicas share: leases run on it."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, String, func, literal, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession


def from_now(db: AsyncSession, seconds: float) -> ColumnElement[datetime]:
    """That moment on the database's clock, in the form in which the column keeps it."""
    if db.get_bind().dialect.name == "sqlite":
        stamp = func.strftime("%Y-%m-%d %H:%M:%f", "now", f"{seconds:+.3f} seconds", type_=String)
        return type_coerce(stamp + literal("000"), DateTime())  # milliseconds, as microseconds
    return func.clock_timestamp(type_=DateTime(timezone=True)) + timedelta(seconds=seconds)
