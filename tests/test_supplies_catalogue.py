"""The catalogue: items with one specification, their pictures, suppliers, consumption, custodians, and the table it comes in."""

from __future__ import annotations

import io

import pytest

from portal import access, clock, history, steps
from portal.attachments import Attachment
from portal.cases import Case
from portal.imports import Row
from portal.people.models import Terms
from portal.people.rules_grants import give
from portal.persons import Grant, Person
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.stock.models import Item, ItemCategory, levels
from portal.stock.rules import add_category
from portal.supplies.models import Supply
from portal.supplies.models_catalogue import (
    average,
    catalogue,
    custodian_of,
    drawn_months,
    entry_of,
    half_year,
    keepers,
    month_after,
    months_until,
)
from portal.supplies.rules_catalogue import (
    Described,
    add_supplier,
    add_supply,
    change_supplier,
    change_supply,
    pictures_of,
    put_picture,
    take_picture_off,
)
from portal.supplies.rules_custodians import name_custodian
from portal.supplies.rules_imports import bring, preview
from tests.administrator import ida
from tests.catalogue import category, custodian, drawn, supply
from tests.posts import grant
from tests.test_attachments import _picture

TWELVE = {"purchase_unit": "盒", "per_purchase": 12}


def described(**more):
    told = {"name": "签字笔", "category": category().id, "specification": "0.5 mm 黑", "unit": "支", "place": "A-1"}
    return Described(**told | more)


# ---- items ----------------------------------------------------------------------------------------------------------


def test_sup_02_an_item_has_one_specification_a_category_a_unit_and_a_place(cast):
    item = add_supply(cast.sam, "PEN-05", described(**TWELVE, reorder_level=20))

    (entry,) = catalogue()

    assert (entry.code, entry.called.name, entry.specification, entry.unit, entry.place) == (
        "PEN-05", "签字笔", "0.5 mm 黑", "支", "A-1",
    )  # fmt: skip
    assert (entry.purchase_unit, entry.per_purchase, entry.reorder_level, entry.packs_for(25)) == ("盒", 12, 20, 3)
    assert levels([item.id])[item.id].on_hand == 0
    assert [event.action for event in history.history_of(Item.get_by_id(item.id))] == ["add", "describe"]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("specification", {"specification": ""}),
        ("specification", {"specification": "x" * 201}),
        ("name", {"name": ""}),
        ("unit", {"unit": ""}),
        ("place", {"place": ""}),
        ("category", {"category": 999}),
        ("per_purchase", {"per_purchase": 0}),
        ("purchase_unit", {"per_purchase": 12}),
        ("per_purchase", {"purchase_unit": "盒"}),
        ("reorder_level", {"reorder_level": -1}),
    ],
)
def test_sup_20_what_an_item_lacks_is_said_at_its_field(cast, field, told):
    with pytest.raises(Mistyped) as refusal:
        add_supply(cast.sam, "PEN-05", described(**told))

    assert refusal.value.field == field
    assert Item.select().count() == 0


def test_only_the_office_changes_the_catalogue(cast):
    item = add_supply(cast.sam, "PEN-05", described())

    for change in (
        lambda: add_supply(cast.ann, "PEN-06", described()),
        lambda: change_supply(cast.hao, item.id, described(), item.events),
        lambda: add_supplier(cast.mei, name="晨光"),
        lambda: put_picture(cast.ann, item, "pen.png", io.BytesIO(_picture())),
        lambda: take_picture_off(cast.ann, item),
        lambda: bring(cast.ann, "Opening stock", [row(2)], "a token of this file"),
    ):
        with pytest.raises(NotYours):
            change()


def test_an_item_is_changed_as_it_was_shown(cast):
    item = add_supply(cast.sam, "PEN-05", described())

    changed = change_supply(cast.sam, item.id, described(name="中性笔", reorder_level=5, active=False), item.events)

    assert (changed.name, changed.active, Supply.get_by_id(item.id).reorder_level) == ("中性笔", False, 5)
    with pytest.raises(SomebodyWasFirst):
        change_supply(cast.sam, item.id, described(), item.events)
    assert catalogue() == [] and entry_of(item.id).called.name == "中性笔"


def test_items_are_found_by_every_word_of_code_name_and_specification(cast):
    supply(cast, "PEN", place="A-1"), supply(cast, "PAPER"), supply(cast, "50%", name="五折_签")

    found = {
        wanted: [entry.code for entry in catalogue(wanted)]
        for wanted in ("pen", "签字 0.5", "GEL pen", "50%", "_", "!", "nothing")
    }

    assert found == {
        "pen": ["PEN"],
        "签字 0.5": ["PEN"],
        "GEL pen": ["PEN"],
        "50%": ["50%"],
        "_": ["50%"],
        "!": [],
        "nothing": [],
    }
    assert [entry.code for entry in catalogue(after="50%", limit=1)] == ["PAPER"]


