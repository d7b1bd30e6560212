"""FIN-11: advances against one approved request, due back in time, named when they are late, listed by age, with a loan slip."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import pytest

from portal import access, attachments, contents, steps
from portal import clock as portal_clock
from portal.books.models import payables_of
from portal.cases import Case
from portal.expenses.models_advances import AGES, Chosen, advance_content, by_age, open_advances
from portal.expenses.models_money import Advance
from portal.expenses.rules_advances import ADVANCE, tell_overdue
from portal.notices import Notice
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from tests import budgets, moneys
from tests.budgets import yuan
from tests.posts import buttons
from tests.test_spending_pages import post, text_of

NEW = "/papers/new/advance"


@pytest.fixture(autouse=True)
def company(tmp_path, clock):
    clock.set("2026-03-02 09:00")
    attachments.keep_in(tmp_path)
    Person.update(language="en").execute()


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 50000)


@pytest.fixture
def request_of_ann(cast, line):
    return budgets.approved(cast.ann, cast.mei, line, 1000)


# ---- what may be borrowed -------------------------------------------------------------------------------------------


def test_fin_11_an_advance_above_the_approved_amount_is_refused(cast, request_of_ann):
    moneys.advance(cast.ann, request_of_ann, 700)

    with pytest.raises(Refused, match=r"At most 300\.00 can still be advanced"):
        moneys.advance(cast.ann, request_of_ann, "300.01")
    assert moneys.advance(cast.ann, request_of_ann, 300).state == "payable"


def test_fin_11_what_was_brought_back_can_be_borrowed_again(cast, request_of_ann):
    lent = moneys.lent(cast, cast.ann, request_of_ann, 1000)
    with pytest.raises(Refused, match=r"At most 0\.00"):
        moneys.advance(cast.ann, request_of_ann, 1)

    moneys.brought_back(cast, lent, 400)

    assert moneys.advance(cast.ann, request_of_ann, 400).state == "payable"


def test_fin_11_an_advance_needs_an_approved_request_of_ones_own(cast, line):
    asked = budgets.asked(cast.ann, line, 100)
    of_hao = budgets.approved(cast.hao, cast.mei, line, 100)

    with pytest.raises(Refused, match="money is lent against an approved request only"):
        moneys.advance(cast.ann, asked, 50)
    with pytest.raises(Mistyped, match="one of your own approved requests"):
        moneys.advance(cast.ann, of_hao, 50)


def test_fin_11_a_supplement_is_borrowed_on_by_its_request(cast, line, request_of_ann):
    supplement = budgets.approved(cast.ann, cast.mei, line, 500, supplements=request_of_ann)

    with pytest.raises(Mistyped, match="one of your own approved requests"):
        moneys.advance(cast.ann, supplement, 50)
    assert moneys.advance(cast.ann, request_of_ann, 1500).amount == yuan(1500)


def test_fin_11_it_is_due_back_at_the_earlier_of_two_days(cast, line):
    soon = budgets.approved(cast.ann, cast.mei, line, 100)  # expected the next day
    late = budgets.approved(cast.ann, cast.mei, line, 100, expected_date=portal_clock.today() + timedelta(days=60))

    due = [Advance.get_by_id(moneys.lent(cast, cast.ann, each, 100).id).due_on for each in (soon, late)]

    assert [day.isoformat() for day in due] == ["2026-03-17", "2026-04-01"]


# ---- overdue --------------------------------------------------------------------------------------------------------


def test_fin_11_an_overdue_advance_blocks_a_new_one_until_the_manager_lifts_it_for_one_paper(cast, line, request_of_ann, clock):
    late = moneys.lent(cast, cast.ann, request_of_ann, 300)
    clock.forward(days=40)
    other = budgets.approved(cast.ann, cast.mei, line, 500)
    draft = contents.create(ADVANCE, cast.ann, advance_content(other, yuan(200)), secrets.token_hex(8))

    with pytest.raises(Refused, match=f"{late.number} is overdue"):
        steps.take(cast.ann, draft.id, "submit")
    blocked = steps.take(cast.ann, draft.id, "ask_to_lift", note="The fair")
    for person in (cast.hao, cast.lin, cast.cai):
        with pytest.raises(NotYours):
            steps.take(person, blocked.id, "lift", note="fine")
    with pytest.raises(Mistyped, match="Say why"):
        steps.take(cast.mei, blocked.id, "lift")
    lifted = steps.take(cast.mei, blocked.id, "lift", note="Once")

    assert lifted.state == "payable"
    with pytest.raises(Refused, match=f"{late.number} is overdue"):
        moneys.advance(cast.ann, other, 100)


def test_fin_11_what_became_overdue_since_it_was_asked_for_stops_its_payment_unless_lifted(cast, line, request_of_ann, clock):
    late = moneys.lent(cast, cast.ann, request_of_ann, 300)
    asked = moneys.advance(cast.ann, budgets.approved(cast.ann, cast.mei, line, 500), 200)
    clock.forward(days=40)

    with pytest.raises(Refused, match=f"{late.number} is overdue"):
        steps.take(cast.cai, asked.id, "pay", given=moneys.by_bank())
    steps.take(cast.ann, asked.id, "withdraw")
    steps.take(cast.ann, asked.id, "ask_to_lift", note="The fair")
    steps.take(cast.mei, asked.id, "lift", note="Once")

    assert steps.take(cast.cai, asked.id, "pay", given=moneys.by_bank()).state == "paid"


def test_fin_11_an_advance_that_is_late_with_its_first_part_does_not_stop_its_own_rest(cast, request_of_ann, clock):
    asked = moneys.advance(cast.ann, request_of_ann, 300)
    part = moneys.by_bank(parts=((payables_of(asked)[0].id, yuan(100)),))
    steps.take(cast.cai, asked.id, "pay", given=part)
    clock.forward(days=40)

    assert steps.take(cast.cai, asked.id, "pay", given=moneys.by_bank()).state == "paid"


def test_fin_06_who_lifted_the_block_and_became_cashier_does_not_pay(cast, line, request_of_ann, clock):
    moneys.lent(cast, cast.ann, request_of_ann, 300)
    clock.forward(days=40)
    other = budgets.approved(cast.ann, cast.mei, line, 500)
    draft = contents.create(ADVANCE, cast.ann, advance_content(other, yuan(200)), secrets.token_hex(8))
    steps.take(cast.ann, draft.id, "ask_to_lift", note="The fair")
    budgets.grant(cast.bo, "gm")
    steps.take(cast.bo, draft.id, "lift", note="Once")
    budgets.grant(cast.bo, "cashier")

    with pytest.raises(NotYours):
        steps.take(cast.bo, draft.id, "pay", given=moneys.by_bank())


def test_nobody_asks_to_lift_where_nothing_is_overdue(cast, request_of_ann):
    draft = contents.create(ADVANCE, cast.ann, advance_content(request_of_ann, yuan(200)), secrets.token_hex(8))

    with pytest.raises(Refused, match="No earlier advance is overdue"):
        steps.take(cast.ann, draft.id, "ask_to_lift", note="please")


def test_fin_11_of_an_overdue_advance_people_are_told_once(cast, request_of_ann, clock):
    lent = moneys.lent(cast, cast.ann, request_of_ann, 300)
    due = Advance.get_by_id(lent.id).due_on
    clock.forward(days=(due - portal_clock.today()).days)
    assert tell_overdue() == 0

    clock.forward(days=1)

    assert (tell_overdue(), tell_overdue()) == (1, 0)
    told = {notice.person.user: str(notice.words()) for notice in Notice.select().where(Notice.topic == "overdue")}
    assert set(told) == {"ann", "hao", "cai", "lin"}
    assert "300.00" in told["ann"] and lent.number in told["ann"]


def test_fin_11_what_was_brought_back_in_time_is_not_overdue(cast, request_of_ann, clock):
    moneys.brought_back(cast, moneys.lent(cast, cast.ann, request_of_ann, 300), 300)
    clock.forward(days=60)

    assert tell_overdue() == 0


# ---- the list -------------------------------------------------------------------------------------------------------


def test_open_advances_are_summed_by_age(cast, line, clock):
    for days, amount in ((0, 100), (35, 200), (30, 300), (40, 400)):
        clock.forward(days=days)
        request = budgets.approved(cast.hao if amount == 400 else cast.ann, cast.mei, line, amount, supplements=None)
        lift(cast, request, amount)
    mine = access.posts_of(cast.lin)

    sums = {key: amount for key, _label, _n, amount in by_age(mine, Chosen())}

    assert sums == {"30": yuan(400), "60": yuan(300), "90": yuan(200), "more": yuan(100)}
    for key in AGES:
        assert sum((row.unsettled for row in open_advances(mine, Chosen(age=key))), 0) == sums[key]
    assert [row.unsettled for row in open_advances(mine, Chosen("overdue"))] == [yuan(100), yuan(200), yuan(300)]


def lift(cast, request, amount):
    """Lends, also where an earlier advance is overdue."""
    person = request.requester
    draft = contents.create(ADVANCE, person, advance_content(request, yuan(amount)), secrets.token_hex(8))
    names = [each.step.name for each in buttons(person, draft) if not each.why_not]
    if "submit" in names:
        case = steps.take(person, draft.id, "submit")
    else:
        case = steps.take(person, draft.id, "ask_to_lift", note="again")
        case = steps.take(cast.mei, case.id, "lift", note="again")
    return steps.take(cast.lin, steps.take(cast.cai, case.id, "pay", given=moneys.by_bank()).id, "post")


def test_the_list_goes_on_page_by_page(cast, line):
    for amount in (1, 2, 3):
        moneys.lent(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, amount), amount)
    mine = access.posts_of(cast.mei)
    whole = open_advances(mine, Chosen())

    assert [row.case for row in open_advances(mine, Chosen(), whole[0].case)] == [row.case for row in whole[1:]]


def test_the_list_of_open_advances_is_what_its_export_is(cast, client, line, request_of_ann):
    lent = moneys.lent(cast, cast.ann, request_of_ann, 300)
    lin = client(cast.lin)

    shown, file = lin.get("/expenses/advances"), lin.get("/expenses/advances?export=csv")

    assert lent.number in shown.text and "¥300.00" in shown.text
    assert lent.number in file.text and "300.00" in file.text
    assert lent.number not in lin.get("/expenses/advances?tab=overdue").text
    assert lent.number not in lin.get(f"/expenses/advances?department={cast.department('IT').id}").text
    assert lent.number in client(cast.hao).get("/expenses/advances").text
    assert client(cast.ann).get("/expenses/advances").status_code == 403


def test_who_borrowed_sees_it_among_what_stands_open(cast, client, request_of_ann):
    lent = moneys.lent(cast, cast.ann, request_of_ann, 300)

    assert lent.number in client(cast.ann).get("/").text


# ---- pages ----------------------------------------------------------------------------------------------------------


def typed(request, amount, **more):
    return {"token": secrets.token_urlsafe(18), "request": request.id, "amount": amount, "do": "submit"} | more


def test_an_advance_is_asked_for_from_its_form(cast, client, request_of_ann):
    ann = client(cast.ann)
    assert request_of_ann.number in ann.get(f"{NEW}?request={request_of_ann.id}").text

    answer = post(ann, NEW, typed(request_of_ann, "400", purpose="Tickets <first>"))

    case = Case.get(Case.kind == "advance")
    assert (answer.status_code, case.state, case.amount) == (303, "payable", yuan(400))
    assert "Tickets &lt;first&gt;" in client(cast.cai).get(f"/papers/{case.id}").text


def test_what_can_still_be_advanced_is_said_while_one_types(cast, client, request_of_ann):
    moneys.advance(cast.ann, request_of_ann, 700)

    fits = text_of(post(client(cast.ann), "/papers/rail/advance", typed(request_of_ann, "300")))
    over = text_of(post(client(cast.ann), "/papers/rail/advance", typed(request_of_ann, "300.01")))

    assert "¥300.00" in fits and "At most" not in fits
    assert "At most ¥300.00 can still be advanced" in over


@pytest.mark.parametrize(
    ("field", "more"),
    [("request", {"request": ""}), ("request", {"request": "999"}), ("amount", {"amount": "0"}), ("amount", {"amount": "x"})],
)
def test_what_is_wrong_is_said_beside_its_field(cast, client, request_of_ann, field, more):
    for do in ("submit", "save"):
        answer = post(client(cast.ann), NEW, typed(request_of_ann, "10", do=do) | more)
        assert answer.status_code == 422 and f'href="#{field}' in answer.text
    assert Case.select().where(Case.kind == "advance").count() == 0


def test_the_request_shows_what_it_was_used_for(cast, client, line, request_of_ann):
    budgets.approved(cast.ann, cast.mei, line, 500, supplements=request_of_ann)
    lent = moneys.lent(cast, cast.ann, request_of_ann, 600)
    claim = moneys.settled(cast, cast.ann, request_of_ann, 200, is_last=False)

    page = client(cast.ann).get(f"/papers/{request_of_ann.id}")
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>¥([0-9,.]+)", page.text))

    assert {name: figures[name] for name in ("Approved", "Lent and not settled", "Claimed", "Left to claim")} == {
        "Approved": "1,500.00", "Lent and not settled": "400.00", "Claimed": "200.00", "Left to claim": "1,300.00",
    }  # fmt: skip
    assert figures["Can still be advanced"] == "900.00"
    assert lent.number in page.text and claim.number in page.text
    assert f'href="{NEW}?request={request_of_ann.id}"' in page.text


def test_the_loan_slip_is_printed_once_it_is_paid(cast, client, request_of_ann):
    waiting = moneys.advance(cast.ann, request_of_ann, 100)
    lent = moneys.lent(cast, cast.ann, request_of_ann, 300)
    ann = client(cast.ann)

    slip = ann.get(f"/expenses/advances/{lent.id}/slip")

    assert Advance.get_by_id(lent.id).slip in slip.text and "叁佰元整" in slip.text
    assert ann.get(f"/expenses/advances/{waiting.id}/slip").status_code == 404
    assert ann.get(f"/expenses/advances/{request_of_ann.id}/slip").status_code == 404
    assert client(cast.bo).get(f"/expenses/advances/{lent.id}/slip").status_code == 404
