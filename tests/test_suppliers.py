"""Suppliers: found, read by whoever buys, kept by the office with categories and contacts, brought and taken away as tables."""

from __future__ import annotations

import io

import pytest

from portal import history
from portal.imports import Row
from portal.persons import Person
from portal.purchasing.models import Order, SupplierContact
from portal.purchasing.models_suppliers import Spoken, categories_of, contacts_of, orders_of, suppliers, told
from portal.purchasing.rules_imports import bring_suppliers, preview_suppliers
from portal.purchasing.rules_quotes import withdraw_quote
from portal.purchasing.rules_suppliers import add_contact, change_contact, edit_supplier, enter_supplier, remove_contact
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.stock.models import ItemCategory
from portal.supplies.models import Supplier
from tests.catalogue import category, supplier, supply
from tests.counting import statements
from tests.posts import grant
from tests.quotes import quote
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401
from tests.test_supplies_catalogue_pages import hidden

TOLD = {"name": "晨光文具", "contact": "王芳", "phone": "021-555", "email": "", "address": "", "note": ""}
FANG = Spoken("赵丽", "客服", "021-666", "zhao@example.com")


@pytest.fixture
def buyer(cast):
    grant(cast.bo, "purchaser")
    return cast.bo


def names(found):
    return [each.name for each in found]


# ---- kept -----------------------------------------------------------------------------------------------------------


def test_a_supplier_says_what_it_delivers(cast):
    paper, pens = category("纸张", "Paper"), category()

    made = enter_supplier(cast.sam, TOLD, [paper.id, pens.id])
    changed = edit_supplier(cast.sam, made.id, TOLD | {"phone": "021-777"}, [paper.id], made.events)

    assert (changed.phone, names(categories_of([made.id])[made.id])) == ("021-777", ["纸张"])
    first, second, *_rest = told(made.id)
    assert ([each[1:] for each in first.changes], [each[1:] for each in second.changes]) == (
        [("文具、纸张", "纸张")],
        [("021-555", "021-777")],
    )
    with pytest.raises(SomebodyWasFirst):
        edit_supplier(cast.sam, made.id, TOLD, None, made.events)
    kept = edit_supplier(cast.sam, made.id, TOLD, None, changed.events)
    assert names(categories_of([made.id])[made.id]) == ["纸张"] and list(history.verify()) == [] and kept.phone == "021-555"


def test_a_category_out_of_use_stays_but_is_not_given_anew(cast):
    old, made = category("旧物", ""), enter_supplier(cast.sam, TOLD, [category("旧物", "").id])
    ItemCategory.update(active=False).where(ItemCategory.id == old.id).execute()

    kept = edit_supplier(cast.sam, made.id, TOLD | {"note": "x"}, [old.id], made.events)

    assert names(categories_of([kept.id])[kept.id]) == ["旧物"]
    for wrong in ([old.id], [999], [-1]):
        with pytest.raises(Mistyped) as refusal:
            enter_supplier(cast.sam, TOLD | {"name": "另一家"}, wrong)
        assert refusal.value.field == "categories"
    assert Supplier.select().count() == 1


def test_contacts_are_entered_changed_and_removed_and_their_supplier_remembers(cast):
    made = enter_supplier(cast.sam, TOLD)
    zhao = add_contact(cast.sam, made.id, FANG)

    change_contact(cast.sam, zhao.id, Spoken("赵丽", "经理", "021-666", "zhao@example.com"), made.events + 1)
    change_contact(cast.sam, zhao.id, Spoken("赵丽", "经理", "021-666", "zhao@example.com"), made.events + 2)

    (kept,) = contacts_of(made.id)
    assert (kept.post, Supplier.get_by_id(made.id).events) == ("经理", made.events + 2)
    with pytest.raises(SomebodyWasFirst):
        remove_contact(cast.sam, zhao.id, made.events)
    remove_contact(cast.sam, zhao.id, made.events + 2)
    assert contacts_of(made.id) == []
    assert [(str(each.sentence), len(each.changes)) for each in told(made.id)] == [
        ("山姆 removed the contact 赵丽", 0),
        ("山姆 changed the contact 赵丽", 1),
        ("山姆 entered the contact 赵丽", 0),
        ("山姆 entered the supplier", 0),
    ]
    with pytest.raises(SomebodyWasFirst):
        change_contact(cast.sam, zhao.id, FANG, made.events + 3)
    assert list(history.verify()) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", Spoken("", phone="1")),
        ("name", FANG),
        ("phone", Spoken("钱进")),
        ("phone", Spoken("钱进", phone="1" * 41)),
        ("note", Spoken("钱进", phone="1", note="x" * 201)),
    ],
)
def test_what_cannot_be_a_contact_is_said_at_its_field(cast, field, typed):
    made = enter_supplier(cast.sam, TOLD)
    add_contact(cast.sam, made.id, FANG)

    with pytest.raises(Mistyped) as refusal:
        add_contact(cast.sam, made.id, typed)

    assert refusal.value.field == field and len(contacts_of(made.id)) == 1


