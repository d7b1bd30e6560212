"""A plain model of the money of a company: it plays every part, knows nothing but the steps it took, and says what must be."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from portal import checks, clock, steps
from portal.books import rules as books  # noqa: F401
from portal.books.models import VoucherLine, balance, month_of, title_for
from portal.books.models_months import CashCount, Note, days_to_report, first_day, last_day, next_month
from portal.books.models_notes import Entitled
from portal.books.models_queue import payable_now
from portal.books.rules_close import start_close
from portal.books.rules_figures import kept
from portal.books.rules_reports import start_report
from portal.books.rules_runs import Run, pay_together
from portal.cases import Case
from portal.expenses.models_consents import PhoneConsent
from portal.expenses.models_money import Advance, Claim, standing
from portal.expenses.rules_claims import Granted
from portal.expenses.rules_lapsing import lapse_unused
from portal.refused import Mistyped, Refused
from tests import budgets, moneys
from tests.budgets import yuan


@dataclass
class Request:
    """What the model knows of a request: nothing but what was done with it."""

    case: Case
    amount: int
    state: str
    urgent: bool = False
    used: int = 0
    excess: int = 0  # put by the general manager beyond the budget
    last_day: date = date.max  # on which it may be used

    @property
    def holds(self) -> int:
        return self.amount - self.used if self.state in ("submitted", "provisional", "approved") else 0


@dataclass
class Lent:
    request: Request
    case: Case
    amount: int
    expected: date
    due: date = date.max
    paid: int = 0
    returned: int = 0
    claimed: int = 0
    held: int = 0
    unposted: list[date] = field(default_factory=list)
    posted_once: bool = False

    @property
    def open(self) -> int:
        return self.paid - self.returned - self.claimed - self.held

    called_off: bool = False  # what was not paid of it

    @property
    def to_pay(self) -> int:
        return 0 if self.called_off else self.amount - self.paid

    @property
    def to_post(self) -> bool:
        return bool(self.unposted) or (not self.to_pay and not self.posted_once)

    @property
    def is_over(self) -> bool:
        return not (self.to_pay or self.open or self.held or self.to_post)

    def recall(self) -> None:
        if self.open:
            self.due = min(self.due, clock.today())


@dataclass
class Asked:
    request: Request
    case: Case
    amount: int
    state: str
    is_last: bool
    from_advance: list[tuple[Lent, int]] = field(default_factory=list)
    paid: int = 0
    unposted: list[date] = field(default_factory=list)

    @property
    def to_pay(self) -> int:
        return self.amount - sum(part for _lent, part in self.from_advance) - self.paid

    @property
    def is_live(self) -> bool:
        return self.state in ("submitted", "signed", "payable")


class Model:
    """Plays the company's part on one day and keeps its own accounts."""

    def __init__(self, cast: Any, seed: int, allotted: int = 3000) -> None:
        self.cast, self.dice = cast, random.Random(seed)
        self.allotted = allotted * 100
        self.line = budgets.budget_line(cast.department("Marketing"), allotted)
        self.requests: list[Request] = []
        self.advances: list[Lent] = []
        self.claims: list[Asked] = []
        self.moves: list[tuple[date, str, int]] = []  # what moved in the funds
        self.booked: list[tuple[int, str, int]] = []  # what the books say of a month by the purpose of the title

    # ---- what may be done ----

    def doings(self) -> list[Any]:
        often = [self.claim, self.sign, self.check, self.pay, self.post, self.lend, self.pay_advance]
        return often * 3 + [
            self.ask, self.approve, self.cancel, self.lend, self.pay_advance, self.give_back, self.claim, self.sign, self.check,
            self.pay, self.post, self.post, self.turn_back, self.finish,
        ]  # fmt: skip

    def play(self) -> None:
        self.dice.choice(self.doings())()

    def one(self, things: Any, **having: Any) -> Any:
        found = [each for each in things if all(getattr(each, name) == value for name, value in having.items())]
        return self.dice.choice(found) if found else None

    def some(self, most: int) -> int:
        return self.dice.randint(1, max(1, most // 1000)) * 1000 if most >= 1000 else 0

    def on(self, request: Request) -> list[Lent]:
        return [each for each in self.advances if each.request is request]

    def ask(self, urgent: bool = False) -> None:
        amount = self.some(150_000)
        case = budgets.asked(self.cast.ann, self.line, str(yuan(amount // 100)), urgent=urgent)
        fits = amount <= self.free()
        self.requests.append(Request(case, amount, "submitted" if fits else "over", urgent))

    def approve(self) -> None:
        request = self.one([each for each in self.requests if each.state in ("submitted", "over")])
        if request is None:
            return
        excess = request.amount - self.free()
        request.last_day = clock.today() + timedelta(days=90)
        if request.state == "submitted" or excess <= 0:
            steps.take(self.cast.mei, request.case.id, "approve")
        else:
            steps.take(self.cast.mei, request.case.id, "approve_over_budget", given=budgets.overrun())
            request.excess, request.last_day = excess, clock.today() + timedelta(days=30)
        request.state = "approved"

    def cancel(self) -> None:
        request = self.one(self.requests, state="approved")
        if request is not None and not request.used:
            self._end(request, "cancel")

    def finish(self) -> None:
        request = self.one(self.requests, state="approved")
        if request is not None:
            self._end(request, "finish")

    def in_use(self, request: Request) -> bool:
        return any(each.request is request and each.is_live for each in self.claims) or any(
            not each.is_over for each in self.on(request)
        )

    def _end(self, request: Request, step: str) -> None:
        if self.in_use(request):
            with pytest.raises(Refused):
                steps.take(self.cast.ann, request.case.id, step)
            return
        steps.take(self.cast.ann, request.case.id, step)
        self._close(request, "ended")

    def _close(self, request: Request, state: str) -> None:
        request.state = state
        request.excess -= min(request.excess, request.amount - request.used)

    def lend(self) -> None:
        request = self.one([each for each in self.requests if each.state in ("approved", "provisional")])
        amount = self.some(request.amount) if request else 0
        if not amount:
            return
        beyond = amount > self.room(request)
        if beyond or self.overdue():
            with pytest.raises(Refused, match="can still be advanced" if beyond else "is overdue"):
                moneys.advance(self.cast.ann, request.case, str(yuan(amount // 100)))
            return
        case = moneys.advance(self.cast.ann, request.case, str(yuan(amount // 100)))
        expected = clock.local(request.case.created_at).date() + timedelta(days=1)
        self.advances.append(Lent(request, case, amount, expected))

    def overdue(self) -> list[Lent]:
        return [each for each in self.advances if each.open + each.held > 0 and each.due < clock.today()]

    def others_overdue(self, lent: Lent) -> bool:
        return any(each is not lent for each in self.overdue())

    def room(self, request: Request, besides: Lent | None = None) -> int:
        lent = sum((each.paid or each.amount) - each.returned for each in self.on(request) if each is not besides)
        claims = [each for each in self.claims if each.request is request]
        return request.amount - lent - sum(each.amount - sum(part for _lent, part in each.from_advance) for each in claims)

    def pay_advance(self) -> None:
        lent = self.one([each for each in self.advances if each.to_pay])
        if lent is None:
            return
        part = (self.some(lent.to_pay) if self.dice.random() < 0.3 else 0) or lent.to_pay
        payable = next(each for each in payable_now() if each.case_id == lent.case.id)
        given = moneys.by_bank(parts=((payable.id, yuan(0) + part),))
        beyond = self.room(lent.request, besides=lent) < lent.amount
        if beyond or self.others_overdue(lent):
            with pytest.raises(Refused, match="can still be advanced" if beyond else "is overdue"):
                steps.take(self.cast.cai, lent.case.id, "pay", given=given)
            return
        steps.take(self.cast.cai, lent.case.id, "pay", given=given)
        self._lent(lent, part)

    def _lent(self, lent: Lent, part: int) -> None:
        today = clock.today()
        if not lent.paid:
            lent.due = min(clock.working_day_after(lent.expected, 10), today + timedelta(days=30))
        lent.paid += part
        lent.unposted.append(today)
        self.moves.append((today, "bank", -part))

    def give_back(self) -> None:
        lent = self.one([each for each in self.advances if each.open > 0 and not each.to_pay])
        if lent is None:
            return
        amount = self.some(lent.open) or lent.open
        moneys.brought_back(self.cast, lent.case, str(yuan(0) + amount))
        lent.returned += amount
        lent.unposted.append(clock.today())
        self.moves.append((clock.today(), "till", amount))

    def claim(self) -> None:
        request = self.one([each for each in self.requests if each.state in ("approved", "provisional")])
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

    def sign(self) -> None:
        claim = self.one(self.claims, state="submitted")
        if claim is None:
            return
        if claim.request.state != "approved":
            with pytest.raises(Refused, match=r"has not confirmed|is not approved any more"):
                steps.take(self.cast.mei, claim.case.id, "sign", given=Granted())
            return
        steps.take(self.cast.mei, claim.case.id, "sign", given=Granted())
        claim.state = "signed"

    def check(self) -> None:
        claim = self.one(self.claims, state="signed")
        if claim is None:
            return
        steps.take(self.cast.cai, claim.case.id, "check", given=moneys.LOOKED_AT)
        left = claim.amount
        for lent in [each for each in self.on(claim.request) if each.open > 0]:
            part = min(lent.open, left)
            if part:
                lent.held += part
                claim.from_advance.append((lent, part))
                left -= part
        claim.state = "payable"
        if not left:
            self._paid(claim)

    def pay(self) -> None:
        claim = self.one(self.claims, state="payable")
        if claim is None:
            return
        left = claim.to_pay
        part = (self.some(left) if self.dice.random() < 0.4 else left) or left
        payable = next(each for each in payable_now() if each.case_id == claim.case.id)
        steps.take(self.cast.cai, claim.case.id, "pay", given=moneys.by_bank(parts=((payable.id, yuan(0) + part),)))
        self._paid_out(claim, part)

    def _paid_out(self, claim: Asked, part: int) -> None:
        claim.paid += part
        claim.unposted.append(clock.today())
        self.moves.append((clock.today(), "bank", -part))
        if not claim.to_pay:
            self._paid(claim)

    def _paid(self, claim: Asked) -> None:
        claim.state, request = "paid", claim.request
        request.used += claim.amount
        for lent, part in claim.from_advance:
            lent.held -= part
            lent.claimed += part
        claims = [each for each in self.claims if each.request is request]
        last = any(each.is_last and each.state in ("paid", "posted") for each in claims)
        if last and not any(each.is_live for each in claims):
            self._close(request, "closed")
            self._take_back_lent(request)

    def _take_back_lent(self, request: Request) -> None:
        """What is open is due now, what is not paid yet is called off."""
        for lent in self.on(request):
            lent.recall()
            lent.called_off = lent.called_off or bool(lent.to_pay)
            if not lent.paid:
                self.advances.remove(lent)

    def turn_back(self) -> None:
        claim = self.one([each for each in self.claims if each.is_live and not each.paid])
        if claim is None:
            return
        who = self.cast.mei if claim.state == "submitted" else self.cast.cai
        steps.take(who, claim.case.id, "return", note="untidy", given="draft")
        for lent, part in claim.from_advance:
            lent.held -= part
        self.claims.remove(claim)

    def to_post(self) -> list[Any]:
        return [each for each in self.claims if each.state == "paid"] + [each for each in self.advances if each.to_post]

    def post(self) -> None:
        if found := self.to_post():
            self._post(self.dice.choice(found))

    def _post(self, thing: Any) -> None:
        if isinstance(thing, Lent):
            whole = not thing.to_pay and not thing.posted_once
            steps.take(self.cast.lin, thing.case.id, "post" if whole else "post_part")
            thing.posted_once = thing.posted_once or whole
        elif thing.state == "payable":
            steps.take(self.cast.lin, thing.case.id, "post_part")
        else:
            steps.take(self.cast.lin, thing.case.id, "post")
            thing.state = "posted"
            self.booked.append((month_of(max(thing.unposted, default=clock.today())), "spending", thing.amount))
        thing.unposted.clear()

    # ---- what must be so ----

    def free(self) -> int:
        spent = sum(each.used for each in self.requests)
        held = sum(each.holds for each in self.requests)
        return self.allotted + sum(each.excess for each in self.requests) - spent - held

    def there(self, fund: str, month: int = 999999) -> int:
        """What is in the fund, at the end of the month."""
        return sum(amount for day, name, amount in self.moves if name == fund and month_of(day) <= month)

    def on_title(self, purpose: str, month: int | None = None) -> int:
        return sum(amount for of, name, amount in self.booked if name == purpose and month in (None, of))

    def agrees(self) -> None:
        figures = budgets.figures_now(self.line)
        assert figures.spent == sum(each.used for each in self.requests)
        assert figures.held == sum(each.holds for each in self.requests)
        assert figures.left == self.free()
        for lent in self.advances:
            here = standing(Advance.get_by_id(lent.case.id))
            assert (here.paid, here.returned, here.claimed, here.held, here.open) == (
                lent.paid, lent.returned, lent.claimed, lent.held, lent.open,
            )  # fmt: skip
        assert (balance(moneys.bank().id), balance(moneys.till().id)) == (self.there("bank"), self.there("till"))
        for purpose in ("spending", "sales", "other", "charges"):
            lines = VoucherLine.select().where(VoucherLine.title == title_for(purpose))
            assert sum(each.amount for each in lines) == self.on_title(purpose), purpose
        assert Claim.select().count() >= len(self.claims)

    def clean(self) -> None:
        assert checks.findings() == []


# ---- over months ----------------------------------------------------------------------------------------------------

PURPOSES = {"sale": "sales", "other": "other", "charge": "charges"}


@dataclass
class Noted:
    """Money without a request."""

    case: Case
    kind: str
    amount: int
    day: date


class Company(Model):
    """Goes through months: urgent requests and consent by telephone, money without a request, payment runs, what lapses, and
    months that are closed, published, and now and then opened again."""

    def __init__(self, cast: Any, seed: int, time: Any) -> None:
        super().__init__(cast, seed, 12_000)
        self.time, self.closed, self.off = time, 0, 0
        self.notes: list[Noted] = []

    def doings(self) -> list[Any]:
        return super().doings() + [
            *[self.days_pass] * 4, *[self.ask_urgently] * 2, *[self.record_consent] * 4, *[self.answer] * 2, *[self.ask] * 2,
            *[self.approve] * 2, *[self.note] * 3, *[self.run] * 2, self.enter_too_late, self.close_month, self.close_month,
        ]  # fmt: skip

    def days_pass(self) -> None:
        self.time.forward(days=self.dice.randint(1, 12))
        lapse_unused()
        for request in self.requests:
            if request.state == "approved" and request.last_day < clock.today() and not self.in_use(request):
                self._close(request, "lapsed")

    # ---- consent by telephone ----

    def ask_urgently(self) -> None:
        self.ask(urgent=True)

    def record_consent(self) -> None:
        request = self.one([each for each in self.requests if each.state in ("submitted", "over") and each.urgent])
        if request is None:
            return
        consent = PhoneConsent(clock.now(), "phone", "Yes, go")
        if request.state == "over" and request.amount > self.free():
            with pytest.raises(Refused, match="only the general manager approves"):
                steps.take(self.cast.hao, request.case.id, "record_consent", given=consent)
            return
        steps.take(self.cast.hao, request.case.id, "record_consent", given=consent)
        request.state, request.last_day = "provisional", clock.today() + timedelta(days=90)

    def answer(self) -> None:
        request = self.one(self.requests, state="provisional")
        if request is None:
            return
        if self.dice.random() < 0.7:
            steps.take(self.cast.mei, request.case.id, "confirm_consent")
            request.state = "approved"
            return
        steps.take(self.cast.mei, request.case.id, "withdraw_consent", note="I never said that")
        request.state = "withdrawn"
        self._take_back_lent(request)

    # ---- money without a request, payment runs ----

    def note(self) -> None:
        kind, amount = self.dice.choice(["sale", "sale", "other", "charge", "transfer"]), self.some(400_000)
        if not amount:
            return
        day = max(clock.today() - timedelta(days=self.dice.randint(0, 3)), self.earliest())
        fund, into = ("bank", "till") if self.dice.random() < 0.7 or kind == "charge" else ("till", "bank")
        more = {"into": self.fund(into)} if kind == "transfer" else {}
        if kind == "transfer" and fund == "till" and amount > self.least_from("till", day):
            with pytest.raises(Refused, match="Pay from the bank"):
                moneys.received(self.cast, str(yuan(0) + amount), kind, self.fund(fund), day=day, **more)
            return
        case = moneys.received(self.cast, str(yuan(0) + amount), kind, self.fund(fund), day=day, **more)
        self.notes.append(Noted(case, kind, amount, day))
        self.moves.append((day, fund, amount if kind in ("sale", "other") else -amount))
        if more:
            self.moves.append((day, into, amount))

    def fund(self, name: str) -> Any:
        return moneys.bank() if name == "bank" else moneys.till()

    def least_from(self, fund: str, day: date) -> int:
        """The least that is in the fund at the end of any day from that one on."""
        days = {day} | {of for of, _fund, _amount in self.moves if of > day}
        return min(sum(amount for of, name, amount in self.moves if name == fund and of <= end) for end in days)

    def earliest(self) -> date:
        """The first day that is neither closed nor reported."""
        return first_day(next_month(self.closed)) if self.closed else date.min

    def enter_too_late(self) -> None:
        if self.closed:
            with pytest.raises(Mistyped, match="is closed"):
                moneys.received(self.cast, "10", day=last_day(self.closed))

    def run(self) -> None:
        lines = payable_now()
        if not lines:
            return
        there = {each.case_id: each for each in lines}
        claims = [each for each in self.claims if each.state == "payable"]
        advances = [each for each in self.advances if each.to_pay]
        assert {each.case.id for each in (*claims, *advances)} == set(there)
        bank = moneys.bank().id
        told = tuple((each.id, each.open) for each in lines)
        pay_together(self.cast.cai, Run(bank, clock.today(), "transfer", "RUN", told), secrets.token_hex(10))
        for due in lines:
            for claim in [each for each in claims if each.case.id == due.case_id]:
                self._paid_out(claim, claim.to_pay)
            for lent in [each for each in advances if each.case.id == due.case_id]:
                if self.room(lent.request, besides=lent) >= lent.amount and not self.others_overdue(lent):
                    self._lent(lent, lent.to_pay)

    def to_post(self) -> list[Any]:
        partly = [each for each in self.claims if each.state == "payable" and each.unposted]
        return super().to_post() + partly + self.notes

    def _post(self, thing: Any) -> None:
        if not isinstance(thing, Noted):
            return super()._post(thing)
        purpose = PURPOSES.get(thing.kind)
        steps.take(self.cast.lin, thing.case.id, "post", given=Entitled(title_for(purpose).id) if purpose else None)
        if purpose:
            self.booked.append((month_of(thing.day), purpose, thing.amount if thing.kind == "charge" else -thing.amount))
        self.notes.remove(thing)
        return None

    # ---- months ----

    def close_month(self) -> None:
        """Reports every day, counts, closes, calculates and publishes the next month; one in three is opened again and closed."""
        if not self.moves:
            return
        month = next_month(self.closed) if self.closed else month_of(min(day for day, _fund, _amount in self.moves))
        if clock.today() <= last_day(month):
            self.time.set(f"{last_day(month) + timedelta(days=1)} 09:00")
        case = start_close(self.cast.lin, month)
        self._count(case, month)
        if any(month_of(day) == month for day, _fund, _amount in self.moves):
            with pytest.raises(Refused, match="Every day is reported"):
                steps.take(self.cast.lin, case.id, "close_month")
        while found := self.to_post():
            self._post(found[0])
        for due in days_to_report(first_day(month), last_day(month)):
            report = steps.take(self.cast.cai, start_report(self.cast.cai, due.day, f"report {due.day}").id, "submit")
            steps.take(self.cast.lin, report.id, "acknowledge")
        self._shut(case, month)
        if self.dice.random() < 0.3:
            steps.take(self.cast.mei, case.id, "reopen", note="An invoice was forgotten")
            assert kept(month) is None
            self._count(case, month, off=self.dice.choice([0, 1000]))
            self._shut(case, month)
        self.closed = month

    def _count(self, case: Case, month: int, off: int = 0) -> None:
        till = self.there("till", month)
        given = CashCount({moneys.till().id: {10: till // 10}}, {moneys.bank().id: yuan(0) + self.there("bank", month) + off})
        steps.take(self.cast.cai, case.id, "count", given=given)
        self.off = off

    def _shut(self, case: Case, month: int) -> None:
        late = any(each.due <= last_day(month) and each.open + each.held > 0 for each in self.advances)
        if late or self.off:
            with pytest.raises(Refused, match="explain it in a note"):
                steps.take(self.cast.lin, case.id, "close_month")
            steps.take(self.cast.lin, case.id, "explain", given=Note("It comes in next month"))
            steps.take(self.cast.mei, case.id, "sign_note")
        for step in ("close_month", "calculate", "publish"):
            steps.take(self.cast.lin, case.id, step)
        self._as_kept(month)

    def _as_kept(self, month: int) -> None:
        figures = kept(month)
        assert figures is not None
        assert figures.income == -self.on_title("sales", month) - self.on_title("other", month)
        assert figures.expense == self.on_title("spending", month) + self.on_title("charges", month)
        counted = {name.name: (told, seen) for name, told, seen in figures.funds}
        assert counted[moneys.till().name] == (self.there("till", month),) * 2
        bank = self.there("bank", month)
        assert counted[moneys.bank().name] == (bank, bank + self.off)

    def agrees(self) -> None:
        super().agrees()
        for month in {of for of, _purpose, _amount in self.booked if of <= self.closed}:
            figures = kept(month)
            assert figures is not None and figures.expense == self.on_title("spending", month) + self.on_title("charges", month)
