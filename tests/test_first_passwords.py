"""The first passwords after a start are checked by many at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST_OF_ALL = """
import threading
from portal import passwords

together, hashes = threading.Barrier(8), []

def sign_in():
    together.wait()
    hashes.append(passwords.hashed("a-first-password"))

threads = [threading.Thread(target=sign_in) for each in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(hashes))
"""


@pytest.mark.no_database
def test_many_may_sign_in_at_once_right_after_the_start() -> None:
    command = [sys.executable, "-c", FIRST_OF_ALL]

    made = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert (made.stdout.strip(), made.stderr) == ("8", "")
