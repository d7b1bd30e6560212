"""The demo company behind a portal that runs as a process of its own, built once a run and copied for each who changes it."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.databases import fast_folder

SECONDS_TO_START = 60


def surroundings(data: Path, **more: str) -> dict[str, str]:
    """The environment of a portal that keeps everything in that folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return clean | {"PORTAL_DATA": str(data), "PYTHONUNBUFFERED": "1"} | more


def build(data: Path, *words: str) -> str:
    """Runs the command on that folder; answers what it printed."""
    told = subprocess.run(
        [sys.executable, "-m", "portal", *words], env=surroundings(data), capture_output=True, text=True, timeout=600
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def build_once(shared: Path) -> Path:
    """The data folder of the demo company, built by whichever worker comes first. Nobody changes it."""
    data = shared / "demo-company"
    with (shared / "demo-company.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            built = fast_folder("portal-demo-")
            build(built, "demo")
            shutil.copytree(built, data)
            shutil.rmtree(built)
    return data


class Served:
    """A portal that answers at `url`; its process is `process`."""

    def __init__(self, process: subprocess.Popen[str], url: str, data: Path) -> None:
        self.process, self.url, self.data = process, url, data

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


def start(data: Path, **more: str) -> Served:
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "serve"], text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=surroundings(data, PORTAL_PORT=str(port), **more),
    )  # fmt: skip
    served = Served(process, f"http://127.0.0.1:{port}", data)
    _wait(served)
    return served


@contextmanager
def served(data: Path, **more: str) -> Iterator[Served]:
    """A portal on that folder as long as this lasts."""
    running = start(data, **more)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def _wait(served: Served) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        assert served.process.poll() is None, "the portal ended before it answered"
        try:
            with urlopen(f"{served.url}/healthz", timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the portal did not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copied(data: Path) -> Path:
    """A copy of the folder, in memory where there is room."""
    copy = fast_folder("portal-copy-")
    shutil.copytree(data, copy, dirs_exist_ok=True)
    return copy