def test_a_new_picture_takes_the_place_of_the_old_one(cast, app):
    item = supply(cast)
    first = put_picture(cast.sam, item, "pen.png", io.BytesIO(_picture()))

    second = put_picture(cast.sam, item, "better.png", io.BytesIO(_picture()))

    assert [each.id for each in pictures_of(item.id)] == [second.id] and entry_of(item.id).picture == second.id
    assert Attachment.get_by_id(first.id).removed_at is not None
    take_picture_off(cast.sam, item)
    assert entry_of(item.id).picture is None
    with pytest.raises(Mistyped):
        put_picture(cast.sam, item, "pen.pdf", io.BytesIO(b"%PDF-1.7 nothing"))


def test_suppliers_have_one_name_each_and_are_changed_as_shown(cast):
    first = add_supplier(cast.sam, name="晨光文具", phone="021-555")

    changed = change_supplier(cast.sam, first.id, first.events, name="晨光", active=False)

    assert (changed.name, changed.phone, changed.active) == ("晨光", "021-555", False)
    with pytest.raises(SomebodyWasFirst):
        change_supplier(cast.sam, first.id, first.events, name="晨光文具")
    with pytest.raises(Mistyped, match="There is a supplier 晨光 already"):
        add_supplier(cast.sam, name="晨光")


# ---- consumption ----------------------------------------------------------------------------------------------------


def test_sup_03_the_average_is_of_the_last_six_full_months(cast, clock):
    clock.set("2026-03-15 09:00")
    pen, clip, ann = supply(cast, "PEN"), supply(cast, "CLIP"), cast.department("Marketing")
    for month, quantity in ((202508, 100), (202509, 1), (202512, 2), (202602, 4), (202603, 50)):
        drawn(ann, pen, quantity, month)
    drawn(cast.department("IT"), pen, 8, 202601)

    assert half_year(ann.id, [pen.id, clip.id]) == {pen.id: 7, clip.id: 0}
    assert half_year(None, [pen.id]) == {pen.id: 15}
    assert drawn_months(ann.id, [pen.id, clip.id], [202603]) == {pen.id: {202603: 50}, clip.id: {}}


@pytest.mark.no_database
def test_averages_and_months_are_counted_in_whole_numbers():
    assert [average(half) for half in (0, 1, 3, 7, 15, 60, 6_000_000)] == ["0.0", "0.2", "0.5", "1.2", "2.5", "10.0", "1000000.0"]
    assert [month_after(202612), month_after(202601, -1), month_after(202606, -18)] == [202701, 202512, 202412]
    assert months_until(202602, 4) == [202511, 202512, 202601, 202602]


# ---- custodians -----------------------------------------------------------------------------------------------------


def test_sup_16_the_head_names_the_one_custodian_and_replaces_him(cast):
    marketing = cast.department("Marketing")
    newcomer = Person.create(user="eve", name="伊娃", department=marketing, level="ordinary", password_set_at=clock.now())
    first = name_custodian(cast.hao, marketing.id, cast.ann.id)

    name_custodian(cast.hao, marketing.id, newcomer.id)

    assert custodian_of(marketing.id) == newcomer
    assert Grant.get_by_id(first.id).revoked_at is not None
    assert f"supplies_custodian@{marketing.id}" not in access.posts_of(cast.ann)


def test_sup_16_a_second_custodian_is_refused(cast):
    marketing = cast.department("Marketing")
    custodian(cast.ann)
    newcomer = Person.create(user="eve", name="伊娃", department=marketing, level="ordinary", password_set_at=clock.now())

    administrator = ida()
    with pytest.raises(Mistyped, match="manages the supplies of 市场部: a department has one custodian"):
        give(administrator, newcomer, Terms("supplies_custodian", marketing, reason="two are better"))
    with pytest.raises(Mistyped, match="manages the supplies already"):
        name_custodian(cast.hao, marketing.id, cast.ann.id)

    stand_in = give(administrator, newcomer, Terms("supplies_custodian", marketing, None, clock.today(), True, "Ann is ill"))
    assert isinstance(stand_in, Grant) and custodian_of(marketing.id) == cast.ann


