"""The demo company buys for a year, and everybody who takes part in it finds something to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import access, attachments, db, modules
from portal import clock as portal_clock
from portal.cases import Case, open_tasks
from portal.persons import Person
from portal.purchasing.models_purchases import to_order
from portal.purchasing.models_quotes import Sought, count_ending, quotes, quotes_valid
from portal.stock.models import Item
from portal.supplies.models_reports import running_low
from tests.kept_companies import FOUNDED

pytestmark = [pytest.mark.slow, pytest.mark.no_database]


@pytest.fixture(scope="module")
def bought(demo_company: Callable[[datetime], Path]) -> Iterator[None]:
    folder = demo_company(FOUNDED)
    db.connect(f"sqlite:///{folder}/portal.db")
    attachments.keep_in(folder)
    modules.load()
    yield
    db.disconnect()


@pytest.fixture(autouse=True)
def today(bought: None) -> Iterator[None]:
    with portal_clock.at(FOUNDED):
        yield


def _one(sql: str, *values: Any) -> int:
    return int((db.row(sql, *values) or (0,))[0])


def _states(kind: str) -> Counter[str]:
    return Counter(dict(db.rows("SELECT state, COUNT(*) FROM cases WHERE kind = ? GROUP BY state", kind)))


def test_papers_of_buying_stand_in_every_state() -> None:
    found = {kind: set(_states(kind)) for kind in ("purchase", "order", "supplier_invoice")}

    assert found == {
        "purchase": {"draft", "submitted", "signing", "approved", "ordered", "closed", "cancelled", "rejected"},
        "order": {"draft", "placed", "sent", "partly", "received", "closed", "cancelled"},
        "supplier_invoice": {
            "draft", "differing", "submitted", "signed_first", "signed", "payable", "paid", "posted",
        },
    }  # fmt: skip
    assert _states("order")["closed"] > 40 and _states("supplier_invoice")["posted"] > 40


def test_purchases_nearby_stand_at_every_hand() -> None:
    found = _states("nearby")
    claimed = _one(
        "SELECT COUNT(DISTINCT c.request_id) FROM claims c JOIN cases k ON k.id = c.case_id JOIN cases n ON n.id = c.request_id"
        " WHERE n.kind = 'nearby' AND k.state = 'posted'"
    )

    assert set(found) == {"submitted", "signing", "approved", "bought", "objected", "closed"}
    assert 6 <= claimed == found["closed"]


@pytest.mark.parametrize(
    ("user", "kind", "state"),
    [
        ("suqing", "purchase", "submitted"), ("wangli", "purchase", "submitted"), ("zhoumin", "purchase", "signing"),
        ("wujia", "purchase", "approved"), ("wujia", "order", "placed"), ("wujia", "order", "sent"), ("wujia", "order", "partly"),
        ("sunxiaoyan", "supplier_invoice", "differing"), ("sunxiaoyan", "supplier_invoice", "submitted"),
        ("wangli", "supplier_invoice", "signed_first"), ("caiyu", "supplier_invoice", "signed"),
        ("caiyu", "supplier_invoice", "payable"), ("chenmeiling", "supplier_invoice", "paid"),
        ("wujia", "nearby", "bought"),
    ],
)  # fmt: skip
def test_everybody_who_takes_part_finds_something_to_do(user: str, kind: str, state: str) -> None:
    person = Person.get(Person.user == user)
    posts = access.posts_of(person)

    waiting = [
        case
        for case in Case.where("kind = ? AND state = ?", kind, state)
        if any(task.post in posts and not task.bars(person) for task in open_tasks(case))
    ]

    assert waiting


def test_what_comes_from_suppliers_comes_on_orders() -> None:
    without = _one(
        "SELECT COUNT(*) FROM goods_in g JOIN cases k ON k.id = g.case_id WHERE g.source = 'delivery' AND k.state = 'confirmed'"
    )

    assert without == 0
    assert _one("SELECT COUNT(*) FROM receipts") > 50


def test_the_cheapest_is_ordered_but_where_the_order_says_why_not() -> None:
    placed = "FROM order_lines o JOIN orders r ON r.case_id = o.case_id WHERE r.placed_at IS NOT NULL"
    dearer = db.rows(
        """SELECT o.reason FROM order_lines o JOIN quotes q ON q.id = o.quote_id JOIN quotes c ON c.id = o.cheapest_id
        WHERE q.price * c.per_pack > c.price * q.per_pack"""
    )
    reasons = [reason for (reason,) in dearer]

    assert 2 <= len(reasons) < _one(f"SELECT COUNT(*) {placed}") // 5
    assert all(reasons)


def test_orders_merge_what_several_departments_asked_for() -> None:
    merged = """SELECT COUNT(*) FROM (SELECT o.case_id FROM order_lines o JOIN purchase_lines l ON l.id = o.wanted_id
        JOIN cases k ON k.id = l.case_id GROUP BY o.case_id HAVING COUNT(DISTINCT k.department_id) > 1) merged"""
    to_come = {each.item_id: set[str]() for each in to_order()}
    for each in to_order():
        to_come[each.item_id].add(each.number)

    assert _one(merged) >= 4
    assert any(len(numbers) > 1 for numbers in to_come.values())


def test_applications_are_cut_returned_and_approved_over_budget() -> None:
    cut = _one("SELECT COUNT(*) FROM purchase_lines WHERE granted > 0 AND granted < quantity AND cut_reason <> ''")
    returned = _one(
        "SELECT COUNT(*) FROM events e JOIN cases k ON k.id = e.thing_id WHERE e.thing = 'case' AND e.action = 'return'"
        " AND k.kind = 'purchase' AND k.state = 'closed'"
    )
    marks = {mark for (mark,) in db.rows("SELECT mark FROM cases WHERE kind = 'purchase'")}

    assert cut >= 2 and returned == 1
    assert {"over_budget", "exception"} <= marks


def test_some_deliveries_are_late_partial_not_good_or_never_come() -> None:
    late = "SELECT COUNT(*) FROM orders o JOIN cases k ON k.id = o.case_id WHERE k.state = 'sent' AND o.deliver_by < ?"
    of_orders = "FROM events e JOIN cases k ON k.id = e.thing_id WHERE e.thing = 'case' AND k.kind = 'order'"
    taken = Counter(dict(db.rows(f"SELECT e.action, COUNT(*) {of_orders} GROUP BY e.action")))
    failed = _one("SELECT COUNT(*) FROM receipt_lines WHERE accepted < received AND failure <> ''")

    assert _one(late, FOUNDED.date().isoformat()) == 1
    assert taken["postpone"] == 2 and taken["close_short"] == 1 and taken["call_off"] == 2
    assert failed == 1
    assert _one("SELECT COUNT(*) FROM (SELECT case_id FROM receipts GROUP BY case_id HAVING COUNT(*) > 1) more") >= 3


def test_invoices_that_differ_are_decided_with_a_reason() -> None:
    differing = "FROM supplier_invoices i JOIN cases k ON k.id = i.case_id WHERE i.differs AND i.decision <> ''"
    decided = [state for (state,) in db.rows(f"SELECT k.state {differing}")]
    too_many = _one("SELECT COUNT(*) FROM supplier_invoice_lines WHERE counted < quantity AND payable IS NOT NULL")

    assert len(decided) >= 3 and set(decided) == {"posted"}
    assert too_many >= 1


def test_every_payment_of_an_invoice_has_two_signatures_before_it() -> None:
    signers = db.rows(
        """SELECT f.by_id, s.by_id, i.requester_id FROM cases i JOIN events f ON f.thing = 'case' AND f.thing_id = i.id
        AND f.action = 'sign_first' JOIN events s ON s.thing = 'case' AND s.thing_id = i.id AND s.action = 'sign_second'
        WHERE i.kind = 'supplier_invoice' AND i.state IN ('paid', 'posted')"""
    )
    found = list(signers)

    assert len(found) >= _states("supplier_invoice")["posted"]
    assert all(len(set(each)) == 3 for each in found)


def test_quotes_are_renewed_compared_and_run_out() -> None:
    offers = quotes_valid(item.id for item in Item.where("kind = 'supply'"))
    sellers = Counter(len(found) for found in offers.values())
    states = Counter(each.state for each in quotes(Sought()))

    assert sellers[0] == 1 and sellers[1] >= 4 and sellers[2] > 10 and sellers[3] > 20
    assert states["withdrawn"] == 1 and states["over"] > 200
    assert count_ending() >= 1


def test_prices_of_a_year_move_and_the_cheapest_supplier_changes() -> None:
    ordered = list(
        db.rows(
            """SELECT o.price * 1000 / o.per_pack, r.supplier_id FROM order_lines o JOIN orders r ON r.case_id = o.case_id
            JOIN items i ON i.id = o.item_id WHERE i.code = 'P-203' AND r.placed_at IS NOT NULL ORDER BY r.placed_at"""
        )
    )
    prices, suppliers = {price for price, _supplier in ordered}, {supplier for _price, supplier in ordered}

    assert len(prices) >= 3 and len(suppliers) == 2


def test_a_draw_went_on_when_the_order_was_received_and_others_still_wait() -> None:
    went_on = "SELECT k.state FROM events e JOIN cases k ON k.id = e.thing_id WHERE e.action = 'go_on' AND e.by_id IS NULL"
    recently = list(db.rows(f"{went_on} AND e.at > ?", db.to_ms(FOUNDED - timedelta(days=12))))
    waits_for = {each.item for each in running_low() if each.waiting}

    assert ("received",) in recently
    assert {Item.get_by_id(item).code for item in waits_for} >= {"D-406"}


def test_the_portal_proposes_what_runs_low_once() -> None:
    drafts = Case.where("kind = 'purchase' AND state = 'draft' AND title LIKE ?", "库存不足%")

    assert len(drafts) == 1
