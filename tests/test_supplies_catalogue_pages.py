"""The pages of the catalogue, of limits, goods in and custodians: for everybody to read, for the office to keep."""

from __future__ import annotations

import io
import secrets

import pytest

from portal import clock, steps
from portal.attachments import Attachment
from portal.cases import Case
from portal.persons import Grant
from portal.stock.models import Item, ItemCategory, levels
from portal.supplies.models import GoodsInLine, LimitLine, Supply
from portal.supplies.models_catalogue import custodian_of, entry_of, first_of, this_month
from tests.catalogue import category, custodian, limit, supplier, supply
from tests.counting import statements
from tests.posts import grant
from tests.test_attachments import _picture
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401

MONTH = f"{first_of(this_month()):%Y-%m}"


@pytest.fixture
def manager(cast):
    grant(cast.bo, "dept_manager", cast.department("Office"))
    return cast.bo


def typed(**more):
    told = {
        "code": "PEN-05",
        "name": "签字笔",
        "category": category().id,
        "specification": "0.5 mm",
        "unit": "支",
        "place": "A-1",
    }
    return told | {"active": "y"} | more


# ---- the catalogue --------------------------------------------------------------------------------------------------


def test_everybody_reads_the_catalogue_and_the_office_keeps_it(cast, client):
    item = supply(cast)
    ann, sam = client(cast.ann), client(cast.sam)

    assert "Gel pen" in ann.get("/supplies/catalogue").text and "Gel pen" in ann.get(f"/supplies/catalogue/{item.id}").text
    assert "/supplies/catalogue/new" not in ann.get("/supplies/catalogue").text
    assert "/supplies/catalogue/new" in sam.get("/supplies/catalogue").text
    for path in ("/supplies/catalogue/new", f"/supplies/catalogue/{item.id}/edit", "/supplies/import", "/supplies/categories"):
        assert (ann.get(path).status_code, sam.get(path).status_code) == (403, 200)


def test_an_item_is_added_and_changed_in_the_browser(cast, client):
    sam = client(cast.sam)

    added = post(sam, "/supplies/catalogue/new", typed(purchase_unit="盒", per_purchase="12", reorder_level="24"))
    item = Item.get(Item.code == "PEN-05")
    edit = f"/supplies/catalogue/{item.id}/edit"
    changed = post(sam, edit, typed(place="B-2", events=str(item.events)))
    late = post(sam, edit, typed(place="C-3", events=str(item.events)))

    assert (added.status_code, changed.status_code, late.status_code) == (303, 303, 409)
    entry = entry_of(item.id)
    assert (entry.place, entry.per_purchase, entry.purchase_unit, entry.reorder_level) == ("B-2", 1, "支", None)


def test_a_mistake_stays_on_the_form_with_what_was_typed(cast, client):
    supply(cast, "PEN-05")

    answer = post(client(cast.sam), "/supplies/catalogue/new", typed(place="", name="中性笔"))
    again = post(client(cast.sam), "/supplies/catalogue/new", typed())

    assert answer.status_code == 422 and "中性笔" in answer.text and "Fill this in." in answer.text
    assert again.status_code == 422 and "There is an item PEN-05" in text_of(again)


def test_a_picture_is_shown_to_everybody_and_changed_by_the_office(cast, client):
    item = supply(cast)
    sam = client(cast.sam)
    path = f"/supplies/catalogue/{item.id}/picture"

    wrong = post(sam, path, {"file": (io.BytesIO(b"%PDF-1.7"), "pen.pdf")})
    put = post(sam, path, {"file": (io.BytesIO(_picture()), "pen.png")})

    kept = Attachment.get(Attachment.thing == "item")
    shown = client(cast.ann).get(f"/supplies/pictures/{kept.id}")
    assert (wrong.status_code, put.status_code, shown.status_code, shown.mimetype) == (422, 303, 200, "image/png")
    assert f"/supplies/pictures/{kept.id}" in client(cast.ann).get("/supplies/catalogue").text
    assert post(client(cast.ann), f"/files/{kept.id}/remove", {}).status_code == 403
    assert post(client(cast.ann), path, {"take_off": "1"}).status_code == 403
    assert post(sam, path, {"take_off": "1"}).status_code == 303
    assert client(cast.ann).get(f"/supplies/pictures/{kept.id}").status_code == 404


def test_a_long_catalogue_goes_on_by_key_and_costs_no_more(cast, client):
    for n in range(52):
        supply(cast, f"ITEM-{n:02d}", unit="个")
    ann = client(cast.ann)
    ann.get("/supplies/catalogue")

    with statements() as asked:
        page = ann.get("/supplies/catalogue").text
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert len(asked) <= 8
    assert (page.count("data-row"), ann.get(older).text.count("data-row")) == (50, 2)
    assert ann.get("/supplies/catalogue?q=item-07").text.count("data-row") == 1
    assert "fits these filters" in ann.get("/supplies/catalogue?q=nothing").text


