"""Telephone and meals of a month: capped by post, drafted, checked, signed, paid apart and posted (FIN-18 to FIN-22)."""

from __future__ import annotations

import io
from datetime import date

import pytest

from portal import attachments, checks, clock, db, policies, steps
from portal.books.models import VoucherLine, payables_of, title_for
from portal.books.rules_payments import Payment
from portal.cases import Case
from portal.expenses import rules as expenses  # noqa: F401
from portal.expenses.models_allowances import NONE, active_on, cap_of_managers, meal_lines, standard_of, standards
from portal.expenses.rules_allowances import draft_meals, draft_phone, except_from_meals, granted_of, set_standard
from portal.expenses.rules_bills import preview
from portal.imports import Row
from portal.people import rules as people
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from tests import budgets, moneys
from tests.budgets import yuan
from tests.test_spending_pages import everybody_reads_english, post  # noqa: F401


@pytest.fixture(autouse=True)
def november(cast, request, tmp_path):
    attachments.keep_in(tmp_path)
    request.getfixturevalue("clock").set("2026-11-02 09:00")
    Person.update(created_at=clock.start_of(date(2026, 1, 1))).execute()


def amounts(case):
    return {line.person.user: (line.standard, line.actual, line.amount) for line in granted_of(case)}


def signed(cast, case):
    for person, name in ((cast.sam, "submit"), (cast.cai, "check"), (cast.mei, "sign")):
        case = steps.take(person, case.id, name)
    return case


# ---- telephone ------------------------------------------------------------------------------------------------------


def test_fin_19_20_21_a_bill_of_150_pays_in_full_120_or_80_by_post(cast):
    budgets.grant(cast.bo, "sales_staff")
    bills = [(person, yuan(150)) for person in (cast.mei, cast.hao, cast.bo, cast.ann)]

    case = draft_phone(cast.sam, 202610, bills, "october")

    assert amounts(case) == {
        "mei": ("gm", yuan(150), yuan(150)),
        "hao": ("dept_manager", yuan(150), yuan(120)),
        "bo": ("sales_staff", yuan(150), yuan(80)),
        "ann": ("none", yuan(150), 0),
    }
    assert [line.excess for line in granted_of(case)] == [0, yuan(30), yuan(70), yuan(150)]
    assert case.amount == yuan(350)


def test_fin_20_below_the_standard_the_actual_amount_is_paid(cast):
    case = draft_phone(cast.sam, 202610, [(cast.hao, yuan("99.99"))], "october")

    assert amounts(case)["hao"] == ("dept_manager", yuan("99.99"), yuan("99.99"))


def test_fin_18_a_post_without_a_standard_gets_nothing_until_the_office_enters_one(cast):
    assert standard_of({"planner"}, standards()) == NONE

    set_standard(cast.sam, "planner", yuan(60))

    assert standard_of({"planner"}, standards()).cap == yuan(60)
    assert standard_of({"planner", "dept_manager"}, standards()).role == "dept_manager"
    with pytest.raises(NotYours):
        set_standard(cast.ann, "planner", yuan(600))
    with pytest.raises(Mistyped, match="the rules name no standard"):
        set_standard(cast.sam, "dept_manager", yuan(600))


def test_fin_18_there_is_one_batch_a_month_and_a_draft_takes_the_new_bill(cast):
    first = draft_phone(cast.sam, 202610, [(cast.hao, yuan(100))], "one")
    again = draft_phone(cast.sam, 202610, [(cast.hao, yuan(50))], "two")

    assert (again.id, amounts(again)["hao"][2]) == (first.id, yuan(50))
    steps.take(cast.sam, again.id, "submit")
    with pytest.raises(Refused, match="there is one batch a month"):
        draft_phone(cast.sam, 202610, [(cast.hao, yuan(10))], "three")


