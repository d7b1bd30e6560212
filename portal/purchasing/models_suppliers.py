"""Suppliers as their pages show them: who they are, whom one speaks to there, what they deliver, and what was changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from portal import access, clock, db
from portal.cases import Case
from portal.purchasing.models import Order, SupplierContact
from portal.purchasing.models_quotes import as_stored, like
from portal.refused import Mistyped
from portal.stock.models import ItemCategory
from portal.words import Name, Words, _, data_from_json

PARTS: dict[str, Words] = {  # what is told of a supplier, in the order of lists, exports and imports
    "name": _("Name"), "contact": _("Contact"), "phone": _("Phone"), "email": _("Email"), "address": _("Address"),
    "categories": _("Categories"), "note": _("Note"), "active": _("In use"),
}  # fmt: skip
BETWEEN = "、"  # stands between the categories of a supplier


# ---- lists ----------------------------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """A supplier as a list shows it; `quotes` is how many of its quotes are valid today."""

    id: int
    name: str
    contact: str
    phone: str
    email: str
    address: str
    note: str
    active: bool
    quotes: int
    categories: list[Name]


_LISTED = """
SELECT s.id, s.name, s.contact, s.phone, s.email, s.address, s.note, s.active,
    (SELECT COUNT(*) FROM quotes q
        WHERE q.supplier_id = s.id AND q.withdrawn_at IS NULL AND q.valid_from <= ? AND q.valid_until >= ?)
FROM suppliers s WHERE 1 = 1
"""
_HAS = """
AND (LOWER(s.name || ' ' || s.contact || ' ' || s.phone || ' ' || s.email || ' ' || s.address || ' ' || s.note) LIKE ? ESCAPE '!'
    OR EXISTS (SELECT 1 FROM supplier_contacts c WHERE c.supplier_id = s.id
        AND LOWER(c.name || ' ' || c.post || ' ' || c.phone || ' ' || c.email) LIKE ? ESCAPE '!'))
"""
_DELIVERS = "AND EXISTS (SELECT 1 FROM supplier_categories k WHERE k.supplier_id = s.id AND k.category_id = ?)"


def suppliers(
    words: str = "", category_id: int | None = None, active: bool | None = True, after: int | None = None, limit: int = 10_000
) -> list[Listed]:
    """In order of their names: those of which every word is found on them or their contacts, that deliver a category, in use
    (None: all). `after` is the id of the last one shown."""
    today = as_stored(clock.today())
    sql, values = [_LISTED], [today, today]
    for word in words.split()[:8]:
        sql.append(_HAS)
        values += [like(word)] * 2
    for condition, value in (
        (_DELIVERS, category_id),
        ("AND s.active = ?", active),
        ("AND s.name > (SELECT name FROM suppliers WHERE id = ?)", after),
    ):
        if value is not None:
            sql.append(condition)
            values.append(value)
    found = db.rows(" ".join([*sql, "ORDER BY s.name LIMIT ?"]), *values, limit)
    delivered = categories_of(row[0] for row in found)
    return [_listed(row, delivered.get(row[0], [])) for row in found]


def _listed(row: tuple[Any, ...], categories: list[Name]) -> Listed:
    *told, active, quotes = row
    return Listed(*told, bool(active), quotes, categories)  # type: ignore[call-arg]


def categories_of(supplier_ids: Iterable[int]) -> dict[int, list[Name]]:
    """What these suppliers deliver, in order of the names."""
    chosen, found = sorted(set(supplier_ids)), dict[int, list[Name]]()
    if chosen:
        sql = f"""SELECT k.supplier_id, c.name, c.name_en FROM supplier_categories k
                  JOIN item_categories c ON c.id = k.category_id WHERE k.supplier_id IN ({db.marks(chosen)}) ORDER BY c.name"""
        for supplier, name, name_en in db.rows(sql, *chosen):
            found.setdefault(supplier, []).append(Name(name, name_en))
    return found


def delivered_by(supplier_id: int) -> list[ItemCategory]:
    return ItemCategory.where(
        "id IN (SELECT category_id FROM supplier_categories WHERE supplier_id = ?) ORDER BY name", supplier_id
    )


# ---- contacts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spoken:
    """Whom one speaks to at a supplier, as it is typed."""

    name: str
    post: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""

    def check(self) -> None:
        """Raises Mistyped for what no contact can be."""
        if not self.name:
            raise Mistyped(_("Give it a name."), "name")
        if not (self.phone or self.email):
            raise Mistyped(_("Write a telephone number or an e-mail address: how else is one to reach them?"), "phone")
        for name in self.told():
            most = SupplierContact._meta.fields[name].max_length
            if len(getattr(self, name)) > most:
                why = _("At most %(most)s characters; these are %(are)s.", most=most, are=len(getattr(self, name)))
                raise Mistyped(why, name)

    def told(self) -> dict[str, str]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


def spoken(contact: SupplierContact) -> Spoken:
    return Spoken(**{each.name: getattr(contact, each.name) for each in fields(Spoken)})


def contacts_of(supplier_id: int) -> list[SupplierContact]:
    """Those beside the one that stands on the supplier itself, as they were entered."""
    return SupplierContact.where("supplier_id = ? ORDER BY id", supplier_id)


# ---- its orders -----------------------------------------------------------------------------------------------------


def orders_of(supplier_id: int, posts: Iterable[str], limit: int = 20) -> list[Order]:
    """The last orders to the supplier that these posts may read, newest first; without drafts."""
    found = Order.select(Order, Case).join(Case).where(Order.supplier == supplier_id, Case.number.is_null(False))
    return list(found.where(access.visible_to(posts)).order_by(Case.id.desc()).limit(limit))


# ---- what was changed -----------------------------------------------------------------------------------------------

SAID: dict[str, Words] = {
    "add": _("%(who)s entered the supplier"),
    "change": _("%(who)s changed its entry"),
    "contact": _("%(who)s entered the contact %(contact)s"),
    "change_contact": _("%(who)s changed the contact %(contact)s"),
    "remove_contact": _("%(who)s removed the contact %(contact)s"),
    "account": _("%(who)s changed the payment account"),
}
LABELS = PARTS | {"post": _("Position")}


class Told(NamedTuple):
    """An event of a supplier in words, with what it changed: (label, before, after)."""

    sentence: Words
    at: datetime
    changes: list[tuple[Words, Any, Any]]


_EVENTS = """
SELECT e.action, e.at, e.data, p.name, p.name_en FROM events e JOIN persons p ON p.id = e.by_id
WHERE e.thing = 'supplier' AND e.thing_id = ? ORDER BY e.n DESC LIMIT ?
"""


def told(supplier_id: int, limit: int = 50) -> list[Told]:
    """What happened to the entry of the supplier, newest first."""
    found = []
    for action, at, data, name, name_en in db.rows(_EVENTS, supplier_id, limit):
        facts = data_from_json(data)
        sentence = SAID.get(action, _("%(who)s: %(action)s"))
        values = {"who": Name(name, name_en), "action": action, "contact": facts.get("contact", "")}
        found.append(Told(sentence.having(**values), db.from_ms(at), _changes(facts)))
    return found


def _changes(facts: dict[str, Any]) -> list[tuple[Words, Any, Any]]:
    before, after = facts.get("before"), facts.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [(LABELS[name], _shown(name, before.get(name)), _shown(name, after[name])) for name in after if name in LABELS]


def _shown(name: str, value: Any) -> Any:
    if name == "active":
        return _("Yes") if value else _("No")
    return "–" if value in (None, "") else value
