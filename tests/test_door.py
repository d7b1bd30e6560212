"""The door: who is let in, and what happens to what was typed."""

from __future__ import annotations

from portal import passwords
from portal.persons import Person


def test_somebody_signed_in_sees_the_first_page(client, cast):
    browser = client(cast.ann)

    answer = browser.get("/")

    assert answer.status_code == 200, answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_nobody_is_led_to_the_door(client):
    answer = client().get("/?x=1")

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/?x%3D1"


def test_the_right_password_opens_the_door(client, cast, app):
    app.config["WTF_CSRF_ENABLED"] = False
    Person.update(password_hash=passwords.hashed("blue lamp 7")).where(Person.id == cast.ann.id).execute()
    browser = client()

    wrong = browser.post("/sign-in", data={"user": "ann", "password": "green lamp 7"})
    right = browser.post("/sign-in", data={"user": "ann", "password": "blue lamp 7", "next": "/new"})

    assert (wrong.status_code, right.status_code, right.location) == (422, 303, "/new")
    assert browser.get("/new").status_code == 200
