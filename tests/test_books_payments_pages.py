"""The cashier's pages: the queue, runs and their file for the bank, lines to confirm, vouchers; and who sees an account."""

from __future__ import annotations

import csv
import io
import re

import pytest

from portal import clock, steps, timeline
from portal.books.models import CashEntry, Payable, payables_of
from portal.books.models_accounts import account_of
from portal.books.models_runs import PaymentRun
from portal.books.rules_accounts import Typed, set_own_account
from portal.history import Event
from portal.notices import Notice
from portal.supplies.models import Supplier
from tests import budgets, moneys
from tests.budgets import yuan
from tests.test_books_payments import owed_apart

SECRET = "6222 8765 4321"


@pytest.fixture
def browser(app, client):
    """A browser of that person, who reads English; forged forms are tested apart."""
    app.config["WTF_CSRF_ENABLED"] = False

    def signed_in(person):
        made = client(person)
        made.set_cookie("language", "en")
        return made

    return signed_in


@pytest.fixture
def payable(app, cast):
    """A claim of that much that waits to be paid, into Ann's account."""
    set_own_account(cast.ann, Typed("Bank of the Lake", SECRET, "Ann of the Lake"))
    line = budgets.budget_line(cast.department("Marketing"), 50000)

    def made(amount, person=None):
        person = person or cast.ann
        return moneys.checked(cast, person, budgets.approved(person, cast.mei, line, amount), amount)

    return made


def run_form(*lines, **more):
    told = {
        "fund": moneys.bank().id,
        "day": clock.today().isoformat(),
        "method": "transfer",
        "reference": "MAY",
        "token": "t" * 20,
    }
    return told | {f"amount-{each.id}": str(each.open) for each in lines} | more


def of(case):
    return payables_of(case)[0]


# ---- the queue ------------------------------------------------------------------------------------------------------


def test_the_cashier_sees_what_is_payable_with_the_account_that_was_signed(browser, cast, payable):
    case = payable(300)
    payable(200, cast.hao)

    page = browser(cast.cai).get("/books/payables").text

    assert SECRET in page and "Ann of the Lake" in page and case.number in page and "500.00" in page
    assert "No account" in page and 'name="line"' in page
    assert case.number not in browser(cast.cai).get("/books/payables?kind=advance").text
    assert "Nothing here fits" in browser(cast.cai).get("/books/payables?q=nobody").text


def test_the_queue_is_taken_away_as_it_is_shown(browser, cast, payable):
    payable(300)
    payable(200, cast.hao)

    answer = browser(cast.cai).get("/books/payables?standing=unnamed&export=csv")

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [cast.hao.name] and rows[1][-1] == "200.00"


def test_an_empty_queue_says_what_comes_here(browser, cast):
    assert "Nothing is to be paid" in browser(cast.cai).get("/books/payables").text


# ---- a payment on the paper -----------------------------------------------------------------------------------------


def form_of(app, person, case, typed=None):
    """The form of the payment as the page of the paper makes it."""
    from flask import g

    from portal.books.forms_payments import PaymentForm
    from portal.sessions import SignedIn  # noqa: F401

    with app.test_request_context("/"):
        g.signed_in = type("In", (), {"person": person})
        form = PaymentForm(formdata=typed, case=case)
        if typed is None:
            form.begin(case)
        return form


def test_the_payment_asks_an_amount_of_each_open_line_and_says_why_one_waits(app, cast, payable):
    case = payable(300)
    owed_apart(case, cast.lin)
    first, apart = payables_of(case)

    form = form_of(app, cast.cai, case)

    amounts = {name: (field.typed, str(field.description)) for name, field in form._fields.items() if name.startswith("amount-")}
    assert amounts[f"amount-{first.id}"] == ("300.00", "")
    assert amounts[f"amount-{apart.id}"][0] == "" and "waits to be confirmed" in amounts[f"amount-{apart.id}"][1]
    assert (form.fund.data, form.day.data) == (moneys.bank().id, clock.today())


def test_the_payment_takes_what_was_typed_and_nothing_of_a_line_that_waits(app, cast, payable):
    from werkzeug.datastructures import MultiDict

    case = payable(300)
    owed_apart(case, cast.lin)
    first, apart = payables_of(case)
    typed = {"fund": moneys.bank().id, "day": clock.today().isoformat(), "method": "transfer"}

    form = form_of(app, cast.cai, case, MultiDict(typed | {f"amount-{first.id}": "120", f"amount-{apart.id}": "5"}))

    assert form.given().parts == ((first.id, yuan(120)),)
    nothing = form_of(app, cast.cai, case, MultiDict(typed | {f"amount-{first.id}": ""}))
    assert nothing.given().parts == ()


