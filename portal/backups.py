"""A copy of everything in one file, made while people work, and put back by one command.

The secret that signs cookies is left out: a restored portal makes its own, and open forms are sent anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit

from portal import attachments, clock, db
from portal.config import Settings
from portal.refused import Refused
from portal.words import Words, _

MANIFEST = "manifest.json"
FORMAT = 1
_NAMES = re.compile(r"portal\.db|portal\.dump|manifest\.json|files/([0-9a-f]{2})/\1[0-9a-f]{62}")
_CHUNK = 1024 * 1024


@dataclass
class Backup:
    """What was written: rows and files are counted, `missing` names files that were not there to be copied."""

    path: Path
    rows: int = 0
    files: int = 0
    missing: list[str] = field(default_factory=list)


def backup(settings: Settings, target: Path | None) -> Backup:
    """Writes database and files to one .tar.gz, whole or not at all. Raises Refused."""
    path = _path_for(settings, target)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Backup(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    copy = settings.data / f".copy-{secrets.token_hex(4)}"
    try:
        manifest = _copy_database(settings, copy, made)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _pack(file, copy, manifest, made)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        copy.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    attachments.sync_folder(path.parent)
    return made


def _path_for(settings: Settings, target: Path | None) -> Path:
    name = f"portal-{clock.local(clock.now()):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.tar.gz"
    if target is None:
        return settings.data / "backups" / name
    if target.is_dir():
        return target / name
    if target.exists():
        raise Refused(_("%(file)s is there already; a backup overwrites nothing.", file=str(target)))
    return target


# ---- the database ---------------------------------------------------------------------------------------------------


def _copy_database(settings: Settings, copy: Path, made: Backup) -> dict[str, object]:
    """Copies the database as of one moment, and counts what is in it."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if db.is_postgres():
        _postgres("pg_dump", settings.database, "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
    else:
        _copy_sqlite(_sqlite_path(settings), copy)
    schema = [name for (name,) in db.rows("SELECT name FROM schema_migration ORDER BY name")]
    counts = _counts() if db.is_postgres() else _counts_in(copy)
    made.rows = sum(counts.values())
    kind = "portal.dump" if db.is_postgres() else "portal.db"
    return {"format": FORMAT, "made_at": clock.now().isoformat(), "database": kind, "schema": schema, "counts": counts}


def _copy_sqlite(source: Path, copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as here, contextlib.closing(sqlite3.connect(copy)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode = DELETE")


def _counts() -> dict[str, int]:
    return {table: db.row(f'SELECT COUNT(*) FROM "{table}"')[0] for table in sorted(db.db.get_tables())}  # type: ignore[index]


def _counts_in(copy: Path) -> dict[str, int]:
    told = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    with contextlib.closing(sqlite3.connect(copy)) as there:
        return {
            table: there.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0] for (table,) in there.execute(told).fetchall()
        }


def _sqlite_path(settings: Settings) -> Path:
    return Path(settings.database.removeprefix("sqlite:///"))


def _postgres(program: str, url: str, *options: str) -> None:
    """Runs one of PostgreSQL's programs; the password goes by the environment, where other accounts cannot read it."""
    if shutil.which(program) is None:
        raise Refused(_("%(program)s is not installed; it comes with PostgreSQL's client programs.", program=program))
    parts = urlsplit(url)
    password = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    plain = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl() if parts.password else url
    ended = subprocess.run(  # noqa: S603
        [program, *options, f"--dbname={plain}"], env=os.environ | password, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise Refused(_("%(program)s could not do it: %(said)s", program=program, said=ended.stderr.strip().splitlines()[-1]))


# ---- packing --------------------------------------------------------------------------------------------------------


class _Hashed(io.RawIOBase):
    """Reads through, and keeps the digest of what was read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        read = self._source.read(size)
        self._hash.update(read)
        return read

    def digest(self) -> str:
        return self._hash.hexdigest()


def _pack(file: BinaryIO, copy: Path, manifest: dict[str, object], made: Backup) -> None:
    """The manifest comes last: a backup that was cut off has none."""
    hashes: dict[str, str] = {}
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as packed:
        _add(packed, str(manifest["database"]), copy, hashes)
        for (sha256,) in db.rows("SELECT DISTINCT sha256 FROM attachments ORDER BY sha256"):
            path = attachments.path_for(sha256)
            if path.is_file():
                _add(packed, f"files/{sha256[:2]}/{sha256}", path, hashes)
                made.files += 1
            else:
                made.missing.append(sha256)
        written = json.dumps(manifest | {"sha256": hashes}, indent=1, sort_keys=True).encode()
        last = tarfile.TarInfo(MANIFEST)
        last.size, last.mode, last.mtime = len(written), 0o600, int(clock.now().timestamp())
        packed.addfile(last, io.BytesIO(written))


def _add(packed: tarfile.TarFile, name: str, path: Path, hashes: dict[str, str]) -> None:
    with path.open("rb") as source:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = path.stat().st_size, 0o600, int(path.stat().st_mtime)
        hashed = _Hashed(source)
        packed.addfile(entry, cast(BinaryIO, hashed))
        hashes[name] = hashed.digest()


# ---- putting back ---------------------------------------------------------------------------------------------------


def restore(settings: Settings, file: Path) -> Path | None:
    """Puts the backup in the place of what is there, which is moved aside to the folder answered. Raises Refused."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged = settings.data / f".restoring-{secrets.token_hex(4)}"
    with alone(settings.data):
        try:
            manifest = _unpack(file, staged)
            _verify(settings, manifest, staged)
            return _put_in_place(settings, manifest, staged)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def _unpack(file: Path, staged: Path) -> dict[str, object]:
    """Unpacks what a backup may hold and nothing else, and compares every content with the manifest."""
    hashes: dict[str, str] = {}
    try:
        with tarfile.open(file, "r:gz") as packed:
            for entry in packed:
                if not entry.isfile() or not _NAMES.fullmatch(entry.name) or entry.name in hashes:
                    raise Refused(_not_a_backup(file))
                hashes[entry.name] = _extract(packed, entry, staged / entry.name)
        manifest = json.loads((staged / MANIFEST).read_text())
    except FileNotFoundError as error:
        raise Refused(_not_whole(file) if staged.exists() else _("%(file)s is not there.", file=error.filename)) from None
    except (tarfile.TarError, EOFError, OSError, RecursionError, ValueError, zlib.error):
        raise Refused(_not_whole(file)) from None
    del hashes[MANIFEST]
    if not isinstance(manifest, dict) or manifest.get("sha256") != hashes or not _names_a_database(manifest, hashes):
        raise Refused(_not_whole(file))
    return manifest


def _names_a_database(manifest: dict[str, object], hashes: dict[str, str]) -> bool:
    """Whether there is a database, and what is in it was counted."""
    database, counts = manifest.get("database"), manifest.get("counts")
    is_there = database in ("portal.db", "portal.dump") and database in hashes
    return is_there and isinstance(counts, dict) and "schema_migration" in counts


def _not_a_backup(file: Path) -> Words:
    return _("%(file)s is not a backup of the portal.", file=str(file))


def _not_whole(file: Path) -> Words:
    return _("%(file)s is not whole, or not a backup of the portal.", file=str(file))


def _extract(packed: tarfile.TarFile, entry: tarfile.TarInfo, path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = packed.extractfile(entry)
    assert source is not None
    hashed = _Hashed(cast(BinaryIO, source))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        shutil.copyfileobj(hashed, target, _CHUNK)
        target.flush()
        os.fsync(target.fileno())
    return hashed.digest()


def _verify(settings: Settings, manifest: dict[str, object], staged: Path) -> None:
    """Refuses what this portal could not read, before anything is moved."""
    schema = manifest.get("schema")
    if manifest.get("format") != FORMAT or not isinstance(schema, list):
        raise Refused(_("This backup was made by a newer portal. Install that one."))
    known = {path.stem for path in db.MIGRATIONS.glob("[0-9]*.py")}
    newer = sorted(set(map(str, schema)) - known)
    if newer:
        raise Refused(
            _("This backup was made by a newer portal, which also knows %(what)s. Install that one.", what=", ".join(newer))
        )
    is_for_postgres = settings.database.startswith("postgres")
    if is_for_postgres != (manifest["database"] == "portal.dump"):
        raise Refused(_("This backup is of the other kind of database: PORTAL_DATABASE must name the kind it was made from."))
    if not is_for_postgres and _counts_in(staged / "portal.db") != manifest["counts"]:
        raise Refused(_("The database in this backup does not hold what its list says."))


def _put_in_place(settings: Settings, manifest: dict[str, object], staged: Path) -> Path | None:
    aside = settings.data / f"before-restore-{clock.local(clock.now()):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    if manifest["database"] == "portal.dump":
        _fill_postgres(settings, staged / "portal.dump")
        moved = [settings.data / "files"]
    else:
        path = _sqlite_path(settings)
        moved = [settings.data / "files", *(path.with_name(path.name + more) for more in ("", "-wal", "-shm"))]
    there = [each for each in moved if each.exists()]
    if there:
        aside.mkdir(mode=0o700)
    for each in there:
        shutil.move(each, aside / each.name)
    if manifest["database"] == "portal.db":
        shutil.move(staged / "portal.db", _sqlite_path(settings))
    if (staged / "files").exists():
        (staged / "files").replace(settings.data / "files")
    attachments.sync_folder(settings.data)
    return aside if there else None


def _fill_postgres(settings: Settings, dump: Path) -> None:
    db.connect(settings.database)
    if db.db.get_tables():
        raise Refused(_("The database named by PORTAL_DATABASE is not empty. Make an empty one and restore into that."))
    db.disconnect()
    _postgres(
        "pg_restore", settings.database, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(dump)
    )


# ---- one portal at a time -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def in_use(data: Path) -> Iterator[None]:
    """Inside, the data folder is served, and nothing is restored over it. Raises Refused while something is restored."""
    with _locked(data, fcntl.LOCK_SH, _("A backup is being restored here just now. Start again when that is done.")):
        yield


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Inside, nobody serves the data folder. Raises Refused while somebody does."""
    with _locked(data, fcntl.LOCK_EX, _("The portal is running. Stop it, then restore.")):
        yield


@contextlib.contextmanager
def _locked(data: Path, how: int, why_not: Words) -> Iterator[None]:
    with (data / "in-use").open("a") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(why_not) from None
        yield
