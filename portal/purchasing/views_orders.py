"""Orders as pages show them: what is ordered at which price, what came of it, and what was billed."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import clock, db, kinds
from portal.access import any_of, everyone, office_clerk
from portal.cases import Case
from portal.flow import FLOWS, Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.people.models import readable
from portal.persons import Person
from portal.purchasing.forms_orders import NewDayForm, OrderForm, SentForm, received_as_typed
from portal.purchasing.models import WAYS, OrderLine, Quote
from portal.purchasing.models_invoices import BILLABLE
from portal.purchasing.models_orders import NewDay, Received, Sent, priced, receipt_count, receipts_of
from portal.purchasing.models_quotes import per_unit
from portal.purchasing.rules_orders import ORDER, ORDERS
from portal.purchasing.views_base import BUYS, pages
from portal.stepping import case_for_step, taken
from portal.supplies.models_catalogue import entries, in_packs
from portal.typed import Typed
from portal.web import me, my_posts, page
from portal.words import _

WORKING_LISTS += [
    WorkingList(_("Orders to be sent"), "order", "placed", any_of(office_clerk), "send"),
    WorkingList(_("Orders to receive"), "order", "sent", any_of(office_clerk), "truck"),
    WorkingList(_("Orders partly received"), "order", "partly", any_of(office_clerk), "truck"),
]


def body(case: Case, person: Person) -> dict[str, Any]:
    """The order as its page and its print show it. The prices of a draft are those of today's quotes."""
    act = Act(case, person)
    lines: list[OrderLine] = act.lines
    is_draft = case.state == ORDER.first
    now = priced(act.paper.supplier_id, [(line.item_id, line.quantity) for line in lines]) if is_draft else []
    applications = {line.wanted.case_id: line.wanted.case for line in lines}
    invoices = _invoices(case)
    return {
        "entries": (known := entries(line.item_id for line in lines)),
        "packs": {line.id: in_packs(line.quantity, known[line.item_id]) for line in lines},
        "offers": dict(zip((line.id for line in lines), now, strict=True)) if is_draft else {},
        "cheapest": _cheapest(lines),
        "per_unit": per_unit,
        "ways": WAYS,
        "receipts": receipts_of(case),
        "of_line": {line.id: line for line in lines},
        "invoices": invoices,
        "invoice_states": FLOWS["supplier_invoice"].states,
        "links": readable([*applications, *(key for key, *_rest in invoices)], my_posts()),
        "is_late": case.state in ("sent", "partly") and act.paper.deliver_by < clock.today(),
        "may_bill": case.state in BILLABLE and ORDERS.allows(my_posts()) and any(line.accepted > line.billed for line in lines),
        "sees_supplier": BUYS.allows(my_posts()),
        "is_draft": is_draft,
        "has_receipts": any(line.accepted or line.closed for line in lines),
    }


def _cheapest(lines: list[OrderLine]) -> dict[int, Quote]:
    """The cheapest quote of each line that was ordered elsewhere."""
    elsewhere = {line.id: line.cheapest_id for line in lines if line.cheapest_id and line.cheapest_id != line.quote_id}
    found = {each.id: each for each in Quote.select().where(Quote.id.in_(list(elsewhere.values()) or [0]))}
    return {line: found[quote] for line, quote in elsewhere.items()}


def _invoices(case: Case) -> list[tuple[Any, ...]]:
    sql = """SELECT k.id, k.number, k.state, i.number, k.amount FROM supplier_invoices i JOIN cases k ON k.id = i.case_id
             WHERE i.order_id = ? AND k.number IS NOT NULL ORDER BY k.id"""
    return db.rows(sql, case.id)


kinds.step_form(Sent, SentForm)
kinds.step_form(NewDay, NewDayForm)
kinds.step_page(Received, "/purchasing/orders/%s/receive")
kinds.register(
    Kind(
        flow=ORDER,
        form=OrderForm,
        folder="purchasing",
        new=_("New order"),
        about=_("Lines of approved applications for one supplier. The page “To be ordered” drafts such orders by itself."),
        may_start=ORDERS,
        extra=body,
        tone="blue",
        is_typed=False,
    )
)


@pages.form("/purchasing/orders/<case_id>/receive", may=everyone)
def receive(case_id: str) -> Any:
    """What came, compared with the order line by line (SUP-09)."""
    case = case_for_step(ORDER, case_id, "receive")
    lines, typed = [line for line in Act(case, me()).lines if line.open], Typed(request.form)
    given = received_as_typed(typed, lines) if request.method == "POST" else None
    done, why, status = taken(ORDER, case, "receive", given, typed)
    return done or page(
        "purchasing/receive.html", status, case=case, lines=lines, typed=typed, why=why, today=clock.today(),
        entries=entries(line.item_id for line in lines), after=receipt_count(case),
    )  # fmt: skip
