"""What the portal tells persons: kept in the transaction of the deed it tells of, as message and values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import CharField, ForeignKeyField, TextField

from portal import access, clock, db
from portal.cases import Case
from portal.db import MomentField, Table
from portal.persons import Person
from portal.words import Words, _, from_json, to_json


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
    """A notice as a list shows it; `case_id` is empty where its paper may not be read, or is none."""

    id: int
    at: datetime
    words: Words
    case_id: int | None
    is_new: bool


KNOWN: dict[str, Callable[[list[str], list[int]], set[int]]] = {}  # a value that names a thing by its id -> those one may know of
HIDDEN = _("This is about something that is not yours to see any more.")
_TOLD = """
SELECT n.id, n.at, n.text, n.read_at, k.id, k.number, k.title,
    EXISTS (SELECT 1 FROM readers r WHERE r.case_id = k.id AND r.post IN (%s))
FROM notices n LEFT JOIN cases k ON k.id = n.case_id WHERE n.person_id = ? AND """


def unread(person: Person, limit: int = 51, posts: Iterable[str] | None = None) -> list[Told]:
    """Newest first. `posts` are those the person holds, where they are known already."""
    return _told(person, posts, "n.read_at IS NULL ORDER BY n.id DESC LIMIT ?", limit)


def read(person: Person, before: int | None = None, limit: int = 51, posts: Iterable[str] | None = None) -> list[Told]:
    """Those marked as read, newest first. `before` is the last one shown."""
    return _told(person, posts, "n.read_at IS NOT NULL AND n.id < ? ORDER BY n.id DESC LIMIT ?", before or 2**62, limit)


def latest(person: Person, limit: int, posts: Iterable[str] | None = None) -> list[Told]:
    """The newest, read or not."""
    return _told(person, posts, "n.id < ? ORDER BY n.id DESC LIMIT ?", 2**62, limit)


def _told(person: Person, posts: Iterable[str] | None, condition: str, *values: Any) -> list[Told]:
    """As it may be told now: a paper by the title it has now, and what the person may not know of any more not at all."""
    posts = list(access.posts_of(person) if posts is None else posts)
    found = [
        (*row[:2], from_json(row[2]), *row[3:])
        for row in db.rows(_TOLD % db.marks(posts) + condition, *posts, person.id, *values)
    ]
    words = {key: _as_now(text, case, number, title) for key, _at, text, _read, case, number, title, _is in found}
    for key in _hidden(words, posts):
        words[key] = HIDDEN
    return [
        Told(key, db.from_ms(at), words[key], case if is_readable else None, read_at is None)
        for key, at, _text, read_at, case, _number, _title, is_readable in found
    ]


def _as_now(words: Words, case: int | None, number: str | None, title: str | None) -> Words:
    now = {"number": number or title or "", "title": title or ""} if case else {}
    return words.having(**{name: value for name, value in now.items() if name in words.values})


def _hidden(told: dict[int, Words], posts: list[str]) -> list[int]:
    """The notices that are about a thing these posts may not know of, each sort of thing asked once."""
    hidden = []
    for name, known in KNOWN.items():
        about = {key: words.values[name] for key, words in told.items() if name in words.values}
        if about:
            there = known(posts, sorted(set(about.values())))
            hidden += [key for key, thing in about.items() if thing not in there]
    return hidden