def test_a_supplier_has_thirty_further_contacts_at_most(cast):
    made = supplier()
    for n in range(30):
        SupplierContact.create(supplier=made, name=f"N{n}", phone="1")

    with pytest.raises(Mistyped, match="There are 30 contacts already"):
        add_contact(cast.sam, made.id, FANG)


def test_only_the_office_keeps_suppliers(cast, buyer):
    made = enter_supplier(cast.sam, TOLD)
    zhao = add_contact(cast.sam, made.id, FANG)

    for change in (
        lambda: enter_supplier(buyer, TOLD | {"name": "另一家"}),
        lambda: edit_supplier(buyer, made.id, TOLD, [], made.events + 1),
        lambda: add_contact(buyer, made.id, Spoken("钱进", phone="1")),
        lambda: change_contact(cast.mei, zhao.id, Spoken("钱进", phone="1"), made.events + 1),
        lambda: remove_contact(cast.ann, zhao.id, made.events + 1),
        lambda: bring_suppliers(buyer, [Row(2, {"name": ""})]),
    ):
        with pytest.raises(NotYours):
            change()


# ---- found ----------------------------------------------------------------------------------------------------------


def test_suppliers_are_found_by_every_word_of_them_and_their_contacts(cast):
    paper = category("纸张", "Paper")
    one = enter_supplier(cast.sam, TOLD | {"name": "A 一", "note": "50% off"}, [paper.id])
    two = enter_supplier(cast.sam, TOLD | {"name": "B 二", "contact": "陈"})
    add_contact(cast.sam, two.id, FANG)
    edit_supplier(cast.sam, enter_supplier(cast.sam, TOLD | {"name": "C 三"}).id, {"name": "C 三", "active": False}, None, 1)

    assert [names(suppliers(words)) for words in ("021", "王芳 off", "ZHAO@", "50%", "_", "nobody")] == [
        ["A 一", "B 二"], ["A 一"], ["B 二"], ["A 一"], [], [],
    ]  # fmt: skip
    assert names(suppliers(category_id=paper.id)) == ["A 一"]
    assert [names(suppliers(active=active)) for active in (False, None)] == [["C 三"], ["A 一", "B 二", "C 三"]]
    assert names(suppliers(after=one.id)) == ["B 二"]


def test_a_list_tells_how_many_quotes_are_valid(cast):
    here, pen = supplier(), supply(cast)
    quote(here, pen, 100), quote(here, pen, 90, since=2), quote(here, pen, 80, since=-9, until=-1)
    withdraw_quote(cast.sam, quote(here, pen, 1).id, "wrong")

    assert [each.quotes for each in suppliers()] == [1]


def test_the_orders_of_a_supplier_are_those_one_may_read(cast, memos, submitted):
    here = supplier()
    Order.create(case=submitted, supplier=here), Order.create(case=memos.draft(cast.ann, "t2"), supplier=here)

    assert [each.case.id for each in orders_of(here.id, [f"#{cast.ann.id}"])] == [submitted.id]
    assert orders_of(here.id, [f"#{cast.bo.id}"]) == []


# ---- brought as a table ---------------------------------------------------------------------------------------------


