"""Database errors that pass by themselves, and those after which a transaction may run again."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

SQLITE_CANNOT_WRITE: Final = frozenset(
    {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
"""Primary result codes: read only, I/O error, disk full, file gone."""
SQLITE_OUTAGES: Final = SQLITE_CANNOT_WRITE | {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
}
"""And locked, or out of memory."""
POSTGRES_OUTAGE_CLASSES: Final = frozenset({"08", "53", "58"})
"""Classes of SQLSTATE: connection lost, resources used up (disk full is one), system error."""
POSTGRES_OUTAGES: Final = frozenset(
    {
        "25006",  # read_only_sql_transaction: a standby, or a server set to read only
        "25P03",  # idle_in_transaction_session_timeout
        "55P03",  # lock_not_available: lock_timeout
        "57014",  # query_canceled: statement_timeout
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
    }
)
POSTGRES_CANNOT_WRITE: Final = frozenset({"25006", "53100", "58030"})
"""Read only, disk full, I/O error."""
REPEATABLE: Final = frozenset(
    {
        "40P01",  # deadlock_detected
        "40001",  # serialization_failure
    }
)
"""PostgreSQL has rolled the whole transaction back, and the same one may succeed now."""


class TransactionError(SQLAlchemyError):
    """A transaction could not be begun or committed, for the reason that is its cause."""


def is_outage(error: BaseException) -> bool:
    """Whether the database could not do its work, whatever it was asked: disk full, I/O error,
    read-only, locked for too long, connection lost. Nothing was committed."""
    if isinstance(error, TransactionError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = _sqlstate(error)
    return (
        _sqlite_code(error) in SQLITE_OUTAGES
        or state[:2] in POSTGRES_OUTAGE_CLASSES
        or state in POSTGRES_OUTAGES
        or error.connection_invalidated
    )


def cannot_write(error: BaseException) -> bool:
    """Whether it can be read but not written to: disk full, I/O error, read-only."""
    return isinstance(error, DBAPIError) and (
        _sqlite_code(error) in SQLITE_CANNOT_WRITE or _sqlstate(error) in POSTGRES_CANNOT_WRITE
    )


def is_repeatable(error: DBAPIError) -> bool:
    """Whether the transaction was rolled back as a whole and may be run again at once."""
    if isinstance(error.orig, sqlite3.Error):
        return False
    # Not at the top: the import takes long, and on SQLite nothing needs it.
    from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi

    if isinstance(error.orig, AsyncAdapt_asyncpg_dbapi.InvalidCachedStatementError):
        # A migration changed a type under a prepared statement. SQLAlchemy gives no SQLSTATE with
        # it, and drops its prepared statements as it raises.
        return True
    return _sqlstate(error) in REPEATABLE


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _sqlite_code(error: DBAPIError) -> int:
    """The primary result code, without the detail of an extended one; 0 where there is none."""
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