def test_fin_18_whoever_holds_the_post_goes_on_with_a_draft_another_began(cast):
    case = draft_phone(cast.sam, 202610, [(cast.hao, yuan(100))], "one")
    budgets.grant(cast.bo, "office_clerk")

    again = draft_phone(cast.bo, 202610, [(cast.hao, yuan(50))], "two")

    assert (again.id, amounts(again)["hao"][2]) == (case.id, yuan(50))
    assert steps.take(cast.bo, case.id, "submit").state == "submitted"


def test_fin_18_a_bill_is_settled_once_its_month_is_over(cast):
    with pytest.raises(Mistyped, match="once its month is over"):
        draft_phone(cast.sam, 202611, [(cast.hao, yuan(100))], "this month")


def test_a_standard_that_changed_asks_for_the_bill_again(cast):
    case = draft_phone(cast.sam, 202610, [(cast.hao, yuan(150))], "october")
    policies.change(cast.mei, cap_of_managers, yuan(100))

    with pytest.raises(Refused, match="A telephone standard changed"):
        steps.take(cast.sam, case.id, "submit")


def test_a_bill_tells_every_mistake_with_its_row(cast):
    rows = [
        Row(2, {"user": "hao", "actual": "150"}),
        Row(3, {"user": "nobody", "actual": "1"}),
        Row(4, {"name": "安妮", "actual": "x"}),
        Row(5, {"user": "HAO", "actual": "10"}),
    ]

    found = preview(rows, 202610)

    assert [(error.row, error.field) for error in found.errors] == [(3, "user"), (4, "actual"), (5, "user")]
    assert preview([Row(2, {"name": "郝", "actual": "¥150.00"})], 202610).sums == (yuan(150), yuan(120), yuan(30))


# ---- meals ----------------------------------------------------------------------------------------------------------


def test_fin_22_everyone_there_on_the_first_gets_the_flat_amount_also_who_left_since(cast, clock):
    clock.set("2026-11-05 09:00")
    budgets.grant(cast.lin, "it_admin")
    people.disable(cast.lin, cast.bo, "left on the fifth")

    lines = {line["person"].user: line["amount"] for line in meal_lines(202611)}

    assert set(lines) == {"ann", "mei", "sam", "lin", "cai", "hao", "bo"}
    assert set(lines.values()) == {yuan(300)}


def test_fin_22_who_left_before_the_first_or_is_marked_gets_none(cast):
    Person.update(active=False).where(Person.user == "bo").execute()
    except_from_meals(cast.sam, cast.ann, "eats at home", True)

    case = draft_meals(cast.sam, 202611, "meals")

    assert set(amounts(case)) == {"mei", "sam", "lin", "cai", "hao"}
    assert cast.bo.id not in active_on(date(2026, 11, 1))


# ---- through to the books -------------------------------------------------------------------------------------------


def test_the_lines_of_those_with_a_hand_in_it_wait_and_the_rest_goes_on(cast):
    case = signed(cast, draft_meals(cast.sam, 202611, "meals"))
    apart = {each.person.user for each in payables_of(case) if each.barred != ","}
    assert apart == {"sam", "cai", "lin", "mei"}

    with pytest.raises(Refused, match="waits to be confirmed"):
        steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    rest = tuple((each.id, each.amount) for each in payables_of(case) if each.barred == ",")
    case = steps.take(cast.cai, case.id, "pay", given=moneys.by_bank(parts=rest))
    case = steps.take(cast.lin, case.id, "post_part")

    assert case.state == "payable"
    assert sum(line.amount for line in VoucherLine.select().where(VoucherLine.title == title_for("meal"))) == yuan(900)
    assert checks.findings() == []


def test_a_phone_batch_is_paid_and_posted_by_department_and_leads_to_its_voucher(cast, client):
    case = signed(cast, draft_phone(cast.sam, 202610, [(cast.hao, yuan(150))], "october"))
    case = steps.take(cast.cai, case.id, "pay", given=Payment(moneys.bank().id, clock.today()))
    with pytest.raises(NotYours):
        steps.take(cast.cai, case.id, "post")
    case = steps.take(cast.lin, case.id, "post")

    line = VoucherLine.get(VoucherLine.title == title_for("phone"))
    assert (case.state, line.amount, line.department_id) == ("posted", yuan(120), cast.department("Marketing").id)
    assert checks.findings() == []
    link = f'href="/books/vouchers/{line.voucher_id}"'
    assert link in client(cast.lin).get(f"/papers/{case.id}").text
    assert link not in client(cast.sam).get(f"/papers/{case.id}").text


