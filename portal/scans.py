"""Scans are opened in a process of their own, `portal.opening`: text and codes on them are read, copies of them are marked."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from portal import policies
from portal.marks import Copy
from portal.opening import BROKEN, ENCRYPTED, NO_PAGES, TOO_LARGE, TOO_LONG
from portal.refused import Refused
from portal.words import Words, _

scan_pages = policies.declare(
    "scan_pages", 500, "it_admin", _("Most pages of a scan that are read for searching, and put into a copy"),
    unit=_("pages"), minimum=10, maximum=5000,
)  # fmt: skip
scan_seconds = policies.declare(
    "scan_seconds", 60, "it_admin", _("Longest time that opening a scan may take"), unit=_("seconds"), minimum=5, maximum=600
)

WHY_NOT: dict[int, Words] = {
    ENCRYPTED: _("It is locked with a password. Save it without one and attach it anew."),
    BROKEN: _("It is damaged and cannot be read. Scan it again and attach it anew."),
    TOO_LONG: _("It has more pages than a copy may have."),
    TOO_LARGE: _("It takes more time or memory than opening a scan may."),
    NO_PAGES: _("It has no pages."),
}
MB = 1024 * 1024
MOST_MEMORY = 1024 * MB
LOOK_SECONDS = 10  # who attaches a file waits for it
_at_once, _looks_at_once = threading.BoundedSemaphore(2), threading.BoundedSemaphore(2)
_whole: deque[str] = deque(maxlen=500)  # what was looked at last: the same file chosen again need not be opened again


class Unreadable(Refused):
    """The scan cannot be opened; the words say why, and `ended` by its number."""

    def __init__(self, ended: int) -> None:
        super().__init__(WHY_NOT[ended])
        self.ended = ended


@dataclass(frozen=True)
class Text:
    text: str
    pages: int


def look(content: bytes) -> None:
    """Opens a PDF and looks whether its pages are there. Raises Unreadable; Refused while others wait."""
    digest = hashlib.sha256(content).hexdigest()
    if digest in _whole:
        return
    with tempfile.TemporaryFile() as given:
        given.write(content)
        given.seek(0)
        _in_a_child("look", given, min(scan_seconds(), LOOK_SECONDS), _looks_at_once).close()
    _whole.append(digest)


def vouch(content: bytes) -> bytes:
    """The content, drawn by the portal itself: it need not be looked at."""
    _whole.append(hashlib.sha256(content).hexdigest())
    return content


def read_text(path: Path) -> Text:
    """The text layer of a PDF, as far as pages are read. Raises Unreadable."""
    with path.open("rb") as scan:
        answer = _in_a_child("text", scan, scan_seconds(), _at_once)
    with answer:
        return Text(**json.load(answer))


def read_codes(content: bytes) -> list[str]:
    """What the QR codes on the pages of a PDF or on a picture say. Raises Unreadable; Refused while others wait."""
    with tempfile.TemporaryFile() as given:
        given.write(content)
        given.seek(0)
        answer = _in_a_child("codes", given, min(scan_seconds(), LOOK_SECONDS), _looks_at_once)
    with answer:
        return json.load(answer)


def first_page(path: Path) -> bytes:
    """The first page of a PDF as a WebP picture. Raises Unreadable; Refused while others wait."""
    with path.open("rb") as scan:
        answer = _in_a_child("page", scan, min(scan_seconds(), LOOK_SECONDS), _looks_at_once)
    with answer:
        return answer.read()


def marked(copy: Copy) -> IO[bytes]:
    """The copy as a PDF, in a file without a name that goes when it is closed. Raises Unreadable; Refused while others wait."""
    with tempfile.TemporaryFile() as told:
        told.write(json.dumps(asdict(copy)).encode())
        told.seek(0)
        return _in_a_child("copy", told, scan_seconds(), _at_once)


def _in_a_child(work: str, given: IO[bytes], seconds: int, at_once: threading.BoundedSemaphore) -> IO[bytes]:
    command = [sys.executable, "-m", "portal.opening", work, *map(str, (scan_pages(), seconds, MOST_MEMORY))]
    if not at_once.acquire(timeout=seconds):
        raise Refused(_("Other files are being opened just now. Try again in a minute."))
    answer = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        done = subprocess.run(  # noqa: S603 - only numbers are told
            command, stdin=given, stdout=answer, stderr=subprocess.DEVNULL,
            timeout=seconds + 5, cwd="/", env=_environment(), check=False,
        )  # fmt: skip
        ended = done.returncode
    except subprocess.TimeoutExpired:
        ended = TOO_LARGE
    finally:
        at_once.release()
    if ended:
        answer.close()
        raise Unreadable(ended if ended in WHY_NOT else BROKEN if ended > 0 else TOO_LARGE)
    answer.seek(0)
    return answer


def _environment() -> dict[str, str]:
    """Nothing of what the portal was told: no address of a database, no secret."""
    return {"PYTHONPATH": str(Path(__file__).parent.parent), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