def test_a_table_enters_changes_and_leaves_alone_what_it_does_not_name(cast):
    category("纸张", "Paper"), category()
    made = enter_supplier(cast.sam, TOLD | {"note": "two\nlines"}, [category().id])
    enter_supplier(cast.sam, TOLD | {"name": "别家"})
    rows = [
        Row(2, {"name": "晨光文具", "categories": "Paper; 文具", "note": "two lines", "active": "no"}),
        Row(3, {"name": "新家", "phone": "1", "categories": "纸张"}),
    ]

    found = preview_suppliers(rows)
    bring_suppliers(cast.sam, rows)

    assert [(each.kind, each.changed.keys()) for each in found.differences] == [
        ("changed", {"active", "categories"}),
        ("new", set()),
    ]
    assert (Supplier.get_by_id(made.id).note, Supplier.get_by_id(made.id).contact) == ("two\nlines", "王芳")
    assert {each.name: (names(each.categories), each.active) for each in suppliers(active=None)} == {
        "别家": ([], True), "新家": (["纸张"], True), "晨光文具": (["文具", "纸张"], False),
    }  # fmt: skip
    with pytest.raises(Refused, match="changes nothing"):
        bring_suppliers(cast.sam, rows)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "晨光文具"}),
        ("name", {"name": "x" * 121}),
        ("phone", {"phone": "1" * 41}),
        ("categories", {"categories": "文具、没有"}),
        ("categories", {"categories": "旧物"}),
        ("active", {"active": "perhaps"}),
    ],
)
def test_every_rows_error_is_told_with_its_number_and_nothing_is_written(cast, field, typed):
    category(), category("旧物", "").update(active=False).where(ItemCategory.name == "旧物").execute()
    rows = [Row(2, {"name": "晨光文具"}), Row(3, {"name": "新家"} | typed)]

    found = preview_suppliers(rows)

    assert [(error.row, error.field) for error in found.errors] == [(3, field)]
    with pytest.raises(Refused, match=r"Row 3: .* Nothing was written"):
        bring_suppliers(cast.sam, rows)
    assert Supplier.select().count() == 0


# ---- in the browser -------------------------------------------------------------------------------------------------


def test_a_supplier_is_entered_and_changed_in_the_browser(cast, client):
    sam, pens = client(cast.sam), category()

    added = post(sam, "/purchasing/suppliers/new", {"name": "晨光", "phone": "021", "categories": [pens.id]})
    found = Supplier.get(Supplier.name == "晨光")
    edit = f"/purchasing/suppliers/{found.id}/edit"
    shown = sam.get(edit).text
    changed = post(sam, edit, {"name": "晨光文具", "active": "y", "categories": [pens.id], "events": str(found.events)})
    late = post(sam, edit, {"name": "晨光", "events": str(found.events)})
    twice = post(sam, "/purchasing/suppliers/new", {"name": "晨光文具", "categories": ["x"]})

    assert (added.status_code, changed.status_code, late.status_code, twice.status_code) == (303, 303, 409, 422)
    assert f'value="{pens.id}" checked' in shown and "There is a supplier 晨光文具 already." in text_of(twice)
    assert (Supplier.get_by_id(found.id).name, names(categories_of([found.id])[found.id])) == ("晨光文具", ["文具"])


def test_contacts_are_kept_in_the_browser(cast, client, buyer):
    sam, found = client(cast.sam), supplier()
    path = f"/purchasing/suppliers/{found.id}"

    added = post(sam, f"{path}/contacts/new", {"name": "赵丽", "phone": "021-666"})
    made = SupplierContact.get()
    shown = sam.get(f"/purchasing/contacts/{made.id}").text
    late = post(sam, f"/purchasing/contacts/{made.id}", {"name": "赵丽", "phone": "1", "events": "0"})
    changed = post(sam, f"/purchasing/contacts/{made.id}", {"name": "赵丽", "phone": "021-777", "events": "1"})
    read = client(buyer).get(path).text
    removed = post(sam, f"/purchasing/contacts/{made.id}/remove", {"events": "2"})

    assert [each.status_code for each in (added, late, changed, removed)] == [303, 409, 303, 303]
    assert 'name="events" type="hidden" value="1"' in shown
    assert "021-777" in read and "/purchasing/contacts/" not in read and "/edit" not in read and "/account" not in read
    assert SupplierContact.select().count() == 0 and "赵丽 was removed." in text_of(sam.get(path))


