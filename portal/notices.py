"""What the portal tells persons: kept in the transaction of the deed it tells of, as message and values."""

from __future__ import annotations

from collections.abc import Iterable

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


def unread_count(person: Person) -> int:
    """Counted up to 100: beyond that the number tells nothing."""
    (found,) = db.row(
        "SELECT COUNT(*) FROM (SELECT 1 FROM notices WHERE person_id = ? AND read_at IS NULL LIMIT 100) AS few", person.id
    )  # type: ignore[misc]
    return found


@db.transaction
def mark_read(person: Person, notice_id: int | None = None) -> None:
    """Marks one notice of the person as read, or all of them."""
    chosen = (Notice.person == person) & Notice.read_at.is_null()
    if notice_id is not None:
        chosen &= Notice.id == notice_id
    Notice.update(read_at=clock.now()).where(chosen).execute()
