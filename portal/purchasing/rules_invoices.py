"""Invoices of suppliers: matched with order and receipt, signed by two people one after the other, paid by the cashier and booked
(SUP-09, SUP-10, SUP-11, FIN-23)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal import access, checks, clock, db, tasks
from portal.access import cashier, chief_accountant, gm, office_clerk, office_manager, purchaser, requester, supervisor
from portal.books.models import CashEntry, payables_of, title_of_category
from portal.books.rules_payments import Owed, owe, partly_paid, pay_step, withdraw_payables
from portal.books.rules_vouchers import BOOKINGS, Booking, Side, on, post_part_step, post_step
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models_claims import Checklist, earlier_claim, number_key
from portal.expenses.rules_settlement import free_invoices, use_up
from portal.flow import BACK, IN_TIME, REJECT, RETURN, WITHDRAW, Act, Either, Flow, concerned, during, objection, state, step
from portal.money import HIGHEST, Money, total
from portal.persons import Person
from portal.purchasing.models import Order, OrderLine, Purchase, SupplierInvoice, SupplierInvoiceLine
from portal.purchasing.models_holds import held_by, hold_what_is_needed, needed_by, take_for
from portal.purchasing.models_invoices import BILLABLE, LIVE, Decided, files_of, lines_of_invoice, matches
from portal.purchasing.models_orders import placed_on
from portal.purchasing.rules_orders import ORDERS, settle_applications, settle_order, still_held
from portal.refused import Mistyped, NotYours
from portal.words import Words, _

MOST_LINES = 200
SIGNATURES = {"decide", "sign_first", "sign_second"}


# ---- what is typed --------------------------------------------------------------------------------------------------


def check_invoice(person: Person, content: Content) -> None:
    """What may stand in a draft: it may lack something, but nothing in it may be wrong."""
    if not ORDERS.allows(access.posts_of(person)):
        raise NotYours(_("Only the office and the buyer enter invoices of suppliers."))
    order = content.detail["order"]
    if not isinstance(order, Case) or order.kind != "order":
        raise Mistyped(_("Choose the order that is billed."), "order")
    if len(content.detail["number"]) > 30 or len(content.detail.get("code", "")) > 20:
        raise Mistyped(_("That is no number of an invoice: it is too long."), "number")
    day = content.detail["day"]
    if day is not None and day > clock.today():
        raise Mistyped(_("Write the day of the invoice, not one to come."), "day")
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    _check_lines(order, content.lines)
    if content.amount is not None and content.amount >= HIGHEST:
        raise Mistyped(_("Amounts stay below 10,000,000,000."), "lines")


def _check_lines(order: Case, lines: list[dict[str, Any]]) -> None:
    seen = set()
    for line in lines:
        ordered = line["line"]
        if ordered.case_id != order.id or ordered.version != order.version:
            raise Mistyped(_("Choose a line of the order."), "lines")
        if ordered.id in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=ordered.item.called), "lines")
        seen.add(ordered.id)
        if not isinstance(line["quantity"], int) or not 0 < line["quantity"] <= 1_000_000:
            raise Mistyped(_("%(item)s: write how many are billed.", item=ordered.item.called), "lines")
        if not 0 < line["amount"] < HIGHEST:
            raise Mistyped(_("Write an amount above zero."), "lines")


# ---- guards ---------------------------------------------------------------------------------------------------------


@objection(_("something is missing from the invoice"))
def incomplete(act: Act) -> Words | None:
    if not act.lines:
        return _("Write at least one line.")
    if not act.paper.number:
        return _("Write the number of the invoice.")
    if act.paper.day is None:
        return _("Write the day of the invoice.")
    if not files_of(act.case):
        return _("Attach the invoice.")
    return None


@objection(_("the goods were not compared with the order"))
def not_received(act: Act) -> Words | None:
    """SUP-09: the goods are compared with the order before anything is made out for payment."""
    order = act.paper.order
    if order.state == "closed":
        return _("%(number)s is paid and closed: nothing more is billed on it.", number=order.number or "")
    if order.state not in BILLABLE:
        return _("%(number)s: nothing was received yet. Enter a receipt first.", number=order.number or "")
    if act.paper.day < (placed := placed_on(order)):
        return _(
            "It is of %(day)s and the order of %(placed)s: what was bought before it was ordered is not paid on it.",
            day=act.paper.day, placed=placed,
        )  # fmt: skip
    if not any(each.counted for each in matches(act.case, counted_now=True)):
        return _("What it bills was not accepted, or was billed before: nothing of it is payable.")
    return None


@objection(_("the invoice was entered before"))
def entered_before(act: Act) -> Words | None:
    """FIN-12: the same invoice, or the same file, is paid once."""
    digests: list[str | None] = [None, *(each.sha256 for each in files_of(act.case))]
    for digest in digests:
        if earlier := earlier_claim(act.paper.code, act.paper.number, digest, act.case.id):
            return _("This invoice was entered before, on %(number)s.", number=earlier.number or "")
    return None


@objection(_("it differs from order or receipt"))
def undecided(act: Act) -> Words | None:
    if any(line.payable is None for line in act.lines):
        return _("It differs from order or receipt: first it is decided what is paid.")
    return None


@objection(_("more would be paid than was accepted"))
def sums_differ(act: Act) -> Words | None:
    """What is paid is never more than what was accepted, at no more than what is billed (SUP-17)."""
    if any((each.line.payable or Money(0)) > each.most for each in matches(act.case)):
        return _("More would be paid than was accepted. Return it to be corrected.")
    return None


# ---- effects --------------------------------------------------------------------------------------------------------

_BILL = "UPDATE order_lines SET billed = billed + ? WHERE id = ? AND billed + ? <= accepted"


def bill(act: Act) -> None:
    """Counts what was accepted and is on no other invoice; a line that agrees with the order is payable as it is."""
    agreeing, found = set(), matches(act.case, counted_now=True)
    for each in found:
        if db.run(_BILL, each.counted, each.ordered.id, each.counted).rowcount != 1:
            raise Mistyped(_("Somebody else billed this meanwhile. Reload to see it."))
        payable = None if each.differs else each.line.amount
        agreeing |= set() if each.differs else {each.ordered.id}
        SupplierInvoiceLine.update(counted=each.counted, payable=payable).where(SupplierInvoiceLine.id == each.line.id).execute()
    SupplierInvoice.update(differs=len(agreeing) < len(found)).where(SupplierInvoice.case == act.case).execute()
    _hold_again(act, agreeing)
    use_up(act.case, [(number_key(act.paper.number), act.paper.code)], [each.sha256 for each in files_of(act.case)])


def unbill(act: Act) -> None:
    """It went back or was refused: its goods and its number may be billed again."""
    for line in lines_of_invoice(act.case):
        db.run("UPDATE order_lines SET billed = billed - ? WHERE id = ?", line.counted, line.line_id)
    SupplierInvoiceLine.update(counted=0, payable=None).where(
        SupplierInvoiceLine.case == act.case, SupplierInvoiceLine.version == act.case.version
    ).execute()
    SupplierInvoice.update(differs=False, decision="", decided_by=None, decided_at=None).where(
        SupplierInvoice.case == act.case
    ).execute()
    free_invoices(act)
    _hold_again(act)


def stands(_act: Act) -> None:
    """What was counted and decided holds while the invoice is under way."""


def differs_now(act: Act) -> bool:
    return bool(SupplierInvoice.get_by_id(act.case.id).differs)


def decide(act: Act) -> None:
    """What is paid although invoice, order and receipt do not agree; beyond the order's price more is held on the same line."""
    for key, amount in act.given.lines.items():
        SupplierInvoiceLine.update(payable=amount).where(SupplierInvoiceLine.id == key).execute()
    SupplierInvoice.update(decision=act.note[:500], decided_by=act.person, decided_at=clock.now()).where(
        SupplierInvoice.case == act.case
    ).execute()
    act.data |= {"billed": act.case.amount, "payable": total(act.given.lines.values())}
    _hold_again(act)


