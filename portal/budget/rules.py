"""How the budget is allotted, moved between lines, and passed beyond by the general manager's exception (FIN-01, FIN-02)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal import checks, clock, db, history
from portal.access import chief_accountant, departments_headed, dept_manager, exec_in_charge, gm, posts_of, requester
from portal.budget.models import (
    BUDGET,
    Allotment,
    AllotmentLine,
    BudgetException,
    BudgetLine,
    Category,
    Figures,
    Overrun,
    Transfer,
    exception_of,
    figures,
    known,
    line_at,
    papers_using,
)
from portal.cases import Case, let_read
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, route, state, step
from portal.money import HIGHEST, Money, total
from portal.persons import Department, Person
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.words import Words, _

READERS = (dept_manager, gm, exec_in_charge, chief_accountant)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,19}", re.ASCII)


# ---- categories -----------------------------------------------------------------------------------------------------


@db.transaction
def add_category(person: Person, code: str, name: str, name_en: str) -> Category:
    _check_category(None, code, name)
    category = Category.create(code=code, name=name, name_en=name_en)
    history.record(category, "add", person, data={"code": code, "name": name, "name_en": name_en})
    return category


@db.transaction
def change_category(person: Person, category_id: int, name: str, name_en: str, active: bool, events: int) -> Category:
    """Renames it or takes it out of use, as it was shown (its count of events). The code stays: files know it."""
    category = Category.get_by_id(category_id)
    if category.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    _check_category(category, category.code, name)
    before = {"name": category.name, "name_en": category.name_en, "active": int(category.active)}
    after = {"name": name, "name_en": name_en, "active": int(active)}
    if before != after:
        Category.update(name=name, name_en=name_en, active=active).where(Category.id == category.id).execute()
        history.record(category, "change", person, data={"before": before, "after": after})
    return Category.get_by_id(category_id)


def _check_category(category: Category | None, code: str, name: str) -> None:
    if not CODE.fullmatch(code):
        raise Mistyped(_("A code is up to 20 letters, digits, dots or dashes."), "code")
    if not name:
        raise Mistyped(_("Give it a name."), "name")
    for other in Category.select().where((Category.code == code) | (Category.name == name)):
        if category is None or other.id != category.id:
            why = _("There is a category %(code)s %(name)s already.", code=other.code, name=other.called)
            raise Mistyped(why, "name" if other.name == name else "code")


# ---- what is on a line ----------------------------------------------------------------------------------------------


def not_enough(line: Figures, posts: Iterable[str] = ()) -> Words:
    """How much is left, and which papers hold or used the rest."""
    papers = ", ".join(dict.fromkeys(each.number for each in papers_using(line.account_id, posts) if each.number))
    if not papers:
        return _("Only %(left)s is left on %(line)s.", left=line.left, line=line.called)
    return _("Only %(left)s is left on %(line)s; held or used by %(papers)s.", left=line.left, line=line.called, papers=papers)


def open_line(year: int, department: Department | int, category: Category | int) -> BudgetLine:
    """The line, made with nothing on it if there is none yet."""
    return line_at(year, department, category) or BudgetLine.create(
        year=year, department=department, category=category, account=BUDGET.open()
    )


def cover(act: Act, line: BudgetLine, amount: Money, overrun: Overrun) -> BudgetException:
    """Puts exactly what is missing as an exception of the paper's own, and holds the whole."""
    assert act.person is not None
    excess = amount - line.free()
    if excess <= 0:
        raise Refused(_("It fits the budget now: approve it the ordinary way."))
    why = _("Exception for %(number)s", number=act.case.number or "")
    entry = BUDGET.put(line.account_id, excess, act.case, act.person, why)
    BUDGET.hold(line.account_id, amount, act.case, act.person)
    return BudgetException.create(
        case=act.case, line=line, entry=entry, amount=excess, reason=overrun.reason.strip(), expires=overrun.expires,
        by=act.person, at=clock.now(),
    )  # fmt: skip


def give_back(case: Case, by: Person | None) -> None:
    """Releases what the paper still holds, and cuts what it did not use of its exception: the budget itself is used first."""
    released = 0
    for hold in BUDGET.holds_of(case):
        BUDGET.release(hold.id, by)
        released += hold.amount
    exception = exception_of(case)
    if exception is None:
        return
    unused = min(exception.amount, released)
    why = _("Exception for %(number)s not used", number=case.number or "")
    cut = BUDGET.cut(exception.line.account_id, unused, case, by, why) if unused else None
    ended = BudgetException.update(given_back=unused, cut=cut, ended_at=clock.now())
    ended.where(BudgetException.id == exception.id, BudgetException.ended_at.is_null()).execute()


# ---- allotments -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What shall be allotted to a department for a category."""

    department: Department
    category: Category
    amount: Money


