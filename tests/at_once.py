"""Several people at the same moment: each in a thread, with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from portal import db


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Begins all works together; answers what each answered, or the exception it ended with."""
    ready = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def work(n: int) -> None:
        ready.wait()
        try:
            answers[n] = works[n]()
        except Exception as ended:  # noqa: BLE001 - the test looks at it
            answers[n] = ended
        finally:
            db.disconnect()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(works))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers
