"""What people type when a month is closed: the count by notes and coins, and the note about what does not agree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from portal.books.models import Fund
from portal.books.models_months import NOTES, CashCount, Note
from portal.fields import LongText, clean
from portal.kinds import StepForm
from portal.money import Money
from portal.words import Words, _


class NoteForm(StepForm):
    text = LongText(_("Why, and what is done about it"), most=1000, needed=True, rows=3)

    def given(self) -> Note:
        return Note(self.text.data or "")


class CountForm:
    """The count as typed: of each till the pieces of every note and coin, of each bank what its statement says. What cannot be
    read stands in `wrong` beside its field; `kept` is what stood there."""

    def __init__(self, funds: Iterable[Fund], typed: Any = None) -> None:
        self.funds, self.kept = list(funds), dict(typed or {})
        self.wrong: dict[str, Words] = {}

    def value(self, name: str) -> str:
        return clean(str(self.kept.get(name, "")))[:20]

    def given(self) -> CashCount | None:
        """What was counted, or nothing where something cannot be read."""
        pieces = {fund.id: self._pieces(fund) for fund in self.funds if fund.kind == "cash"}
        statements = {fund.id: self._statement(fund) for fund in self.funds if fund.kind == "bank"}
        return None if self.wrong else CashCount(pieces, statements)

    def _pieces(self, fund: Fund) -> dict[int, int]:
        found = {}
        for value in NOTES:
            typed = self.value(f"pieces-{fund.id}-{value}")
            if typed and not re.fullmatch(r"[0-9]{1,6}", typed, re.ASCII):
                self.wrong[f"pieces-{fund.id}-{value}"] = _("Write how many pieces there are.")
            else:
                found[value] = int(typed or 0)
        return found

    def _statement(self, fund: Fund) -> Money | None:
        name = f"fund-{fund.id}"
        typed = self.value(name)
        if not typed:
            self.wrong[name] = _("Write what the statement says.")
            return None
        try:
            return Money.parse(typed)
        except ValueError:
            self.wrong[name] = _("Write an amount in yuan, such as 1200 or 12.50.")
            return None

    @property
    def tills(self) -> list[Fund]:
        return [fund for fund in self.funds if fund.kind == "cash"]

    @property
    def banks(self) -> list[Fund]:
        return [fund for fund in self.funds if fund.kind == "bank"]
