"""Money without a request, as the cashier writes it down; and the balances the books begin with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import CharField, DateField, ForeignKeyField, IntegerField

from portal import db
from portal.books.models import Fund, Title, title_for
from portal.cases import Case, Detail, Line
from portal.contents import Content
from portal.flow import Act
from portal.money import Money, MoneyField, total
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import Words, _

NOTES: dict[str, Words] = {
    "sale": _("Sales"),
    "refund": _("Refund to us"),
    "other": _("Other income"),
    "charge": _("Bank charges"),
    "transfer": _("Between our own funds"),
}
PURPOSES = {"sale": "sales", "refund": "cost", "other": "other", "charge": "charges"}  # the titles they are usually posted to


class MoneyNote(Detail):
    """`fund` is where the money came in or went out, `into` where a transfer went; `corrects` is the note this one takes back;
    `title` is set by posting."""

    kind = CharField(max_length=10)
    fund = ForeignKeyField(Fund)
    into = ForeignKeyField(Fund, null=True)
    day = DateField()
    party = CharField(max_length=120, default="")
    reference = CharField(max_length=80, default="")
    title = ForeignKeyField(Title, null=True)
    corrects = ForeignKeyField(Case, null=True, unique=True)

    class Meta:
        table_name = "money_notes"

    @property
    def is_transfer(self) -> bool:
        return self.kind == "transfer"


def note_content(
    title: str, kind: str, fund: Fund, day: date | None, amount: Money | None, party: str = "", reference: str = "",
    into: Fund | None = None,
) -> Content:  # fmt: skip
    detail = {"kind": kind, "fund": fund, "into": into, "day": day, "party": party, "reference": reference}
    return Content(title, detail, [], amount)


def usual_title(note: MoneyNote) -> Title:
    """What money of its kind is posted to, where nobody says otherwise."""
    return title_for(PURPOSES[note.kind])


def counter_of(case: Case) -> Case | None:
    """The note that takes this one back."""
    found = MoneyNote.find("corrects_id = ?", case.id)
    return found.case if found else None


@dataclass(frozen=True)
class Entitled:
    """The title against which the money is posted."""

    title: int | None

    def why_not(self, act: Act) -> None:
        chosen = Title.find("id = ? AND active", self.title) if self.title else None
        if chosen is None or Fund.find("title_id = ?", chosen.id):
            raise Mistyped(_("Choose the account title it is posted to: not that of a fund."), "title")


# ---- opening balances -----------------------------------------------------------------------------------------------


class Opening(Detail):
    """What was there on that day before the portal; `stands` is set once for the company."""

    day = DateField()
    stands = IntegerField(null=True, unique=True)

    class Meta:
        table_name = "openings"


class OpeningLine(Line):
    """What is in a fund, or what somebody still owes of an advance, due back on that day."""

    fund = ForeignKeyField(Fund, null=True)
    person = ForeignKeyField(Person, null=True)
    amount = MoneyField()
    due = DateField(null=True)
    text = CharField(max_length=200, default="")

    class Meta:
        table_name = "opening_lines"


def opening_content(title: str, day: date | None, lines: list[dict[str, Any]]) -> Content:
    """Lines of fund and amount, or of person, amount and the day it is due back."""
    whole = [{"fund": None, "person": None, "due": None, "text": ""} | line for line in lines]
    return Content(title, {"day": day}, whole, total(line["amount"] or Money(0) for line in whole))


def is_opened() -> Case | None:
    """The paper with the opening balances, once they are confirmed."""
    return Case.find("id = (SELECT case_id FROM openings WHERE stands = 1)")


def first_entry() -> date | None:
    """The first day on which money moved in the portal."""
    (day,) = db.rows("SELECT MIN(day) FROM cash_entries WHERE kind <> 'opening'")[0]
    return date.fromisoformat(day) if isinstance(day, str) else day
