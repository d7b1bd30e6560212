"""The companies that are measured: the demo company with ten thousand papers more, and with a million, each built once."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

from portal import attachments, db, modules
from portal.config import Settings

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".bench"
SIZES = {"small": 10_000, "large": 1_000_000}


def settings(size: str) -> Settings:
    """Of a company of that size; builds it if it is not there or not of this schema."""
    folder = FOLDER / f"{size}-{_fingerprint()}"
    made = Settings(data=folder, database=f"sqlite:///{folder}/portal.db")
    if not (folder / "built").exists():
        _build(size, folder)
    return made


def _fingerprint() -> str:
    """Of everything that decides what is in the tables."""
    demo = (ROOT / "portal" / "demo").glob("*.py")
    read = [*sorted((ROOT / "migrations").glob("*.py")), *sorted(demo), ROOT / "portal" / "search.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()[:8]


def _build(size: str, folder: Path) -> None:
    from portal import demo
    from portal.demo import large

    begun = time.monotonic()
    for old in FOLDER.glob(f"{size}-*"):
        shutil.rmtree(old)
    folder.mkdir(parents=True)
    open_company(f"sqlite:///{folder}/portal.db", folder)
    db.migrate()
    demo.load()
    large.fill(SIZES[size])
    db.run("ANALYZE")
    db.disconnect()
    (folder / "built").touch()
    print(f"Built {SIZES[size]:,} papers in {time.monotonic() - begun:.0f} s.", flush=True)


def open_company(url: str, folder: Path) -> None:
    db.connect(url)
    attachments.keep_in(folder)
    modules.load()
