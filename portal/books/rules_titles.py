"""The chart of accounts: titles, the funds that stand on some of them, and where spending of each category is posted (FIN-03)."""

from __future__ import annotations

import re

from portal import db, history
from portal.access import posts_of
from portal.books.models import NATURES, CategoryTitle, Fund, Title, balance
from portal.budget.models import Category
from portal.persons import Person
from portal.refused import Mistyped, NotYours, SomebodyWasFirst
from portal.words import _

CODE = re.compile(r"[0-9]{4}([0-9]{2}){0,4}", re.ASCII)


def _may_keep(person: Person) -> None:
    if "chief_accountant" not in posts_of(person):
        raise NotYours(_("The chief accountant keeps the books."))


def _as_shown(thing: Title | Fund, events: int) -> None:
    if thing.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))


@db.transaction
def add_title(person: Person, code: str, name: str, name_en: str, nature: str) -> Title:
    _may_keep(person)
    _check_title(None, code, name)
    if nature not in NATURES:
        raise Mistyped(_("Choose what kind of title it is."), "nature")
    title = Title.create(code=code, name=name, name_en=name_en, nature=nature)
    history.record(title, "add", person, data={"code": code, "name": name, "name_en": name_en, "nature": nature})
    return title


@db.transaction
def change_title(person: Person, title_id: int, name: str, name_en: str, active: bool, events: int) -> Title:
    """Renames it or takes it out of use, as it was shown. Code and nature stay: vouchers stand on them."""
    _may_keep(person)
    title = Title.get_by_id(title_id)
    _as_shown(title, events)
    _check_title(title, title.code, name)
    if not active and (title.purpose or Fund.select().where(Fund.title == title, Fund.active).exists()):
        raise Mistyped(_("The portal itself posts to this title: it stays in use."), "active")
    before = {"name": title.name, "name_en": title.name_en, "active": int(title.active)}
    after = {"name": name, "name_en": name_en, "active": int(active)}
    if before != after:
        Title.update(name=name, name_en=name_en, active=active).where(Title.id == title.id).execute()
        history.record(title, "change", person, data={"before": before, "after": after})
    return Title.get_by_id(title_id)


def _check_title(title: Title | None, code: str, name: str) -> None:
    if not CODE.fullmatch(code):
        raise Mistyped(_("A code is four digits, and two more for each level below."), "code")
    if not name:
        raise Mistyped(_("Give it a name."), "name")
    for other in Title.where("(code = ? OR name = ?) AND id <> ?", code, name, title.id if title else 0):
        why = _("There is a title %(code)s %(name)s already.", code=other.code, name=other.called)
        raise Mistyped(why, "name" if other.name == name else "code")


@db.transaction
def map_categories(person: Person, chosen: dict[Category, int]) -> None:
    """All of them, or none where one is wrong."""
    for category, title_id in chosen.items():
        map_category(person, category, title_id)


@db.transaction
def map_category(person: Person, category: Category, title_id: int) -> None:
    """From now on spending of the category is posted to that title of expenses."""
    _may_keep(person)
    title = Title.find("id = ? AND active AND nature = 'expense'", title_id)
    if title is None:
        raise Mistyped(_("Choose a title of expenses that is in use."), f"category_{category.id}")
    found = CategoryTitle.find("category_id = ?", category.id)
    if found and found.title_id == title.id:
        return
    CategoryTitle.delete().where(CategoryTitle.category == category).execute()
    CategoryTitle.add(category=category, title=title)
    history.record(title, "map", person, data={"category": category.code})


# ---- funds ----------------------------------------------------------------------------------------------------------


@db.transaction
def add_fund(person: Person, name: str, name_en: str, kind: str, number: str) -> Fund:
    """Another till or account at a bank, with a title of its own below that of its kind."""
    _may_keep(person)
    _check_fund(None, name, number)
    if kind not in ("cash", "bank"):
        raise Mistyped(_("Choose till or bank account."), "kind")
    above: Title = Title.get(Title.purpose == kind)
    title = Title.create(
        code=_next_below(above), name=f"{above.name}—{name}", name_en=_below(above.name_en, name_en), nature="asset"
    )
    history.record(title, "add", person, data={"code": title.code, "name": title.name})
    fund = Fund.create(name=name, name_en=name_en, kind=kind, number=number, title=title)
    history.record(fund, "add", person, data={"name": name, "kind": kind, "number": number})
    return fund


def _below(above: str, name_en: str) -> str:
    return f"{above}: {name_en}" if name_en else ""


def _next_below(above: Title) -> str:
    """The next free code below a title: 100201, 100202 …"""
    used = {code for (code,) in db.rows("SELECT code FROM titles")}
    return next(code for n in range(1, 100) if (code := f"{above.code}{n:02d}") not in used)


@db.transaction
def change_fund(person: Person, fund_id: int, name: str, name_en: str, number: str, active: bool, events: int) -> Fund:
    _may_keep(person)
    fund = Fund.get_by_id(fund_id)
    _as_shown(fund, events)
    _check_fund(fund, name, number)
    if not active and balance(fund.id):
        raise Mistyped(_("%(left)s is still in it: move that first.", left=balance(fund.id)), "active")
    before = {"name": fund.name, "name_en": fund.name_en, "number": fund.number, "active": int(fund.active)}
    after = {"name": name, "name_en": name_en, "number": number, "active": int(active)}
    if before != after:
        Fund.update(name=name, name_en=name_en, number=number, active=active).where(Fund.id == fund.id).execute()
        history.record(fund, "change", person, data={"before": before, "after": after})
    return Fund.get_by_id(fund_id)


def _check_fund(fund: Fund | None, name: str, number: str) -> None:
    if not name:
        raise Mistyped(_("Give it a name."), "name")
    if not re.fullmatch(r"[0-9 -]{0,40}", number, re.ASCII):
        raise Mistyped(_("The number of an account has digits only."), "number")
    if Fund.find("name = ? AND id <> ?", name, fund.id if fund else 0):
        raise Mistyped(_("There is one of that name already."), "name")
