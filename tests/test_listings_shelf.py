"""The shelf: asked for, agreed to, put up now or at a planned time, taken off for a reason, and back (SHF-01 to SHF-14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import access, contents, db, steps
from portal import clock as now
from portal.cases import Case
from portal.flow import FLOWS
from portal.inbox import models as inbox
from portal.listings import rules_arrangements as arranging
from portal.listings import rules_shelf, rules_shown
from portal.listings.models import Product, ShelfLine
from portal.listings.models_shelf import readiness, shelf_content
from portal.listings.models_shown import IS_UP
from portal.listings.rules_products import write_content
from portal.listings.rules_shelf import ask_back
from portal.listings.rules_shown import put_up, show, take_off
from portal.refused import Mistyped, NotYours, Refused
from tests import posts, shelf, shop
from tests.cast import Cast


@pytest.fixture(autouse=True)
def forms_without_tokens(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app").config["WTF_CSRF_ENABLED"] = False


def is_up(product: Product) -> bool:
    of_item = "JOIN items i ON i.id = p.item_id JOIN accounts a ON a.id = i.account_id"
    return db.row(f"SELECT 1 FROM products p {of_item} WHERE p.id = ? AND {IS_UP}", product.id, db.to_ms(now.now())) is not None


def decided(cast: Cast, case: Case, *more: tuple[str, str]) -> Case:
    for person, name in (("shu", "submit"), ("dee", "approve"), *more):
        who = case.requester if name == "submit" else shop.staff(cast, person)
        case = steps.take(who, case.id, name)
    return case


def test_shf_01_planner_and_specialist_may_ask_and_nobody_else(cast: Cast) -> None:
    product = shop.ready(cast)
    for user in ("pan", "shu"):
        contents.create(FLOWS["shelf_request"], shop.staff(cast, user), shelf_content("Up", "on", [product]), f"by {user}")

    with pytest.raises(NotYours):
        contents.create(FLOWS["shelf_request"], shop.staff(cast, "yao"), shelf_content("Up", "on", [product]), "by yao")


@pytest.mark.parametrize(("lacking", "why"), [("picture", "no picture"), ("price", "no price"), ("stock", "out of stock")])
def test_shf_07_what_lacks_something_cannot_be_asked_for(cast: Cast, lacking: str, why: str) -> None:
    product = shop.draft(cast) if lacking == "picture" else shop.described(cast)
    if lacking == "stock":
        shop.priced(cast)
    if lacking != "stock":
        shelf.put(product.item, 3)
    case = shop.request(cast, "CUP")

    with pytest.raises(Refused, match=why):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_shf_07_a_price_that_waits_for_the_director_is_none(cast: Cast) -> None:
    shelf.put(shop.described(cast).item, 3)
    steps.take(shop.staff(cast, "pan"), shop.proposal(cast, {"CUP": 100}).id, "submit")

    with pytest.raises(Refused, match="no price that is agreed"):
        steps.take(shop.staff(cast, "shu"), shop.request(cast, "CUP").id, "submit")


def test_shf_07_the_price_must_be_published_and_the_contents_vouched_for_at_the_latest_when_it_goes_up(cast: Cast) -> None:
    product = shop.described(cast)
    shelf.put(product.item, 3)
    proposal = shop.proposal(cast, {"CUP": 100})
    steps.take(shop.staff(cast, "pan"), proposal.id, "submit")
    steps.take(shop.staff(cast, "dee"), proposal.id, "approve")
    case = decided(cast, shop.request(cast, "CUP"))
    with pytest.raises(Refused, match="not published yet"):
        steps.take(shop.staff(cast, "shu"), case.id, "put_up")

    steps.take(shop.staff(cast, "shu"), proposal.id, "publish")
    Product.update(checked_version=None, checked_at=None, checked_by=None).execute()
    with pytest.raises(Refused, match="vouched"):
        steps.take(shop.staff(cast, "shu"), case.id, "put_up")


def test_who_asked_never_agrees(cast: Cast) -> None:
    dee = shop.staff(cast, "dee")
    shop.ready(cast)
    posts.grant(dee, "section_specialist")
    case = shop.request(cast, "CUP", by="dee")
    case = steps.take(dee, case.id, "submit")

    posts.cannot(dee, case, "approve")


def test_shf_14_at_a_planned_time_it_goes_up_by_the_clock_alone(cast: Cast, clock) -> None:
    clock.set("2026-03-02 09:00")
    product = shop.ready(cast)
    case = shop.request(cast, "CUP", by="pan", planned_at=now.now() + timedelta(days=2))
    case = decided(cast, case, ("shu", "put_up"))
    assert not is_up(product)

    clock.forward(days=2)

    assert is_up(product)


def test_shf_14_only_the_planner_plans_the_time(cast: Cast) -> None:
    shop.ready(cast)

    with pytest.raises(Mistyped, match="planner"):
        shop.request(cast, "CUP", by="shu", planned_at=now.now() + timedelta(days=2))


@pytest.mark.parametrize("way", ["off", "update"])
def test_shf_14_only_what_goes_up_is_planned(cast: Cast, way: str) -> None:
    """A moment that nothing would wait for is refused, not passed over."""
    shop.on_shelf(cast, "CUP")

    with pytest.raises(Mistyped, match="as soon as"):
        shop.request(cast, "CUP", way=way, by="pan", reason="broken", planned_at=now.now() + timedelta(days=1))


def test_what_is_sold_out_before_its_planned_time_does_not_go_up(cast: Cast, clock) -> None:
    from tests.test_listings_core import sell

    clock.set("2026-03-02 09:00")
    product = shop.ready(cast, on_hand=1)
    decided(cast, shop.request(cast, "CUP", by="pan", planned_at=now.now() + timedelta(days=2)), ("shu", "put_up"))
    sell(product, 1)
    shelf.put(product.item, 5)

    clock.forward(days=3)

    assert not is_up(product)


def test_shf_04_to_06_off_for_a_reason_needs_consent_and_the_specialist(cast: Cast) -> None:
    product = shop.on_shelf(cast)
    with pytest.raises(Refused, match="Say why"):
        steps.take(shop.staff(cast, "shu"), shop.request(cast, "CUP", way="off").id, "submit")
    case = shop.request(cast, "CUP", way="off", reason="recalled by its maker")
    case = steps.take(shop.staff(cast, "shu"), case.id, "submit")
    assert is_up(product)

    steps.take(shop.staff(cast, "dee"), case.id, "approve")
    posts.cannot(shop.staff(cast, "pan"), Case.get_by_id(case.id), "take_off")
    steps.take(shop.staff(cast, "shu"), case.id, "take_off")

    product = Product.get_by_id(product.id)
    assert (product.off_kind, product.off_reason, is_up(product)) == ("abnormal", "recalled by its maker", False)


def test_shf_05_the_head_of_the_department_may_agree_to_taking_off(cast: Cast) -> None:
    shop.on_shelf(cast)
    head = cast.bo
    posts.grant(head, "dept_manager", cast.department("E-commerce"))
    case = shop.request(cast, "CUP", way="off", reason="recalled")
    case = steps.take(shop.staff(cast, "shu"), case.id, "submit")

    assert steps.take(head, case.id, "approve").state == "approved"


def test_shf_05_a_director_who_heads_the_department_has_it_on_the_desk_once(cast: Cast) -> None:
    shop.on_shelf(cast)
    dee = shop.staff(cast, "dee")
    posts.grant(dee, "dept_manager", cast.department("E-commerce"))
    case = shop.request(cast, "CUP", way="off", reason="recalled")
    case = steps.take(shop.staff(cast, "shu"), case.id, "submit")
    held = access.posts_of(dee)

    assert [row.case for row in inbox.waiting(dee, held)] == [case.id]
    assert inbox.counts(dee, held)["waiting"] == 1
    assert steps.take(dee, case.id, "approve").state == "approved"
    assert inbox.waiting(dee, held) == []


def test_a_product_stands_in_one_open_request_and_the_second_points_to_it(cast: Cast) -> None:
    shop.ready(cast)
    shu = shop.staff(cast, "shu")
    first, second = shop.request(cast, "CUP"), shop.request(cast, "CUP")
    first = steps.take(shu, first.id, "submit")

    with pytest.raises(Refused, match=first.number):
        steps.take(shu, second.id, "submit")
    steps.take(shop.staff(cast, "dee"), first.id, "reject", note="not now")
    assert steps.take(shu, second.id, "submit").state == "submitted"


def test_what_cannot_go_up_any_more_is_left_out_and_says_why(cast: Cast) -> None:
    from tests.test_listings_core import sell

    cup, hat = shop.ready(cast, "CUP"), shop.ready(cast, "HAT")
    case = decided(cast, shop.request(cast, "CUP", "HAT"))
    sell(hat, 10)

    steps.take(shop.staff(cast, "shu"), case.id, "put_up")

    assert is_up(cup) and not is_up(hat)
    assert "out of stock" in ShelfLine.get(ShelfLine.case == case, ShelfLine.product == hat).left_because


def test_new_contents_of_what_is_on_the_shelf_are_shown_only_when_agreed_to(cast: Cast) -> None:
    from portal.listings.rules_products import vouch

    product, shu = shop.on_shelf(cast), shop.staff(cast, "shu")
    shown = product.shown_version
    product = write_content(shu, product.id, product.version, {"description": "better"})
    product = vouch(shu, product.id, product.version)
    assert Product.get_by_id(product.id).shown_version == shown

    decided(cast, shop.request(cast, "CUP", way="update"), ("shu", "update"))

    assert Product.get_by_id(product.id).shown_version == product.version


def test_restocked_goods_ask_for_the_shelf_again_with_one_click(cast: Cast, client) -> None:
    from tests.test_listings_core import sell

    product = shop.on_shelf(cast, on_hand=1)
    sell(product, 1)
    shelf.put(product.item, 5)
    browser = client(shop.staff(cast, "shu"))
    assert "Picture" in browser.get(f"/products/{product.id}/back").text

    answer = browser.post(f"/products/{product.id}/back", data={"token": "a-token-of-the-form"})

    case = Case.get(Case.token == "a-token-of-the-form")
    assert answer.status_code == 303 and case.state == "submitted" and not is_up(product)


def test_what_is_not_ready_leaves_no_draft_behind(cast: Cast) -> None:
    product = shop.draft(cast)

    with pytest.raises(Refused):
        ask_back(shop.staff(cast, "shu"), product, "a-token-of-the-form")

    assert not Case.select().where(Case.kind == "shelf_request").exists()


def test_a_planner_asks_by_the_form_and_plans_the_time(cast: Cast, client) -> None:
    product = shop.ready(cast)
    typed = {
        "title": "Up", "way": "on", "planned_at": "2090-01-02T09:30", "lines-0-code": "cup", "token": "a-token-of-the-form",
        "version": "0", "do": "submit",
    }  # fmt: skip
    browser = client(shop.staff(cast, "pan"))

    browser.post("/papers/new/shelf_request", data=typed)
    case = Case.get(Case.kind == "shelf_request")

    assert case.state == "submitted" and readiness([product.id])[product.id].lacks(at_last=True) is None
    assert "2090" in browser.get(f"/papers/{case.id}").text
    assert case.number in client(shop.staff(cast, "dee")).get("/products/shelf?tab=waiting").text


@pytest.mark.parametrize("typed", ["2090-13-01T09:00", "2090-01-02T25:00", "soon", "1899-01-01T00:00"])
def test_a_moment_that_is_none_is_refused_and_kept(cast: Cast, client, typed: str) -> None:
    shop.ready(cast)
    sent = {"title": "Up", "way": "on", "planned_at": typed, "lines-0-code": "CUP", "token": "a-token-of-the-form", "do": "save"}

    answer = client(shop.staff(cast, "pan")).post("/papers/new/shelf_request", data=sent)

    assert answer.status_code == 422 and typed in answer.text


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "told", "field"),
    [
        (["CUP"], {"way": "up"}, "way"),
        (["CUP"], {"way": "off", "reason": "recalled", "planned_at": now.FAR_FUTURE}, "planned_at"),
        (["CUP"], {"reason": "x" * 501}, "reason"),
        ([], {}, "lines"),
        (["CUP", "HAT", "BAG"], {}, "lines"),
    ],
    ids=["way", "planned to come off", "long reason", "empty", "too long"],
)
def test_what_cannot_be_a_request_is_refused_however_it_comes_about(cast: Cast, monkeypatch, codes, told, field) -> None:
    monkeypatch.setattr(rules_shelf, "MOST_LINES", 2)

    with pytest.raises(Mistyped) as refused:
        shop.request(cast, *codes, by="pan", **told)

    assert refused.value.field == field


def test_shf_07_what_is_archived_or_not_described_cannot_be_asked_for(cast: Cast) -> None:
    shu, archived, wordless = shop.staff(cast, "shu"), shop.ready(cast, "CUP"), shop.ready(cast, "HAT")
    arranging.archive(shu, archived.id)
    write_content(shu, wordless.id, wordless.version, {"description": ""})

    for code, why in (("CUP", "archived"), ("HAT", "no name or no description")):
        with pytest.raises(Refused, match=why):
            steps.take(shu, shop.request(cast, code).id, "submit")


def test_what_stands_there_does_not_go_up_and_what_does_not_comes_not_off(cast: Cast) -> None:
    shu = shop.staff(cast, "shu")
    shop.on_shelf(cast, "CUP")
    shop.ready(cast, "HAT")

    for code, way, why in (
        ("CUP", "on", "stands on the shelf already"),
        ("HAT", "off", "not stand"),
        ("HAT", "update", "not stand"),
    ):
        with pytest.raises(Refused, match=why):
            steps.take(shu, shop.request(cast, code, way=way, reason="recalled").id, "submit")


def test_new_contents_are_as_whole_as_those_that_go_up(cast: Cast) -> None:
    shu, product = shop.staff(cast, "shu"), shop.on_shelf(cast)
    write_content(shu, product.id, product.version, files=[])

    with pytest.raises(Refused, match="no picture"):
        steps.take(shu, shop.request(cast, "CUP", way="update").id, "submit")


def test_the_button_says_in_which_request_a_product_stands(cast: Cast) -> None:
    shu = shop.staff(cast, "shu")
    shop.on_shelf(cast)
    first, *others = (shop.request(cast, "CUP", way=way, reason="recalled") for way in ("off", "off", "update"))
    first = steps.take(shu, first.id, "submit")

    whys = [str(each.why_not) for case in others for each in posts.buttons(shu, case) if each.step.name == "submit"]

    assert len(whys) == 2 and all(first.number in why for why in whys)


def test_who_agreed_never_carries_it_out(cast: Cast) -> None:
    shop.ready(cast)
    dee = shop.staff(cast, "dee")
    case = decided(cast, shop.request(cast, "CUP"))
    posts.grant(dee, "section_specialist")

    posts.cannot(dee, case, "put_up")


def test_what_is_sold_out_before_it_is_taken_off_is_left_out(cast: Cast) -> None:
    from tests.test_listings_core import sell

    product = shop.on_shelf(cast, on_hand=1)
    case = decided(cast, shop.request(cast, "CUP", way="off", reason="recalled"))
    sell(product, 1)

    with pytest.raises(Refused, match="does not stand"):
        steps.take(shop.staff(cast, "shu"), case.id, "take_off")


@db.transaction
def moved(product: Product, case: Case) -> list[bool]:
    return [
        show(product.id, product.version, None, case), take_off(product.id, "abnormal", "why", None),
        put_up(product.id, product.version, now.now(), None, case), put_up(product.id, product.version, now.now(), None, case),
    ]  # fmt: skip


def test_nothing_moves_on_the_shelf_that_does_not_stand_as_it_should(cast: Cast) -> None:
    product, case = shop.ready(cast), shop.request(cast, "CUP")

    assert moved(product, case) == [False, False, True, False]
    other = shop.ready(cast, "HAT")
    arranging.archive(shop.staff(cast, "shu"), other.id)
    assert moved(other, case) == [False] * 4


def test_what_would_be_shown_without_stock_price_or_contents_is_found(cast: Cast) -> None:
    _good, sold, other = (shop.on_shelf(cast, code) for code in ("GOOD", "STOCK", "TEXT"))
    unpriced = shop.described(cast, "PRICE")
    shelf.put(unpriced.item, 1)
    db.run("UPDATE accounts SET put = 0 WHERE id = ?", sold.item.account_id)
    db.run("UPDATE products SET up_at = 1, shown_version = version WHERE id = ?", unpriced.id)
    db.run("UPDATE products SET shown_version = 99 WHERE id = ?", other.id)

    found = " ".join(rules_shown.verify())

    assert {code for code in ("GOOD", "STOCK", "TEXT", "PRICE") if code in found} == {"STOCK", "TEXT", "PRICE"}
