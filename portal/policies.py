"""Company rules that are numbers or choices: declared by the module that uses them, changed in the browser by their owner."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from peewee import CharField, TextField

from portal import db, history
from portal.db import Thing
from portal.money import Money
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _

Value = bool | int | str | Money


class PolicyValue(Thing):
    """A policy that was changed; the others stand at their default."""

    key = CharField(max_length=60, unique=True)
    value = TextField()  # JSON

    class Meta:
        table_name = "policies"


@dataclass(frozen=True)
class Policy:
    """Calling it gives the value in force. `owner` is the role that may change it; `unit` is said behind the value."""

    key: str
    default: Value
    owner: str
    about: Words
    rule: str = ""
    unit: Words | None = None
    minimum: int | None = None
    maximum: int | None = None

    def __call__(self) -> Any:
        return values_in_force().get(self.key, self.default)


POLICIES: dict[str, Policy] = {}


class Kept:
    """The values read from one database; a change puts a new, empty one in its place."""

    def __init__(self, database: Any = None) -> None:
        self.database = database
        self.values: dict[str, Value] | None = None


_kept = Kept()


def declare(key: str, default: Value, owner: str, about: Words, **more: Any) -> Policy:
    policy = POLICIES[key] = Policy(key, default, owner, about, **more)
    return policy


def values_in_force() -> dict[str, Value]:
    global _kept
    if _kept.database is not db.db.obj:
        _kept = Kept(db.db.obj)
    kept = _kept
    if kept.values is None:
        kept.values = {each.key: _read(each) for each in PolicyValue.select() if each.key in POLICIES}
    return kept.values


def forget() -> None:
    """Reads the values anew when next asked."""
    global _kept
    _kept = Kept(db.db.obj)


def _read(kept: PolicyValue) -> Value:
    value = json.loads(kept.value)
    return Money(value) if isinstance(POLICIES[kept.key].default, Money) else value


@db.transaction
def change(person: Person | None, policy: Policy, value: Value) -> None:
    """Sets the policy and records who changed it from what; it is in force from the commit on. Whether the person may is asked
    by the caller."""
    before = policy()
    if why := why_not(policy, value):
        raise Mistyped(why, policy.key)
    if value == before:
        return
    kept, _made = PolicyValue.get_or_create(key=policy.key, defaults={"value": "null"})
    PolicyValue.update(value=json.dumps(value, ensure_ascii=False)).where(PolicyValue.id == kept.id).execute()
    history.record(kept, "change", person, data={"policy": policy.key, "before": before, "after": value})
    db.after_commit(forget)


def why_not(policy: Policy, value: Value) -> Words | None:
    if policy.minimum is not None and value < policy.minimum:  # type: ignore[operator]
        return _("It cannot be less than %(least)s.", least=policy.minimum)
    if policy.maximum is not None and value > policy.maximum:  # type: ignore[operator]
        return _("It cannot be more than %(most)s.", most=policy.maximum)
    return None


company_name = declare("company_name", "公司", "gm", _("Name of the company"))
