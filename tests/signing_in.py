"""Signs a person in by a row, without paying for the password's hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from portal import clock, db
from portal.persons import Person

COOKIE_KEY = "session"


def sign_in(app: Any, browser: Any, person: Person) -> None:
    token = secrets.token_urlsafe(32)
    now = db.to_ms(clock.now())
    db.run(
        "INSERT INTO sessions (token_hash, person_id, created_at, seen_at, confirmed_at) VALUES (?, ?, ?, ?, ?)",
        hashlib.sha256(token.encode()).hexdigest(),
        person.id,
        now,
        now,
        now,
    )
    with browser.session_transaction() as cookie:
        cookie[COOKIE_KEY] = token
