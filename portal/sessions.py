"""Who is signed in: sessions are rows on the server, known by a random token kept only as its hash (requirement 8)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from peewee import CharField, CompositeKey, ForeignKeyField

from portal import clock, db, passwords, policies
from portal.db import MomentField, Table
from portal.persons import Department, Person
from portal.refused import Mistyped, Refused
from portal.words import _

_FIND = """
SELECT s.id, s.seen_at, s.confirmed_at, %s, %s FROM sessions s JOIN persons p ON p.id = s.person_id
JOIN departments d ON d.id = p.department_id WHERE s.token_hash = ? AND s.seen_at > ? AND s.created_at > ? AND p.active
"""
LONGEST = timedelta(hours=12)
NOTED_EVERY = timedelta(seconds=60)  # how exactly "last seen" is kept

idle_minutes = policies.declare(
    "session_idle_minutes", 30, "it_head", _("Signed out after being idle for"), unit=_("minutes"), minimum=5, maximum=720
)
ask_again_minutes = policies.declare(
    "signature_password_minutes",
    15,
    "gm",
    _("A signature asks the password again after"),
    unit=_("minutes"),
    minimum=0,
    maximum=720,
)


class Session(Table):
    token_hash = CharField(max_length=64, unique=True)
    person = ForeignKeyField(Person)
    created_at = MomentField()
    seen_at = MomentField()
    confirmed_at = MomentField()  # when the password was last given
    address = CharField(max_length=60, default="")
    browser = CharField(max_length=200, default="")

    class Meta:
        table_name = "sessions"


class Attempt(Table):
    """A wrong password: counted by account and by address (requirement 11)."""

    at = MomentField()
    account = CharField(max_length=64)
    address = CharField(max_length=60)

    class Meta:
        table_name = "attempts"


class KnownAddress(Table):
    """Where somebody has signed in from: what others try elsewhere does not lock them out there."""

    person = ForeignKeyField(Person)
    address = CharField(max_length=60)
    seen_at = MomentField()

    class Meta:
        table_name = "known_addresses"
        primary_key = CompositeKey("person", "address")


_KNOW = """
INSERT INTO known_addresses (person_id, address, seen_at) VALUES (?, ?, ?)
ON CONFLICT (person_id, address) DO UPDATE SET seen_at = excluded.seen_at
"""


@dataclass(frozen=True)
class SignedIn:
    """A session that counts now, and whose it is."""

    id: int
    person: Person
    seen_at: datetime
    confirmed_at: datetime

    def must_confirm(self) -> bool:
        """Whether a signature asks for the password again."""
        return clock.now() - self.confirmed_at >= timedelta(minutes=ask_again_minutes())


@db.transaction
def begin(person: Person, address: str, browser: str) -> str:
    """A new session; answers its token, which is never kept."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    Session.create(
        token_hash=_hash(token),
        person=person,
        created_at=now,
        seen_at=now,
        confirmed_at=now,
        address=address[:60],
        browser=browser[:200],
    )
    db.run(_KNOW, person.id, address[:60], db.to_ms(now))
    return token


def of(person: Person) -> list[Session]:
    """The sessions of the person that count now, the one used last first."""
    now = clock.now()
    counts = (Session.seen_at > now - timedelta(minutes=idle_minutes())) & (Session.created_at > now - LONGEST)
    return list(Session.select().where(Session.person == person, counts).order_by(Session.seen_at.desc()))


def find(token: str) -> SignedIn | None:
    """The session of that token, unless it was idle too long, is older than a working day, or its person was disabled."""
    now = clock.now()
    used, begun = db.to_ms(now - timedelta(minutes=idle_minutes())), db.to_ms(now - LONGEST)
    found = db.row(_FIND % (_columns(Person, "p"), _columns(Department, "d")), _hash(token), used, begun)
    if found is None:
        return None
    width = 3 + len(Person._meta.sorted_fields)
    person = Person._read(found[3:width])
    person.department = Department._read(found[width:])
    return SignedIn(found[0], person, db.from_ms(found[1]), db.from_ms(found[2]))


@cache
def _columns(table: type[Table], alias: str) -> str:
    return ", ".join(f'{alias}."{field.column_name}"' for field in table._meta.sorted_fields)


def note_use(session: SignedIn) -> None:
    """Keeps "last seen" as exactly as the idle time needs it, not on every request."""
    if clock.now() - session.seen_at >= NOTED_EVERY:
        _set(session.id, seen_at=clock.now())


def confirm(session_id: int) -> None:
    """The password was given again just now."""
    _set(session_id, confirmed_at=clock.now(), seen_at=clock.now())


@db.transaction
def _set(session_id: int, **moments: datetime) -> None:
    Session.update(**moments).where(Session.id == session_id).execute()


@db.transaction
def end(person: Person, session_id: int | None = None, but: int | None = None) -> None:
    """Ends one session of the person, or all but one."""
    chosen = Session.person == person
    if session_id is not None:
        chosen &= Session.id == session_id
    if but is not None:
        chosen &= Session.id != but
    Session.delete().where(chosen).execute()


# ---- passwords given -----------------------------------------------------------------------------------------------

WINDOW = timedelta(minutes=15)
MOST_TOGETHER, MOST_OF_ADDRESS, MOST_OF_ACCOUNT = 10, 100, 50


class TooMany(Refused):
    status = 429


def sign_in(user: str, password: str, address: str) -> Person:
    """Whoever that is. Unknown, wrong and disabled answer alike, in words and in time. Raises Mistyped, TooMany."""
    account = user.strip().casefold()[:40]
    _refuse_too_many(account, address)
    person = Person.get_or_none(Person.user == account)
    if not passwords.matches(person, password):
        _note_wrong(account, address)
        raise Mistyped(_("User name or password is wrong."), "password")
    assert person is not None
    _welcome(person, password, account, address)
    return person


def is_own_password(person: Person, password: str, address: str) -> bool:
    """The password asked again, under the same limits as at the door. Raises TooMany."""
    _refuse_too_many(person.user, address)
    if passwords.matches(person, password):
        return True
    _note_wrong(person.user, address)
    return False


def _refuse_too_many(account: str, address: str) -> None:
    """Only wrong tries of the last minutes count, so nobody is locked out for longer; what others try elsewhere does not count
    where the person has signed in before."""
    recent = Attempt.at > clock.now() - WINDOW
    together = Attempt.select().where(recent, Attempt.account == account, Attempt.address == address).count()
    of_address = Attempt.select().where(recent, Attempt.address == address).count()
    of_account = Attempt.select().where(recent, Attempt.account == account).count()
    is_known = KnownAddress.select().join(Person).where(Person.user == account, KnownAddress.address == address).exists()
    if together >= MOST_TOGETHER or of_address >= MOST_OF_ADDRESS or (of_account >= MOST_OF_ACCOUNT and not is_known):
        raise TooMany(_("Too many wrong attempts. Wait 15 minutes, then try again."))


@db.transaction
def _note_wrong(account: str, address: str) -> None:
    Attempt.create(at=clock.now(), account=account, address=address[:60])


@db.transaction
def _welcome(person: Person, password: str, account: str, address: str) -> None:
    """Forgets the wrong tries from here; a hash of an older kind is made anew."""
    Attempt.delete().where(Attempt.account == account, Attempt.address == address).execute()
    if passwords.needs_new_hash(person):
        Person.update(password_hash=passwords.hashed(password)).where(Person.id == person.id).execute()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
