"""A backup is whole, made while people work, and comes back by one command."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest

from portal import attachments, backups, checks, db
from portal.cases import Case
from portal.config import Settings
from portal.refused import Refused
from tests.conftest import ON_POSTGRES
from tests.pdfs import PDF, padded

pytestmark = pytest.mark.skipif(
    ON_POSTGRES and shutil.which("pg_dump") is None, reason="pg_dump is not installed on this machine"
)


@pytest.fixture
def here(settings: Settings) -> Settings:
    attachments.keep_in(settings.data)
    settings.data.mkdir()
    return settings


@pytest.fixture
def case(here: Settings, cast: Any, memos: Any) -> Case:
    draft = memos.draft(cast.ann)
    attachments.store("case", draft.id, "paper", "invoice.pdf", io.BytesIO(PDF), cast.ann)
    return memos.go(draft, (cast.ann, "submit"))


@pytest.fixture
def elsewhere(tmp_path: Path, here: Settings, databases: Any) -> Any:
    """Another portal on this machine, still empty."""
    if not ON_POSTGRES:
        yield Settings(data=tmp_path / "other", database=f"sqlite:///{tmp_path}/other/portal.db")
        return
    url = databases.copy()
    db.connect(url)
    db.run("DROP SCHEMA public CASCADE")
    db.run("CREATE SCHEMA public")
    yield Settings(data=tmp_path / "other", database=url)
    db.disconnect()
    databases.drop(url)


def _moved_in(settings: Settings) -> None:
    db.connect(settings.database)
    attachments.keep_in(settings.data)


def _members(path: Path) -> list[str]:
    with tarfile.open(path) as packed:
        return packed.getnames()


def test_a_backup_holds_database_and_files_for_its_owner_alone(case: Case, here: Settings) -> None:
    orphan = attachments.folder() / "ff" / ("f" * 64)
    orphan.parent.mkdir()
    orphan.write_bytes(b"never attached")

    made = backups.backup(here, None)

    (sha256,) = db.row("SELECT sha256 FROM attachments")
    database = "portal.dump" if ON_POSTGRES else "portal.db"
    assert _members(made.path) == [database, f"files/{sha256[:2]}/{sha256}", "manifest.json"]
    assert (made.path.parent, made.files, made.missing) == (here.data / "backups", 1, [])
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert [path.name for path in here.data.iterdir() if path.name.startswith(".")] == []


def test_what_was_backed_up_while_people_worked_is_restored_in_order(
    case: Case, here: Settings, elsewhere: Settings, cast: Any, memos: Any
) -> None:
    _moved_in(here)
    done = threading.Event()

    def work() -> None:
        n = 0
        while not done.is_set():
            n += 1
            draft = memos.draft(cast.ann, f"more{n}")
            attachments.store("case", draft.id, "paper", "more.pdf", io.BytesIO(padded(n)), cast.ann)
            memos.go(draft, (cast.ann, "submit"))
        db.disconnect()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while Case.select().count() < 5:
            pass
        made = backups.backup(here, None)
    finally:
        done.set()
        worker.join()

    assert backups.restore(elsewhere, made.path) is None
    _moved_in(elsewhere)
    assert checks.findings(deep=True) == []
    assert Case.select().where(Case.state == "submitted").count() >= 4
    assert attachments.path_of(attachments.of("case", case.id)[0]).read_bytes() == PDF


def test_what_was_there_before_is_kept_aside(case: Case, here: Settings) -> None:
    if ON_POSTGRES:
        pytest.skip("a PostgreSQL database is restored only into an empty one")
    own = Settings(data=here.data, database=f"sqlite:///{here.data}/portal.db")
    shutil.copy(backups._sqlite_path(here), here.data / "portal.db")
    made = backups.backup(here, None)
    db.connect(own.database)
    db.run("UPDATE cases SET title = 'changed later'")
    db.disconnect()

    aside = backups.restore(own, made.path)

    assert aside is not None and {"portal.db", "files"} <= {path.name for path in aside.iterdir()}
    _moved_in(own)
    assert Case.get_by_id(case.id).title == "A lamp for the hall"
    assert made.path.exists()


def test_a_full_postgres_database_is_not_overwritten(case: Case, here: Settings) -> None:
    if not ON_POSTGRES:
        pytest.skip("of PostgreSQL")
    made = backups.backup(here, None)

    with pytest.raises(Refused) as refusal:
        backups.restore(here, made.path)

    assert str(refusal.value) == "The database named by PORTAL_DATABASE is not empty. Make an empty one and restore into that."


def test_nothing_is_restored_under_a_running_portal(case: Case, here: Settings) -> None:
    made = backups.backup(here, None)

    with backups.in_use(here.data), pytest.raises(Refused) as refusal:
        backups.restore(here, made.path)

    assert str(refusal.value) == "The portal is running. Stop it, then restore."


def test_a_file_that_is_missing_is_named(case: Case, here: Settings) -> None:
    (kept,) = attachments.of("case", case.id)
    attachments.path_of(kept).unlink()

    made = backups.backup(here, None)

    assert (made.files, made.missing) == (0, [kept.sha256])


def _rewritten(path: Path, **changed: Any) -> Path:
    """The same backup with another manifest, and with members added."""
    wrong = path.with_name("wrong.tar.gz")
    more = changed.pop("more", {})
    with tarfile.open(path) as old, tarfile.open(wrong, "w:gz") as new:
        for entry in old:
            content = old.extractfile(entry).read()  # type: ignore[union-attr]
            if entry.name == "manifest.json":
                content = json.dumps(json.loads(content) | changed).encode()
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))
        for name, content in more.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))
    return wrong


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            {"schema": ["0001_core", "9999_later"]},
            "This backup was made by a newer portal, which also knows 9999_later. Install that one.",
        ),
        ({"format": 2}, "This backup was made by a newer portal. Install that one."),
        ({"sha256": {}}, "{file} is not whole, or not a backup of the portal."),
        ({"more": {"../evil": b"x"}}, "{file} is not a backup of the portal."),
        ({"more": {"files/ab/" + "a" * 64: b"x"}}, "{file} is not a backup of the portal."),
        ({"more": {"files/aa/" + "a" * 64: b"x"}}, "{file} is not whole, or not a backup of the portal."),
    ],
)
def test_what_this_portal_cannot_vouch_for_is_not_restored(
    changed: dict[str, Any], why: str, case: Case, here: Settings, elsewhere: Settings
) -> None:
    _moved_in(here)
    wrong = _rewritten(backups.backup(here, None).path, **changed)

    with pytest.raises(Refused) as refusal:
        backups.restore(elsewhere, wrong)

    assert str(refusal.value) == why.format(file=wrong)
    assert [path.name for path in elsewhere.data.iterdir()] == ["in-use"]


@pytest.mark.parametrize("cut", [0.2, 0.9])
def test_a_backup_that_was_cut_off_is_refused(cut: float, case: Case, here: Settings) -> None:
    made = backups.backup(here, None)
    os.truncate(made.path, int(made.path.stat().st_size * cut))

    with pytest.raises(Refused) as refusal:
        backups.restore(here, made.path)

    assert str(refusal.value) == f"{made.path} is not whole, or not a backup of the portal."


def test_a_backup_overwrites_nothing(case: Case, here: Settings, tmp_path: Path) -> None:
    target = tmp_path / "mine.tar.gz"
    backups.backup(here, target)

    with pytest.raises(Refused) as refusal:
        backups.backup(here, target)

    assert str(refusal.value) == f"{target} is there already; a backup overwrites nothing."
