"""Applications to buy as pages show them, and what of them is still to be ordered."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import contents, db, kinds
from portal.access import any_of, dept_manager, everyone, gm, office_clerk, purchaser
from portal.budget.models import figures_of, last_exception, papers_using
from portal.cases import Case
from portal.expenses.rules import answer
from portal.fields import form_key
from portal.flow import Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.money import Money
from portal.people.models import readable
from portal.persons import Person
from portal.purchasing.forms_purchases import PurchaseForm
from portal.purchasing.models import CAUSES, PurchaseLine
from portal.purchasing.models_orders import Ordered, order_content
from portal.purchasing.models_purchases import ToOrder, on_order, to_order
from portal.purchasing.models_quotes import Offer, quotes_valid
from portal.purchasing.rules_asking import MAY_ASK
from portal.purchasing.rules_orders import ORDER, ORDERS
from portal.purchasing.rules_purchases import PURCHASE, ApprovedLess, estimate_of, granted_estimate
from portal.purchasing.views_base import SUPPLIES, pages
from portal.refused import NotYours, Refused
from portal.stepping import case_for_step, taken
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import average, entries, in_packs
from portal.supplies.models_draws import items_for
from portal.typed import Typed, for_every_line
from portal.web import NAVIGATION, Link, filled, go, me, my_posts, page, tell
from portal.words import Words, _, _n

HOLDING = ("signing", "approved", "ordered")
NAVIGATION.append(Link(_("To be ordered"), "purchasing.board", "list-checks", SUPPLIES, place=47))
WORKING_LISTS += [
    WorkingList(_("Purchase applications to approve"), "purchase", "submitted", any_of(dept_manager), "shopping-cart"),
    WorkingList(_("Purchase applications to sign"), "purchase", "signing", any_of(gm), "shopping-cart"),
    WorkingList(
        _("Lines to be ordered"), "", "", any_of(office_clerk, purchaser), "list-checks", "/purchasing/to-order",
        lambda: len(to_order()),
    ),
]  # fmt: skip


# ---- the application ------------------------------------------------------------------------------------------------


def body(case: Case, person: Person) -> dict[str, Any]:
    """The application as its page and its print show it: figures, what was granted, and where each line stands."""
    act = Act(case, person)
    lines: list[PurchaseLine] = act.lines
    known = items_for(person.id, (line.item_id for line in lines))
    catalogued = entries(known)
    figures = figures_of(act.paper.line_id)
    papers = papers_using(figures.account_id, my_posts()) if figures and case.mark == "over_budget" else []
    asked = granted_estimate(lines)
    holds = case.state in HOLDING and case.mark != "over_budget"
    return {
        "causes": CAUSES,
        "entries": known,
        "catalogued": catalogued,
        "average": average,
        "packs": {line.id: in_packs(line.quantity, catalogued[line.item_id]) for line in lines},
        "parts": {line.id: estimate_of(line) for line in lines},
        "is_granted": any(line.granted is not None for line in lines),
        "asked": asked,
        "orders": (orders := on_order(case)),
        "links": readable({each.case_id for each in orders}, my_posts()),
        "called": {line.id: known[line.item_id].called for line in lines},
        "states": ORDER.states,
        "figures": figures,
        "held": asked if holds else Money(0),
        "over": max(asked - figures.left, Money(0)) if figures and not holds and case.closed_at is None else Money(0),
        "using": [each for each in papers if each.case_id != case.id],
        "exception": last_exception(case) if case.mark == "exception" else None,
        "may_order": case.state == "approved" and ORDERS.allows(my_posts()),
    }


def beside(form: PurchaseForm, person: Person) -> dict[str, Any]:
    """What the chosen line says to what the lines come to so far."""
    line_id, amount = form.chosen_line_id(), form.amount()
    return {"answer": answer(line_id, amount, my_posts()) if line_id else None, "amount": amount}


@pages.page("/purchasing/live", everyone, ("POST",), quiet=True)
def live() -> Any:
    """The budget and the total while one types."""
    form = filled(PurchaseForm)
    form.prepare(me())
    return page("purchasing/_purchase_rail.html", form=form, is_live=True, **beside(form, me()))


kinds.register(
    Kind(
        flow=PURCHASE,
        form=PurchaseForm,
        folder="purchasing",
        new=_("New purchase application"),
        about=_("What is low on the shelf or needed for a special reason; the office orders it once it is approved."),
        may_start=MAY_ASK,
        extra=body,
        rail=beside,
        tone="amber",
    )
)
kinds.step_page(ApprovedLess, "/purchasing/purchases/%s/grant")


@pages.form("/purchasing/purchases/<case_id>/grant", may=everyone)
def grant(case_id: str) -> Any:
    """Less than was asked for, line by line, with a reason (SUP-05)."""
    case = case_for_step(PURCHASE, case_id, "approve_less")
    lines, typed = Act(case, me()).lines, Typed(request.form)
    given = ApprovedLess(for_every_line(typed, lines, "granted", "quantity", None))
    done, why, status = taken(PURCHASE, case, "approve_less", given, typed)
    return done or page(
        "purchasing/purchase_grant.html", status, case=case, lines=lines, typed=typed, why=why,
        entries=items_for(me().id, [line.item_id for line in lines]),
    )  # fmt: skip


# ---- what is to be ordered ------------------------------------------------------------------------------------------


@pages.form("/purchasing/to-order", may=ORDERS)
def board() -> Any:
    """What is approved and on no order, of all departments, beside what suppliers offer, the cheapest first (SUP-08)."""
    lines = to_order()
    offers = quotes_valid({each.item_id for each in lines})
    typed = Typed(request.form)
    why: Words | None = None
    if request.method == "POST":
        chosen = _chosen(typed, lines, offers)
        if not typed.wrong and chosen:
            try:
                return _drafted(typed, chosen)
            except NotYours:
                raise
            except Refused as refusal:
                why = refusal.why
        elif not typed.wrong:
            why = _("Choose at least one line.")
    known = entries({each.item_id for each in lines})
    groups: dict[int, list[ToOrder]] = {}
    for each in lines:
        groups.setdefault(each.item_id, []).append(each)
    return page(
        "purchasing/board.html", 422 if why or typed.wrong else 200, typed=typed, why=why, packs=in_packs,
        groups=[(known[item], offers[item], some) for item, some in groups.items()],
        is_sent=request.method == "POST", token=form_key(typed.text("token")),
    )  # fmt: skip


def _chosen(typed: Typed, lines: list[ToOrder], offers: dict[int, list[Offer]]) -> dict[int, list[tuple[ToOrder, int, str]]]:
    """Supplier -> the lines ordered there, how many of each, and why there."""
    found: dict[int, list[tuple[ToOrder, int, str]]] = {}
    for each in lines:
        if not typed.text(f"pick-{each.line_id}"):
            continue
        quantity = typed.number(f"quantity-{each.line_id}", most=each.quantity)
        supplier = typed.number(f"supplier-{each.item_id}", most=10**9)
        offer = next((one for one in offers[each.item_id] if one.supplier_id == supplier), None)
        reason = typed.text(f"reason-{each.item_id}")[:200]
        if offer is None:
            typed.wrong[f"supplier-{each.item_id}"] = _("There is no valid quote: enter one first.")
        elif not quantity:
            typed.wrong.setdefault(f"quantity-{each.line_id}", _("Write how many are ordered."))
        elif offers[each.item_id][0].is_cheaper_than(offer) and not reason:
            typed.wrong[f"reason-{each.item_id}"] = _("Another supplier offers it for less: say why not there.")
        else:
            found.setdefault(offer.supplier_id, []).append((each, quantity, reason))
    return found


@db.transaction
def _drafts(typed: Typed, chosen: dict[int, list[tuple[ToOrder, int, str]]]) -> list[Case]:
    token, made = form_key(typed.text("token")), []
    for supplier_id, lines in sorted(chosen.items()):
        supplier = Supplier.get_by_id(supplier_id)
        wanted = {
            each.id: each for each in PurchaseLine.select().where(PurchaseLine.id.in_([one.line_id for one, *_rest in lines]))
        }
        ordered = [Ordered(wanted[each.line_id], quantity, reason) for each, quantity, reason in lines]
        content = order_content(supplier.name, supplier, ordered, department=me().department)
        made.append(contents.create(ORDER, me(), content, f"{token[:28]}-{supplier_id}"))
    return made


def _drafted(typed: Typed, chosen: dict[int, list[tuple[ToOrder, int, str]]]) -> Any:
    made = _drafts(typed, chosen)
    tell(_n("One order was drafted: say by when it is to be delivered, and place it.",
            "%(n)s orders were drafted: say by when each is to be delivered, and place it.", n=len(made)))  # fmt: skip
    return go("papers.edit", case_id=made[0].id) if len(made) == 1 else go("inbox.index", tab="mine")
