"""Signing in, passwords, and who may hold which role."""

from __future__ import annotations

from portal import clock, db, history, passwords, sessions
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import _


@db.transaction
def change_password(person: Person, password: str, session_id: int | None = None) -> None:
    """The person's own new password; ends every other session of theirs (requirement 8)."""
    person = Person.get_by_id(person.id)
    passwords.check(password, person, "new")
    if passwords.matches(person, password):
        raise Mistyped(_("This is the password you have. Choose another."), "new")
    Person.update(
        password_hash=passwords.hashed(password), password_set_at=clock.now(), must_change_password=False
    ).where(Person.id == person.id).execute()
    history.record(person, "password", person)
    sessions.end(person, but=session_id)


@db.transaction
def set_language(person: Person, language: str) -> None:
    Person.update(language=language).where(Person.id == person.id).execute()
