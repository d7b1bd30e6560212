"""Pages of suppliers: found, read by whoever buys, and kept by the office with what they deliver and their contacts."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import exports, languages
from portal.fields import clean
from portal.flow import FLOWS
from portal.purchasing.forms_suppliers import ContactForm, SupplierForm
from portal.purchasing.models import SupplierContact
from portal.purchasing.models_quotes import SOON_DAYS, STATES, Sought, cheapest_ids, quotes
from portal.purchasing.models_suppliers import (
    BETWEEN,
    PARTS,
    Listed,
    contacts_of,
    delivered_by,
    orders_of,
    suppliers,
    told,
)
from portal.purchasing.rules_suppliers import add_contact, change_contact, edit_supplier, enter_supplier, remove_contact
from portal.purchasing.views_base import BUYS, SUPPLIES, pages
from portal.refused import Mistyped
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import categories
from portal.supplies.rules_catalogue import KEEPS
from portal.web import NAVIGATION, Link, asked, filled, find, go, me, my_posts, page, page_key, sent, tell, with_filters
from portal.words import _

PAGE = 50
MOST_SHOWN = 30
NAVIGATION.append(Link(_("Suppliers"), "purchasing.supplier_list", "truck", SUPPLIES, place=54))


@pages.get("/purchasing/suppliers", may=BUYS)
def supplier_list() -> Any:
    offered = categories(None)
    state, category = asked("state", ("", "unused", "all")), asked("category", [str(each.id) for each in offered])
    words = clean(request.args.get("q"))[:100]
    told: dict[str, Any] = {
        "words": words,
        "category_id": int(category) if category else None,
        "active": {"": True, "unused": False, "all": None}[state],
    }
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("suppliers", list(PARTS.values()), map(_cells, suppliers(**told)), kind, languages.here))
    found = suppliers(**told, after=page_key("after"), limit=PAGE + 1)
    return page(
        "purchasing/suppliers.html",
        rows=found[:PAGE],
        older=with_filters(after=found[PAGE - 1].id) if len(found) > PAGE else "",
        newest=with_filters() if "after" in request.args else "",
        words=words,
        categories=[(str(each.id), each.called) for each in offered],
        category=category,
        state=state,
        keeps=KEEPS.allows(my_posts()),
        is_narrowed=bool(words or category or state),
    )


def _cells(row: Listed) -> list[Any]:
    """As an import reads them back: what the company calls its categories in Chinese."""
    delivered = BETWEEN.join(each.name for each in row.categories)
    return [row.name, row.contact, row.phone, row.email, row.address, delivered, row.note, row.active]


@pages.get("/purchasing/suppliers/<supplier_id>", may=BUYS)
def supplier(supplier_id: str) -> Any:
    """What there is to know of a supplier, for whoever buys."""
    found = find(Supplier, supplier_id)
    asks = {state: quotes(Sought(supplier_id=found.id, state=state), limit=MOST_SHOWN) for state in ("valid", "coming", "over")}
    return page(
        "purchasing/supplier.html",
        supplier=found,
        delivered=[each.called for each in delivered_by(found.id)],
        contacts=contacts_of(found.id),
        quotes=asks,
        cheapest=cheapest_ids(row.item_id for row in asks["valid"]),
        states=STATES,
        soon=SOON_DAYS,
        orders=orders_of(found.id, my_posts()),
        flows=FLOWS,
        history=told(found.id),
        keeps=KEEPS.allows(my_posts()),
    )


@pages.form("/purchasing/suppliers/new", may=KEEPS)
def new_supplier() -> Any:
    form = filled(SupplierForm)
    if request.method == "POST" and form.validate():
        try:
            made = enter_supplier(me(), form.told(), form.categories.data)
            tell(_("%(name)s was added.", name=made.name))
            return go("purchasing.supplier", supplier_id=made.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return _form_page(form, None)


@pages.form("/purchasing/suppliers/<supplier_id>/edit", may=KEEPS)
def change_of_supplier(supplier_id: str) -> Any:
    found = find(Supplier, supplier_id)
    form = filled(SupplierForm, obj=found)
    if request.method == "GET":
        form.categories.data = [each.id for each in delivered_by(found.id)]
    if request.method == "POST" and form.validate():
        try:
            told = form.told() | {"active": bool(form.active.data)}
            edit_supplier(me(), found.id, told, form.categories.data, form.shown())
            tell(_("Saved."))
            return go("purchasing.supplier", supplier_id=found.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return _form_page(form, found)


def _form_page(form: SupplierForm, found: Supplier | None) -> Any:
    """Categories out of use are offered where they are delivered already."""
    kept = {each.id for each in delivered_by(found.id)} if found else set()
    offered = [each for each in categories(None) if each.active or each.id in kept]
    return page("purchasing/supplier_form.html", _status(form), form=form, supplier=found, categories=offered)


def _status(form: Any) -> int:
    return 422 if request.method == "POST" else 200


# ---- contacts -------------------------------------------------------------------------------------------------------


@pages.form("/purchasing/suppliers/<supplier_id>/contacts/new", may=KEEPS)
def new_contact(supplier_id: str) -> Any:
    found, form = find(Supplier, supplier_id), filled(ContactForm)
    if request.method == "POST" and form.validate():
        try:
            add_contact(me(), found.id, form.spoken())
            return _back(found.id, _("%(name)s was added.", name=form.name.data))
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("purchasing/contact.html", _status(form), form=form, supplier=found, contact=None)


@pages.form("/purchasing/contacts/<contact_id>", may=KEEPS)
def contact(contact_id: str) -> Any:
    found, form = find(SupplierContact, contact_id), filled(ContactForm)
    if request.method == "GET":
        form.show(found, found.supplier.events)
    if request.method == "POST" and form.validate():
        try:
            change_contact(me(), found.id, form.spoken(), form.shown())
            return _back(found.supplier_id, _("Saved."))
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    return page("purchasing/contact.html", _status(form), form=form, supplier=found.supplier, contact=found)


@pages.post("/purchasing/contacts/<contact_id>/remove", may=KEEPS)
def contact_off(contact_id: str) -> Any:
    found = find(SupplierContact, contact_id)
    remove_contact(me(), found.id, filled(ContactForm).shown())
    return _back(found.supplier_id, _("%(name)s was removed.", name=found.name))


def _back(supplier_id: int, words: Any) -> Any:
    tell(words)
    return go("purchasing.supplier", supplier_id=supplier_id)
