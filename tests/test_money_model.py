"""Whatever is done in whatever order, budget, advances, queue and books agree, as a plain model of the steps taken says."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from portal import attachments, checks, steps
from portal.books import rules as books  # noqa: F401
from portal.books.models import VoucherLine, balance, title_for
from portal.books.models_queue import payable_now
from portal.cases import Case
from portal.expenses.models_money import Advance, Claim, standing
from portal.expenses.rules_claims import Granted
from portal.refused import Refused
from tests import budgets, moneys
from tests.budgets import yuan


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@dataclass
class Request:
    """What the model knows of a request: nothing but what was done with it."""

    case: Case
    amount: int
    state: str
    used: int = 0
    excess: int = 0  # put by the general manager beyond the budget

    @property
    def holds(self) -> int:
        return self.amount - self.used if self.state in ("submitted", "approved") else 0


@dataclass
class Lent:
    request: Request
    case: Case
    amount: int
    paid: int = 0
    returned: int = 0
    claimed: int = 0
    held: int = 0

    @property
    def open(self) -> int:
        return self.paid - self.returned - self.claimed - self.held


@dataclass
class Asked:
    request: Request
    case: Case
    amount: int
    state: str
    is_last: bool
    from_advance: list = field(default_factory=list)  # (advance, amount)
    paid: int = 0


class Model:
    """Plays the company's part and keeps its own accounts."""

    def __init__(self, cast, seed):
        self.cast, self.dice = cast, random.Random(seed)
        self.allotted = 3000 * 100
        self.line = budgets.budget_line(cast.department("Marketing"), 3000)
        self.requests, self.advances, self.claims = [], [], []
        self.bank = self.posted = 0

    # ---- what may be done ----

    def play(self):
        often = [self.claim, self.sign, self.check, self.pay, self.post, self.lend, self.pay_advance]
        doings = often * 3 + [
            self.ask, self.approve, self.cancel, self.lend, self.pay_advance, self.give_back, self.claim, self.sign, self.check,
            self.pay, self.post, self.post, self.turn_back, self.finish,
        ]  # fmt: skip
        self.dice.choice(doings)()

    def one(self, things, **having):
        found = [each for each in things if all(getattr(each, name) == value for name, value in having.items())]
        return self.dice.choice(found) if found else None

    def some(self, most):
        return self.dice.randint(1, max(1, most // 1000)) * 1000 if most >= 1000 else 0

    def ask(self):
        amount = self.some(150_000)
        case = budgets.asked(self.cast.ann, self.line, str(yuan(amount // 100)))
        fits = amount <= self.free()
        self.requests.append(Request(case, amount, "submitted" if fits else "over"))

    def approve(self):
        request = self.one([each for each in self.requests if each.state in ("submitted", "over")])
        if request is None:
            return
        excess = request.amount - self.free()
        if request.state == "submitted" or excess <= 0:
            steps.take(self.cast.mei, request.case.id, "approve")
        else:
            steps.take(self.cast.mei, request.case.id, "approve_over_budget", given=budgets.overrun())
            request.excess = excess
        request.state = "approved"

    def cancel(self):
        request = self.one(self.requests, state="approved")
        if request is None or request.used:
            return
        self._end(request, "cancel")

    def finish(self):
        request = self.one(self.requests, state="approved")
        if request is not None:
            self._end(request, "finish")

    def _end(self, request, step):
        in_use = any(each.request is request and each.paid - each.returned - each.claimed > 0 for each in self.advances)
        in_use |= any(each.request is request and not each.paid for each in self.advances)
        in_use |= any(each.request is request and each.state in ("submitted", "signed", "payable") for each in self.claims)
        waiting = any(
            Case.get_by_id(each.case.id).state in ("payable", "paid", "outstanding")
            for each in self.advances
            if each.request is request
        )
        if in_use or waiting:
            with pytest.raises(Refused):
                steps.take(self.cast.ann, request.case.id, step)
            return
        steps.take(self.cast.ann, request.case.id, step)
        self._close(request, "ended")

    def _close(self, request, state):
        request.state = state
        unused = min(request.excess, request.amount - request.used)
        request.excess -= unused

    def lend(self):
        request = self.one(self.requests, state="approved")
        if request is None:
            return
        amount = self.some(request.amount)
        if amount and amount <= self.room(request):
            case = moneys.advance(self.cast.ann, request.case, str(yuan(amount // 100)))
            self.advances.append(Lent(request, case, amount))
        elif amount:
            with pytest.raises(Refused, match="can still be advanced"):
                moneys.advance(self.cast.ann, request.case, str(yuan(amount // 100)))

    def room(self, request):
        lent = sum((each.paid or each.amount) - each.returned for each in self.advances if each.request is request)
        claims = [each for each in self.claims if each.request is request and each.state != "draft"]
        return request.amount - lent - sum(each.amount - sum(part for _advance, part in each.from_advance) for each in claims)

    def pay_advance(self):
        lent = self.one(self.advances, paid=0)
        if lent is None or lent.request.state != "approved":
            return
        steps.take(self.cast.cai, lent.case.id, "pay", given=moneys.by_bank())
        lent.paid = lent.amount
        self.bank -= lent.amount

    def give_back(self):
        lent = self.one([each for each in self.advances if each.open > 0])
        if lent is None:
            return
        amount = self.some(lent.open) or lent.open
        moneys.brought_back(self.cast, lent.case, str(yuan(amount // 100)))
        lent.returned += amount
        self.till = getattr(self, "till", 0) + amount

    def claim(self):
        request = self.one(self.requests, state="approved")
        if request is None:
            return
        amount, is_last = self.some(request.amount), self.dice.random() < 0.4
        left = request.amount - sum(each.amount for each in self.claims if each.request is request)
        if not amount:
            return
        if amount > left:
            with pytest.raises(Refused, match="is left of what was approved"):
                moneys.claimed(self.cast.ann, request.case, str(yuan(amount // 100)), is_last=is_last)
            return
        case = moneys.claimed(self.cast.ann, request.case, str(yuan(amount // 100)), is_last=is_last)
        self.claims.append(Asked(request, case, amount, "submitted", is_last))

    def sign(self):
        claim = self.one(self.claims, state="submitted")
        if claim is not None:
            steps.take(self.cast.mei, claim.case.id, "sign", given=Granted())
            claim.state = "signed"

    def check(self):
        claim = self.one(self.claims, state="signed")
        if claim is None:
            return
        steps.take(self.cast.cai, claim.case.id, "check", given=moneys.LOOKED_AT)
        left = claim.amount
        for lent in [each for each in self.advances if each.request is claim.request and each.open > 0]:
            part = min(lent.open, left)
            if part:
                lent.held += part
                claim.from_advance.append((lent, part))
                left -= part
        claim.state = "payable"
        if not left:
            self._paid(claim)

    def pay(self):
        claim = self.one(self.claims, state="payable")
        if claim is None:
            return
        left = claim.amount - sum(part for _lent, part in claim.from_advance) - claim.paid
        part = self.some(left) if self.dice.random() < 0.4 else left
        part = part or left
        payable = next(each for each in payable_now() if each.case_id == claim.case.id)
        given = moneys.by_bank(parts=((payable.id, yuan(0) + part),))
        steps.take(self.cast.cai, claim.case.id, "pay", given=given)
        self.bank -= part
        claim.paid += part
        if part == left:
            self._paid(claim)

    def _paid(self, claim):
        claim.state, request = "paid", claim.request
        request.used += claim.amount
        for lent, part in claim.from_advance:
            lent.held -= part
            lent.claimed += part
        others = [each for each in self.claims if each.request is request and each.state in ("submitted", "signed", "payable")]
        if claim.is_last and not others:
            self._close(request, "closed")

    def turn_back(self):
        claim = self.one(
            [each for each in self.claims if each.state in ("submitted", "signed") or (each.state == "payable" and not each.paid)]
        )
        if claim is None:
            return
        who = self.cast.mei if claim.state == "submitted" else self.cast.cai
        steps.take(who, claim.case.id, "return", note="untidy", given="draft")
        for lent, part in claim.from_advance:
            lent.held -= part
        self.claims.remove(claim)

    def post(self):
        found = [each for each in (*self.claims, *self.advances) if Case.get_by_id(each.case.id).state == "paid"]
        if found:
            thing = self.dice.choice(found)
            steps.take(self.cast.lin, thing.case.id, "post")
            if isinstance(thing, Asked):
                thing.state = "posted"
                self.posted += thing.amount

    # ---- what must be so ----

    def free(self):
        spent = sum(each.used for each in self.requests)
        held = sum(each.holds for each in self.requests)
        return self.allotted + sum(each.excess for each in self.requests) - spent - held

    def agrees(self):
        figures = budgets.figures_now(self.line)
        assert figures.spent == sum(each.used for each in self.requests)
        assert figures.held == sum(each.holds for each in self.requests)
        assert figures.left == self.free()
        for lent in self.advances:
            here = standing(Advance.get_by_id(lent.case.id))
            assert (here.paid, here.returned, here.claimed, here.held, here.open) == (
                lent.paid, lent.returned, lent.claimed, lent.held, lent.open,
            )  # fmt: skip
        assert balance(moneys.bank().id) == self.bank
        assert balance(moneys.till().id) == getattr(self, "till", 0)
        posted = sum(each.amount for each in VoucherLine.select().where(VoucherLine.title == title_for("spending")))
        assert posted == self.posted
        assert Claim.select().count() >= len(self.claims)


@pytest.mark.parametrize("seed", range(6))
def test_budget_advances_and_books_agree_after_every_step(cast, seed):
    model = Model(cast, seed)

    for n in range(45):
        model.play()
        model.agrees()
        if n % 9 == 0:
            assert checks.findings() == []

    assert checks.findings() == []