def test_the_cashier_pays_a_part_on_the_page_of_the_paper(browser, cast, payable):
    case = payable(300)
    line, mine = of(case), browser(cast.cai)
    shown = mine.get(f"/papers/{case.id}").text
    assert f'name="amount-{line.id}"' in shown and 'value="300.00"' in shown

    typed = {"step": "pay", "state": case.state, "version": case.version, "fund": moneys.bank().id, "method": "transfer"}
    typed |= {"day": clock.today().isoformat(), f"amount-{line.id}": "120"}
    wrong = mine.post(f"/papers/{case.id}/steps", data=typed | {f"amount-{line.id}": "301"})
    assert wrong.status_code == 422 and "At most" in wrong.text and 'value="301"' in wrong.text
    nothing = mine.post(f"/papers/{case.id}/steps", data=typed | {f"amount-{line.id}": ""})
    assert nothing.status_code == 422 and "Write how much is paid" in nothing.text
    assert mine.post(f"/papers/{case.id}/steps", data=typed).status_code == 303

    assert (of(case).paid, CashEntry.get().amount) == (yuan(120), -yuan(120))
    assert 'value="180.00"' in mine.get(f"/papers/{case.id}").text


def test_a_line_that_stands_apart_says_so_on_the_page_of_the_paper(browser, cast, payable):
    case = payable(300)
    owed_apart(case, cast.lin)
    apart = payables_of(case)[-1]

    page = browser(cast.cai).get(f"/papers/{case.id}").text

    assert re.search(rf'<input[^>]*disabled[^>]*name="amount-{apart.id}"', page) and "waits to be confirmed" in page


# ---- runs -----------------------------------------------------------------------------------------------------------


def test_what_is_chosen_is_paid_together_and_the_bank_gets_its_file(browser, cast, payable):
    cases = [payable(300), payable(200, cast.hao)]
    mine, lines = browser(cast.cai), [of(case) for case in cases]

    asked = mine.get(f"/books/runs/new?line={lines[0].id}&line={lines[1].id}")
    assert "No account was in force" in asked.text and f'name="amount-{lines[0].id}"' in asked.text
    answer = mine.post("/books/runs", data=run_form(*lines))
    assert answer.status_code == 303
    page = mine.get(answer.location).text
    assert page.count("Voucher</a>") == 2 and "500.00" in page and SECRET not in page

    run = PaymentRun.get()
    rows = list(csv.reader(io.StringIO(mine.get(f"/books/runs/{run.id}/bank?export=csv").data.decode("utf-8-sig"))))
    assert rows[1][:5] == ["1", "Ann of the Lake", "Bank of the Lake", SECRET, "300.00"]
    assert rows[2][:5] == ["2", "", "", "", "200.00"]
    assert mine.get(f"/books/runs/{run.id}/bank").data[:2] == b"PK"
    listed = browser(cast.mei).get("/books/runs").text
    assert run.number in listed and "Cai" in listed and "2 of 2" in listed