def _hold_again(act: Act, agreeing: set[int] | None = None) -> None:
    """Each line of the order (each of these) holds what it may still cost, with what this invoice is paid."""
    billed = [line.line_id for line in lines_of_invoice(act.case)]
    lines = [OrderLine.get_by_id(key) for key in billed if agreeing is None or key in agreeing]
    for line in lines:
        OrderLine.update(held=still_held(line, act.case.id)).where(OrderLine.id == line.id).execute()
    for key in sorted({line.wanted.case_id for line in lines}):
        hold_what_is_needed(Case.get_by_id(key), act.person)


def payable_amount(case: Case) -> Money:
    return total(line.payable or Money(0) for line in lines_of_invoice(case))


def put_on_queue(act: Act) -> None:
    supplier = Order.get_by_id(act.paper.order_id).supplier
    owe(act.case, [Owed(supplier.name, payable_amount(act.case), supplier_id=supplier.id, text=act.case.title)])


def take_off_queue(act: Act) -> None:
    if act.step != "pay":
        withdraw_payables(act)


def finish_when_paid(act: Act) -> None:
    """Paid in full: each application pays its own lines from what it holds, the rest is free again."""
    if any(each.open for each in payables_of(act.case)):
        return
    SupplierInvoice.update(settled_at=clock.now()).where(SupplierInvoice.case == act.case).execute()
    lines = []
    for billed in lines_of_invoice(act.case):
        line, payable = OrderLine.get_by_id(billed.line_id), Money(billed.payable or 0)
        if payable:
            take_for(Case.get_by_id(line.wanted.case_id), payable, act.person)
        line.paid = line.paid + payable
        line.held = still_held(line)
        OrderLine.update(paid=line.paid, held=line.held).where(OrderLine.id == line.id).execute()
        lines.append(line)
    settle_applications(act, lines)
    settle_order(Case.get_by_id(act.paper.order_id))


