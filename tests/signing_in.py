"""Signs somebody in by a session row: argon2 is paid only where it is tested."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from portal import db, sessions
from portal.persons import Person
from tests.serving_demo import Served

ROW = """
INSERT INTO sessions (token_hash, person_id, created_at, seen_at, confirmed_at, address, browser)
SELECT ?, id, ?, ?, ?, '127.0.0.1', 'tests' FROM persons WHERE "user" = ?
"""


def sign_in(app: Any, browser: Any, person: Person) -> None:
    token = sessions.begin(person, "127.0.0.1", "tests")
    with browser.session_transaction() as cookie:
        cookie.update(_in_cookie(token))


def _in_cookie(token: str) -> dict[str, Any]:
    return {"_user_id": token, "_fresh": True}


def cookie_of(company: Served, user: str, language: str) -> str:
    """What a browser keeps of somebody who signed in at the served company and reads that language there."""
    token, now = secrets.token_urlsafe(32), db.to_ms(company.now)
    with closing(sqlite3.connect(company.data / "portal.db", timeout=10)) as database, database:
        database.execute('UPDATE persons SET language = ? WHERE "user" = ?', (language, user))
        assert database.execute(ROW, (sessions._hash(token), now, now, now, user)).rowcount == 1
    return _signed(company.data, _in_cookie(token))


def _signed(data: Path, told: dict[str, Any]) -> str:
    app = Flask("door")
    app.secret_key = (data / "secret").read_text().strip()
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps(told))
