"""One's own payment account: seen by its owner and the cashier, changed by its owner, with the password asked again."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.access import everyone
from portal.books.forms_payments import AccountForm
from portal.books.models_accounts import account_of, accounts_until_now
from portal.books.rules_accounts import Typed, set_own_account
from portal.books.views_titles import pages
from portal.refused import Mistyped
from portal.web import confirm_first, filled, go, me, page, tell
from portal.words import _


@pages.form("/me/account", may=everyone)
def my_account() -> Any:
    form = filled(AccountForm)
    if request.method == "POST" and form.validate():
        confirm_first()
        try:
            if set_own_account(me(), typed_account(form)):
                tell(_("Your payment account has been changed."))
            return go("books.my_account")
        except Mistyped as refusal:
            form.say(refusal.why, refusal.field)
    if request.method == "GET":
        show_account(form, account_of(me().id))
    return page("books/my_account.html", 422 if form.errors else 200, form=form, changes=accounts_until_now(me().id))


def typed_account(form: AccountForm) -> Typed:
    return Typed(form.bank.data or "", form.number.data or "", form.holder.data or "")


def show_account(form: AccountForm, account: Any) -> None:
    for name in ("bank", "number", "holder") if account else ():
        form[name].data = getattr(account, name)
