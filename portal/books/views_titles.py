"""The chart of accounts: titles, funds, and where spending of each category is posted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import request

from portal import exports, languages
from portal.access import any_of, chief_accountant
from portal.books.forms_books import FundForm, TitleForm
from portal.books.models import NATURES, CategoryTitle, Fund, Title, balance, title_for
from portal.books.models_statements import SEES
from portal.books.rules_titles import add_fund, add_title, change_fund, change_title, map_categories
from portal.budget.models import Category
from portal.refused import Mistyped, Refused
from portal.web import Pages, asked, filled, find, go, me, my_posts, page, sent, tell
from portal.words import _

pages = Pages("books")
FINANCE = _("Finance")
KEEPS = any_of(chief_accountant)


def saved(form: Any, change: Callable[[], Any]) -> bool:
    """Whether what was typed is right and was kept; else the form says why not."""
    if request.method != "POST" or not form.validate():
        return False
    try:
        change()
    except Refused as refusal:
        form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return False
    tell(_("Saved."))
    return True


def events_typed(form: Any) -> int:
    """How many events the thing had when the form was opened."""
    return int(form.events.data) if re.fullmatch(r"[0-9]{1,9}", form.events.data or "") else -1


def status() -> int:
    return 422 if request.method == "POST" else 200


# ---- titles ---------------------------------------------------------------------------------------------------------


@pages.get("/books/titles", may=SEES)
def titles() -> Any:
    """All titles by nature."""
    if kind := asked("export", ("csv", "xlsx")):
        found = Title.where("id > 0 ORDER BY code")
        rows = ([each.code, each.name, each.name_en, NATURES[each.nature], each.active] for each in found)
        return sent(exports.table("chart-of-accounts", _COLUMNS, rows, kind, languages.here))
    return _titles(TitleForm(formdata=None))


@pages.post("/books/titles", may=KEEPS)
def new_title() -> Any:
    form = filled(TitleForm)
    keep = lambda: add_title(me(), form.code.data, form.name.data, form.name_en.data or "", form.nature.data)  # noqa: E731
    return go("books.titles") if saved(form, keep) else _titles(form, 422)


def _titles(form: TitleForm, code: int = 200) -> Any:
    found = Title.where("id > 0 ORDER BY code")
    groups = [(label, [each for each in found if each.nature == nature]) for nature, label in NATURES.items()]
    return page("books/titles.html", code, form=form, groups=groups, may_keep=KEEPS.allows(my_posts()))


_COLUMNS = [_("Code"), _("Name"), _("English name"), _("Kind of title"), _("In use")]


@pages.form("/books/titles/<title_id>/edit", may=KEEPS)
def title(title_id: str) -> Any:
    found = find(Title, title_id)
    form = filled(TitleForm, obj=found)
    form.code.data, form.nature.data = found.code, found.nature
    active = bool(form.active.data)
    keep = lambda: change_title(  # noqa: E731
        me(), found.id, form.name.data, form.name_en.data or "", active, events_typed(form)
    )
    if saved(form, keep):
        return go("books.titles")
    return page("books/title.html", status(), form=form, title=found)


# ---- where spending is posted ---------------------------------------------------------------------------------------


@pages.form("/books/categories", may=KEEPS)
def categories() -> Any:
    """Each budget category and the title its spending is posted to."""
    found = Category.where("id > 0 ORDER BY code")
    choices = Title.where("active AND nature = 'expense' ORDER BY code")
    wrong = None
    if request.method == "POST":
        typed = {each: request.form.get(f"category_{each.id}", "") for each in found}
        try:
            map_categories(me(), {each: int(x) for each, x in typed.items() if re.fullmatch(r"[0-9]{1,10}", x, re.ASCII)})
            tell(_("Saved."))
            return go("books.categories")
        except Mistyped as refusal:
            wrong = refusal.why
    mapped = {each.category_id: each.title_id for each in CategoryTitle.select()}
    common = title_for("spending").id
    rows = [(each, mapped.get(each.id, common)) for each in found]
    return page("books/categories.html", 422 if wrong else 200, rows=rows, choices=choices, wrong=wrong)


# ---- funds ----------------------------------------------------------------------------------------------------------


@pages.form("/books/funds", may=KEEPS)
def funds() -> Any:
    """The till and the accounts at banks."""
    form = filled(FundForm)
    keep = lambda: add_fund(me(), form.name.data, form.name_en.data or "", form.kind.data, form.number.data or "")  # noqa: E731
    if saved(form, keep):
        return go("books.funds")
    rows = [(each, balance(each.id)) for each in Fund.where("id > 0 ORDER BY active DESC, kind DESC, id")]
    return page("books/funds.html", status(), form=form, rows=rows)


@pages.form("/books/funds/<fund_id>/edit", may=KEEPS)
def fund(fund_id: str) -> Any:
    found = find(Fund, fund_id)
    form = filled(FundForm, obj=found)
    form.kind.data = found.kind
    keep = lambda: change_fund(  # noqa: E731
        me(),
        found.id,
        form.name.data,
        form.name_en.data or "",
        form.number.data or "",
        bool(form.active.data),
        events_typed(form),
    )
    if saved(form, keep):
        return go("books.funds")
    return page("books/fund.html", status(), form=form, fund=found)
