"""Throw-away databases: one PostgreSQL server per run, one migrated template per worker, one copy for each test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from portal import db

ROOM_BYTES = 2 * 1024**3


class Databases(Protocol):
    """Where tests get their databases."""

    def fill_template(self, fill: Callable[[], None]) -> None:
        """Migrates an empty database and lets `fill` write what every test starts with."""

    def copy(self) -> str:
        """The URL of a new database, equal to the template."""

    def drop(self, url: str) -> None: ...


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self._made = 0

    def fill_template(self, fill: Callable[[], None]) -> None:
        _migrated(f"sqlite:///{self._template}", fill)

    def copy(self) -> str:
        self._made += 1
        path = self._folder / f"test{self._made}.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()


class PostgresDatabases:
    """To make a database costs ten times what it costs to empty one: where a test left it as it was built, and small, the next
    test gets it with the rows of the template."""

    def __init__(self, server_url: str, worker: str) -> None:
        self._server_url = server_url
        self._worker = worker
        self._made = 0
        self._server = psycopg.connect(f"{server_url}/postgres", autocommit=True)
        self._emptied: list[str] = []
        self._open: dict[str, Connection] = {}

    def fill_template(self, fill: Callable[[], None]) -> None:
        url = f"{self._server_url}/{self._template}"
        self._server.execute(f"CREATE DATABASE {self._template}")
        _migrated(url, fill)
        with _owner_of(url) as template:
            self._as_built = template.execute(BUILT).fetchone()
            self._refill = refill(template)

    def copy(self) -> str:
        if self._emptied:
            return self._emptied.pop()
        self._made += 1
        name = f"test_{self._worker}_{self._made}"
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY FILE_COPY")
        url = f"{self._server_url}/{name}"
        self._open[url] = _owner_of(url)
        return url

    def drop(self, url: str) -> None:
        owner = self._open[url]
        owner.execute(LEAVE_ALONE)
        if owner.execute(BUILT).fetchone() == self._as_built:
            owner.execute(self._refill)
            self._emptied.append(url)
            return
        self._open.pop(url).close()
        self._server.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    @property
    def _template(self) -> str:
        return f"template_{self._worker}"


Connection = psycopg.Connection[tuple[Any, ...]]
FIRST_OWN = 16384  # below it are PostgreSQL's own things
CATALOGUES = {  # and the number by which each tells whose a thing is
    "pg_class": "oid", "pg_attribute": "attrelid", "pg_attrdef": "oid", "pg_constraint": "oid", "pg_trigger": "oid",
    "pg_proc": "oid", "pg_namespace": "oid",
}  # fmt: skip
BUILT = "SELECT " + ", ".join(  # how many things there are, which change to them was the last, and whether a table is large
    [
        f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {name} WHERE {key} >= {FIRST_OWN})"
        for name, key in CATALOGUES.items()
    ]
    + [f"(SELECT max(pg_relation_size(oid)) > 200000 FROM pg_class WHERE relkind = 'r' AND oid >= {FIRST_OWN})"]
)
LEAVE_ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _owner_of(url: str) -> Connection:
    """A connection whose statements no trigger and no foreign key stops."""
    return psycopg.connect(url, autocommit=True, options="-c session_replication_role=replica")


def refill(template: Connection) -> bytes:
    """Statements that empty every table of a copy and write what stands in the template, and count on from there."""
    names = [name for (name,) in template.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    statements = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in names]
    for name in names:
        (rows,) = template.execute(sql.SQL("SELECT json_agg(t)::text FROM {} t").format(sql.Identifier(name))).fetchone() or ("",)
        if rows:
            again = "INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, {1})"
            statements.append(sql.SQL(again).format(sql.Identifier(name), sql.Literal(rows)))
    for name, last in template.execute("SELECT sequencename::text, last_value FROM pg_sequences"):
        statements.append(sql.SQL("SELECT setval({}, {}, {})").format(name, last or 1, last is not None))
    return sql.SQL("; ").join(statements).as_bytes(template)


def _migrated(url: str, fill: Callable[[], None]) -> None:
    db.connect(url)
    try:
        db.migrate()
        fill()
        if not db.is_postgres():
            db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.disconnect()


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def postgres_server(programs: Path) -> Iterator[str]:
    """A server of its own on a free loopback port, as user postgres where root runs the tests. Gives its URL."""
    folder = fast_folder("portal-postgres-")
    port = _free_port()
    options = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off "
        "-c full_page_writes=off -c autovacuum=off -c dynamic_shared_memory_type=mmap -c max_connections=300 "
        "-c shared_buffers=64MB"
    )
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    control = [str(programs / "pg_ctl"), "-D", f"{folder}/data", "-w", "-s"]
    try:
        _as_postgres(folder, [str(programs / "initdb"), *_INITDB, "-D", f"{folder}/data"])
        _as_postgres(folder, [*control, "-l", f"{folder}/log", "-o", options, "start"])
        try:
            yield f"postgresql://portal@127.0.0.1:{port}"
        finally:
            _as_postgres(folder, [*control, "-m", "fast", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_INITDB = ["-U", "portal", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]


def _as_postgres(folder: Path, command: list[str]) -> None:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120)


def fast_folder(prefix: str) -> Path:
    """A new folder in memory where there is room for it, else among the temporary files."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory if has_room else None))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
