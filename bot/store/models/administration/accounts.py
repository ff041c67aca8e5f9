"""Tables: accounts of operators, their sessions in the console, and the audit log."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import ON_POSTGRESQL, SEALED, Table
from bot.store.prefixes import PATTERN_OPS
from bot.store.types import Id, Instant

ROLES: Final = ("administrator", "editor", "cards", "trainer", "duty", "reader")


class OperatorAccountRow(Table):
    """Somebody who signs in to the console. `leagues`: adcodes, none for the whole region.

    `must_change`: the password is a one-time password. `totp`: the secret of the authenticator app;
    `totp_step`: the last time step whose code was used.
    """

    __tablename__ = "operator_account"
    __table_args__ = (CheckConstraint("role IN ('" + "','".join(ROLES) + "')", name="role"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    leagues: Mapped[list[str]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=True)
    totp: Mapped[bytes | None] = mapped_column(LargeBinary, info=SEALED)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    signed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class OperatorSessionRow(Table):
    """A signed-in browser. Deleting the row signs it out; the token itself is not stored."""

    __tablename__ = "operator_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("operator_account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)


class OperatorChatRow(Table):
    """The courier whose chat an operator linked to have messages tested there."""

    __tablename__ = "operator_chat"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("operator_account.id", ondelete="CASCADE"), primary_key=True
    )
    courier_id: Mapped[int] = mapped_column(
        ForeignKey("courier.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(Instant)


class AuditRow(Table):
    """One change, sign-in or refused attempt of an operator. Triggers refuse UPDATE and DELETE.

    `before`, `after`: the fields that differ; never values of a courier. `league`: an adcode.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_actor", "actor", "id"),
        Index("ix_audit_subject", "subject_kind", "subject", "id"),
        Index("ix_audit_action", "action", "id"),
        Index("ix_audit_league", "league", "id"),
        Index(
            "ix_audit_about",
            "subject",
            "id",
            info={ON_POSTGRESQL: {"ops": {"subject": PATTERN_OPS}}},
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    league: Mapped[str] = mapped_column(String(12), default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


APPEND_ONLY: Final = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for what in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    ),
}
"""By dialect, what refuses to change or delete a row; migration 0025 says the same."""


def _refuse_changes(_table: object, connection: Connection, **_: object) -> None:
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.execute(text(statement))


event.listen(AuditRow.__table__, "after_create", _refuse_changes)
