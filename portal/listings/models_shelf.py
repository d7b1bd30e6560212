"""The shelf as pages show it: what a product lacks to go up, the requests that wait, what was agreed to and is not done yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from portal import clock, db
from portal.contents import Content
from portal.listings.models import Product
from portal.persons import Department
from portal.words import Name, Words, _, from_json

PAGE = 50
WAYS: dict[str, Words] = {
    "on": _("Put on the shelf"),
    "off": _("Take off the shelf"),
    "update": _("Show new contents"),
}
TABS: dict[str, tuple[Words, tuple[str, ...]]] = {
    "waiting": (_("To be decided"), ("submitted", "asked_off")),
    "approved": (_("Approved, not done"), ("approved",)),
    "done": (_("Carried out"), ("done",)),
}


def shelf_content(
    title: str, way: str, products: Iterable[Product], reason: str = "", planned_at: datetime | None = None
) -> Content:
    """The contents of a request; it is one of the e-commerce department, where there is one."""
    lines = [{"product": product} for product in products]
    shop = Department.get_or_none(Department.mark == "ecommerce")
    return Content(title, {"way": way, "reason": reason, "planned_at": planned_at}, lines, department=shop)


# ---- what is checked ------------------------------------------------------------------------------------------------


class Ready(NamedTuple):
    """How far a product is ready for the shelf: its live checklist (SHF-07, SHF-16)."""

    product: int
    code: str
    version: int
    is_up: bool
    is_archived: bool
    has_name: bool
    has_description: bool
    has_picture: bool
    has_price: bool  # published
    is_price_agreed: bool  # published, or agreed to and waiting to be
    has_stock: bool
    is_vouched: bool

    @property
    def checklist(self) -> list[tuple[bool, Words]]:
        """What is looked for, and whether it is there."""
        return [
            (self.has_name and self.has_description, _("Name and description")),
            (self.has_picture, _("Picture")),
            (self.is_price_agreed, _("Price agreed to")),
            (self.has_price, _("Price published")),
            (self.has_stock, _("Some on hand")),
            (self.is_vouched, _("Vouched for")),
        ]

    @property
    def missing(self) -> list[Words]:
        return [words for is_there, words in self.checklist if not is_there]

    def lacks(self, at_last: bool = False) -> Words | None:
        """What is missing to ask for the shelf, or `at_last` to go up: the first thing, as a sentence."""
        needs: list[tuple[bool, Words]] = [
            (not self.is_archived, _("%(product)s is archived.", product=self.code)),
            (self.has_name and self.has_description, _("%(product)s has no name or no description.", product=self.code)),
            (self.has_picture, _("%(product)s has no picture.", product=self.code)),
            (self.is_price_agreed, _("%(product)s has no price that is agreed to.", product=self.code)),
            (self.has_stock, _("%(product)s is out of stock.", product=self.code)),
        ]
        if at_last:
            needs += [
                (self.has_price, _("The price of %(product)s is not published yet.", product=self.code)),
                (self.is_vouched, _("Nobody has vouched that what is said of %(product)s is right.", product=self.code)),
            ]
        return next((why for holds, why in needs if not holds), None)


_READY = """
SELECT p.id, i.code, p.version, p.up_at IS NOT NULL, p.is_archived, c.name <> '', c.description <> '',
    EXISTS (SELECT 1 FROM content_files f JOIN attachments t ON t.id = f.attachment_id WHERE f.content_id = c.id
        AND t.type LIKE 'image/%%' AND t.removed_at IS NULL),
    EXISTS (SELECT 1 FROM prices r WHERE r.product_id = p.id),
    EXISTS (SELECT 1 FROM open_proposals o JOIN cases k ON k.id = o.case_id WHERE o.product_id = p.id AND k.state = 'approved'),
    a.put - a.taken > 0, COALESCE(p.checked_version = p.version, FALSE)
FROM products p JOIN items i ON i.id = p.item_id JOIN accounts a ON a.id = i.account_id
JOIN product_contents c ON c.product_id = p.id AND c.n = p.version WHERE p.id IN (%s)
"""


def readiness(product_ids: Iterable[int]) -> dict[int, Ready]:
    """The checklist of these products, read now in one statement."""
    chosen = sorted(set(product_ids))
    found = db.rows((_READY % db.marks(chosen)).replace("%%", "%"), *chosen) if chosen else []
    ready = {}
    for product, code, version, up, archived, name, told, picture, price, agreed, stock, vouched in found:
        flags = map(bool, (up, archived, name, told, picture, price, price or agreed, stock, vouched))
        ready[product] = Ready(product, code, version, *flags)
    return ready


# ---- requests -------------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A line of a request as it is shown, with the checklist of the moment."""

    id: int
    product: int
    code: str
    name: Name
    content: int | None
    left_because: Words | None
    done_at: datetime | None
    ready: Ready


_LINES = """
SELECT l.id, l.product_id, i.code, i.name, i.name_en, l.content, l.left_because, l.done_at FROM shelf_lines l
JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
WHERE l.case_id = ? AND l.version = ? AND l.n > ? ORDER BY l.n LIMIT ?
"""


def lines_asked(case_id: int, version: int, after: int = 0, limit: int = PAGE) -> list[Asked]:
    """The lines of a request, a page at a time."""
    found = db.rows(_LINES, case_id, version, after, limit)
    ready = readiness(row[1] for row in found)
    return [
        Asked(line, product, code, Name(name, name_en), content, from_json(left) if left else None,
              done and db.from_ms(done), ready[product])
        for line, product, code, name, name_en, content, left, done in found
    ]  # fmt: skip


class Request(NamedTuple):
    """A request in a list; `since`: the moment it came into its state."""

    case: int
    number: str
    title: str
    way: str
    reason: str
    state: str
    who: Name
    lines: int
    planned_at: datetime | None
    since: datetime

    @property
    def hours(self) -> int:
        return int((clock.now() - self.since).total_seconds() // 3600)


_REQUESTS = """
SELECT k.id, k.number, k.title, s.way, s.reason, k.state, p.name, p.name_en,
    (SELECT COUNT(*) FROM shelf_lines l WHERE l.case_id = k.id AND l.version = k.version), s.planned_at,
    (SELECT MAX(e.at) FROM events e WHERE e.thing = 'case' AND e.thing_id = k.id AND e.after = k.state AND e.before <> e.after)
FROM cases k JOIN shelf_requests s ON s.case_id = k.id JOIN persons p ON p.id = k.requester_id
WHERE k.kind = 'shelf_request' AND k.state IN (%s) AND k.id < ? ORDER BY k.id DESC LIMIT ?
"""


def requests(states: Iterable[str], before: int | None = None, limit: int = PAGE + 1) -> list[Request]:
    """The requests in these states, newest first."""
    chosen = list(states)
    found: list[tuple[Any, ...]] = db.rows(_REQUESTS % db.marks(chosen), *chosen, before or 2**62, limit)
    return [
        Request(case, number or "", title, way, reason, state, Name(name, name_en), lines, planned and db.from_ms(planned),
                db.from_ms(since))
        for case, number, title, way, reason, state, name, name_en, lines, planned, since in found
    ]  # fmt: skip
