"""The demo company's money: a year of what was lent, claimed, paid and posted day by day, and of months that were closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from portal import attachments, clock, contents, steps
from portal.books.models import Fund, Payable, balance, funds_in_use, month_of, payables_of
from portal.books.models_months import (
    NOTES,
    CashCount,
    Note,
    first_day_of_money,
    funds_to_count,
    last_day,
    missing_days,
    month_before,
    report_of,
)
from portal.books.models_notes import Entitled, MoneyNote, note_content, opening_content, usual_title
from portal.books.models_payments import CashBack, Payment
from portal.books.models_statements import waiting_to_be_posted
from portal.books.rules_accounts import Typed, set_own_account
from portal.books.rules_close import start_close, to_be_noted
from portal.books.rules_notes import MONEY_NOTE
from portal.books.rules_openings import OPENING
from portal.books.rules_reports import start_report
from portal.books.rules_runs import Run, confirm_line, pay_together
from portal.cases import Case, open_tasks
from portal.demo.company import person
from portal.demo.money_seldom import seldom
from portal.demo.past import Story, at_work, chances, next_worked
from portal.demo.people import EMPLOYEES, GENERAL_MANAGER
from portal.demo.pictures import file
from portal.expenses.models import Spending
from portal.expenses.models_advances import advance_content
from portal.expenses.models_claims import Checklist, Granted
from portal.expenses.models_money import Advance, advances_on, room_for_advance, standing
from portal.expenses.rules_advances import ADVANCE
from portal.expenses.rules_allowances import draft_meals, draft_phone
from portal.expenses.rules_claims import CLAIM, claim_content
from portal.money import Money
from portal.persons import Person
from portal.refused import NotYours

MONTHS_BACK = 12
GM, DEPUTY = GENERAL_MANAGER.user, "hanxuemei"
CASHIERS, ACCOUNTANTS, CLERK = ("caiyu", "xunuo"), ("chenmeiling", "linguodong"), "sunxiaoyan"
CLAIMED = {f"demo-request-{n}" for n in (*range(1, 87), *range(173, 217))}  # approved and used, by the plan of the requests
IN_HAND = 4  # the last worked days: of each a claim is under way
SEASON = {1: 110, 2: 65, 6: 140, 7: 85, 8: 85, 11: 190, 12: 135}  # per cent of usual sales, by month
BANKS = ("招商银行杭州分行", "中国工商银行西湖支行", "杭州银行文三支行")
SHOPS = ("天猫旗舰店货款", "京东自营货款", "抖音小店货款")
LOOKED_AT = Checklist(approval_seen=True, sums_agree=True, receipts_valid=True)


def money(present: datetime) -> Iterator[Story]:
    today = clock.local(present).date()
    begin = today.replace(day=1)
    for _each in range(MONTHS_BACK):
        begin = (begin - timedelta(days=1)).replace(day=1)
    yield _year(begin, today)
    yield from seldom(today)


@dataclass
class Told:
    """What the telling keeps in mind: the day it ends on, when which request is claimed, and who forgets to claim."""

    today: date
    claims: dict[int, date] = field(default_factory=dict)
    forgetful: Person | None = None

    def is_last(self, day: date, worked: int = 1) -> bool:
        """Whether the day is one of so many last worked ones."""
        return clock.working_day_after(day, worked) > self.today

    def is_forgotten(self, day: date) -> bool:
        """Whether what is lent on the day and not claimed is overdue by now."""
        return self.forgetful is None and 45 <= (self.today - day).days <= 75


def _year(begin: date, today: date) -> Story:
    """Day by day: yesterday is acknowledged and posted, then what was spent is claimed, signed, checked, paid and reported."""
    first = day = next_worked(begin)
    yield at_work(day, 8, 40)
    opened = _open(day)
    yield at_work(day, 8, 55)
    steps.take(person(GM), opened.id, "confirm")
    told = Told(today)
    while day <= today:
        chance = chances(f"money {day}")
        for hour, minute, deed in DAY:
            yield at_work(day, hour, minute)
            deed(day, chance, told)
        day = next_worked(day + timedelta(days=1))
    assert first <= today


def _open(day: date) -> Case:
    """Payment accounts of everybody, and the balances the books begin with."""
    for n, each in enumerate(EMPLOYEES):
        set_own_account(person(each.user), Typed(BANKS[n % len(BANKS)], f"6222 0212 0{n:03d} {n * 37 % 9000 + 1000}", each.name))
    lines = [{"fund": fund, "amount": Money(20_000_00 if fund.kind == "cash" else 860_000_00)} for fund in funds_in_use()]
    case = contents.create(OPENING, person(ACCOUNTANTS[1]), opening_content("期初余额", day, lines), "demo-money-opening")
    return steps.take(person(ACCOUNTANTS[1]), case.id, "submit")


# ---- the morning ----------------------------------------------------------------------------------------------------


def _acknowledge(day: date, _chance: Random, _told: Told) -> None:
    for case in Case.where("kind = 'cash_report' AND state = 'submitted' ORDER BY id"):
        steps.take(person(ACCOUNTANTS[0]), case.id, "acknowledge")


def _post(day: date, _chance: Random, _told: Told) -> None:
    for each in waiting_to_be_posted():
        case = Case.get_by_id(each.case_id)
        given: Any = None
        if case.kind == "money_note":
            paper: MoneyNote = MoneyNote.get_by_id(case.id)
            given = None if paper.is_transfer else Entitled(usual_title(paper).id)
        name = "post" if case.state in ("paid", "recorded") else "post_part"
        _by_one_of(ACCOUNTANTS, case, name, given)
    for case in Case.where("kind = 'claim' AND state = 'paid' ORDER BY id"):
        _by_one_of(ACCOUNTANTS, case, "post")


def _by_one_of(users: tuple[str, ...], case: Case, name: str, given: Any = None) -> None:
    """Taken by the first of them who has no part in the paper."""
    for user in users:
        try:
            steps.take(person(user), case.id, name, given=given)
            return
        except NotYours:
            continue


# ---- what was spent -------------------------------------------------------------------------------------------------


def _spend(day: date, chance: Random, told: Told) -> None:
    """Some borrow before they spend, most claim afterwards; one forgets to."""
    for case in _usable(day):
        luck = chances(f"spent {case.token}").random()
        if case.id in told.claims:
            continue
        if told.is_forgotten(day) and _is_to_come(case, day) and _borrow(case, chance):
            told.forgetful, told.claims[case.id] = case.requester, date.max
        elif luck < 0.2 and case.requester != told.forgetful:
            _borrow(case, chance)
            told.claims[case.id] = next_worked(day + timedelta(days=4))
        elif luck <= 0.75:
            told.claims[case.id] = next_worked(day + timedelta(days=chance.randint(0, 6)))
    due = [key for key, when in told.claims.items() if when == day]
    if not due and told.is_last(day, IN_HAND):
        due = [each.id for each in _usable(day) if each.id not in told.claims][-1:]
    for key in due:
        request = Case.get_by_id(key)
        if advances_on(key, ("payable",)):  # what was asked for is paid first
            told.claims[key] = next_worked(day + timedelta(days=1))
        elif request.state == "approved":
            told.claims[key] = day
            _claim(request, chance)


def _is_to_come(request: Case, day: date) -> bool:
    expected = Spending.get_by_id(request.id).expected_date
    return expected is not None and expected > day


def _usable(day: date) -> list[Case]:
    """Approved the day before yesterday or earlier, and not the general manager's own."""
    found = Case.where("kind = 'spending' AND state = 'approved' ORDER BY id")
    theirs = [each for each in found if each.token in CLAIMED and each.requester.user != GM]
    papers = Spending.where("case_id IN (SELECT id FROM cases WHERE kind = 'spending' AND state = 'approved')")
    approved = {each.case_id: clock.local(each.approved_at).date() for each in papers}
    return [each for each in theirs if approved[each.id] <= day - timedelta(days=2)]


