"""The database, SQLite or PostgreSQL by its URL, and `transaction`: the only place that begins, queues, locks and repeats."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

import peewee
from peewee import OP, BigIntegerField, DatabaseProxy, Expression, IntegerField, Model, Node, TextField

P = ParamSpec("P")
R = TypeVar("R")

MIGRATIONS = Path(__file__).parent.parent / "migrations"
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit that was answered survives a power cut
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "recursive_triggers": 1,  # without it INSERT OR REPLACE deletes past the append-only triggers
    "cache_size": -65536,
    "temp_store": "memory",
}
KEPT_PASSING = -2048  # kB of pages
REPEATED = {"40001", "40P01", "23505"}  # serialization failure, deadlock, somebody took the same unique value
TRIES = 4
WRITER = 0x706F7274  # the advisory lock of the one writer

db = DatabaseProxy()


class MomentField(BigIntegerField):
    """A moment in UTC, kept as whole milliseconds since 1970, alike on both databases."""

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else to_ms(value)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else from_ms(value)


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


class Table(Model):
    """A table. `add`, `find` and `where` run SQL made once; peewee, which builds it each time, is for all that is not hot."""

    if TYPE_CHECKING:  # what peewee adds by itself: the key, and `x_id` beside every foreign key x
        id: Any
        DoesNotExist: type[Exception]

        def __getattr__(self, name: str) -> Any: ...

    class Meta:
        database = db
        legacy_table_names = False

    @classmethod
    def add(cls, **values: Any) -> Self:
        """Inserts a row, as `create` does."""
        made = cls(**values)
        fields, key = cls._meta.fields, cls._meta.primary_key
        kept = {name: value for name, value in made.__data__.items() if value is not None}
        answer = run(_insert(cls, tuple(kept)), *(fields[name].db_value(value) for name, value in kept.items()))
        if key and key.auto_increment:
            made.__data__[key.name] = answer.fetchone()[0]
        made._dirty.clear()
        return made

    @classmethod
    def get(cls, *query: Any, **filters: Any) -> Self:
        """As peewee does, but by its key with SQL made once: so is read whatever another row points to."""
        asked, own = query[0] if len(query) == 1 and not filters else None, cls._meta.primary_key
        if not isinstance(asked, Expression) or asked.op != OP.EQ or asked.lhs is not own or isinstance(asked.rhs, Node):
            return super().get(*query, **filters)
        found = cls.find(f'"{own.column_name}" = ?', own.db_value(asked.rhs))
        if found is None:
            raise cls.DoesNotExist(f"{cls.__name__} {asked.rhs}")
        return found

    @classmethod
    def find(cls, condition: str, *values: Any) -> Self | None:
        """The row of which the condition, written with `?` for its values, holds."""
        found = row(_select(cls) + condition, *values)
        return cls._read(found) if found else None

    @classmethod
    def where(cls, condition: str, *values: Any) -> list[Self]:
        """The rows of which the condition holds; it may go on with ORDER BY."""
        return [cls._read(each) for each in rows(_select(cls) + condition, *values)]

    @classmethod
    def _read(cls, columns: tuple[Any, ...]) -> Self:
        made = cls(__no_default__=True)
        for field, value in zip(cls._meta.sorted_fields, columns, strict=True):
            made.__data__[field.name] = field.python_value(value)
        made._dirty.clear()
        return made


@cache
def _insert(table: type[Table], names: tuple[str, ...]) -> str:
    meta = table._meta
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    answer = " RETURNING id" if meta.primary_key and meta.primary_key.auto_increment else ""
    return f'INSERT INTO "{meta.table_name}" ({columns}) VALUES ({marks(names)}){answer}'


@cache
def _select(table: type[Table]) -> str:
    columns = ", ".join(f'"{field.column_name}"' for field in table._meta.sorted_fields)
    return f'SELECT {columns} FROM "{table._meta.table_name}" WHERE '


class Thing(Table):
    """A row with a history: it keeps the count and the digest of its last event."""

    events = IntegerField(default=0)
    digest = TextField(default="")


def connect(url: str) -> None:
    """Points the portal at its database: `sqlite:///…` or `postgresql://…`."""
    if not db.obj or not db.is_closed():
        disconnect()
    db.initialize(_postgres(url) if url.startswith("postgres") else _sqlite(url))


def disconnect() -> None:
    if db.obj and not db.is_closed():
        db.close()


@contextmanager
def passing_through() -> Iterator[None]:
    """For reading once more than is worth keeping: SQLite would keep all of it in the memory of this thread."""
    if is_postgres():
        yield
        return
    run(f"PRAGMA cache_size = {KEPT_PASSING}")
    try:
        yield
    finally:
        run(f"PRAGMA cache_size = {PRAGMAS['cache_size']}")


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """For filling an empty portal, which is begun anew after a power cut: only the end of it waits for the disk."""
    if is_postgres():
        yield
        return
    run("PRAGMA synchronous = OFF")
    try:
        yield
    finally:
        run(f"PRAGMA synchronous = {PRAGMAS['synchronous']}")
        run("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def is_postgres() -> bool:
    return isinstance(db.obj, peewee.PostgresqlDatabase)


def _sqlite(url: str) -> peewee.SqliteDatabase:
    path = url.removeprefix("sqlite:///")
    return peewee.SqliteDatabase(path, lock_type="IMMEDIATE", pragmas=PRAGMAS, timeout=5)


def _postgres(url: str) -> peewee.PostgresqlDatabase:
    return peewee.PostgresqlDatabase(
        url.replace("postgres://", "postgresql://", 1),
        prefer_psycopg3=True,
        options="-c default_transaction_isolation=read\\ committed -c timezone=UTC",
    )


# ---- one writer -----------------------------------------------------------------------------------------------------


class Queue:
    """A lock that is given first come, first served."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def __enter__(self) -> None:
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class Current(threading.local):
    """What this thread is in the middle of."""

    inside = False
    after: list[Callable[[], None]]
    kept: dict[Any, Any] | None = None  # what a page has read, see `remembering`


