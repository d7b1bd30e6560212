"""Products come into the warehouse and leave it by notes, by a stock file, or as a count finds; in no other way (SHF-12)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from portal import access, checks, clock, contents, db, languages, policies, steps
from portal.access import any_of, ecom_director, gm, holders, planner, requester, section_specialist, warehouse
from portal.cases import Case
from portal.contents import Content
from portal.flow import Act, Flow, objection, state, step
from portal.jobs import job
from portal.listings.models import GoodsNote, GoodsNoteLine, Product
from portal.listings.models_goods import WAYS, note_content
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.stock.models import STOCK, Item, levels
from portal.stock.rules import COUNT, count_content, refuse_back_dated, stock_comes, stock_goes
from portal.words import Words, _

KEEPS = any_of(warehouse)
MOST_LINES = 10_000
MOST_QUANTITY = 10_000_000
interval_days = policies.declare(
    "stocktake_interval_days", 2, "ecom_director", _("Products are counted every"), unit=_("days"), minimum=1, maximum=90,
    rule="SHF-12",
)  # fmt: skip


def check_note(person: Person, content: Content) -> None:
    detail = content.detail
    if not KEEPS.allows(access.posts_of(person)):
        raise NotYours(_("Only the warehouse books what comes and goes."))
    if detail["way"] not in WAYS:
        raise Mistyped(_("Choose one of the list."), "way")
    if detail["moved_on"] is None or detail["moved_on"] > clock.today():
        raise Mistyped(_("It cannot have been moved on a day to come."), "moved_on")
    if len(detail.get("reason", "")) > 500 or len(detail.get("slip", "")) > 60:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=500, are=len(detail["reason"])), "reason")
    if not 0 < len(content.lines) <= MOST_LINES:
        raise Mistyped(_("Write at least one line."), "lines")
    least = 0 if detail["way"] == "file" else 1
    if any(line["quantity"] is None or not least <= line["quantity"] <= MOST_QUANTITY for line in content.lines):
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=least, most=MOST_QUANTITY), "lines")
    named = [line["product"].id for line in content.lines]
    if len(named) != len(set(named)):
        raise Mistyped(_("A product stands in it twice."), "lines")


@objection(_("it was moved before the last count"))
def counted_since(act: Act) -> Words | None:
    try:
        refuse_back_dated(_items(act).values(), act.paper.moved_on)
    except Refused as refusal:
        return refusal.why
    return None


@objection(_("more leaves than is there"))
def too_little(act: Act) -> Words | None:
    if act.paper.way != "out":
        return None
    items = _items(act)
    there = levels(items.values())
    for line in act.lines:
        if there[items[line.product_id]].free < line.quantity:
            code = Item.get_by_id(items[line.product_id]).code
            return _("Only %(left)s of %(product)s are there.", left=there[items[line.product_id]].free, product=code)
    return None


def _items(act: Act) -> dict[int, int]:
    """The item of each product on the note."""
    sql = """SELECT p.id, p.item_id FROM goods_note_lines l JOIN products p ON p.id = l.product_id
             WHERE l.case_id = ? AND l.version = ?"""
    return dict(db.rows(sql, act.case.id, act.case.version))


_BOOKED = "UPDATE goods_note_lines SET before = ?, after = ? WHERE id = ?"


def book(act: Act) -> None:
    """Moves each line in order of account; what is sold out comes off the shelf at once, what came may go up again."""
    items = _items(act)
    accounts = dict(db.rows("SELECT i.id, i.account_id FROM items i WHERE i.kind = 'product'"))
    there, why = levels(items.values()), WAYS[act.paper.way]
    came: list[int] = []
    went: list[int] = []
    for line in sorted(act.lines, key=lambda each: accounts[items[each.product_id]]):
        item = items[line.product_id]
        before = there[item].on_hand
        change = {"in": line.quantity, "out": -line.quantity, "file": line.quantity - before}[act.paper.way]
        if change > 0:
            STOCK.put(accounts[item], change, act.case, act.person, why)
        elif change < 0:
            STOCK.cut(accounts[item], -change, act.case, act.person, why)
        (came if change > 0 else went if change < 0 else []).append(item)
        db.run(_BOOKED, before, before + change, line.id)
    GoodsNote.update(booked_at=clock.now()).where(GoodsNote.case == act.case).execute()
    stock_comes(came)
    stock_goes(went)


NOTE = Flow(
    "goods_note",
    state(
        "draft",
        requester,
        step(
            "book", "booked", unless=[counted_since, too_little], then=[book], label=_("Book"), said=_("%(who)s booked it"),
            look="primary", rules=["SHF-11"],
        ),
        step("cancel", "cancelled", who=requester, note=True, look="quiet"),
        editable=True,
    ),
    state("booked", label=_("Booked"), tone="green"),
    state("cancelled"),
    prefix="WN",
    label=_("Warehouse note"),
    detail=GoodsNote,
    lines=GoodsNoteLine,
    reads=(warehouse, section_specialist, planner, ecom_director, gm),
    checks=(check_note,),
    icon="truck",
    about=_("What the warehouse took in or gave out of products; booked at once, never changed afterwards."),
    rules=("SHF-11",),
    begun_by=KEEPS,
)  # fmt: skip


@db.transaction
def bring_stock(person: Person, quantities: Iterable[tuple[Product, int]], token: str, name: str = "") -> Case:
    """A stock file: each product has that many from now on; one note of what differs, booked at once."""
    title = languages.here(_("Stock file %(name)s", name=name))[:120] if name else languages.here(WAYS["file"])
    case = contents.create(NOTE, person, note_content(title, "file", clock.today(), quantities), token)
    return steps.take(person, case.id, "book", (case.state, case.version)) if case.state == NOTE.first else case


# ---- every two days -------------------------------------------------------------------------------------------------

_LAST = """
SELECT MAX(c.frozen_at) FROM counts c JOIN cases k ON k.id = c.case_id WHERE c.kind = 'product' AND k.state <> 'cancelled'
"""
_OPEN = """
SELECT 1 FROM counts c JOIN cases k ON k.id = c.case_id
WHERE c.kind = 'product' AND k.closed_at IS NULL AND k.state <> 'draft' LIMIT 1
"""


def last_count() -> datetime | None:
    """When the list of the last count of products was frozen."""
    (at,) = db.row(_LAST) or (None,)
    return at and db.from_ms(at)


@job("stocktake", every=timedelta(days=1), at=time(7), about=_("Opens the count of products when its day has come"))
def count_by_clock() -> Words | None:
    return _open_count()


@db.transaction
def _open_count() -> Words | None:
    """One at a time; the same again changes nothing. The specialist counts, the warehouse confirms."""
    last, counters = last_count(), holders(section_specialist.key)
    is_due = last is None or clock.local(last).date() <= clock.today() - timedelta(days=interval_days())
    if not is_due or not counters or db.row(_OPEN) or not Item.find("kind = 'product' AND active LIMIT 1"):
        return None
    title = languages.here(_("Count of products, %(day)s", day=clock.today()))
    case = contents.create(
        COUNT, counters[0], count_content(title, counters[0], "product"), secrets.token_urlsafe(18), by_portal=True
    )
    case = steps.take(counters[0], case.id, "begin")
    return _("%(number)s was opened.", number=case.number)


def days_overdue(today: date | None = None) -> int:
    """Days since products should have been counted; 0 while in time, or where none is there."""
    last = last_count()
    if last is None:
        return 0
    due = clock.local(last).date() + timedelta(days=interval_days())
    return max(((today or clock.today()) - due).days, 0)


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every booked line that is not what moved."""
    wrong = """
    SELECT k.number, i.code FROM goods_note_lines l JOIN cases k ON k.id = l.case_id AND l.version = k.version
    JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
    WHERE k.state = 'booked' AND l.after - l.before <>
        COALESCE((SELECT SUM(e.put) FROM entries e WHERE e.case_id = k.id AND e.account_id = i.account_id), 0)
    """
    for number, code in db.rows(wrong):
        yield f"{number}: {code} moved otherwise than it says"
