"""Passwords: hashed with argon2id, checked for complexity, aged (DBA-10, DBA-11, requirement 10)."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import Any

from portal import clock, policies
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _

LONGEST = 128

min_length = policies.declare(
    "password_min_length", 8, "it_head", _("Shortest password"), rule="DBA-10", unit=_("characters"), minimum=6, maximum=64
)
no_leading_digit = policies.declare(
    "password_no_leading_digit", True, "it_head", _("A password must not start with a digit"), rule="DBA-10"
)
two_kinds = policies.declare(
    "password_two_kinds", True, "it_head", _("A password mixes at least two of letters, digits and signs"), rule="DBA-10"
)
max_age_days = policies.declare(
    "password_max_age_days",
    90,
    "it_head",
    _("A password must be changed after"),
    rule="DBA-11",
    unit=_("days"),
    minimum=1,
    maximum=3650,
)


@cache
def _hasher() -> Any:
    from passlib.handlers.argon2 import argon2  # not from passlib.hash, where two threads at once find a half-read module

    argon2.get_backend()  # found here: a hasher that looks for it on first use fails that once
    return argon2.using(type="ID", memory_cost=19 * 1024, rounds=2, parallelism=1)


@cache
def _decoy() -> str:
    """Checked where there is no such person, so that both answers take the same time."""
    return _hasher().hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    return _hasher().hash(password)


def matches(person: Person | None, password: str) -> bool:
    """Takes as long for an unknown, disabled or password-less person as for any other."""
    known = person is not None and person.active and person.password_hash
    right = _hasher().verify(password[:LONGEST], person.password_hash if known and person else _decoy())
    return bool(known and right and len(password) <= LONGEST)


def needs_new_hash(person: Person) -> bool:
    return _hasher().needs_update(person.password_hash)


def is_expired(person: Person) -> bool:
    if person.must_change_password or person.password_set_at is None:
        return True
    return (clock.now() - person.password_set_at).days >= max_age_days()


def check(password: str, person: Person, field: str = "password") -> None:
    """Raises Mistyped, naming the field, with the first rule the password breaks."""
    if why := why_not(password, person):
        raise Mistyped(why, field)


def why_not(password: str, person: Person) -> Words | None:
    if len(password) < max(6, min_length()):
        return _("Use at least %(least)s characters.", least=max(6, min_length()))
    if len(password) > LONGEST:
        return _("Use at most %(most)s characters.", most=LONGEST)
    if no_leading_digit() and password[0].isdigit():
        return _("It must not start with a digit.")
    if two_kinds() and len({_kind(sign) for sign in password}) < 2:
        return _("Mix at least two of letters, digits and signs.")
    return _guessable(password.casefold(), person)


def _guessable(password: str, person: Person) -> Words | None:
    names = [person.user, person.name, *person.name_en.split()]
    if any(len(name) > 1 and name.casefold() in password for name in names):
        return _("It must not contain your name.")
    if password in _common():
        return _("This is one of the passwords everybody tries first. Choose another.")
    return None


def _kind(sign: str) -> str:
    return "letter" if sign.isalpha() else "digit" if sign.isdigit() else "sign"


@cache
def _common() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())


def one_time() -> str:
    """A password to be shown once and changed at the first sign-in: letters and digits that cannot be mistaken."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ["".join(secrets.choice(signs) for _count in range(4)) for _group in range(3)]
    return f"{secrets.choice('abcdefghjkmnp')}{'-'.join(groups)}"
