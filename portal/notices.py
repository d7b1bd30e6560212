"""What the portal tells persons: kept in the transaction of the deed it tells of, as message and values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import CharField, ForeignKeyField, TextField

from portal import clock, db
from portal.cases import Case
from portal.db import MomentField, Table
from portal.persons import Person
from portal.words import Words, from_json, to_json


class Notice(Table):
    person = ForeignKeyField(Person)
    at = MomentField()
    topic = CharField(max_length=20)  # decided, mentioned, stuck, red list …: what a switch may silence
    text = TextField()  # Words
    case = ForeignKeyField(Case, null=True)
    read_at = MomentField(null=True)

    class Meta:
        table_name = "notices"

    def words(self) -> Words:
        return from_json(self.text)


def tell(person_ids: Iterable[int], topic: str, text: Words, case: Case | None = None) -> None:
    """One notice for each person named, once."""
    for person_id in sorted(set(person_ids)):
        Notice.add(person=person_id, at=clock.now(), topic=topic, text=to_json(text), case=case)


@db.transaction
def mark_read(person: Person, notice_id: int | None = None) -> None:
    """Marks one notice of the person as read, or all of them."""
    chosen = (Notice.person == person) & Notice.read_at.is_null()
    if notice_id is not None:
        chosen &= Notice.id == notice_id
    Notice.update(read_at=clock.now()).where(chosen).execute()


@dataclass(frozen=True)
class Told:
    """A notice as a list shows it."""

    id: int
    at: datetime
    words: Words
    case_id: int | None
    is_new: bool


_TOLD = "SELECT id, at, text, case_id, read_at FROM notices WHERE person_id = ? AND "


def unread(person: Person, limit: int = 51) -> list[Told]:
    """Newest first."""
    return [_told(row) for row in db.rows(_TOLD + "read_at IS NULL ORDER BY id DESC LIMIT ?", person.id, limit)]


def read(person: Person, before: int | None = None, limit: int = 51) -> list[Told]:
    """Those marked as read, newest first. `before` is the last one shown."""
    sql = _TOLD + "read_at IS NOT NULL AND id < ? ORDER BY id DESC LIMIT ?"
    return [_told(row) for row in db.rows(sql, person.id, before or 2**62, limit)]


def latest(person: Person, limit: int) -> list[Told]:
    """The newest, read or not."""
    return [_told(row) for row in db.rows(_TOLD + "id < ? ORDER BY id DESC LIMIT ?", person.id, 2**62, limit)]


def _told(row: tuple[Any, ...]) -> Told:
    key, at, text, case_id, read_at = row
    return Told(key, db.from_ms(at), from_json(text), case_id, read_at is None)
