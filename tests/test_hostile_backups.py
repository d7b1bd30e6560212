"""An archive somebody made up is not restored: nothing leaves the folder, and what is there stays."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from portal import backups
from portal.config import Settings
from portal.refused import Refused

pytestmark = pytest.mark.no_database


def archive(path: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for entry, content in entries:
            packed.addfile(entry, io.BytesIO(content))
    return path


def entry(name: str, content: bytes = b"", **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for key, value in more.items():
        setattr(made, key, value)
    return made, content


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    (data / "portal.db").write_bytes(b"what is there")
    return Settings(data=data, database=f"sqlite:///{data}/portal.db")


@pytest.mark.parametrize(
    "made",
    [
        entry("../portal.db"),
        entry("/tmp/portal.db"),
        entry("files/../../portal.db"),
        entry("portal.db\n"),
        entry("portal.db", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        entry("portal.db", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        entry("portal.db", type=tarfile.FIFOTYPE),
    ],
    ids=["above", "absolute", "above inside", "new line", "symbolic link", "hard link", "pipe"],
)
def test_an_archive_with_a_name_no_backup_has_is_refused(settings: Settings, tmp_path: Path, made: Any) -> None:
    packed = archive(tmp_path / "evil.tar.gz", made)

    with pytest.raises(Refused, match="is not a backup of the portal"):
        backups.restore(settings, packed)

    assert [each.name for each in tmp_path.iterdir() if each.name not in ("data", "evil.tar.gz")] == []
    assert (settings.data / "portal.db").read_bytes() == b"what is there"


WHOLE = {
    "format": 1, "schema": ["0001_core"], "database": "portal.db", "counts": {"schema_migration": 1},
    "sha256": {"portal.db": hashlib.sha256(b"x").hexdigest()},
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"database": None},
        {"database": "../portal.db"},
        {"counts": None},
        {"counts": {}},
        {"schema": [["0001_core"]]},
        {"schema": None},
    ],
    ids=["no database", "another path", "no counts", "nothing counted", "no names", "no schema"],
)
def test_a_list_that_says_nothing_of_a_database_is_refused(settings: Settings, tmp_path: Path, changed: dict[str, Any]) -> None:
    written = json.dumps(WHOLE | changed).encode()
    packed = archive(tmp_path / "evil.tar.gz", entry("portal.db", b"x"), entry("manifest.json", written))

    with pytest.raises(Refused):
        backups.restore(settings, packed)

    assert (settings.data / "portal.db").read_bytes() == b"what is there"


@pytest.mark.parametrize("written", [b"[" * 200_000, b"[]", json.dumps(WHOLE | {"counts": {}, "sha256": {}}).encode()])
def test_a_list_without_a_database_beside_it_is_refused(settings: Settings, tmp_path: Path, written: bytes) -> None:
    packed = archive(tmp_path / "evil.tar.gz", entry("manifest.json", written))

    with pytest.raises(Refused, match="is not whole"):
        backups.restore(settings, packed)

    assert (settings.data / "portal.db").read_bytes() == b"what is there"