def allotment_content(title: str, year: int, wanted: Iterable[Wanted], department: Department | None = None) -> Content:
    """The contents of an allotment; what is allotted now is read, not typed."""
    wanted = list(wanted)
    now = _now(year)
    lines = []
    for each in wanted:
        old = _allotted(now, (each.department.id, each.category.id))
        lines.append({"department": each.department, "category": each.category, "old": old, "new": each.amount})
    amount = total(each.amount for each in wanted)
    return Content(title, {"year": year}, lines, amount, department or (wanted[0].department if wanted else None))


def _now(year: int) -> dict[tuple[int, int], Figures]:
    return {(each.department_id, each.category_id): each for each in figures(year)}


def _allotted(now: dict[tuple[int, int], Figures], place: tuple[int, int]) -> Money:
    found = now.get(place)
    return found.allotted if found else Money(0)


def check_allotment(person: Person, content: Content) -> None:
    """A head proposes for the own department, the chief accountant for all."""
    if not content.lines:
        raise Mistyped(_("Write at least one line."), "lines")
    if len(content.lines) > 2000:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=2000), "lines")
    if not 2000 <= content.detail["year"] <= 2100:
        raise Mistyped(_("Choose a year between 2000 and 2100."), "year")
    _may_move(person, [line["department"].id for line in content.lines])
    seen = set()
    for line in content.lines:
        place = (line["department"].id, line["category"].id)
        if place in seen:
            raise Mistyped(_("%(category)s stands there twice.", category=line["category"].called), "lines")
        seen.add(place)
        if not line["category"].active:
            raise Mistyped(_("%(category)s is not in use any more.", category=line["category"].called), "lines")
        if not 0 <= line["new"] < HIGHEST:
            raise Mistyped(_("An amount is from 0 to below 10,000,000,000."), "lines")


def _may_move(person: Person, department_ids: Iterable[int]) -> None:
    posts = posts_of(person)
    if "chief_accountant" not in posts and not set(department_ids) <= set(departments_headed(posts)):
        raise NotYours(_("You may propose for your own department only."))


@objection(_("a line was allotted something else meanwhile"))
def allotted_changed(act: Act) -> Words | None:
    now = _now(act.paper.year)
    for line in act.lines:
        allotted = _allotted(now, (line.department_id, line.category_id))
        if allotted != line.old:
            return _(
                "%(line)s has %(now)s allotted meanwhile, not %(before)s. Return it, so that it is compiled anew.",
                line=line.called, now=allotted, before=line.old,
            )  # fmt: skip
    return None


@objection(_("a line would lose money that is held or spent"))
def cuts_what_is_used(act: Act) -> Words | None:
    now = _now(act.paper.year)
    for line in act.lines:
        here = now.get((line.department_id, line.category_id))
        if here and line.old - line.new > here.left:
            return not_enough(here)
    return None


@route(_("the chief accountant asks"))
def by_chief_accountant(act: Act) -> bool:
    """The chief accountant compiles the own paper by submitting it; the general manager still approves."""
    return "chief_accountant" in posts_of(act.case.requester)


@route(_("somebody other than the chief accountant asks"))
def by_head(act: Act) -> bool:
    return not by_chief_accountant(act)


def show_to_heads(act: Act) -> None:
    let_read(act.case, {f"dept_manager@{line.department_id}" for line in act.lines})


def allot(act: Act) -> None:
    """Puts or cuts the difference of each line, in order of account."""
    lines = [(open_line(act.paper.year, line.department_id, line.category_id).account_id, line) for line in act.lines]
    for account_id, line in sorted(lines, key=lambda pair: pair[0]):
        difference = line.new - line.old
        if difference > 0:
            BUDGET.put(account_id, difference, act.case, act.person)
        elif difference < 0:
            BUDGET.cut(account_id, -difference, act.case, act.person)


STANDS = [allotted_changed, cuts_what_is_used]
TO_COMPILE = step("submit", "submitted", when=[by_head], unless=STANDS, then=[show_to_heads], look="primary")
TO_APPROVE = step("submit", "compiled", when=[by_chief_accountant], unless=STANDS, then=[show_to_heads], look="primary")
COMPILE = step("compile", "compiled", unless=STANDS, look="primary")
APPROVE = step("approve", "approved", confirm=True, unless=STANDS, then=[allot], look="primary")

