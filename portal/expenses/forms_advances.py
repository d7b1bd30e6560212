"""What people type to borrow money before it is spent."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.cases import Case
from portal.contents import Content
from portal.expenses.models_advances import advance_content
from portal.expenses.models_money import Own, own_requests
from portal.fields import Amount, Choice, LongText, PaperForm
from portal.refused import Mistyped
from portal.words import _


class AdvanceForm(PaperForm):
    """Begun on the page of a request it names it; a draft may lack nothing but the purpose."""

    title = None  # type: ignore[assignment]
    request = Choice(_("Approved request"), coerce=int)
    amount = Amount(_("Amount"))
    purpose = LongText(_("Purpose"), most=2000, rows=2, description=_("Where it says more than the request does"))
    own: tuple[Own, ...] = ()

    def prepare(self, person: Any) -> None:
        self.own = tuple(own_requests(person))
        self.request.choices = [
            (each.id, _("%(called)s: %(amount)s", called=each.called, amount=each.amount)) for each in self.own
        ]
        begun = request.args.get("request", "")
        if self.request.raw_data is None and not self.is_submitted():
            if begun in {str(each.id) for each in self.own}:
                self.request.data = int(begun)
            elif len(self.own) == 1:
                self.request.data = self.own[0].id

    def chosen(self) -> Own | None:
        return next((each for each in self.own if each.id == self.request.data), None)

    def content(self, person: Any) -> Content:
        chosen = self.chosen()
        if chosen is None:
            raise Mistyped(_("Choose one of your own approved requests."), "request")
        return advance_content(Case.get_by_id(chosen.id), self.amount.data, self.purpose.data or "")

    def allow_gaps(self) -> None:
        """There is no advance without a request and an amount, not as a draft either."""

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        self.request.data = paper.request_id if paper.request_id in {each.id for each in self.own} else None
        self.amount.process_data(case.amount)
        self.purpose.data = paper.purpose