def test_categories_are_kept_in_the_browser(cast, client):
    sam = client(cast.sam)

    assert post(sam, "/supplies/categories", {"name": "纸张", "name_en": "Paper"}).status_code == 303
    paper = ItemCategory.get(ItemCategory.name == "纸张")
    changed = post(sam, f"/supplies/categories/{paper.id}", {"name": "纸", "name_en": "", "events": str(paper.events)})
    assert (changed.status_code, ItemCategory.get_by_id(paper.id).active) == (303, False)


# ---- import and export ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_what_is_exported_can_be_brought_back_and_changes_nothing(cast, client, kind, language):
    cast.sam.update(language=language).execute()
    supply(cast, "PEN", on_hand=3, per_purchase=12, reorder_level=5), supply(cast, "OLD", active=False, purchase_unit="支")
    Supply.update(purchase_unit="支").where(Supply.item == Item.get(Item.code == "OLD")).execute()
    sam = client(cast.sam)
    file = sam.get(f"/supplies/catalogue?export={kind}&state=all").data

    answer = post(sam, "/supplies/import", {"file": (io.BytesIO(file), f"catalogue.{kind}")})

    assert answer.status_code == 200
    assert 'value="[[2' in answer.text.replace("&#34;", '"') and "bad" not in answer.text.split("<main")[1]
    assert "/supplies/import/confirm" in answer.text and answer.text.count("<del") == 0


def test_an_empty_company_imports_its_catalogue_in_the_browser(cast, client, manager):
    sam = client(cast.sam)
    template = sam.get("/supplies/import/template/csv").data

    preview = post(sam, "/supplies/import", {"file": (io.BytesIO(template), "catalogue.csv")})
    answer = post(sam, "/supplies/import/confirm", hidden(preview.text))

    case = Case.get(Case.kind == "goods_in")
    assert (preview.status_code, answer.status_code, answer.location) == (200, 303, f"/papers/{case.id}")
    shown = client(manager).get(f"/papers/{case.id}")
    assert "Gel pen" in shown.text and "36" in text_of(shown) and "3 盒" in text_of(shown)
    steps.take(manager, case.id, "confirm")
    assert levels([Item.get().id])[Item.get().id].on_hand == 36
    again = post(sam, "/supplies/import/confirm", hidden(preview.text))
    assert again.status_code == 409 and "has moved already" in text_of(again)


def hidden(text):
    """What the form of a preview carries."""
    from html import unescape
    from re import findall

    return {
        name: unescape(value)
        for name, value in findall(r'<input type="hidden" name="(token|name|rows|since)" value="([^"]*)"', text)
    }


def test_a_file_with_mistakes_is_shown_with_every_row_and_writes_nothing(cast, client):
    file = "编号,品名,类别,规格型号,单位,库位\nPEN,笔,文具,0.5,支,A-1\nPEN,笔,文具,,支,A-1\n".encode("gb18030")
    sam = client(cast.sam)

    answer = post(sam, "/supplies/import", {"file": (io.BytesIO(file), "a.csv")})

    assert answer.status_code == 422 and Item.select().count() == 0
    assert answer.text.count('<tr class="bad">') == 1 and "Row 2 has the same code." in text_of(answer)
    for bad in ({}, {"file": (io.BytesIO(b""), "a.csv")}, {"file": (io.BytesIO(b"x,y\n1,2\n"), "a.csv")}):
        assert post(sam, "/supplies/import", bad).status_code == 422


# ---- limits ---------------------------------------------------------------------------------------------------------


def test_limits_are_proposed_read_and_brought_back_in_the_browser(cast, client, manager):
    pen = supply(cast)
    marketing = cast.department("Marketing")
    limit(cast.department("IT"), pen, 3)
    sam = client(cast.sam)
    fields = {
        "token": secrets.token_urlsafe(18), "title": "Pens", "since": this_month(), "do": "submit",
        "lines-0-department": marketing.id, "lines-0-item": pen.id, "lines-0-new": "12",
    }  # fmt: skip

    answer = post(sam, "/papers/new/limits", fields)

    case = Case.get(Case.kind == "limits", Case.title == "Pens")
    assert (answer.status_code, case.state, LimitLine.get().new) == (303, "submitted", 12)
    assert "No limit" in text_of(client(manager).get(f"/papers/{case.id}"))
    assert client(manager).get(f"/papers/{case.id}/print").status_code == 200
    steps.take(manager, case.id, "approve")
    assert "12" in text_of(sam.get(f"/supplies/limits?month={MONTH}&department={marketing.id}"))
    for kind in ("csv", "xlsx"):
        file = sam.get(f"/supplies/limits?export={kind}").data
        preview = post(sam, "/supplies/limits/import", {"file": (io.BytesIO(file), f"a.{kind}"), "since": this_month()})
        assert preview.status_code == 200 and "changes nothing" in preview.text