ALLOTMENT = Flow(
    "allotment",
    state("draft", requester, TO_COMPILE, TO_APPROVE, editable=True),
    state("submitted", chief_accountant, COMPILE, RETURN, REJECT, WITHDRAW, due=IN_TIME),
    state("compiled", gm, APPROVE, RETURN, REJECT, WITHDRAW, due=IN_TIME),
    state("approved", tone="green"),
    state("rejected", tone="red"),
    prefix="BA",
    label=_("Allotment"),
    detail=Allotment,
    lines=AllotmentLine,
    reads=READERS,
    checks=(check_allotment,),
    icon="scale",
    about=_("Heads propose what their lines get in the year, the chief accountant compiles, the general manager approves."),
    rules=("FIN-01",),
)  # fmt: skip


# ---- transfers ------------------------------------------------------------------------------------------------------


def transfer_content(title: str, giver: BudgetLine, receiver: BudgetLine, amount: Money, reason: str) -> Content:
    return Content(title, {"giver": giver, "receiver": receiver, "reason": reason}, [], amount, giver.department)


def check_transfer(person: Person, content: Content) -> None:
    giver, receiver = content.detail["giver"], content.detail["receiver"]
    _may_move(person, [giver.department_id, receiver.department_id])
    if giver.id == receiver.id:
        raise Mistyped(_("Choose two different lines."), "receiver")
    if giver.year != receiver.year:
        raise Mistyped(_("Both lines must be of the same year."), "receiver")
    if not receiver.category.active:
        raise Mistyped(_("%(category)s is not in use any more.", category=receiver.category.called), "receiver")
    if content.amount is None or not 0 < content.amount < HIGHEST:
        raise Mistyped(_("Write an amount above zero."), "amount")
    if not content.detail["reason"]:
        raise Mistyped(_("Say why, so that the others can follow."), "reason")
    if len(content.detail["reason"]) > 2000:
        raise Mistyped(_("The reason is too long: at most %(most)s characters.", most=2000), "reason")


@objection(_("the line that gives has too little left"))
def giver_lacks(act: Act) -> Words | None:
    giver = known(act.paper.giver_id)
    return not_enough(giver) if giver.left < act.case.amount else None


def show_to_both_heads(act: Act) -> None:
    paper = act.paper
    let_read(act.case, {f"dept_manager@{line.department_id}" for line in (paper.giver, paper.receiver)})


def transfer(act: Act) -> None:
    giver, receiver = act.paper.giver, act.paper.receiver
    moves = sorted([(giver.account_id, BUDGET.cut), (receiver.account_id, BUDGET.put)], key=lambda move: move[0])
    for account_id, move in moves:
        move(account_id, act.case.amount, act.case, act.person)


TO_COMPILE_TRANSFER = step("submit", "submitted", when=[by_head], unless=[giver_lacks], then=[show_to_both_heads], look="primary")
TO_APPROVE_TRANSFER = step(
    "submit", "compiled", when=[by_chief_accountant], unless=[giver_lacks], then=[show_to_both_heads], look="primary"
)
COMPILE_TRANSFER = step("compile", "compiled", unless=[giver_lacks], look="primary")
APPROVE_TRANSFER = step("approve", "approved", confirm=True, unless=[giver_lacks], then=[transfer], look="primary")

TRANSFER = Flow(
    "transfer",
    state("draft", requester, TO_COMPILE_TRANSFER, TO_APPROVE_TRANSFER, editable=True),
    state("submitted", chief_accountant, COMPILE_TRANSFER, RETURN, REJECT, WITHDRAW, due=IN_TIME),
    state("compiled", gm, APPROVE_TRANSFER, RETURN, REJECT, WITHDRAW, due=IN_TIME),
    state("approved", tone="green"),
    state("rejected", tone="red"),
    prefix="BT",
    label=_("Transfer between lines"),
    detail=Transfer,
    reads=READERS,
    checks=(check_transfer,),
    icon="arrow-right-left",
    about=_("Moves money that is still free from one budget line to another of the same year."),
    rules=("FIN-01",),
)  # fmt: skip


# ---- check ----------------------------------------------------------------------------------------------------------

_DIFFERING = """
SELECT a.id, a.held, COALESCE(h.held, 0), a.held, a.taken, COALESCE(m.held, 0), COALESCE(m.taken, 0) FROM accounts a
LEFT JOIN (SELECT account_id, SUM(amount) AS held FROM open_holds GROUP BY account_id) h ON h.account_id = a.id
LEFT JOIN (SELECT account_id, SUM(held) AS held, SUM(taken) AS taken FROM budget_months GROUP BY account_id) m
  ON m.account_id = a.id
WHERE a.book = 'budget'
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every line whose open holds or months do not come to what its account says."""
    for account, held, holding, *rest in db.rows(_DIFFERING):
        *totals, in_months, taken_in_months = (int(each) for each in rest)
        if int(holding) != held:
            yield f"budget account {account}: {held} held, {int(holding)} in open holds"
        if totals != [in_months, taken_in_months]:
            yield f"budget account {account}: held and taken {totals}, by month {[in_months, taken_in_months]}"
