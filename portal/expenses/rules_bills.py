"""The telephone bill of a month brought as a table: what each line cost, shown with its cap before it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal.expenses.models_allowances import phone_lines
from portal.imports import Row, RowError, each
from portal.money import HIGHEST, Money, total
from portal.persons import Person
from portal.words import Words, _

COLUMNS: dict[str, Words] = {"user": _("Sign-in name"), "name": _("Name"), "actual": _("Billed")}
NEEDED = ("actual",)


@dataclass(frozen=True)
class Billed:
    """What a bill would pay: a line for everybody on it, and what is wrong in the file."""

    lines: list[dict[str, Any]]
    errors: list[RowError]

    @property
    def is_good(self) -> bool:
        return not self.errors and bool(self.lines)

    @property
    def sums(self) -> tuple[Money, Money, Money]:
        """Billed, paid, and borne by the employees."""
        actual, amount = (total(Money(line[name]) for line in self.lines) for name in ("actual", "amount"))
        return actual, amount, actual - amount


def preview(rows: Iterable[Row], month: int) -> Billed:
    """Every row's mistake with its number, and what the good rows come to."""
    known = _Known()
    read, errors = each(rows, known.read)
    seen: set[int] = set()
    bills = []
    for number, person, actual in read:
        if person.id in seen:
            errors.append(RowError(number, "user", _("%(who)s stands in the file twice.", who=person.called)))
        seen.add(person.id)
        bills.append((person, actual))
    return Billed(phone_lines(bills, month), sorted(errors, key=lambda error: error.row))


class _Known:
    """The people a row may name: by sign-in name, or by a name that only one of them has."""

    def __init__(self) -> None:
        self.users: dict[str, Person] = {}
        self.names: dict[str, list[Person]] = {}
        for person in Person.select():
            self.users[person.user.casefold()] = person
            for name in {person.name, person.name_en} - {""}:
                self.names.setdefault(name.casefold(), []).append(person)

    def read(self, row: Row) -> tuple[int, Person, Money]:
        person = self._person(row)
        actual = row.money("actual")
        if not 0 <= actual < HIGHEST:
            raise RowError(row.number, "actual", _("An amount is from 0 to below 10,000,000,000."))
        return row.number, person, actual

    def _person(self, row: Row) -> Person:
        user, name = row.text("user"), row.text("name")
        if user:
            if user.casefold() not in self.users:
                raise RowError(row.number, "user", _("There is nobody with the sign-in name %(user)s.", user=user))
            return self.users[user.casefold()]
        found = self.names.get(row.needed("name").casefold(), [])
        if len(found) != 1:
            why = _("Several people are called %(name)s: write the sign-in name.", name=name)
            raise RowError(row.number, "name", why if found else _("There is nobody called %(name)s.", name=name))
        return found[0]