def test_limits_from_a_file_are_sent_to_the_manager(cast, client):
    supply(cast)
    file = b"Department,Code,Limit a month\nMarketing,PEN,5\nIT,PEN,\n"
    sam = client(cast.sam)

    preview = post(sam, "/supplies/limits/import", {"file": (io.BytesIO(file), "limits.csv"), "since": this_month()})
    answer = post(sam, "/supplies/limits/import/confirm", hidden(preview.text))

    assert (preview.status_code, answer.status_code, Case.get().state) == (200, 303, "submitted")
    assert post(client(cast.ann), "/supplies/limits/import/confirm", hidden(preview.text)).status_code == 403


def test_a_department_sees_its_own_limits_only(cast, client):
    pen = supply(cast)
    limit(cast.department("Marketing"), pen, 41)
    limit(cast.department("IT"), pen, 97)
    custodian(cast.ann)

    for who in (cast.ann, cast.hao):
        seen = text_of(client(who).get("/supplies/limits"))
        assert "41" in seen and "97" not in seen
    assert "97" in text_of(client(cast.mei).get("/supplies/limits"))
    assert client(cast.bo).get("/supplies/limits").status_code == 403


# ---- goods in -------------------------------------------------------------------------------------------------------


def test_goods_in_are_typed_in_purchase_units_and_shown_in_both(cast, client, manager):
    pen = supply(cast, per_purchase=12)
    sam = client(cast.sam)
    fields = {
        "token": secrets.token_urlsafe(18), "title": "Pens came", "source": "gift", "supplier": supplier().id,
        "delivery_note": "DN-7", "received_on": clock.today().isoformat(), "do": "submit",
        "lines-0-item": pen.id, "lines-0-quantity": "3", "lines-0-measure": "pack", "lines-0-note": "blue",
    }  # fmt: skip

    form = sam.get("/papers/new/goods_in")
    answer = post(sam, "/papers/new/goods_in", fields)

    assert "1 盒 = 12 支" in text_of(form) and 'value="delivery"' not in form.text
    case = Case.get(Case.kind == "goods_in")
    assert (answer.status_code, case.state, GoodsInLine.get().quantity) == (303, "submitted", 36)
    shown = text_of(client(manager).get(f"/papers/{case.id}"))
    assert "36" in shown and "3 盒" in shown and "晨光文具" in shown
    assert client(manager).get(f"/papers/{case.id}/print").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"source": ""}, {"source": "delivery"}, {"received_on": "2090-01-01"}, {"lines-0-item": "999"}, {"lines-0-quantity": "0"}],
)
def test_goods_in_that_cannot_be_stay_on_the_form(cast, client, wrong):
    fields = {
        "token": secrets.token_urlsafe(18), "title": "Pens came", "source": "gift", "supplier": supplier().id,
        "received_on": clock.today().isoformat(), "do": "submit", "lines-0-item": supply(cast).id, "lines-0-quantity": "3",
    }  # fmt: skip

    answer = post(client(cast.sam), "/papers/new/goods_in", fields | {"lines-0-measure": "unit"} | wrong)

    assert answer.status_code == 422 and "Pens came" in answer.text and Case.select().count() == 0


def test_nobody_else_starts_goods_in_or_limits(cast, client):
    for kind in ("goods_in", "limits"):
        assert client(cast.ann).get(f"/papers/new/{kind}").status_code == 403
        assert post(client(cast.hao), f"/papers/new/{kind}", {"title": "x", "do": "submit"}).status_code == 403


# ---- custodians -----------------------------------------------------------------------------------------------------


def test_sup_16_the_head_names_the_custodian_on_the_page(cast, client):
    marketing, it = cast.department("Marketing"), cast.department("IT")
    path = f"/supplies/custodians/{marketing.id}"
    hao = client(cast.hao)

    assert "departments have no custodian" in hao.get("/supplies/custodians").text
    assert post(hao, path, {"person": str(cast.bo.id)}).status_code == 422
    assert post(hao, path, {"person": str(cast.ann.id)}).status_code == 303

    assert custodian_of(marketing.id) == cast.ann
    assert "Ann" in client(cast.ann).get("/supplies/custodians").text
    assert hao.get(f"/supplies/custodians/{it.id}").status_code == 404
    assert post(client(cast.ann), path, {"person": str(cast.ann.id)}).status_code == 403
    assert Grant.select().where(Grant.role == "supplies_custodian").count() == 1