# ---- the flow -------------------------------------------------------------------------------------------------------


def signed(case: Case) -> set[int]:
    """Who signed or decided it neither pays nor posts it."""
    return tasks.signed(SIGNATURES, case)


APART = [concerned, signed]
SUBMIT = step(
    "submit", Either(differs_now, "differing", "submitted"), unless=[incomplete, not_received, entered_before], then=[bill],
    look="primary", rules=["SUP-09", "FIN-12"],
)  # fmt: skip
DECIDE = step(
    "decide", "submitted", form=Decided, note=True, then=[decide], label=_("Decide what is paid"),
    said=_("%(who)s decided what is paid"), look="primary", rules=["SUP-09", "SUP-17"],
)  # fmt: skip
SIGN_FIRST = step(
    "sign_first", "signed_first", confirm=True, unless=[undecided, sums_differ], label=_("Sign"),
    said=_("%(who)s signed it first"), look="primary", rules=["SUP-10"],
)  # fmt: skip
SIGN_SECOND = step(
    "sign_second", "signed", confirm=True, unless=[undecided, sums_differ], apart_from=["sign_first"], label=_("Sign second"),
    said=_("%(who)s signed it second"), look="primary", rules=["SUP-10", "FIN-23"],
)  # fmt: skip
CHECK = step("check", "payable", unless=[undecided, sums_differ], form=Checklist, look="primary", rules=["SUP-11", "FIN-05"])
PAY = pay_step(then=(finish_when_paid,))
BACK_FROM_QUEUE = step("return", BACK, note=True, unless=[partly_paid])

SUPPLIER_INVOICE = Flow(
    "supplier_invoice",
    state("draft", requester, SUBMIT, step("cancel", "cancelled", who=requester, look="quiet"), editable=True),
    state(
        "differing", supervisor, DECIDE, RETURN, REJECT, WITHDRAW,
        label=_("Differs from order or receipt"), tone="amber", due=IN_TIME,
    ),
    state("submitted", supervisor, SIGN_FIRST, RETURN, REJECT, WITHDRAW, label=_("To be signed first"), due=IN_TIME),
    state("signed_first", office_manager, SIGN_SECOND, RETURN, REJECT, label=_("To be signed second"), due=IN_TIME),
    state("signed", cashier, CHECK, RETURN, REJECT, label=_("To be checked"), carries_out=True, apart=APART, due=IN_TIME),
    state(
        "payable", cashier, PAY, BACK_FROM_QUEUE, post_part_step("payable"), label=_("To be paid"), carries_out=True, apart=APART,
        due=IN_TIME,
    ),
    state("paid", chief_accountant, post_step("posted", apart_from=("check",)), label=_("Paid"),
          carries_out=True, apart=APART, due=IN_TIME, tone="blue"),
    state("posted", label=_("Posted"), tone="green"),
    state("cancelled"),
    state("rejected", tone="red"),
    prefix="PI",
    label=_("Invoice of a supplier"),
    detail=SupplierInvoice,
    lines=SupplierInvoiceLine,
    during=(
        during("differing submitted signed_first signed payable paid posted", stands, unbill),
        during("payable", put_on_queue, take_off_queue),
    ),
    reads=(office_clerk, office_manager, purchaser, cashier, chief_accountant, gm),
    checks=(check_invoice,),
    icon="receipt",
    about=_(
        "What a supplier bills: compared with order and receipt, signed by the supervisor of the office and then by its manager, "
        "checked and paid by the cashier, and posted."
    ),
    rules=("SUP-09", "SUP-10", "SUP-11", "SUP-17", "FIN-05", "FIN-06", "FIN-12", "FIN-23"),
    begun_by=ORDERS,
)  # fmt: skip


# ---- the books ------------------------------------------------------------------------------------------------------


def _counter(_case: Case, _entry: CashEntry) -> Side:
    return on("suppliers", Money(0))