def test_only_the_office_drafts(cast):
    with pytest.raises(NotYours):
        draft_meals(cast.ann, 202611, "mine")
    assert Case.select().where(Case.kind == "allowance").count() == 0


def test_a_batch_shows_what_is_split_off_and_its_pages_are_the_offices(cast, client):
    case = draft_phone(cast.sam, 202610, [(cast.hao, yuan(150)), (cast.ann, yuan(20))], "october")
    sam = client(cast.sam)

    shown = sam.get(f"/papers/{case.id}").text
    assert "30.00" in shown and "FIN-20" in shown
    for path in ("", "/bill", "/standards", "/meals"):
        assert sam.get(f"/expenses/allowances{path}").status_code == 200
    assert sam.get("/expenses/allowances?export=csv").data.count(b"\n") == 2
    bill = {"file": (io.BytesIO("登录名,话费金额\nhao,99.5\n".encode()), "bill.csv"), "month": "202610"}
    preview_page = post(sam, "/expenses/allowances/bill", bill)
    assert preview_page.status_code == 200 and "99.50" in preview_page.text


# ---- what stands against it -----------------------------------------------------------------------------------------


def test_meals_of_a_month_that_has_not_come_are_not_drafted(cast):
    with pytest.raises(Mistyped, match="The month has not come"):
        draft_meals(cast.sam, 202612, "december")


def test_a_batch_on_which_nothing_is_to_be_paid_is_not_submitted(cast):
    case = draft_phone(cast.sam, 202610, [(cast.ann, yuan(20))], "october")

    with pytest.raises(Refused, match="Nothing is to be paid on it"):
        steps.take(cast.sam, case.id, "submit")


def test_who_gets_meals_changed_since_it_was_drafted_and_it_is_drafted_again(cast):
    case = draft_meals(cast.sam, 202611, "meals")
    except_from_meals(cast.sam, cast.ann, "eats at home", True)

    with pytest.raises(Refused, match="Who gets meals changed since it was drafted"):
        steps.take(cast.sam, case.id, "submit")


def test_who_is_marked_is_told_why_he_gets_none_and_the_mark_is_as_it_was_shown(cast):
    with pytest.raises(Mistyped, match="Say why, so that the others can follow"):
        except_from_meals(cast.sam, cast.ann, " ", True)
    kept = except_from_meals(cast.sam, cast.ann, "eats at home", True)

    with pytest.raises(Refused, match="Somebody else changed this first"):
        except_from_meals(cast.sam, cast.ann, "", False, kept.events + 1)


def test_fin_06_who_checked_it_and_became_chief_accountant_does_not_post_it(cast):
    case = signed(cast, draft_phone(cast.sam, 202610, [(cast.hao, yuan(150))], "october"))
    budgets.grant(cast.bo, "cashier")
    case = steps.take(cast.bo, case.id, "pay", given=moneys.by_bank())
    db.run("DELETE FROM grants WHERE person_id = ?", cast.cai.id)
    budgets.grant(cast.cai, "chief_accountant")

    with pytest.raises(NotYours):
        steps.take(cast.cai, case.id, "post")


def test_a_bill_below_nothing_and_a_person_by_a_name_that_two_have_are_mistakes(cast):
    Person.update(name_en="Twin").where(Person.user.in_(["ann", "bo"])).execute()

    found = preview([Row(2, {"user": "hao", "actual": "-1"}), Row(3, {"name": "Twin", "actual": "5"})], 202610)

    assert [(error.row, error.field) for error in found.errors] == [(2, "actual"), (3, "name")]
