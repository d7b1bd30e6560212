"""What any WSGI server that runs `wsgi:application` says of its requests: one line of JSON each, as `portal serve` does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.serving_demo import HOUSE, free_port, surroundings, wait_for

pytestmark = [pytest.mark.server, pytest.mark.no_database, pytest.mark.slow]

SERVERS = {
    "flask": "-m flask --app wsgi run --port {port}",
    "waitress": "-m waitress --listen 127.0.0.1:{port} wsgi:application",
    "portal": "-m portal serve",
}


def said_by(server: str, folder: Path) -> list[dict[str, Any]]:
    """What the server says on standard error while three pages are asked for, as far as it is JSON."""
    port = free_port()
    command = [sys.executable, *SERVERS[server].format(port=port).split()]
    around, told = surroundings(folder, PORTAL_PORT=str(port)), {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=HOUSE, env=around, text=True, **told) as process:
        try:
            wait_for(process, url := f"http://127.0.0.1:{port}")
            for _n in range(3):
                urlopen(f"{url}/sign-in", timeout=5).close()
        finally:
            process.terminate()
        _out, said = process.communicate(timeout=20)
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("server", SERVERS)
def test_a_request_is_logged_once_whichever_server_runs_the_portal(server: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "portal", "migrate"], cwd=HOUSE, env=surroundings(tmp_path), check=True, timeout=60)

    asked = [each for each in said_by(server, tmp_path) if each.get("route") == "people.sign_in"]

    assert [(each["method"], each["status"], each["level"]) for each in asked] == [("GET", 200, "info")] * 3
    assert len({each["id"] for each in asked}) == 3
