"""Penalties: what the rules allow for misuse of money and private use of supplies. The portal deducts nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from peewee import CharField, DateField, ForeignKeyField, TextField

from portal import policies
from portal.cases import Detail
from portal.contents import Content
from portal.db import MomentField
from portal.money import Money
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _

RULES: dict[str, Words] = {
    "FIN-09": _("Misuse of the company's money"),
    "SUP-21": _("Private use of equipment and consumables"),
}
_RANGES = {
    "FIN-09": (
        policies.declare(
            "fine_misuse_least", Money(100000), "gm", _("Lowest fine for misuse of money"), minimum=0, rule="FIN-09"
        ),
        policies.declare(
            "fine_misuse_most", Money(500000), "gm", _("Highest fine for misuse of money"), minimum=0, rule="FIN-09"
        ),
    ),
    "SUP-21": (
        policies.declare("fine_private_least", Money(5000), "gm", _("Lowest fine for private use"), minimum=0, rule="SUP-21"),
        policies.declare("fine_private_most", Money(10000), "gm", _("Highest fine for private use"), minimum=0, rule="SUP-21"),
    ),
}


class Penalty(Detail):
    """Whom it is about, by which rule, for what; the person may answer."""

    person = ForeignKeyField(Person)
    rule = CharField(max_length=10)
    day = DateField()
    reason = TextField(default="")
    answer = TextField(default="")
    answered_at = MomentField(null=True)

    class Meta:
        table_name = "penalties"


def bounds(rule: str) -> tuple[Money, Money]:
    """The range of the rule."""
    least, most = _RANGES[rule]
    return least(), most()


def penalty_content(person: Person, rule: str, amount: Money, day: date, reason: str) -> Content:
    title = f"{person.name} {rule}"
    return Content(title, {"person": person, "rule": rule, "day": day, "reason": reason}, [], amount, person.department)


@dataclass(frozen=True)
class Answer:
    """What the person says to it."""

    text: str

    def why_not(self, act: object) -> None:
        if not self.text.strip():
            raise Mistyped(_("Write what you answer."), "text")
        if len(self.text) > 2000:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=2000), "text")
