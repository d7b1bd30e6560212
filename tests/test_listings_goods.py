"""Stock of products: notes of the warehouse, the stock file, and the count every two days (SHF-03, SHF-11, SHF-12)."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from functools import partial
from html import unescape

import pytest

from portal import clock as now
from portal import contents, db, ledger, steps
from portal.cases import Case
from portal.flow import FLOWS
from portal.imports import Row
from portal.listings import rules_goods, rules_shown
from portal.listings.models import Product
from portal.listings.models_goods import note_content
from portal.listings.rules_goods import bring_stock, count_by_clock, days_overdue
from portal.listings.rules_stock_files import preview_stock
from portal.refused import Mistyped, NotYours, Refused
from portal.stock import rules_counts
from portal.stock.models import levels
from portal.stock.rules import tally
from portal.stock.rules_counts import Findings, found_in
from tests import posts, shelf, shop
from tests.at_once import at_once
from tests.cast import Cast
from tests.test_spending_pages import everybody_reads_english  # noqa: F401


@pytest.fixture(autouse=True)
def forms_without_tokens(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app").config["WTF_CSRF_ENABLED"] = False


def note(cast: Cast, way: str, quantities: dict[str, int], by: str = "kun") -> Case:
    lines = [(shop.draft(cast, code), quantity) for code, quantity in quantities.items()]
    content = note_content("Note", way, now.today(), lines)
    return contents.create(FLOWS["goods_note"], shop.staff(cast, by), content, f"note {Case.select().count()}")


def on_hand(product: Product) -> int:
    return levels([product.item_id])[product.item_id].on_hand


def _books() -> list[str]:
    """What the checks find wrong with stock, notes and the shelf."""
    return [*ledger.verify(), *rules_counts.verify(), *rules_goods.verify(), *rules_shown.verify()]


def test_a_receipt_and_an_issue_move_the_stock_once(cast: Cast) -> None:
    product, kun = shop.draft(cast), shop.staff(cast, "kun")
    case = note(cast, "in", {"CUP": 5})
    steps.take(kun, case.id, "book", (case.state, case.version))
    with pytest.raises(Refused):
        steps.take(kun, case.id, "book", (case.state, case.version))
    out = note(cast, "out", {"CUP": 2})
    steps.take(kun, out.id, "book")

    assert on_hand(product) == 3 and _books() == []


def test_more_than_is_there_does_not_leave(cast: Cast) -> None:
    product = shop.draft(cast)
    shelf.put(product.item, 3)
    case = note(cast, "out", {"CUP": 4})

    with pytest.raises(Refused, match="Only 3"):
        steps.take(shop.staff(cast, "kun"), case.id, "book")

    assert on_hand(product) == 3


def test_only_the_warehouse_books(cast: Cast) -> None:
    shop.draft(cast)

    with pytest.raises(NotYours):
        note(cast, "in", {"CUP": 5}, by="shu")


def test_shf_03_the_last_piece_out_takes_the_product_off_at_once(cast: Cast) -> None:
    product = shop.on_shelf(cast, on_hand=2)

    steps.take(shop.staff(cast, "kun"), note(cast, "out", {"CUP": 2}).id, "book")

    product = Product.get_by_id(product.id)
    assert (product.up_at, product.off_kind) == (None, "normal")


def test_a_stock_file_is_looked_at_then_booked_as_one_note(cast: Cast, client) -> None:
    cup, hat = shop.on_shelf(cast, "CUP", on_hand=5), shop.draft(cast, "HAT")
    kun = client(shop.staff(cast, "kun"))
    table = "SKU,Quantity\nCUP,0\nhat,7\n"

    seen = kun.post("/products/stock", data={"file": (io.BytesIO(table.encode()), "stock.csv")})
    assert seen.status_code == 200 and "Come to 0" in seen.text and on_hand(cup) == 5
    kept = {name: unescape(value) for name, value in re.findall(r'name="(token|name|rows)" value="([^"]*)"', seen.text)}
    assert kun.post("/products/stock/confirm", data=kept).status_code == 303
    assert kun.post("/products/stock/confirm", data=kept).status_code == 303  # sent twice

    assert (on_hand(cup), on_hand(hat)) == (0, 7)
    assert Product.get_by_id(cup.id).off_kind == "normal" and Case.select().where(Case.kind == "goods_note").count() == 1


def test_a_stock_file_with_a_mistake_books_nothing(cast: Cast, client) -> None:
    cup = shop.draft(cast, "CUP")
    table = "SKU,Quantity\nCUP,3\nNONE,1\nCUP,4\n,5\nCUP2,-1\n"

    seen = client(shop.staff(cast, "kun")).post("/products/stock", data={"file": (io.BytesIO(table.encode()), "stock.csv")})

    assert seen.status_code == 422 and "no product with this SKU" in seen.text and "stood in a row before" in seen.text
    assert on_hand(cup) == 0


def test_shf_12_every_two_days_a_count_is_opened_once_and_the_warehouse_confirms_it(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    product = shop.ready(cast, on_hand=10)
    count_by_clock.work()
    count_by_clock.work()
    case = Case.get(Case.kind == "count")
    shu, kun = shop.staff(cast, "shu"), shop.staff(cast, "kun")
    line = found_in(case)[0].line
    tally(shu, case.id, line.id, 8)
    case = steps.take(shu, case.id, "hand_in")
    assert case.state == "confirming"
    posts.cannot(shu, case, "verify", given=Findings())

    steps.take(kun, case.id, "verify", given=Findings(reasons={line.id: "broken"}))

    assert on_hand(product) == 8 and Case.get_by_id(case.id).state == "closed" and _books() == []
    assert count_by_clock.work() is None
    clock.forward(days=2)
    assert count_by_clock.work() is not None


def test_a_count_that_is_late_is_told(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    shop.ready(cast)
    assert days_overdue() == 0
    count_by_clock.work()

    clock.forward(days=5)

    assert days_overdue() == 3


def test_a_count_that_finds_nothing_takes_the_product_off_at_once(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    product = shop.on_shelf(cast, on_hand=1)
    count_by_clock.work()
    case = Case.get(Case.kind == "count")
    line = found_in(case)[0].line
    tally(shop.staff(cast, "shu"), case.id, line.id, 0)
    steps.take(shop.staff(cast, "shu"), case.id, "hand_in")

    steps.take(shop.staff(cast, "kun"), case.id, "verify", given=Findings(reasons={line.id: "gone"}))

    assert Product.get_by_id(product.id).off_kind == "normal"


def test_who_counts_does_not_learn_the_figure_from_a_note_nor_from_a_stock_file(cast: Cast, client) -> None:
    shop.draft(cast, "CUP")
    booked = steps.take(shop.staff(cast, "kun"), note(cast, "in", {"CUP": 4711}).id, "book")
    posts.grant(shop.staff(cast, "shu"), "warehouse")
    count_by_clock.work()
    counter, other = client(shop.staff(cast, "shu")), client(shop.staff(cast, "pan"))

    page = counter.get(f"/papers/{booked.id}").text
    preview = counter.post("/products/stock", data={"file": (io.BytesIO(b"SKU,Quantity\nCUP,1\n"), "stock.csv")}).text

    assert "being counted" in page and "being counted" in preview and "4711" not in preview and "4,711" not in preview
    assert (
        page.count("4,711") == 1 and other.get(f"/papers/{booked.id}").text.count("4,711") == 2
    )  # the quantity, and what is there


def test_two_notes_at_once_never_take_more_than_is_there(cast: Cast) -> None:
    product = shop.ready(cast, "CUP", on_hand=10)
    first, second = note(cast, "out", {"CUP": 7}), note(cast, "out", {"CUP": 7})
    kun = shop.staff(cast, "kun")

    answers = at_once(*(partial(steps.take, kun, each.id, "book") for each in (first, second)))

    assert on_hand(product) == 3 and sum(isinstance(each, Refused) for each in answers) == 1 and _books() == []


def test_what_leaves_while_it_is_counted_is_no_difference(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    product = shop.ready(cast, "CUP", on_hand=10)
    count_by_clock.work()
    case, shu, kun = Case.get(Case.kind == "count"), shop.staff(cast, "shu"), shop.staff(cast, "kun")
    steps.take(kun, note(cast, "out", {"CUP": 3}).id, "book")
    line = found_in(case)[0].line
    clock.forward(hours=1)
    tally(shu, case.id, line.id, 7)
    clock.forward(hours=1)
    steps.take(kun, note(cast, "in", {"CUP": 5}).id, "book")
    steps.take(shu, case.id, "hand_in")
    found = found_in(case)[0]

    steps.take(kun, case.id, "verify", given=Findings(found.proposed(), seen=found.movements[-1].entry))

    assert on_hand(product) == 12 and _books() == []


def test_a_note_of_a_day_before_the_last_count_is_not_booked(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    shop.ready(cast, "CUP", on_hand=10)
    count_by_clock.work()
    case, shu = Case.get(Case.kind == "count"), shop.staff(cast, "shu")
    tally(shu, case.id, found_in(case)[0].line.id, 10)
    steps.take(shu, case.id, "hand_in")
    steps.take(shop.staff(cast, "kun"), case.id, "verify", given=Findings())
    content = note_content("Late", "in", now.today() - timedelta(days=1), [(shop.draft(cast, "CUP"), 5)])
    late = contents.create(FLOWS["goods_note"], shop.staff(cast, "kun"), content, "a late note")

    with pytest.raises(Refused, match="was counted on"):
        steps.take(shop.staff(cast, "kun"), late.id, "book")


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "told", "field"),
    [
        ([("CUP", 1)], {"way": "up"}, "way"),
        ([("CUP", 1)], {"moved_on": None}, "moved_on"),
        ([("CUP", 1)], {"moved_on": date(2090, 1, 1)}, "moved_on"),
        ([("CUP", 1)], {"reason": "x" * 501}, "reason"),
        ([("CUP", 1)], {"slip": "x" * 61}, "reason"),
        ([], {}, "lines"),
        ([("CUP", 1), ("HAT", 1), ("BAG", 1)], {}, "lines"),
        ([("CUP", 0)], {}, "lines"),
        ([("CUP", None)], {}, "lines"),
        ([("CUP", -1)], {"way": "file"}, "lines"),
        ([("CUP", 10_000_001)], {}, "lines"),
        ([("CUP", 1), ("CUP", 2)], {}, "lines"),
    ],
)
def test_what_cannot_be_a_note_is_refused_however_it_comes_about(cast: Cast, monkeypatch, lines, told, field) -> None:
    monkeypatch.setattr(rules_goods, "MOST_LINES", 2)
    whole = {"way": "in", "moved_on": now.today(), "reason": "", "slip": ""} | told
    content = note_content("Note", lines=[(shop.draft(cast, code), quantity) for code, quantity in lines], **whole)

    with pytest.raises(Mistyped) as refused:
        contents.create(FLOWS["goods_note"], shop.staff(cast, "kun"), content, "a note of the test")

    assert refused.value.field == field


def test_a_booked_note_that_says_otherwise_than_what_moved_is_found(cast: Cast) -> None:
    case = note(cast, "in", {"CUP": 5})
    steps.take(shop.staff(cast, "kun"), case.id, "book")
    assert _books() == []

    db.run("UPDATE goods_note_lines SET after = 7 WHERE case_id = ?", case.id)

    assert _books() == [f"{Case.get_by_id(case.id).number}: CUP moved otherwise than it says"]


def test_the_stock_file_takes_whole_numbers_of_known_products_once(cast: Cast) -> None:
    shop.draft(cast, "CUP")
    shop.draft(cast, "HAT")
    rows = [Row(n, {"code": code, "quantity": quantity}) for n, (code, quantity) in enumerate(
        (("CUP", "5"), ("cup", "6"), ("NONE", "1"), ("HAT", "-1"), ("HAT", "1.5"), ("HAT", "10000001")), 2)]  # fmt: skip

    differing, same, errors = preview_stock(rows)
    refused = [preview_stock([row])[2] for row in rows[3:]]

    assert [(each.code, each.after) for each in differing] == [("CUP", 5)] and same == 0
    assert [(error.row, error.field) for error in errors[:2]] == [(3, "code"), (4, "code")]
    assert [error.field for errors in refused for error in errors] == ["quantity"] * 3


def test_a_stock_file_that_was_brought_once_is_not_booked_again(cast: Cast) -> None:
    product, kun = shop.draft(cast), shop.staff(cast, "kun")

    first, again = (bring_stock(kun, [(product, quantity)], "a-token-of-a-file") for quantity in (5, 5))

    assert first == again and on_hand(product) == 5


def test_a_count_is_opened_only_when_it_is_due_and_somebody_counts(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    shop.staff(cast, "shu")
    assert count_by_clock.work() is None  # nothing is there
    shop.ready(cast)
    posts.take_away(shop.staff(cast, "shu"), "section_specialist")
    assert count_by_clock.work() is None
    posts.grant(shop.staff(cast, "shu"), "section_specialist")

    assert count_by_clock.work() is not None
    clock.forward(days=9)
    assert count_by_clock.work() is None  # the last one is still open