def _own(case: Case) -> list[Side]:
    """The spending by budget line of each application, against what is owed to the supplier."""
    sums: dict[Any, Money] = {}
    for billed in lines_of_invoice(case):
        line = Purchase.get_by_id(OrderLine.get_by_id(billed.line_id).wanted.case_id).line
        sums[line] = sums.get(line, Money(0)) + (billed.payable or Money(0))
    sides = [
        Side(title_of_category(line.category_id).id, amount, department_id=line.department_id, category_id=line.category_id)
        for line, amount in sums.items()
    ]
    return [*sides, on("suppliers", Money(-total(sums.values())))]


BOOKINGS["supplier_invoice"] = Booking(_counter, _own)


# ---- check ----------------------------------------------------------------------------------------------------------

_HOLDS = """
SELECT k.id, k.number, k.state, k.mark FROM cases k WHERE k.kind = 'purchase' AND k.number IS NOT NULL
"""
_ACCEPTED = """
SELECT k.number, o.id, o.accepted, COALESCE((SELECT SUM(r.accepted) FROM receipt_lines r WHERE r.line_id = o.id), 0)
FROM order_lines o JOIN cases k ON k.id = o.case_id AND k.version = o.version
"""
_STOCKED = """
SELECT k.number, COALESCE((SELECT SUM(e.amount) FROM entries e JOIN accounts a ON a.id = e.account_id AND a.book = 'stock'
       WHERE e.case_id = k.id AND e.verb = 'put'), 0),
       COALESCE((SELECT SUM(o.accepted) FROM order_lines o WHERE o.case_id = k.id AND o.version = k.version), 0)
FROM cases k WHERE k.kind = 'order'
"""
_TAKEN = """
SELECT COALESCE(SUM(e.amount), 0) FROM entries e JOIN accounts a ON a.id = e.account_id AND a.book = 'budget'
WHERE e.verb = 'take' AND e.case_id = ?
"""
_PAID = "SELECT COALESCE(SUM(o.paid), 0) FROM order_lines o JOIN purchase_lines l ON l.id = o.wanted_id WHERE l.case_id = ?"
_ORDERED = """
SELECT k.number, l.n, l.ordered, COALESCE((SELECT SUM(o.quantity - o.closed) FROM order_lines o
    JOIN cases c ON c.id = o.case_id AND c.version = o.version JOIN orders r ON r.case_id = c.id
    WHERE o.wanted_id = l.id AND r.placed_at IS NOT NULL), 0)
FROM purchase_lines l JOIN cases k ON k.id = l.case_id AND k.version = l.version
"""
_BILLED = f"""
SELECT k.number, o.n, o.billed, COALESCE((SELECT SUM(v.counted) FROM supplier_invoice_lines v
    JOIN cases c ON c.id = v.case_id AND c.version = v.version
    WHERE v.line_id = o.id AND c.state IN ({",".join(f"'{each}'" for each in LIVE)})), 0)
FROM order_lines o JOIN cases k ON k.id = o.case_id AND k.version = o.version
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for whatever orders, receipts, invoices, stock and budget say differently of each other."""
    yield from _holds_differ()
    for number, n, ordered, on_orders in db.rows(_ORDERED):
        if int(ordered) != int(on_orders):
            yield f"{number} line {n}: {ordered} ordered, {int(on_orders)} on orders"
    for number, _line, accepted, received in db.rows(_ACCEPTED):
        if int(accepted) != int(received):
            yield f"{number}: {accepted} accepted, {int(received)} on receipts"
    for number, put, accepted in db.rows(_STOCKED):
        if int(put) != int(accepted):
            yield f"{number}: {int(accepted)} accepted, {int(put)} put on the shelf"
    for number, n, billed, counted in db.rows(_BILLED):
        if int(billed) != int(counted):
            yield f"{number} line {n}: {billed} billed, {int(counted)} on invoices"


def _holds_differ() -> Iterator[str]:
    for key, number, state_name, mark in db.rows(_HOLDS):
        case = Case.get_by_id(key)
        held, needed = held_by(case), needed_by(key)
        taken, paid = int(db.row(_TAKEN, key)[0]), int(db.row(_PAID, key)[0])  # type: ignore[index]
        if taken != paid:
            yield f"{number}: {taken} taken from the budget, {paid} paid on its orders"
        if state_name in ("approved", "ordered"):
            if held < needed or (held > needed and mark != "exception"):
                yield f"{number}: {held} held, {needed} needed"
        elif state_name != "signing" and held:
            yield f"{number} is {state_name} and holds {held}"
