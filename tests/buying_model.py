"""A plain model of a company that buys: it plays every part, knows nothing but the steps it took, and says what must be."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from portal import checks, clock, steps
from portal.books.models import VoucherLine, balance, payables_of, title_for
from portal.cases import Case
from portal.purchasing.models import Quote
from portal.purchasing.models_invoices import Billed, Decided, lines_of_invoice
from portal.purchasing.models_orders import NewDay, Ordered, Received, Sent, lines_of_order, order_content
from portal.purchasing.rules_orders import ORDER
from portal.purchasing.rules_purchases import ApprovedLess
from portal.purchasing.rules_quotes import withdraw_quote
from portal.refused import Refused
from portal.stock.models import levels
from tests import budgets, buying, moneys
from tests.catalogue import supplier, supply

PRICES = {"晨光文具": {"PEN": 200, "INK": 10000}, "贵文具": {"PEN": 300, "INK": 11000}}  # fen a pack
PACKS = {"PEN": 1, "INK": 3}


@dataclass
class Wanted:
    """A line of an application, as far as the model knows it."""

    application: Application
    code: str
    asked: int
    estimate: int
    granted: int = 0
    ordered: int = 0
    pool: int = 0

    @property
    def left(self) -> int:
        return self.granted - self.ordered


@dataclass
class Application:
    case: Case
    place: str
    state: str
    lines: list[Wanted] = field(default_factory=list)
    held: int = 0
    excess: int = 0

    @property
    def estimate(self) -> int:
        return sum(each.estimate * each.granted // each.asked for each in self.lines)


@dataclass
class Ordering:
    wanted: Wanted
    quantity: int
    pack: int
    price: int = 0
    share: int = 0
    accepted: int = 0
    closed: int = 0
    billed: int = 0
    paid: int = 0
    decided: int = 0  # of how many it is settled what is paid
    due: int = 0  # decided to be paid and not paid yet

    @property
    def open(self) -> int:
        return self.quantity - self.accepted - self.closed

    def cost(self, quantity: int) -> int:
        """What so many units cost by the order."""
        return (self.price * quantity + self.pack // 2) // self.pack

    @property
    def rest(self) -> int:
        """What is not settled yet, at the price of the order."""
        return self.cost(self.quantity - self.closed) - self.cost(self.decided)


@dataclass
class Ordered_:
    case: Case
    supplier: str
    state: str
    lines: list[Ordering]


@dataclass
class Bill:
    case: Case
    order: Ordered_
    state: str
    lines: list[tuple[Ordering, int, int]]  # of which line how many were counted, and what is payable
    paid: int = 0
    unposted: int = 0
    settled: set[int] = field(default_factory=set)  # of which of its lines it is settled what is paid

    @property
    def payable(self) -> int:
        return sum(payable for _line, _counted, payable in self.lines)

    @property
    def is_settled(self) -> bool:
        return self.state in ("paid", "posted")

    def behind(self) -> list[Application]:
        return list({id(line.wanted.application): line.wanted.application for line, *_rest in self.lines}.values())


class Buying:
    """Plays the company's part and keeps its own accounts of budget, shelf, suppliers and books."""

    def __init__(self, cast: Any, seed: int, allotted: int = 2500) -> None:
        self.cast, self.dice, self.allotted = cast, random.Random(seed), allotted * 100
        buying.office(cast)
        for name, prices in PRICES.items():
            for code, price in prices.items():
                buying.quote(supply(cast, code), budgets.Money(price), of=supplier(name), days=300, per_pack=PACKS[code])
        self.prices: dict[str, dict[str, int]] = {name: dict(prices) for name, prices in PRICES.items()}
        self.budget_lines = {
            name: budgets.budget_line(cast.department(name), allotted, "OFFICE") for name in ("Marketing", "Office")
        }
        self.applications: list[Application] = []
        self.orders: list[Ordered_] = []
        self.bills: list[Bill] = []
        self.bank = int(balance(moneys.bank().id))
        self.exceptions = dict.fromkeys(self.budget_lines, 0)
        self.booked = 0

    def doings(self) -> list[Any]:
        often = [
            self.order,
            self.place,
            self.send,
            self.receive,
            self.bill,
            self.sign,
            self.sign,
            self.check,
            self.pay,
            self.post,
        ]
        return often * 4 + [
            self.ask, self.ask, self.head, self.head, self.manager, self.manager, self.cancel, self.drop, self.call_off,
            self.close_short, self.postpone, self.decide, self.decide, self.turn_back, self.send_back, self.requote,
        ]  # fmt: skip

    def play(self) -> None:
        self.dice.choice(self.doings())()

    def one(self, things: list[Any], *states: str) -> Any:
        found = [each for each in things if not states or each.state in states]
        return self.dice.choice(found) if found else None

    # ---- what must be ----

    def on_order(self, application: Application) -> list[tuple[Ordered_, Ordering]]:
        return [
            (order, line) for order in self.orders if order.state not in ("draft", "cancelled")
            for line in order.lines if line.wanted.application is application
        ]  # fmt: skip

    def unpaid(self, line: Ordering) -> bool:
        return any(line is one for bill in self.bills if bill.state in LIVE for one, _n, _amount in bill.lines)

    def is_done(self, line: Ordering) -> bool:
        return not line.open and line.billed == line.accepted and not self.unpaid(line)

    def needs(self, application: Application) -> int:
        lines = [line for _order, line in self.on_order(application) if not self.is_done(line)]
        return sum(each.pool for each in application.lines) + sum(
            max(line.share - line.paid, line.due + line.rest) for line in lines
        )

    def free(self, place: str) -> int:
        mine = [each for each in self.applications if each.place == place]
        spent = sum(line.paid for each in mine for _order, line in self.on_order(each))
        held, taken = self.besides(place)
        return self.allotted + self.exceptions[place] - spent - sum(each.held for each in mine) - held - taken

    def besides(self, place: str) -> tuple[int, int]:
        """What other papers hold on the line of this department, and what they took of it."""
        return 0, 0

    def hold(self, application: Application) -> None:
        """Holds more or gives back; what an exception covers is given back at the end only."""
        needed = self.needs(application)
        if needed > application.held or not application.excess:
            application.held = needed

    def follow(self, applications: list[Application]) -> None:
        for each in applications:
            self.hold(each)
            lines = [line for _order, line in self.on_order(each)]
            if any(line.left for line in each.lines):
                each.state = "approved"
            elif all(self.is_done(line) for line in lines):
                self.end(each, "closed")
            else:
                each.state = "ordered"

    def end(self, application: Application, state: str) -> None:
        application.state = state
        self.exceptions[application.place] -= min(application.excess, application.held)
        application.held = application.excess = 0
        for line in application.lines:
            line.pool = 0

    def agrees(self) -> None:
        """What the portal says is what the steps come to."""
        for place, line in self.budget_lines.items():
            figures = budgets.figures_now(line)
            mine = [each for each in self.applications if each.place == place]
            spent = sum(each.paid for one in mine for _order, each in self.on_order(one))
            held, taken = self.besides(place)
            assert (int(figures.held), int(figures.spent)) == (sum(each.held for each in mine) + held, spent + taken), place
        for application in self.applications:
            assert Case.get_by_id(application.case.id).state == application.state, application.case.number
        for order in self.orders:
            assert Case.get_by_id(order.case.id).state == order.state, order.case.number
        self._goods_agree()
        self._money_agrees()

    def _goods_agree(self) -> None:
        for code in ("PEN", "INK"):
            item = supply(self.cast, code)
            level = levels([item.id])[item.id]
            assert (level.on_hand, level.held) == (self.came(code) - self.gone(code), self.set_aside(code))

    def came(self, code: str) -> int:
        return sum(line.accepted for order in self.orders for line in order.lines if line.wanted.code == code)

    def gone(self, _code: str) -> int:
        """What left the shelf."""
        return 0

    def set_aside(self, _code: str) -> int:
        return 0

    def repaid(self) -> int:
        """What was paid out besides to suppliers."""
        return 0

    def _money_agrees(self) -> None:
        paid = sum(bill.paid for bill in self.bills)
        assert int(balance(moneys.bank().id)) == self.bank - paid - self.repaid()
        queue = sum(int(each.open) for bill in self.bills for each in payables_of(bill.case))
        assert queue == sum(bill.payable - bill.paid for bill in self.bills if bill.state == "payable")
        rows = VoucherLine.select().where(VoucherLine.title == title_for("suppliers"))
        of_suppliers = sum(int(each.amount) for each in rows)
        posted_before_the_end = sum(bill.paid - bill.unposted for bill in self.bills if bill.state != "posted")
        assert of_suppliers == posted_before_the_end
        assert sum(int(each.amount) for each in VoucherLine.select() if each.category_id) == self.booked

    def clean(self) -> None:
        assert checks.findings() == []

    # ---- asking ----

    def ask(self) -> None:
        if len([each for each in self.applications if each.state not in ("closed", "cancelled", "rejected")]) > 5:
            return
        place = self.dice.choice(list(self.budget_lines))
        person = self.cast.ann if place == "Marketing" else self.cast.sam
        codes = self.dice.sample(["PEN", "INK"], self.dice.randint(1, 2))
        wanted = [(code, self.dice.randint(1, 9), self.dice.randint(2, 300) * 100) for code in codes]
        lines = [(supply(self.cast, code), quantity, budgets.Money(estimate)) for code, quantity, estimate in wanted]
        case = buying.asked(person, self.budget_lines[place], *lines)
        made = Application(case, place, "submitted")
        made.lines = [Wanted(made, code, quantity, estimate) for code, quantity, estimate in wanted]
        self.applications.append(made)

    def head(self) -> None:
        application = self.one(self.applications, "submitted")
        if application is None:
            return
        head, case = (self.cast.hao if application.place == "Marketing" else buying.qin()), application.case
        for each in application.lines:
            each.granted = each.asked
        if self.dice.random() < 0.3:
            application.lines[0].granted = max(1, application.lines[0].asked - 1)
            lines = zip(buying.of(case), application.lines, strict=True)
            given = ApprovedLess({kept.id: (each.granted, "less") for kept, each in lines})
            steps.take(head, case.id, "approve_less", given=given)
        else:
            steps.take(head, case.id, "approve")
        application.state = "signing"
        if self.free(application.place) >= application.estimate:
            application.held = application.estimate

    def manager(self) -> None:
        application = self.one(self.applications, "signing")
        if application is None:
            return
        case, free = application.case, self.free(application.place)
        if self.dice.random() < 0.15:
            steps.take(self.cast.mei, case.id, "reject", note="No")
            self.end(application, "rejected")
            return
        if not application.held and free < application.estimate:
            with pytest.raises(Refused):
                steps.take(self.cast.mei, case.id, "approve")
            steps.take(self.cast.mei, case.id, "approve_over_budget", given=budgets.overrun())
            application.excess = application.estimate - free
            self.exceptions[application.place] += application.excess
        else:
            steps.take(self.cast.mei, case.id, "approve")
        application.held, application.state = application.estimate, "approved"
        for each in application.lines:
            each.pool = each.estimate * each.granted // each.asked

    def cancel(self) -> None:
        application = self.one(self.applications, "approved")
        if application is None or self.dice.random() < 0.8:
            return
        if self.on_order(application):
            with pytest.raises(Refused):
                steps.take(application.case.requester, application.case.id, "cancel", note="No need")
            return
        steps.take(application.case.requester, application.case.id, "cancel", note="No need")
        self.end(application, "cancelled")

    def send_back(self) -> None:
        """The office returns what is approved, and it is asked for again: as it was, or with other estimates."""
        application = self.one(self.applications, "approved")
        if application is None or self.on_order(application) or self.dice.random() < 0.5:
            return
        case, to = application.case, self.dice.choice(["draft", "submitted", "signing"])
        steps.take(self.cast.sam, case.id, "return", given=to, note="Dearer")
        if to != "signing" or application.excess:
            self.end(application, to)
        for line in application.lines:
            line.pool = 0
        application.state = to
        if to == "draft":
            self._ask_again(application)

    def _ask_again(self, application: Application) -> None:
        case, person = application.case, application.case.requester
        if self.dice.random() < 0.5:
            wanted = [(each.code, each.asked, self.dice.randint(2, 300) * 100) for each in application.lines]
            lines = [(supply(self.cast, code), quantity, budgets.Money(estimate)) for code, quantity, estimate in wanted]
            content = buying.content_of(person, self.budget_lines[application.place], *lines)
            version = Case.get_by_id(case.id).version
            assert buying.contents.edit(person, case.id, content, version).version == version + 1
            application.lines = [Wanted(application, code, quantity, estimate) for code, quantity, estimate in wanted]
        application.case, application.state = steps.take(person, case.id, "submit"), "submitted"

    def drop(self) -> None:
        application = self.one(self.applications, "approved")
        if application is None or self.dice.random() < 0.8:
            return
        steps.take(self.cast.sam, application.case.id, "drop", note="Enough")
        for line in application.lines:
            line.granted, line.pool = line.ordered, 0
        self.follow([application])

    # ---- ordering ----

    def order(self) -> None:
        lines = [line for each in self.applications if each.state == "approved" for line in each.lines if line.left]
        if not lines or len([each for each in self.orders if each.state == "draft"]) > 2:
            return
        chosen = self.dice.sample(lines, min(len(lines), self.dice.randint(1, 3)))
        name = self.dice.choice(list(PRICES))
        made = [Ordering(each, self._some(each), PACKS[each.code]) for each in chosen]
        ordered = [Ordered(self._row(each.wanted), each.quantity, "Delivers sooner") for each in made]
        day = clock.today() + timedelta(days=3)
        content = order_content(f"{name} {len(self.orders)}", supplier(name), ordered, day)
        case = buying.contents.create(ORDER, self.cast.sam, content, secrets.token_hex(8))
        self.orders.append(Ordered_(case, name, "draft", made))

    def _some(self, wanted: Wanted) -> int:
        """Mostly whole packs."""
        pack = PACKS[wanted.code]
        packs = wanted.left // pack
        return self.dice.randint(1, packs) * pack if packs and self.dice.random() < 0.9 else self.dice.randint(1, wanted.left)

    def _row(self, wanted: Wanted) -> Any:
        application = wanted.application
        place = next(n for n, each in enumerate(application.lines) if each is wanted)
        return buying.of(application.case)[place]

    def requote(self) -> None:
        """A supplier takes a quote back, and mostly makes another one at once."""
        name, code = self.dice.choice(list(PRICES)), self.dice.choice(list(PACKS))
        item = supply(self.cast, code)
        for standing in Quote.select().where(Quote.supplier == supplier(name), Quote.item == item, Quote.withdrawn_at.is_null()):
            withdraw_quote(self.cast.sam, standing.id, "Another price")
        self.prices[name].pop(code, None)
        if self.dice.random() < 0.9:
            price = PRICES[name][code] * self.dice.randint(90, 120) // 100
            buying.quote(item, budgets.Money(price), of=supplier(name), days=300, per_pack=PACKS[code])
            self.prices[name][code] = price

    def place(self) -> None:
        order = self.one(self.orders, "draft")
        if order is None:
            return
        for each in order.lines:
            each.price = self.prices[order.supplier].get(each.wanted.code, 0)
        if not self._may_place(order):
            with pytest.raises(Refused):
                steps.take(self.cast.sam, order.case.id, "place")
            steps.take(self.cast.sam, order.case.id, "cancel")
            order.state = "cancelled"
            return
        steps.take(self.cast.sam, order.case.id, "place")
        for each in order.lines:
            each.share = each.wanted.pool * each.quantity // each.wanted.left
            each.wanted.pool -= each.share
            each.wanted.ordered += each.quantity
        order.state = "placed"
        self.follow(self._behind(order))

    def _may_place(self, order: Ordered_) -> bool:
        if any(each.wanted.application.state != "approved" or each.quantity > each.wanted.left for each in order.lines):
            return False
        if any(not each.price or each.quantity % each.pack for each in order.lines):
            return False
        if any(all(each.wanted is not one for one in each.wanted.application.lines) for each in order.lines):
            return False
        more: dict[str, int] = {}
        for application in self._behind(order):
            mine = [each for each in order.lines if each.wanted.application is application]
            shares = {id(each): each.wanted.pool * each.quantity // each.wanted.left for each in mine}
            needed = self.needs(application) + sum(max(each.rest - shares[id(each)], 0) for each in mine)
            more[application.place] = more.get(application.place, 0) + max(needed - application.held, 0)
        return all(amount <= self.free(place) for place, amount in more.items())

    def _behind(self, order: Ordered_) -> list[Application]:
        found = {id(each.wanted.application): each.wanted.application for each in order.lines}
        return list(found.values())

    def send(self) -> None:
        if order := self.one(self.orders, "placed"):
            steps.take(self.cast.sam, order.case.id, "send", given=Sent("email"))
            order.state = "sent"

    def postpone(self) -> None:
        if order := self.one(self.orders, "sent", "partly"):
            day = clock.today() + timedelta(days=self.dice.randint(10, 10**4))
            steps.take(self.cast.sam, order.case.id, "postpone", given=NewDay(day), note="Late")

    def call_off(self) -> None:
        order = self.one(self.orders, "placed", "sent", "partly")
        if order and not any(line.accepted for line in order.lines) and self.dice.random() < 0.2:
            steps.take(self.cast.sam, order.case.id, "call_off", note="They have none")
            self._close(order)
            order.state = "cancelled"

    def close_short(self) -> None:
        order = self.one(self.orders, "partly")
        if order and any(line.accepted for line in order.lines):
            steps.take(self.cast.sam, order.case.id, "close_short", note="No more")
            order.state = "received"
            self._close(order)
            self._settle(order)

    def _close(self, order: Ordered_) -> None:
        for line in order.lines:
            not_coming, back = line.open, 0
            if not_coming:
                back = line.share * not_coming // (line.quantity - line.closed)
            line.closed += not_coming
            line.share -= back
            line.wanted.ordered -= not_coming
            line.wanted.pool += back
        self.follow(self._behind(order))

    def receive(self) -> None:
        order = self.one(self.orders, "sent", "partly")
        if order is None:
            return
        kept, given = lines_of_order(order.case), {}
        came = 0
        for row, line in zip(kept, order.lines, strict=True):
            if not line.open:
                continue
            received = self.dice.choice([line.open, line.open, self.dice.randint(0, line.open)])
            accepted = self.dice.randint(0, received) if self.dice.random() < 0.2 else received
            given[row.id] = (received, accepted, "broken" if accepted < received else "")
            came += received
            line.accepted += accepted
        if not came:
            with pytest.raises(Refused):
                steps.take(self.cast.sam, order.case.id, "receive", given=Received(clock.today(), given))
            return
        steps.take(self.cast.sam, order.case.id, "receive", given=Received(clock.today(), given))
        order.state = "partly" if any(line.open for line in order.lines) else "received"

    # ---- billing ----

    def bill(self) -> None:
        order = self.one(self.orders, "partly", "received")
        if order is None:
            return
        rows = zip(lines_of_order(order.case), order.lines, strict=True)
        open_lines = [(row, line) for row, line in rows if line.accepted > line.billed]
        if not open_lines:
            return
        bills, differs, counts = [], False, []
        for row, line in self.dice.sample(open_lines, self.dice.randint(1, len(open_lines))):
            left = line.accepted - line.billed
            counted = self.dice.randint(1, left)
            too_many = self.dice.choice([0, 0, 1]) if counted == left else 0
            by_order = line.cost(line.billed + counted) - line.cost(line.billed)
            amount = by_order * (counted + too_many) // counted + self.dice.choice([0, 0, 0, 0, 100, -100])
            bills.append(Billed(row, counted + too_many, budgets.Money(amount)))
            agrees = not too_many and amount == by_order
            counts.append((line, counted, amount if agrees else None))
            differs = differs or not agrees
        self._entered(order, bills, counts, differs)

    def _entered(self, order: Ordered_, bills: list[Billed], counts: list[Any], differs: bool) -> None:
        case = buying.entered(self.cast, order.case, bills)
        made = Bill(case, order, "differing" if differs else "submitted", [])
        assert case.state == made.state
        for line, counted, payable in counts:
            line.billed += counted
            made.lines.append((line, counted, 0))
            if payable is not None:
                self._settled(made, len(made.lines) - 1, payable)
        self.bills.append(made)
        for application in made.behind():
            self.hold(application)

    def _settled(self, bill: Bill, place: int, payable: int) -> None:
        """What is paid of a line is known, or known to be something else."""
        line, counted, before = bill.lines[place]
        if place not in bill.settled:
            line.decided += counted
        bill.settled.add(place)
        line.due += payable - before
        bill.lines[place] = (line, counted, payable)

    def decide(self) -> None:
        bill = self.one(self.bills, "differing")
        if bill is None:
            return
        rows = lines_of_invoice(bill.case)
        payable = [
            int(row.amount) * counted // row.quantity for row, (_line, counted, _due) in zip(rows, bill.lines, strict=True)
        ]
        given = Decided({row.id: budgets.Money(amount) for row, amount in zip(rows, payable, strict=True)})
        before, were = list(bill.lines), set(bill.settled)
        for place, amount in enumerate(payable):
            self._settled(bill, place, amount)
        more: dict[str, int] = {}
        for each in bill.behind():
            more[each.place] = more.get(each.place, 0) + max(self.needs(each) - each.held, 0)
        if any(amount > self.free(place) for place, amount in more.items()):
            with pytest.raises(Refused):
                steps.take(buying.shu(), bill.case.id, "decide", given=given, note="As agreed")
            for place, (line, counted, amount) in enumerate(before):
                line.due += amount - bill.lines[place][2]
                line.decided -= 0 if place in were else counted
            bill.lines, bill.settled = before, were
            return
        steps.take(buying.shu(), bill.case.id, "decide", given=given, note="As agreed")
        bill.state = "submitted"
        for each in bill.behind():
            self.hold(each)

    def sign(self) -> None:
        if bill := self.one(self.bills, "submitted"):
            steps.take(buying.shu(), bill.case.id, "sign_first")
            bill.state = "signed_first"
        elif bill := self.one(self.bills, "signed_first"):
            with pytest.raises(Refused):
                steps.take(buying.shu(), bill.case.id, "sign_second")
            steps.take(buying.qin(), bill.case.id, "sign_second")
            bill.state = "signed"

    def check(self) -> None:
        if bill := self.one(self.bills, "signed"):
            buying.checked(self.cast, bill.case)
            bill.state = "payable"

    def turn_back(self) -> None:
        bill = self.one(self.bills, "submitted", "signed_first", "differing", "signed", "payable")
        if bill is None or bill.paid or self.dice.random() < 0.7:
            return
        signers = {"submitted": buying.shu(), "differing": buying.shu(), "signed_first": buying.qin()}
        steps.take(signers.get(bill.state, self.cast.cai), bill.case.id, "return", given="draft", note="Again")
        steps.take(self.cast.sam, bill.case.id, "cancel")
        bill.state = "cancelled"
        for place, (line, counted, payable) in enumerate(bill.lines):
            line.decided -= counted if place in bill.settled else 0
            line.billed -= counted
            line.due -= payable
            self.hold(line.wanted.application)

    def pay(self) -> None:
        bill = self.one(self.bills, "payable")
        if bill is None:
            return
        (payable,) = payables_of(bill.case)
        part = self.dice.choice([int(payable.open), int(payable.open), self.dice.randint(1, int(payable.open))])
        steps.take(self.cast.cai, bill.case.id, "pay", given=buying.payment(((payable.id, budgets.Money(part)),)))
        bill.paid += part
        bill.unposted += part
        if bill.paid == bill.payable:
            bill.state = "paid"
            for line, _counted, amount in bill.lines:
                line.due -= amount
                line.paid += amount
                line.wanted.application.held -= amount
            self.follow(bill.behind())
            self._settle(bill.order)

    def _settle(self, order: Ordered_) -> None:
        if order.state == "received" and all(self.is_done(line) for line in order.lines):
            order.state = "closed"

    def post(self) -> None:
        if bill := self.one(self.bills, "paid"):
            with pytest.raises(Refused):
                steps.take(self.cast.cai, bill.case.id, "post")
            steps.take(self.cast.lin, bill.case.id, "post")
            bill.state, bill.unposted = "posted", 0
            self.booked += bill.payable
        elif (bill := self.one(self.bills, "payable")) and bill.unposted:
            steps.take(self.cast.lin, bill.case.id, "post_part")
            bill.unposted = 0


LIVE = ("differing", "submitted", "signed_first", "signed", "payable")
