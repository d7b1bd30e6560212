"""Signs somebody in by a session row: argon2 is paid only where it is tested."""

from __future__ import annotations

from typing import Any

from portal import sessions
from portal.persons import Person


def sign_in(app: Any, browser: Any, person: Person) -> None:
    token = sessions.begin(person, "127.0.0.1", "tests")
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