def test_the_same_form_sent_twice_leads_to_the_same_run(browser, cast, payable):
    line = of(payable(300))
    mine = browser(cast.cai)

    answers = [mine.post("/books/runs", data=run_form(line)) for _each in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert CashEntry.select().count() == 1


def test_all_that_the_filters_let_through_is_chosen_at_once(browser, cast, payable):
    first, other = payable(300), payable(200, cast.hao)

    page = browser(cast.cai).get("/books/runs/new?all=1&q=郝").text

    assert f'name="amount-{of(other).id}"' in page and f'name="amount-{of(first).id}"' not in page
    assert "Nothing was chosen" in browser(cast.cai).get("/books/runs/new?line=99999&line=x").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fund": ""}, "Fill this in"),
        ({"day": "2090-01-01"}, "not one to come"),
        ({"method": "cash"}, "only the till"),
        ({"amount": "400"}, r"At most .*300\.00.* is open"),
        ({"amount": "some"}, "Write an amount in yuan"),
        ({"amount": ""}, "Choose what is to be paid"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_run_is_said_and_what_was_typed_kept(browser, cast, payable, wrong, said):
    line = of(payable(300))
    wrong = {f"amount-{line.id}" if name == "amount" else name: value for name, value in wrong.items()}

    answer = browser(cast.cai).post("/books/runs", data=run_form(line) | wrong)

    assert answer.status_code == 422 and re.search(said, answer.text) and 'value="MAY"' in answer.text
    assert CashEntry.select().count() == 0


def test_a_line_that_was_paid_meanwhile_says_so_on_the_run(browser, cast, payable):
    case, other = payable(300), payable(200)
    typed = run_form(of(case), of(other))
    steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())

    page = browser(cast.cai).post("/books/runs", data=typed, follow_redirects=True).text

    assert page.count("Not paid</span>") == 1 and "not open any more" in page and CashEntry.select().count() == 2


# ---- lines that stand apart -----------------------------------------------------------------------------------------


def test_the_general_manager_confirms_a_line_on_its_page(browser, cast, payable):
    case = payable(300)
    owed_apart(case, cast.lin)
    apart = payables_of(case)[-1]
    mine = browser(cast.mei)

    assert cast.lin.name in mine.get("/books/confirmations").text and "Lines to confirm" in mine.get("/").text
    assert mine.post(f"/books/confirmations/{apart.id}").status_code == 303

    assert Payable.get_by_id(apart.id).confirmed_by == cast.mei
    assert "No line waits" in mine.get("/books/confirmations").text
    assert "confirmed a line that stands apart" in str(timeline.told(case)[-1].said)


def test_paying_and_confirming_ask_the_password_again(browser, cast, payable, clock):
    case = payable(300)
    owed_apart(case, cast.lin)
    line, apart = payables_of(case)
    payer, manager, office = browser(cast.cai), browser(cast.mei), browser(cast.sam)
    supplier = Supplier.create(name="Paper & Pens")
    clock.forward(minutes=16)

    answers = [
        payer.post("/books/runs", data=run_form(line)),
        manager.post(f"/books/confirmations/{apart.id}"),
        office.post(f"/supplies/suppliers/{supplier.id}/account", data={"number": "1", "holder": "Pens"}),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert (CashEntry.select().count(), Payable.get_by_id(apart.id).confirmed_by) == (0, None)
    assert account_of(supplier_id=supplier.id) is None


# ---- the voucher ----------------------------------------------------------------------------------------------------


def test_the_voucher_is_for_who_may_read_the_paper_and_the_account_for_owner_and_cashier(browser, cast, payable):
    case = payable(300)
    steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    entry = CashEntry.get()

    for path in (f"/papers/{case.id}", f"/books/journal?fund={moneys.bank().id}"):
        assert f'href="/books/payments/{entry.id}"' in browser(cast.cai).get(path).text
    pages = {who: browser(getattr(cast, who)).get(f"/books/payments/{entry.id}") for who in ("cai", "ann", "lin", "mei", "bo")}

    assert {who: answer.status_code for who, answer in pages.items()} == {
        "cai": 200,
        "ann": 200,
        "lin": 200,
        "mei": 200,
        "bo": 404,
    }
    assert {who for who, answer in pages.items() if SECRET in answer.text} == {"cai", "ann"}
    assert "叁佰元整" in pages["lin"].text
    for path in ("/books/payments/0", "/books/payments/x", "/books/payments/99999"):
        assert browser(cast.cai).get(path).status_code == 404


# ---- payment accounts -----------------------------------------------------------------------------------------------


def test_the_owner_changes_the_account_and_sees_what_was_changed(browser, cast):
    mine = browser(cast.ann)

    assert mine.post("/me/account", data={"bank": "B", "number": SECRET, "holder": "Ann"}).status_code == 303
    page = mine.get("/me/account").text
    assert f'value="{SECRET}"' in page and "…4321" in page
    answer = mine.post("/me/account", data={"bank": "B", "number": "", "holder": "Ann"})
    assert answer.status_code == 422 and "Write the number of the account" in answer.text
    assert account_of(cast.ann.id).number == SECRET


def test_nobody_but_owner_and_cashier_finds_the_account_on_any_road(browser, cast, payable):
    case = payable(300)
    case = steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    budgets.grant(cast.bo, "it_admin")
    roads = [
        f"/people/{cast.ann.id}", "/people", "/people?export=csv", "/audit", f"/audit?person={cast.ann.id}", f"/papers/{case.id}",
        f"/papers/{case.id}/print", "/papers/export/csv", "/papers/export/xlsx", "/search?q=6222", "/search?q=Lake", "/notices",
        "/books/runs", "/books/confirmations", f"/books/journal?fund={moneys.bank().id}", "/books/vouchers", "/books/to-post",
        f"/books/payments/{CashEntry.get().id}",
    ]  # fmt: skip

    for who in (cast.mei, cast.lin, cast.bo, cast.hao):
        seen = browser(who)
        for path in roads:
            text = seen.get(path).data.decode("utf-8", "replace")
            assert "8765" not in text and "Bank of the Lake" not in text, (who.user, path)
    assert SECRET not in browser(cast.cai).get("/books/runs").text
    assert not [event for event in Event.select() if "8765" in event.data + event.note]
    assert not [notice for notice in Notice.select() if "8765" in notice.text]


def test_the_office_keeps_the_accounts_of_suppliers_and_is_told(browser, cast):
    supplier = Supplier.create(name="Paper & Pens")
    mine = browser(cast.sam)
    path = f"/supplies/suppliers/{supplier.id}/account"

    assert mine.post(path, data={"bank": "B", "number": SECRET, "holder": "Paper & Pens"}).status_code == 303
    assert account_of(supplier_id=supplier.id).number == SECRET
    assert f'value="{SECRET}"' in mine.get(path).text
    assert {each.person_id for each in Notice.select().where(Notice.topic == "account")} == {cast.sam.id, cast.cai.id}
    assert browser(cast.mei).get(path).status_code == 403
    assert browser(cast.lin).post(path, data={"number": "1", "holder": "x"}).status_code == 403
    assert mine.post(path, data={"number": "1"}).status_code == 422