def test_sup_16_only_the_departments_own_head_names_its_custodian(cast):
    marketing = cast.department("Marketing")
    grant(cast.bo, "dept_manager", cast.department("IT"))

    for nobody in (cast.bo, cast.ann, cast.sam, cast.mei):
        with pytest.raises(NotYours, match="Only the head of the department names its custodian"):
            name_custodian(nobody, marketing.id, cast.ann.id)
    with pytest.raises(Mistyped, match="Choose somebody of the department"):
        name_custodian(cast.hao, marketing.id, cast.bo.id)
    with pytest.raises(NotYours):
        name_custodian(cast.hao, marketing.id, cast.hao.id)
    assert custodian_of(marketing.id) is None


def test_sup_16_departments_without_a_custodian_are_listed(cast):
    custodian(cast.ann)
    grant(cast.cai, "supplies_custodian", cast.department("Finance"), acting=True, ends=clock.today())

    found = {keeper.department.name_en: keeper for keeper in keepers()}

    assert "Head office" not in found
    assert found["Marketing"].custodian == (cast.ann.id, cast.ann.called) and found["Marketing"].heads == (cast.hao.called,)
    assert found["Finance"].custodian is None and found["Finance"].standing_in == (cast.cai.called,)
    assert found["IT"].custodian is None


# ---- brought as a table ---------------------------------------------------------------------------------------------


def row(number, code="PEN", **more):
    told = {"code": code, "name": "签字笔", "category": "文具", "specification": "0.5 mm", "unit": "支", "place": "A-1"}
    return Row(number, told | more)


@pytest.fixture
def manager(cast):
    grant(cast.bo, "dept_manager", cast.department("Office"))
    return cast.bo


def test_an_empty_company_brings_its_catalogue_with_opening_stock(cast, manager):
    rows = [row(2, opening="40"), row(3, "PAPER", category="纸张", opening="", purchase_unit="箱", per_purchase="5")]

    found = preview(rows)
    _told, case = bring(cast.sam, "Opening stock", rows, "a token of this file")

    assert ([each.kind for each in found.differences], found.new_categories) == (["new", "new"], ["文具", "纸张"])
    assert [(entry.code, entry.category.name, entry.per_purchase) for entry in catalogue()] == [
        ("PAPER", "纸张", 5),
        ("PEN", "文具", 1),
    ]
    pen = Item.get(Item.code == "PEN")
    assert levels([pen.id])[pen.id].on_hand == 0
    steps.take(manager, case.id, "confirm")
    assert levels([pen.id])[pen.id].on_hand == 40


def test_a_table_shows_what_it_would_change_and_what_it_does_not_name_stays(cast, manager):
    supply(cast, "PEN", reorder_level=7), supply(cast, "CLIP", name_en="")
    rows = [
        row(2, name_en="Gel pen", purchase_unit="支", reorder_level="9", place="B-2"),
        row(3, "CLIP", name="回形针", purchase_unit="盒", per_purchase="1", active="no"),
    ]

    with pytest.raises(Refused, match="Row 3"):
        bring(cast.sam, "Opening stock", rows, "a token of this file")
    found = preview(rows[:1])
    bring(cast.sam, "Opening stock", rows[:1], "a token of this file")

    (difference,) = found.differences
    assert difference.changed == {"place": ("A-1", "B-2"), "purchase_unit": ("盒", "支"), "reorder_level": ("7", "9")}
    assert (entry_of(Item.get(Item.code == "PEN").id).place, Case.select().count()) == ("B-2", 0)
    with pytest.raises(Refused, match="changes nothing"):
        bring(cast.sam, "Opening stock", rows[:1], "another token of a file")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("code", {"code": ""}),
        ("code", {"code": "=1+1"}),
        ("code", {"code": "PEN"}),
        ("name", {"name": ""}),
        ("name", {"name": "x" * 121}),
        ("category", {"category": ""}),
        ("specification", {"specification": ""}),
        ("unit", {"unit": ""}),
        ("unit", {"code": "MOVED", "unit": "箱"}),
        ("place", {"place": ""}),
        ("per_purchase", {"per_purchase": "1.5"}),
        ("purchase_unit", {"per_purchase": "12"}),
        ("reorder_level", {"reorder_level": "-1"}),
        ("active", {"active": "perhaps"}),
        ("opening", {"opening": "ten"}),
        ("opening", {"code": "MOVED", "purchase_unit": "支", "opening": "10"}),
    ],
)
def test_every_rows_error_is_listed_with_its_number(cast, field, typed):
    supply(cast, "MOVED", on_hand=1)

    found = preview([row(2), row(3, **{"code": "CLIP"} | typed)])

    assert [(error.row, error.field) for error in found.errors] == [(3, field)]


def test_a_category_out_of_use_takes_no_new_items(cast):
    old = add_category(cast.sam, "supply", "旧物")
    ItemCategory.update(active=False).where(ItemCategory.id == old.id).execute()

    assert [error.field for error in preview([row(2, category="旧物")]).errors] == ["category"]