queue: Any = Queue()
_current = Current()


def transaction(function: Callable[P, R]) -> Callable[P, R]:
    """The whole function is one transaction; called inside another it joins that one. It may run more than once, so it must
    read everything it decides about itself."""

    @wraps(function)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        if _current.inside:
            return function(*args, **kwargs)
        for attempt in range(1, TRIES + 1):
            try:
                return _once(function, *args, **kwargs)
            except peewee.PeeweeException as error:
                if attempt == TRIES or _sqlstate(error) not in REPEATED:
                    raise
        raise AssertionError("unreachable")

    return whole


def _once(function: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    assert _current.kept is None, "what is decided is read anew"
    _current.after = []
    with queue:
        _current.inside = True
        try:
            with db.transaction():
                if is_postgres():
                    db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (WRITER,))
                result = function(*args, **kwargs)
        finally:
            _current.inside = False
    for work in _current.after:
        work()
    return result


def after_commit(work: Callable[[], None]) -> None:
    """Does the work once the transaction has been committed, or at once outside of one."""
    if _current.inside:
        _current.after.append(work)
    else:
        work()


def is_in_transaction() -> bool:
    return _current.inside


def _sqlstate(error: BaseException) -> str | None:
    """peewee keeps the driver's error as the context of its own, not as the cause."""
    return getattr(error.__context__, "sqlstate", None)


# ---- hand-written SQL -----------------------------------------------------------------------------------------------

_for_postgres: dict[str, str] = {}


def run(sql: str, *values: Any) -> Any:
    """Runs one statement written with `?` for its values; the same text serves both databases. Answers the cursor."""
    if is_postgres():
        if sql not in _for_postgres:
            _for_postgres[sql] = sql.replace("%", "%%").replace("?", "%s")
        sql = _for_postgres[sql]
    return db.execute_sql(sql, values)


def rows(sql: str, *values: Any) -> Any:
    """Every row, as a list of tuples."""
    if _current.kept is None:
        return run(sql, *values).fetchall()
    return remembered((sql, values), lambda: run(sql, *values).fetchall())


def row(sql: str, *values: Any) -> tuple[Any, ...] | None:
    if _current.kept is None:
        return run(sql, *values).fetchone()
    return remembered((sql, values, 1), lambda: run(sql, *values).fetchone())


@contextmanager
def remembering() -> Iterator[None]:
    """For pages, which ask the same of many rules and change nothing: what was read is not read again while this lasts."""
    before, _current.kept = _current.kept, _current.kept or {}
    try:
        yield
    finally:
        _current.kept = before


def is_remembering() -> bool:
    return _current.kept is not None


def remembered(key: Any, read: Callable[[], R]) -> R:
    """What was read under that key before; else it is read now."""
    if _current.kept is None:
        return read()
    if key not in _current.kept:
        _current.kept[key] = read()
    return _current.kept[key]


def marks(values: Any) -> str:
    """As many `?` as there are values, for IN (…)."""
    return ",".join("?" * len(values))


# ---- migrations -----------------------------------------------------------------------------------------------------


class NewerDatabase(Exception):
    """The database was made by a newer portal than this one."""


def pending() -> list[str]:
    """Names of migrations that this database has not had yet. Raises NewerDatabase if it has had one we do not know."""
    known = sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
    applied = {name for (name,) in rows("SELECT name FROM schema_migration")} if db.table_exists("schema_migration") else set()
    if unknown := sorted(applied - set(known)):
        raise NewerDatabase(", ".join(unknown))
    return [name for name in known if name not in applied]


def migrate() -> list[str]:
    """Brings the database to this portal's schema; answers the names of the migrations that ran."""
    from playhouse.migrations import Runner

    if not pending():
        return []
    return Runner(db.obj, str(MIGRATIONS)).up()


def build(database: Any, script: str) -> None:
    """Runs the statements of a migration, written once for both databases: `{id}` is the primary key's type."""
    on_postgres = isinstance(database, peewee.PostgresqlDatabase)
    key = "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" if on_postgres else "INTEGER PRIMARY KEY"
    for statement in script.replace("{id}", key).split(";\n"):
        if statement.strip():
            database.execute_sql(statement.replace("%", "%%") if on_postgres else statement)


def make_append_only(database: Any, table: str) -> None:
    """Triggers that refuse UPDATE and DELETE, and on PostgreSQL TRUNCATE."""
    if isinstance(database, peewee.PostgresqlDatabase):
        database.execute_sql(
            "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
        )
        for timing in ("UPDATE OR DELETE", "TRUNCATE"):
            each = "STATEMENT" if timing == "TRUNCATE" else "ROW"
            name = f"{table}_no_{timing.split()[0].lower()}"
            database.execute_sql(
                f"CREATE TRIGGER {name} BEFORE {timing} ON {table} FOR EACH {each} EXECUTE FUNCTION append_only()"
            )
        return
    for verb in ("UPDATE", "DELETE"):
        database.execute_sql(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
