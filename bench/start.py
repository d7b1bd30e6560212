"""The cold start: until the first answer, beside importing what the portal is built of."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from statistics import median

from bench.data import settings
from bench.measure import Result, ratio, wall_ms

DEPENDENCIES = "flask, werkzeug, flask_login, flask_wtf, wtforms, htmx_flask, peewee, waitress, babel, babel.dates"


def cold_start(times: int = 5) -> Iterator[Result]:
    started, imported = [], []
    for _time in range(times):
        started.append(_until_the_first_answer())
        imported.append(wall_ms(lambda: subprocess.run([sys.executable, "-c", f"import {DEPENDENCIES}"], check=True)))
    ours, floor = median(started), median(imported)
    yield ratio("cold start to the first answer, against importing", 2.0, ours, floor, "importing")


def _until_the_first_answer() -> float:
    port, made = free_port(), settings("small")
    environ = os.environ | {"PORTAL_DATA": str(made.data), "PORTAL_PORT": str(port)}
    begun = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-m", "portal", "serve"], env=environ, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/sign-in")
        return (time.perf_counter() - begun) * 1000
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def wait_for(address: str, seconds: float = 60) -> None:
    """Until the address answers. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(address)


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
