"""Invoices of suppliers as pages show them: beside the order and what was received."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import kinds
from portal.access import any_of, cashier, everyone, office_manager, supervisor
from portal.books.models import METHODS
from portal.books.models_statements import vouchers_seen
from portal.cases import Case
from portal.expenses.models_claims import CHECKED, payments_on
from portal.flow import Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.people.models import readable
from portal.persons import Person
from portal.purchasing.forms_invoices import InvoiceForm, decided_as_typed
from portal.purchasing.models import Order
from portal.purchasing.models_invoices import Decided, matches
from portal.purchasing.rules_invoices import SUPPLIER_INVOICE, payable_amount
from portal.purchasing.rules_orders import ORDERS
from portal.purchasing.views_base import pages
from portal.stepping import case_for_step, taken
from portal.supplies.models_catalogue import entries
from portal.typed import Typed
from portal.web import my_posts, page
from portal.words import _

WORKING_LISTS += [
    WorkingList(_("Invoices of suppliers to decide"), "supplier_invoice", "differing", any_of(supervisor), "receipt"),
    WorkingList(_("Invoices of suppliers to sign"), "supplier_invoice", "submitted", any_of(supervisor), "receipt"),
    WorkingList(_("Invoices of suppliers to sign second"), "supplier_invoice", "signed_first", any_of(office_manager), "receipt"),
    WorkingList(_("Invoices of suppliers to check"), "supplier_invoice", "signed", any_of(cashier), "receipt"),
]


def body(case: Case, person: Person) -> dict[str, Any]:
    """The three-way match: each line beside its order and its receipts, and what is paid of it."""
    act = Act(case, person)
    found = matches(case, counted_now=case.state == SUPPLIER_INVOICE.first)
    order: Case = act.paper.order
    return {
        "rows": found,
        "entries": entries(each.ordered.item_id for each in found),
        "order": order,
        "supplier": Order.get_by_id(order.id).supplier,
        "may_open": order.id in readable([order.id], my_posts()),
        "payable": payable_amount(case),
        "differs": any(each.differs for each in found),
        "is_decided": all(each.line.payable is not None for each in found),
        "payments": payments_on(case),
        "methods": METHODS,
        "vouchers": vouchers_seen(case, my_posts()),
        "checks": CHECKED,
    }


kinds.step_page(Decided, "/purchasing/invoices/%s/decide")
kinds.register(
    Kind(
        flow=SUPPLIER_INVOICE,
        form=InvoiceForm,
        folder="purchasing",
        new=_("Enter the invoice of a supplier"),
        about=_("What a supplier bills for goods that were received and compared with the order; attach the invoice."),
        may_start=ORDERS,
        extra=body,
        tone="violet",
        is_typed=False,
    )
)


@pages.form("/purchasing/invoices/<case_id>/decide", may=everyone)
def decide(case_id: str) -> Any:
    """What is paid of an invoice that does not agree with order and receipt, with the reason."""
    case = case_for_step(SUPPLIER_INVOICE, case_id, "decide")
    found, typed = matches(case), Typed(request.form)
    given = decided_as_typed(typed, found) if request.method == "POST" else None
    done, why, status = taken(SUPPLIER_INVOICE, case, "decide", given, typed)
    return done or page(
        "purchasing/decide.html", status, case=case, rows=found, typed=typed, why=why,
        entries=entries(each.ordered.item_id for each in found),
    )  # fmt: skip
