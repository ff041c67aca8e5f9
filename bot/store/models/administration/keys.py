"""Tables: which keys this database was sealed with."""

from sqlalchemy import LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.common import Table


class KeyCheckRow(Table):
    """A known text sealed with the key of that number: another key cannot open it."""

    __tablename__ = "key_check"

    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