def test_who_buys_reads_a_supplier_with_its_quotes_and_nobody_else_does(cast, client, buyer):
    found, pen = supplier(), supply(cast)
    quote(found, pen, 1200, per_pack=12, until=200), quote(found, pen, 1100, per_pack=12, since=3, until=200)
    quote(found, pen, 1000, per_pack=12, since=-9, until=-1)

    text = text_of(client(buyer).get(f"/purchasing/suppliers/{found.id}"))

    for told_of in (
        "Quotes valid now",
        "¥12.00",
        "Quotes to come",
        "¥11.00",
        "Quotes that are over",
        "¥10.00",
        "Nothing was ordered",
    ):
        assert told_of in text
    assert client(cast.ann).get(f"/purchasing/suppliers/{found.id}").status_code == 403
    assert client(cast.ann).get("/purchasing/suppliers").status_code == 403


def test_the_orders_of_a_supplier_stand_on_its_page_with_their_state(cast, client, memos, submitted, buyer):
    Order.create(case=submitted, supplier=supplier())
    grant(cast.ann, "purchaser")

    assert submitted.number in text_of(client(cast.ann).get(f"/purchasing/suppliers/{supplier().id}"))
    assert submitted.number not in text_of(client(buyer).get(f"/purchasing/suppliers/{supplier().id}"))


def test_a_long_list_of_suppliers_goes_on_by_key_and_costs_no_more(cast, client):
    for n in range(52):
        supplier(f"S-{n:02d}")
    sam = client(cast.sam)
    sam.get("/purchasing/suppliers")

    with statements() as asked:
        page = sam.get("/purchasing/suppliers").text
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert len(asked) <= 8
    assert (page.count("data-row"), sam.get(older).text.count("data-row")) == (50, 2)
    assert sam.get("/purchasing/suppliers?q=s-07").text.count("data-row") == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_suppliers_that_are_exported_can_be_brought_back_and_change_nothing(cast, client, kind, language):
    Person.update(language=language).execute()
    enter_supplier(cast.sam, TOLD | {"note": "=1+1\nmore"}, [category().id, category("纸张", "Paper").id])
    gone = enter_supplier(cast.sam, TOLD | {"name": "旧家"})
    edit_supplier(cast.sam, gone.id, {"name": "旧家", "active": False}, None, gone.events)
    sam = client(cast.sam)
    file = sam.get(f"/purchasing/suppliers?export={kind}&state=all").data

    answer = post(sam, "/purchasing/suppliers/import", {"file": (io.BytesIO(file), f"suppliers.{kind}")})

    assert answer.status_code == 200 and answer.text.count("<del") == 0 and "Differences" not in answer.text
    assert "btn-p" not in answer.text.split("import/confirm")[1].split("</form>")[0]
    assert file.count("晨光文具".encode()) == 1 or kind == "xlsx"


def test_an_export_of_suppliers_is_what_the_screen_shows(cast, client):
    enter_supplier(cast.sam, TOLD, [category().id]), enter_supplier(cast.sam, TOLD | {"name": "别家", "phone": "9"})
    sam = client(cast.sam)

    whole = sam.get("/purchasing/suppliers?export=csv").data.decode("utf-8-sig")
    narrowed = sam.get(f"/purchasing/suppliers?export=csv&category={category().id}").data.decode("utf-8-sig")

    assert (len(whole.splitlines()), len(narrowed.splitlines())) == (3, 2)
    assert narrowed.splitlines()[1] == "晨光文具,王芳,021-555,,,文具,,Yes"


def test_suppliers_are_imported_in_the_browser(cast, client):
    category(), category("纸张", "Paper")
    sam = client(cast.sam)
    template = sam.get("/purchasing/suppliers/import/template/xlsx").data

    preview = post(sam, "/purchasing/suppliers/import", {"file": (io.BytesIO(template), "s.xlsx")})
    answer = post(sam, "/purchasing/suppliers/import/confirm", hidden(preview.text))
    again = post(sam, "/purchasing/suppliers/import/confirm", hidden(preview.text))
    bad = post(sam, "/purchasing/suppliers/import", {"file": (io.BytesIO(b"name,phone\n,1\n"), "s.csv")})

    assert [each.status_code for each in (preview, answer, again, bad)] == [200, 303, 409, 422]
    assert [(each.name, names(each.categories)) for each in suppliers()] == [("晨光文具", ["文具", "纸张"])]
    assert bad.text.count('<tr class="bad">') == 1 and "changes nothing" in text_of(again)
