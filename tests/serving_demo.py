"""The demo company, told once for as long as nothing changes it, and behind a portal that runs as a process of its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.request import urlopen

from portal import clock
from tests.databases import fast_folder

HOUSE = Path(__file__).parent.parent
SECONDS_TO_START = 60


def surroundings(data: Path, **more: str) -> dict[str, str]:
    """The environment of a portal that keeps everything in that folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return clean | {"PORTAL_DATA": str(data), "PYTHONUNBUFFERED": "1"} | more


DECIDING = ("portal/**/*.py", "migrations/*.py", "requirements.txt")
AT = """
import sys
from datetime import datetime
from portal import cli, clock
with clock.at(datetime.fromisoformat(sys.argv[1])):
    sys.exit(cli.main(sys.argv[2:]))
"""  # what the portal does with its clock set to a moment
QUICK = """
from passlib.handlers.argon2 import argon2
from portal import passwords
quick = argon2.using(type="ID", memory_cost=64, rounds=1, parallelism=1)
passwords._hasher = lambda: quick
"""  # a hundred passwords of the demo company take no time; each becomes a slow one when it is first typed


def told_at(moment: datetime, kept: Path) -> Path:
    """The demo company's data folder as told at that moment, for whoever asks alone; told anew if what decides it changed."""
    ours = kept / _name(moment)
    with ours.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if ours.exists():
            return copied(ours)
        _clear(kept)
        told = _tell(moment)
        if _name(moment) == ours.name:  # nothing was edited meanwhile
            unfinished = shutil.copytree(told, ours.with_suffix(".unfinished"), dirs_exist_ok=True)
            unfinished.rename(ours)
        return told


def _name(moment: datetime) -> str:
    """The moment with a fingerprint of everything that decides what is told."""
    read = sorted(path for pattern in DECIDING for path in HOUSE.glob(pattern))
    deciding = b"".join(f"{path}\0".encode() + path.read_bytes() for path in read)
    return f"{clock.local(moment):%Y-%m-%dT%H}-{hashlib.sha256(sys.version.encode() + deciding).hexdigest()[:16]}"


def _clear(kept: Path) -> None:
    """What was kept an hour ago or longer is told anew when it is wanted."""
    for old in kept.iterdir():
        if old.is_dir() and old.stat().st_mtime < time.time() - 3600:
            shutil.rmtree(old)


def _tell(moment: datetime) -> Path:
    told = fast_folder("portal-demo-")
    command = [sys.executable, "-c", QUICK + AT, moment.isoformat(), "demo"]
    done = subprocess.run(command, env=surroundings(told), cwd=HOUSE, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return told


class Served:
    """A portal that answers at `url`; its process is `process`."""

    def __init__(self, process: subprocess.Popen[str], url: str, data: Path, moment: datetime | None = None) -> None:
        self.process, self.url, self.data = process, url, data
        self._moment = moment

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return self._moment or clock.now()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def move_to(self, moment: datetime) -> None:
        """Stops it and starts it at the same address, with its clock set to that moment."""
        self.stop()
        self._moment = moment
        self.process = _begun(_program(moment), self.data, PORTAL_PORT=self.url.rpartition(":")[2])
        wait_for(self.process, self.url)

    def runs(self, job: str, moment: datetime) -> None:
        """The job does its work as of that moment, beside the process that serves."""
        command = [sys.executable, "-c", AT, moment.isoformat(), "jobs", "run", job]
        subprocess.run(command, env=surroundings(self.data), check=True, capture_output=True, timeout=60)


def start(data: Path, moment: datetime | None = None, **more: str) -> Served:
    port = free_port()
    served = Served(_begun(_program(moment), data, PORTAL_PORT=str(port), **more), f"http://127.0.0.1:{port}", data, moment)
    wait_for(served.process, served.url)
    return served


def _program(moment: datetime | None) -> list[str]:
    return ["-c", AT, moment.isoformat()] if moment else ["-m", "portal"]


def _begun(program: list[str], data: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *program, "serve"], text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=surroundings(data, **more),
    )  # fmt: skip


@contextmanager
def served(data: Path, moment: datetime | None = None, **more: str) -> Iterator[Served]:
    """A portal on that folder as long as this lasts, with its clock set to that moment."""
    running = start(data, moment, **more)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def wait_for(process: subprocess.Popen[str], url: str) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        assert process.poll() is None, "the portal ended before it answered"
        try:
            with urlopen(f"{url}/healthz", timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the portal did not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copied(data: Path) -> Path:
    """A copy of the folder, in memory where there is room."""
    copy = fast_folder("portal-copy-")
    shutil.copytree(data, copy, dirs_exist_ok=True)
    return copy