def _borrow(request: Case, chance: Random) -> bool:
    amount = Money(max(int(request.amount or 0) * chance.choice((40, 60, 80)) // 100 // 10_000, 1) * 10_000)
    if amount > room_for_advance(request.id):
        return False
    case = contents.create(ADVANCE, request.requester, advance_content(request, amount), f"demo-money-advance-{request.id}")
    steps.take(request.requester, case.id, "submit")
    return True


def _claim(request: Case, chance: Random) -> None:
    """A line for what was spent, with a picture of its invoice."""
    who = request.requester
    line = Spending.get_by_id(request.id).line
    spent = Money(int(request.amount or 0) * chance.randint(70, 100) // 100)
    row: dict[str, Any] = {
        "day": clock.today(), "line": line, "text": request.title[:60], "amount": spent, "invoice_code": "",
        "invoice_number": f"2633{chance.randrange(10**16):016d}", "file": None,
    }  # fmt: skip
    case = contents.create(CLAIM, who, claim_content(request, [row]), f"demo-money-claim-{request.id}")
    kept = attachments.store("case", case.id, "invoice", "发票.png", file("发票.png", chance, spent), who)
    case = contents.edit(who, case.id, claim_content(request, [row | {"file": kept}]), case.version)
    steps.take(who, case.id, "submit")


def _sign(day: date, _chance: Random, _told: Told) -> None:
    for case in _waiting_since_yesterday("claim", "submitted", day):
        steps.take(person(GM), case.id, "sign", given=Granted())


def _waiting_since_yesterday(kind: str, state: str, day: date) -> list[Case]:
    found = Case.where("kind = ? AND state = ? ORDER BY id", kind, state)
    start = clock.start_of(day)
    return [each for each in found if all(task.opened < start for task in open_tasks(each))]


# ---- the cashier's afternoon ----------------------------------------------------------------------------------------


def _pay(day: date, chance: Random, told: Told) -> None:
    for kind in ("claim", "supplier_invoice"):
        for case in _waiting_since_yesterday(kind, "signed", day):
            _by_one_of(CASHIERS, case, "check", LOOKED_AT)
    due = [case for kind in ("claim", "advance", "supplier_invoice") for case in _waiting_since_yesterday(kind, "payable", day)]
    if len(due) > 1 and not told.is_last(day):
        _pay_together(due, day)
    else:
        for case in due:
            given = Payment(_fund("bank").id, day, "transfer", f"YW{day:%y%m%d}{chance.randrange(10**4):04d}")
            _by_one_of(CASHIERS, case, "pay", given)
    for case in Case.where("kind = 'advance' AND state IN ('paid', 'outstanding') ORDER BY id"):
        advance: Advance = Advance.get_by_id(case.id)
        if advance.recalled_at and standing(advance).open:
            _by_one_of(CASHIERS, case, "give_back", CashBack(_fund("cash").id, day, "cash", "", amount=standing(advance).open))


def _pay_together(due: list[Case], day: date) -> None:
    """In one run for the bank; what has to do with this cashier is left to the other one."""
    lines = tuple((each.id, each.open) for case in due for each in payables_of(case) if each.open and not each.withdrawn_at)
    for n, user in enumerate(CASHIERS):
        here = tuple((key, amount) for key, amount in lines if Payable.get_by_id(key).open)
        if here:
            run = Run(_fund("bank").id, day, "transfer", f"PL{day:%y%m%d}{n or ''}", here)
            pay_together(person(user), run, f"demo-money-run-{day}-{n}")


def _fund(kind: str) -> Fund:
    return next(each for each in funds_in_use() if each.kind == kind)


def _receive(day: date, chance: Random, told: Told) -> None:
    """The shops pay on Fridays, more in their seasons; the show-room sells for cash; the bank takes and gives."""
    worked = _worked_days_of_month(day)
    if day.weekday() == 4 or told.is_last(day):
        fen = (chance.randint(48_000, 96_000) * 100 + chance.randrange(100)) * SEASON.get(day.month, 100) // 100
        shop = chance.choice(SHOPS)
        _note(f"{shop} {day:%m-%d}", "sale", _fund("bank"), Money(fen), shop, chance)
    if worked == 5:
        sold = Money(chance.randint(24, 68) * 5000)
        _note(f"样品间零售 {day:%Y-%m}", "sale", _fund("cash"), sold, "样品间", chance, "cash")
    if worked == 9:
        _note(f"零售现金存行 {day:%Y-%m}", "transfer", _fund("cash"), Money(1_000_00), "", chance)
    if worked == 11 and day.month % 3 == 2:
        _note("包装材料退货款", "refund", _fund("bank"), Money(chance.randint(900, 4800) * 100), "宁波恒达包装", chance)
    if worked == 14 and day.month % 3 == 0:
        _note("存款利息", "other", _fund("bank"), Money(chance.randint(62_000, 98_000)), "招商银行", chance)
    if next_worked(day + timedelta(days=1)).month != day.month:
        _note(f"账户管理费 {day:%Y-%m}", "charge", _fund("bank"), Money(chance.randint(30, 90) * 100), "招商银行", chance)


def _note(title: str, kind: str, fund: Fund, amount: Money, party: str, chance: Random, mark: str = "") -> None:
    who, day = person(CASHIERS[0]), clock.today()
    into = _fund("bank") if kind == "transfer" else None
    content = note_content(title, kind, fund, day, amount, party, f"HD{day:%y%m%d}{chance.randrange(1000):03d}", into)
    case = contents.create(MONEY_NOTE, who, content, f"demo-money-note-{kind}{mark}-{day}")
    attachments.store("case", case.id, "paper", "银行回单.pdf", file("银行回单.pdf", chance, amount), who)
    steps.take(who, case.id, "submit")


def _report(day: date, _chance: Random, _told: Told) -> None:
    """The cashier reports the day; the first in a row that is still missing comes first."""
    who = person(CASHIERS[0])
    for each in [*missing_days(day - timedelta(days=1)), None]:
        of = each.day if each else day
        if report_of(of) is None:
            steps.take(who, start_report(who, of, f"demo-money-report-{of}").id, "submit")


# ---- once a month ---------------------------------------------------------------------------------------------------


def _worked_days_of_month(day: date) -> int:
    return sum(clock.is_worked(day.replace(day=n)) for n in range(1, day.day + 1))


def _allow(day: date, chance: Random, _told: Told) -> None:
    """Telephone and meals: drafted on the third worked day, checked, signed, and paid on those that follow."""
    before = month_before(month_of(day))
    n = _worked_days_of_month(day)
    clerk = person(CLERK)
    if n == 3:
        callers = [person(each.user) for each in EMPLOYEES if "manager" in each.roles or "sales" in each.roles or each.user == GM]
        bills = [(each, Money(chance.randint(38, 190) * 100 + chance.randrange(100))) for each in callers]
        for case in (
            draft_phone(clerk, before, bills, f"demo-money-phone-{before}"),
            draft_meals(clerk, month_of(day), f"demo-money-meal-{day}"),
        ):
            steps.take(clerk, case.id, "submit")
    for case in _waiting_since_yesterday("allowance", "checked", day):
        steps.take(person(GM), case.id, "sign")
    for case in _waiting_since_yesterday("allowance", "submitted", day):
        steps.take(person(CASHIERS[0]), case.id, "check")
    for case in _waiting_since_yesterday("allowance", "payable", day):
        _pay_allowance(case, day)


def _pay_allowance(case: Case, day: date) -> None:
    """The lines of those with a hand in it are confirmed by another first."""
    for each in payables_of(case):
        if each.barred != "," and not each.confirmed_by_id:
            confirm_line(person(DEPUTY if each.person_id == person(GM).id else GM), each.id)
    _by_one_of(CASHIERS, case, "pay", Payment(_fund("bank").id, day, "transfer", f"BT{day:%y%m%d}"))


def _close(day: date, _chance: Random, _told: Told) -> None:
    """On the sixth worked day the month before is counted, closed, calculated and published."""
    month = month_before(month_of(day))
    began = first_day_of_money()
    if _worked_days_of_month(day) != 6 or began is None or month < month_of(began):
        return
    accountant = person(ACCOUNTANTS[1])
    case = start_close(accountant, month)
    pieces: dict[int, dict[int, int]] = {}
    statements: dict[int, Money | None] = {}
    for fund in funds_to_count(month):
        amount = balance(fund.id, last_day(month))
        if fund.kind == "cash":
            pieces[fund.id] = in_pieces(int(amount))
        else:
            statements[fund.id] = amount
    steps.take(person(CASHIERS[0]), case.id, "count", given=CashCount(pieces, statements))
    if to_be_noted(case, month):
        steps.take(accountant, case.id, "explain", given=Note("借款已催,经办人月内报销,差额结转下月。"))
        steps.take(person(GM), case.id, "sign_note")
    for name in ("close_month", "calculate", "publish"):
        steps.take(accountant, case.id, name)


def in_pieces(amount: int) -> dict[int, int]:
    """The largest notes and coins that come to the amount."""
    found = {}
    for value in NOTES:
        found[value], amount = divmod(amount, value)
    return found


DAY = (
    (8, 58, _acknowledge), (9, 5, _post), (10, 10, _spend), (11, 20, _sign), (13, 40, _allow), (14, 15, _pay), (15, 5, _receive),
    (16, 10, _close), (17, 30, _report),
)  # fmt: skip
FINANCE = (_acknowledge, _post, _pay, _report)  # what finance does on a day on which nobody spends
