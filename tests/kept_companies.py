"""Companies as earlier portals left them: `python -m tests.kept_companies` keeps the demo company of the schema there is now."""

from __future__ import annotations

import lzma
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from portal import clock
from tests.serving_demo import told_at

KEPT = Path(__file__).parent / "kept"
FOUNDED = datetime(2026, 3, 20, 11, 0, tzinfo=clock.SHANGHAI)
LARGEST_BYTES = 200_000


def keep() -> Path:
    """Writes the demo company's database under the name of its last migration; its attached files are not kept."""
    with tempfile.TemporaryDirectory() as shared:
        folder = told_at(FOUNDED, Path(shared))
    with closing(sqlite3.connect(folder / "portal.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = delete")
        database.execute("VACUUM")
        (last,) = database.execute("SELECT MAX(name) FROM schema_migration").fetchone()
    packed = lzma.compress((folder / "portal.db").read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    assert len(packed) <= LARGEST_BYTES, f"{len(packed)} bytes are too many to keep"
    kept = KEPT / f"{last}.db.xz"
    kept.write_bytes(packed)
    shutil.rmtree(folder)
    return kept


def unpack(kept: Path, folder: Path) -> str:
    """The URL of that company's database in the folder."""
    (folder / "portal.db").write_bytes(lzma.decompress(kept.read_bytes()))
    return f"sqlite:///{folder}/portal.db"


if __name__ == "__main__":
    print(keep())
