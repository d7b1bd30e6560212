"""The payment account of a supplier, as the office keeps it."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.books.models_accounts import account_of, accounts_until_now
from portal.books.rules_accounts import Typed
from portal.refused import Mistyped
from portal.supplies.forms_catalogue import SupplierAccountForm
from portal.supplies.models import Supplier
from portal.supplies.rules_accounts import set_supplier_account
from portal.supplies.rules_catalogue import KEEPS
from portal.supplies.views_catalogue import pages
from portal.web import confirm_first, filled, find, go, me, page, tell
from portal.words import _


@pages.form("/supplies/suppliers/<supplier_id>/account", may=KEEPS)
def supplier_account(supplier_id: str) -> Any:
    found, form = find(Supplier, supplier_id), filled(SupplierAccountForm)
    if request.method == "POST" and form.validate():
        confirm_first()
        try:
            typed = Typed(form.bank.data or "", form.number.data or "", form.holder.data or "")
            if set_supplier_account(me(), found.id, typed):
                tell(_("The payment account of %(name)s has been changed.", name=found.name))
            return go("supplies.supplier_account", supplier_id=found.id)
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    if request.method == "GET" and (here := account_of(supplier_id=found.id)):
        form.bank.data, form.number.data, form.holder.data = here.bank, here.number, here.holder
    return page(
        "supplies/supplier_account.html",
        422 if form.errors else 200,
        form=form,
        supplier=found,
        changes=accounts_until_now(supplier_id=found.id),
    )
