"""Throw-away databases: one PostgreSQL server per run, one migrated template per worker, one copy per test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg

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
    def __init__(self, server_url: str, worker: str) -> None:
        self._server_url = server_url
        self._worker = worker
        self._made = 0
        self._server = psycopg.connect(f"{server_url}/postgres", autocommit=True)

    def fill_template(self, fill: Callable[[], None]) -> None:
        self._server.execute(f"CREATE DATABASE {self._template}")
        _migrated(f"{self._server_url}/{self._template}", fill)

    def copy(self) -> str:
        self._made += 1
        name = f"test_{self._worker}_{self._made}"
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY FILE_COPY")
        return f"{self._server_url}/{name}"

    def drop(self, url: str) -> None:
        self._server.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    @property
    def _template(self) -> str:
        return f"template_{self._worker}"


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
