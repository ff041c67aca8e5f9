"""Statements compiled once for each database and, in a turn, run through its driver.

SQLAlchemy's own execution of a compiled statement (cache key, context, cursor result, rows) takes
several times as long as the statement itself. A `Prepared` is still one SQLAlchemy expression for
both databases, and runs in any session.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Delete, Dialect, Insert, Select, TextClause, Update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import UpdateBase

Row = tuple[Any, ...]
Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete | UpdateBase | TextClause
_Processor = Callable[[Any], Any]


class TurnSession(AsyncSession):
    """A session of `Store.turn()`, which can run a compiled statement through the driver."""

    @abstractmethod
    async def run_compiled(self, compiled: "Compiled", values: Mapping[str, Any]) -> list[Row]:
        """The rows of a statement in this session's transaction; none where it returns no rows.

        What the session holds unwritten is written before. Raises what `execute` would.
        """

    @property
    @abstractmethod
    def dialect(self) -> Dialect:
        """The dialect to compile for."""

    @property
    def postponed(self) -> "dict[Prepared, Mapping[str, Any]] | None":
        """The writes that wait for the turn's last statement; None where each runs at once."""
        return None


class Compiled:
    """A statement in one dialect: its text, and how its values and rows are converted."""

    __slots__ = ("_columns", "_constants", "_given", "sql")

    def __init__(
        self, statement: Statement, dialect: Dialect, column_keys: Sequence[str] | None
    ) -> None:
        done: Any = statement.compile(
            dialect=dialect,
            column_keys=list(column_keys) if column_keys is not None else None,
            compile_kwargs={"render_postcompile": True},
        )
        if any(getattr(done, name, None) for name in ("insert_prefetch", "update_prefetch")):
            raise ValueError("a default in Python is not run here: give the value")
        self.sql: Final[str] = str(done)
        constants: list[Any] = []
        given: list[tuple[int, str, _Processor | None]] = []
        for position, name in enumerate(done.positiontup or ()):
            bind = done.binds[name]
            convert = _bind_processor(bind.type, dialect)
            value = None if bind.required else done.params[name]
            constants.append(value if convert is None else convert(value))
            if bind.required:
                given.append((position, name, convert))
        self._constants: Final = constants
        self._given: Final = tuple(given)
        converted = (_result_processor(one, dialect) for one in _result_types(statement, done))
        self._columns: Final = tuple(
            (position, one) for position, one in enumerate(converted) if one is not None
        )

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """The values for the driver, in the order of the placeholders.

        Raises `KeyError` for one that is missing.
        """
        parameters = self._constants.copy()
        for position, name, convert in self._given:
            value = values[name]
            parameters[position] = value if convert is None else convert(value)
        return parameters

    def rows(self, found: list[Row]) -> list[Row]:
        """The driver's rows as Python values."""
        return [self._row(row) for row in found] if self._columns else found

    def _row(self, row: Row) -> Row:
        values = list(row)
        for position, convert in self._columns:
            values[position] = convert(values[position])
        return tuple(values)


class Prepared:
    """A statement that is run very often; `bindparam`s with a value are constants of it.

    `parameters`: the columns that an insert without `values()` is given. A statement whose columns
    have defaults in Python must be given their values; lists of values (`IN`) are not supported.
    """

    def __init__(self, statement: Statement, parameters: Sequence[str] | None = None) -> None:
        self.statement = statement
        self._parameters = parameters
        self._compiled: dict[str, Compiled] = {}
        self._joined: dict[tuple[Prepared, ...], Prepared] = {}

    async def write_later(self, db: AsyncSession, values: Mapping[str, Any]) -> None:
        """Runs a write that nothing in this turn reads, at the latest as a part of its last
        statement, whose parameters have other names."""
        postponed = db.postponed if isinstance(db, TurnSession) else None
        if postponed is None or self in postponed:
            await self.rows(db, values)
        else:
            postponed[self] = values

    async def write_last(self, db: AsyncSession, values: Mapping[str, Any]) -> None:
        """Runs the turn's last write, and with it what waits for it."""
        postponed = db.postponed if isinstance(db, TurnSession) else None
        if not postponed:
            await self.rows(db, values)
            return
        others = tuple(postponed)
        joined = self._joined.get(others)
        if joined is None:
            ctes = [one.statement.cte(f"write_{at}") for at, one in enumerate(others)]  # type: ignore[union-attr]
            joined = self._joined[others] = Prepared(self.statement.add_cte(*ctes))  # type: ignore[union-attr]
        every = dict(values)
        for more in postponed.values():
            every |= more
        postponed.clear()
        await joined.rows(db, every)

    async def rows(self, db: AsyncSession, values: Mapping[str, Any]) -> list[Row]:
        """The rows that the statement returns, none for one that returns no rows."""
        if isinstance(db, TurnSession):
            return await db.run_compiled(self.compiled(db.dialect), values)
        result: Any = await db.execute(self.statement, dict(values))
        return [tuple(row) for row in result] if result.returns_rows else []

    def compiled(self, dialect: Dialect) -> Compiled:
        """The statement in that dialect. Raises `ValueError` for one with defaults in Python."""
        done = self._compiled.get(dialect.name)
        if done is None:
            done = Compiled(self.statement, dialect, self._parameters)
            self._compiled[dialect.name] = done
        return done


def _bind_processor(kind: Any, dialect: Dialect) -> _Processor | None:
    found: _Processor | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found


def _result_processor(kind: Any, dialect: Dialect) -> _Processor | None:
    found: _Processor | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found


def _result_types(statement: Any, done: Any) -> list[Any]:
    if isinstance(statement, TextClause) or not (
        done.effective_returning or isinstance(statement, Select)
    ):
        return []
    return [column.type for column in statement.exported_columns]
