"""Who did what to which thing, and why: append-only and chained, so that a changed or missing event is found (GEN-02)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from portal import clock, db
from portal.db import MomentField, Table, Thing
from portal.persons import Person
from portal.refused import SomebodyWasFirst
from portal.words import _, data_from_json, data_to_json

request_id: ContextVar[str] = ContextVar("request_id", default="")

_INSERT = """
INSERT INTO events (thing, thing_id, n, at, by_id, on_behalf_of_id, post, action, before, after, version, note, data, request_id,
    digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Event(Table):
    """`by` is empty where the clock or another paper acted. `data` is JSON as text: the digest is over what is stored."""

    thing = CharField(max_length=20)
    thing_id = IntegerField()
    n = IntegerField()
    at = MomentField()
    by = ForeignKeyField(Person, null=True)
    on_behalf_of = ForeignKeyField(Person, null=True)
    post = CharField(max_length=40, default="")
    action = CharField(max_length=40)
    before = CharField(max_length=30, default="")
    after = CharField(max_length=30, default="")
    version = IntegerField(default=0)
    note = TextField(default="")
    data = TextField(default="{}")
    request_id = CharField(max_length=40, default="")
    digest = CharField(max_length=64)

    class Meta:
        table_name = "events"
        indexes = ((("thing", "thing_id", "n"), True),)

    def facts(self) -> dict[str, Any]:
        return data_from_json(self.data)


class Refusal(Table):
    """An attempt outside somebody's rights (GEN-10)."""

    at = MomentField(default=clock.now)
    person = ForeignKeyField(Person, null=True)
    attempt = CharField(max_length=200)
    thing = CharField(max_length=20, default="")
    thing_id = IntegerField(null=True)
    why = TextField(default="")
    request_id = CharField(max_length=40, default="")

    class Meta:
        table_name = "refusals"


def write(
    thing: Thing,
    action: str,
    by: Person | None = None,
    *,
    on_behalf_of: Person | None = None,
    post: str = "",
    before: str = "",
    after: str = "",
    version: int = 0,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Adds the event and moves the thing's count and digest on, in memory: the caller saves them with `WHERE events = …`."""
    n = thing.events + 1
    told = [
        name_of(type(thing)),
        thing.get_id(),
        n,
        db.to_ms(clock.now()),
        by and by.id,
        on_behalf_of and on_behalf_of.id,
        post,
        action,
        before,
        after,
        version,
        note,
        data_to_json(data or {}),
        request_id.get(),
    ]
    digest = chained(thing.digest, told)
    db.run(_INSERT, *told, digest)
    thing.events, thing.digest = n, digest  # only now: a thing whose event was refused is as it was


def record(thing: Thing, action: str, by: Person | None = None, **told: Any) -> None:
    """Adds the event and saves the thing's count and digest. Raises SomebodyWasFirst if the thing has moved on meanwhile."""
    assert db.is_in_transaction(), "an event is written with what it tells of"
    seen = thing.events
    write(thing, action, by, **told)
    table = type(thing)._meta.table_name
    moved = db.run(
        f'UPDATE "{table}" SET events = ?, digest = ? WHERE id = ? AND events = ?',
        thing.events,
        thing.digest,
        thing.get_id(),
        seen,
    )
    if moved.rowcount != 1:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))


_as_json = json.JSONEncoder(ensure_ascii=False).encode


def chained(before: str, told: list[Any]) -> str:
    return hashlib.sha256(_as_json([before, *told]).encode()).hexdigest()


def name_of(model: type[Thing]) -> str:
    return model.__name__.lower()


def history_of(thing: Thing) -> list[Event]:
    """Oldest first, with who acted loaded."""
    return list(
        Event.select(Event, Person)
        .left_outer_join(Person, on=Event.by)
        .where(Event.thing == name_of(type(thing)), Event.thing_id == thing.get_id())
        .order_by(Event.n)
    )


_TOLD = """
SELECT e.n, e.at, e.post, e.action, e.before, e.after, e.version, e.note, e.data, p.id, p.name, p.name_en, o.id, o.name, o.name_en
FROM events e LEFT JOIN persons p ON p.id = e.by_id LEFT JOIN persons o ON o.id = e.on_behalf_of_id
WHERE e.thing = ? AND e.thing_id = ? ORDER BY e.n
"""


def told_of(thing: str, thing_id: int) -> list[tuple[Any, ...]]:
    """The events of a thing as plain rows with both names of who acted and for whom: a page that remembers reads them once."""
    found: list[tuple[Any, ...]] = db.rows(_TOLD, thing, thing_id)
    return found


@db.transaction
def refuse(attempt: str, by: Person | None, why: str, thing: str = "", thing_id: int | None = None) -> None:
    Refusal.create(person=by, attempt=attempt[:200], why=why[:500], thing=thing, thing_id=thing_id, request_id=request_id.get())


def things() -> dict[str, type[Thing]]:
    return {name_of(model): model for model in Thing.__subclasses__()}


def verify() -> Iterator[str]:
    """A sentence for everything that is wrong with the events: changed, missing inside, or missing at the end."""
    told = """SELECT thing, thing_id, n, at, by_id, on_behalf_of_id, post, action, before, after, version, note, data, request_id,
              digest FROM events WHERE thing = ? ORDER BY thing_id, n"""
    for name, model in things().items():
        heads = {
            key: (count, digest)
            for key, count, digest in db.rows(f'SELECT id, events, digest FROM "{model._meta.table_name}" WHERE events > 0')
        }
        yield from _verify_chains(name, db.run(told, name), heads)
        for key, (count, _digest) in sorted(heads.items()):
            yield f"{name} {key}: none of its {count} events is there"


def _verify_chains(name: str, told: Any, heads: dict[int, tuple[int, str]]) -> Iterator[str]:
    """Follows each chain; takes every thing it met out of `heads`."""
    here, n, digest = None, 0, ""
    for *event, stored in told:
        key = event[1]
        if key != here:
            yield from _verify_end(name, here, n, digest, heads)
            here, n, digest = key, 0, ""
        n += 1
        if event[2] != n:
            yield f"{name} {key}: event {n} is missing"
            n = event[2]
        digest = chained(digest, list(event))
        if digest != stored:
            yield f"{name} {key}: event {event[2]} was changed"
            digest = stored
    yield from _verify_end(name, here, n, digest, heads)


def _verify_end(name: str, key: int | None, n: int, digest: str, heads: dict[int, tuple[int, str]]) -> Iterator[str]:
    if key is None:
        return
    count, kept = heads.pop(key, (0, ""))
    if (count, kept) != (n, digest):
        yield f"{name} {key}: its last event is number {count} by its own record, {n} by the events"
