"""The cold start: until the first answer, beside importing what the portal is built of."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import median

from bench.data import settings
from bench.measure import Result, ratio

DEPENDENCIES = "flask, werkzeug, flask_login, flask_wtf, wtforms, htmx_flask, peewee, waitress, babel, babel.dates"


def cold_start(times: int = 5) -> Iterator[Result]:
    """In CPU, which a busy machine disturbs less than the clock on the wall."""
    started, imported = [], []
    for _time in range(times + 1):
        started.append(_children_ms(_until_the_first_answer))
        imported.append(_children_ms(lambda: subprocess.run([sys.executable, "-c", f"import {DEPENDENCIES}"], check=True)))
    yield ratio("cold start to the first answer, against importing", 2.0, median(started[1:]), median(imported[1:]), "importing")


def _children_ms(work: Callable[[], object]) -> float:
    """CPU of the processes that the work starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _until_the_first_answer() -> None:
    port, made = free_port(), settings("small")
    environ = os.environ | {"PORTAL_DATA": str(made.data), "PORTAL_PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "portal", "serve"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/sign-in")
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
