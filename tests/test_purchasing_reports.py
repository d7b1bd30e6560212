"""The reports of buying: what they count, who may open them, and that the file holds what the page shows."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from portal import attachments, jobs, languages, modules, steps
from portal import clock as portal_clock
from portal.cases import Case
from portal.money import Money
from portal.notices import Notice
from portal.purchasing import models_prices, models_reports
from portal.purchasing.models import Order, Quote
from portal.purchasing.models_orders import NewDay
from portal.purchasing.models_reports import Chosen, ChosenUnpaid
from portal.supplies.models_catalogue import this_month
from tests import budgets, buying
from tests.buying import lines_of_order
from tests.catalogue import supplier, supply
from tests.counting import statements
from tests.posts import grant
from tests.test_spending_pages import everybody_reads_english  # noqa: F401

modules.load()


@pytest.fixture(autouse=True)
def in_spring(clock):
    """So that what is told of some weeks is told of one year, whose budget line it is."""
    clock.set(f"{today().year}-03-02 09:00")


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def company(cast):
    buying.office(cast)
    return cast


@pytest.fixture
def line(company):
    return budgets.budget_line(company.department("Marketing"), 100_000, "OFFICE")


@pytest.fixture
def pen(company):
    """Two yuan at the first supplier; three and four at two others."""
    item = supply(company, "PEN")
    for price, name in ((2, "晨光文具"), (3, "得力文具"), (4, "蓝海")):
        buying.quote(item, price, supplier(name), days=200)
    return item


def today():
    return portal_clock.today()


def ordered(company, line, item, quantity, at="晨光文具", reason="", days=5):
    """An order of so many that is sent."""
    case = buying.approved(company, company.ann, line, (item, quantity, 10 * quantity))
    order = steps.take(company.sam, buying.order(company, buying.of(case), supplier(at), days, reason).id, "place")
    return steps.take(company.sam, order.id, "send", given=buying.Sent("email"))


# ---- late deliveries ------------------------------------------------------------------------------------------------


def told_late():
    return sorted((notice.person.user, notice.case_id) for notice in Notice.where("topic = 'late'"))


def test_sup_06_a_late_delivery_is_told_once_to_the_office_and_the_buyers(company, line, pen, clock):
    grant(company.bo, "purchaser")
    late, later = ordered(company, line, pen, 5, days=2), ordered(company, line, pen, 5, days=9)
    clock.forward(days=2)
    jobs.run("late_deliveries")
    assert told_late() == []

    clock.forward(days=1)
    said = [str(jobs.run("late_deliveries").words()) for _each in range(2)]

    assert said == ["1 delivery is late.", "0 deliveries are late."]
    assert told_late() == [("bo", late.id), ("sam", late.id)] and later.id not in dict(told_late()).values()
    text = languages.say(Notice.find("topic = 'late'").words(), "en")
    assert text == f"{late.number} is late: 晨光文具 was to deliver by {languages.day(today() - timedelta(days=1), 'en')}."


def test_another_day_of_delivery_is_watched_anew(company, line, pen, clock):
    late = ordered(company, line, pen, 5, days=2)
    clock.forward(days=3)
    jobs.run("late_deliveries")
    steps.take(company.sam, late.id, "postpone", given=NewDay(today() + timedelta(days=4)), note="No lorry")
    jobs.run("late_deliveries")
    assert len(told_late()) == 1

    clock.forward(days=5)
    jobs.run("late_deliveries")

    assert len(told_late()) == 2


def test_what_came_or_was_called_off_is_not_late(company, line, pen, clock):
    came, off = (ordered(company, line, pen, 5, days=2) for _each in range(2))
    buying.received(company, came)
    steps.take(company.sam, off.id, "call_off", note="They have none")
    clock.forward(days=9)

    jobs.run("late_deliveries")

    assert told_late() == [] and models_reports.count_late() == 0 and models_reports.late("open") == []
    assert models_reports.late("delivered") == []


def test_late_deliveries_are_listed_with_their_days(company, line, pen, clock):
    first, second, third = (ordered(company, line, pen, 5, days=days) for days in (4, 2, 30))
    steps.take(company.sam, second.id, "postpone", given=NewDay(today() + timedelta(days=3)), note="No lorry")
    came = ordered(company, line, pen, 5, days=1)
    clock.forward(days=6)
    buying.received(company, came)
    clock.forward(days=2)

    still, delivered = models_reports.late("open"), models_reports.late("delivered")

    assert [(each.case, each.days_late, each.open_lines, each.postponed) for each in still] == [
        (second.id, 5, 1, 1), (first.id, 4, 1, 0)
    ]  # fmt: skip
    assert [(each.case, each.days_late, each.came_on) for each in delivered] == [(came.id, 5, today() - timedelta(days=2))]
    assert models_reports.count_late() == 2 and third.id not in {each.case for each in still}
    assert [each.case for each in models_reports.late("open", before=second.id)] == [first.id]
    assert models_reports.late("open", supplier("得力文具").id) == []


# ---- orders ---------------------------------------------------------------------------------------------------------


def test_orders_are_counted_by_state_and_narrowed(company, line, pen, clock):
    first = ordered(company, line, pen, 5)
    clock.forward(days=40)
    Quote.update(valid_until=today()).execute()
    second = ordered(company, line, pen, 10, "得力文具", "Nearer", days=1)
    buying.received(company, second)
    buying.order(company, buying.of(buying.approved(company, company.ann, line, (pen, 1, 5))))
    this, last = this_month(), int(f"{portal_clock.local(Order.get_by_id(first.id).placed_at):%Y%m}")

    sums = {each.state: (each.papers, each.amount) for each in models_reports.orders_by_state(Chosen())}

    assert sums == {
        "placed": (0, 0), "sent": (1, 1000), "partly": (0, 0), "received": (1, 3000), "closed": (0, 0), "cancelled": (0, 0)
    }  # fmt: skip
    assert [each.case for each in models_reports.orders(Chosen())] == [second.id, first.id]
    assert [each.case for each in models_reports.orders(Chosen(), before=second.id)] == [first.id]
    assert [each.case for each in models_reports.orders(Chosen(month=this))] == [second.id]
    assert [each.case for each in models_reports.orders(Chosen(month=last))] == [first.id]
    assert [each.case for each in models_reports.orders(Chosen(supplier("得力文具").id))] == [second.id]
    assert [each.case for each in models_reports.orders(Chosen(state="sent"))] == [first.id]
    assert [each.papers for each in models_reports.orders_by_state(Chosen(month=this, state="sent"))] == [0, 0, 0, 1, 0, 0]


# ---- prices ---------------------------------------------------------------------------------------------------------


def test_prices_of_an_item_are_those_quoted_and_ordered_per_unit(company, line):
    pen, shop = supply(company, "PEN"), supplier()
    buying.quote(pen, 24, shop, per_pack=12)
    ordered(company, line, pen, 24)
    Quote.update(valid_until=today() - timedelta(days=1)).execute()
    buying.quote(pen, 3, shop)
    buying.quote(pen, 2, supplier("得力文具"))
    ordered(company, line, pen, 5, reason="Nearer")

    found = models_prices.prices_of(pen.id, shop.id)

    assert [(each.quantity, each.per_unit, each.change) for each in found] == [
        (None, "¥2.00", None), (None, "¥3.00", 50), (24, "¥2.00", pytest.approx(-33.33, abs=0.01)), (5, "¥3.00", 50)
    ]  # fmt: skip
    assert len(models_prices.prices_of(pen.id)) == 5 and len(models_prices.prices_of(pen.id, limit=2)) == 2
    assert [name for name, _lines in models_prices.lines_of_chart(models_prices.prices_of(pen.id), 1)] == ["晨光文具"]


def test_the_chart_draws_a_line_for_each_supplier(company, line, pen, client):
    ordered(company, line, pen, 5)

    text = client(company.sam).get("/purchasing/reports/prices").text

    chart = text[text.index('<svg class="lines"') : text.index("<figcaption")]
    assert re.findall(r"<g class=\"(l\d)\">", chart) == ["l1", "l2", "l3"] and chart.count("<circle") == 4
    assert "晨光文具, " in chart and "¥2.00" in chart
    assert "style=" not in chart


# ---- savings --------------------------------------------------------------------------------------------------------


def bought(of=None):
    return models_prices.bought(today() - timedelta(days=3), today() + timedelta(days=1), of)


def test_sup_08_the_cheapest_saves_against_the_next_offer_and_a_dearer_one_costs_more(company, line, pen):
    cheap = ordered(company, line, pen, 10)
    dear = ordered(company, line, pen, 10, "蓝海", "They print our name on it")

    found = {each.order: each for each in bought()}

    assert (found[cheap.id].saved, found[cheap.id].extra, found[cheap.id].other.supplier) == (1000, 0, "得力文具")
    assert (found[dear.id].saved, found[dear.id].extra, found[dear.id].cheapest.supplier) == (0, 2000, "晨光文具")
    assert found[dear.id].other is None
    assert found[dear.id].reason == "They print our name on it"
    assert [each.order for each in bought(supplier("蓝海").id)] == [dear.id]


def test_what_was_not_offered_at_that_moment_saves_nothing(company, line):
    pen = supply(company, "PEN")
    buying.quote(pen, 2)
    gone = buying.quote(pen, 9, supplier("得力文具"))
    now = portal_clock.now()
    Quote.update(at=now - timedelta(hours=2)).execute()
    Quote.update(withdrawn_at=now - timedelta(hours=1), withdrawn_because="Old").where(Quote.id == gone.id).execute()
    first = ordered(company, line, pen, 10)
    later = buying.quote(pen, 9, supplier("蓝海"))
    Quote.update(at=now + timedelta(hours=1)).where(Quote.id == later.id).execute()

    assert [(each.order, each.other, each.saved) for each in bought()] == [(first.id, None, 0)]


def test_what_does_not_come_is_neither_saved_nor_spent(company, line, pen):
    order = ordered(company, line, pen, 10)
    buying.received(company, order, {lines_of_order(order)[0].id: (4, 4, "")})
    steps.take(company.sam, order.id, "close_short", note="They have none")
    steps.take(company.sam, ordered(company, line, pen, 7).id, "call_off", note="They have none")

    assert [(each.quantity, each.amount, each.saved) for each in bought()] == [(4, 800, 400)]


# ---- open payments --------------------------------------------------------------------------------------------------


def test_open_payments_stand_by_state_and_age_until_they_are_paid(company, line, pen, clock):
    cases = [buying.entered(company, buying.received(company, ordered(company, line, pen, 5))) for _each in range(3)]
    buying.invoice(company, buying.received(company, ordered(company, line, pen, 5)))
    clock.forward(days=10)
    buying.checked(company, buying.signed(cases[1]))
    buying.paid(company, buying.checked(company, buying.signed(cases[2])))

    rows = models_reports.unpaid()

    assert [(each.case, each.state, each.days, each.open) for each in rows] == [
        (cases[0].id, "submitted", 10, 1000), (cases[1].id, "payable", 10, 1000)
    ]  # fmt: skip
    assert [(each.state, each.papers, each.amount, oldest) for each, oldest in models_reports.by_state(rows) if each.papers] == [
        ("submitted", 1, 1000, 10), ("payable", 1, 1000, 10)
    ]  # fmt: skip
    assert [(key, n, amount) for key, _label, n, amount in models_reports.by_age(rows) if n] == [("30", 2, 2000)]
    assert [each.case for each in rows if ChosenUnpaid(state="payable", age="30").lets(each)] == [cases[1].id]
    assert not any(ChosenUnpaid(age="7").lets(each) for each in rows)


def test_what_is_not_decided_is_open_as_it_was_billed(company, line, pen):
    order = buying.received(company, ordered(company, line, pen, 5))
    (of,) = lines_of_order(order)
    buying.entered(company, order, [buying.Billed(of, 5, Money(1200))])

    (row,) = models_reports.unpaid()

    assert (row.state, row.billed, row.payable, row.open) == ("differing", 1200, None, 1200)


# ---- the page and the file ------------------------------------------------------------------------------------------


def rows_on(page):
    """The cells of the table of lines as one reads them."""
    table = page.text[page.text.index('id="lines"') :]
    rows = re.findall(r"<tr data-row>(.*?)</tr>", table[: table.index("</table>")], re.S)
    heads = [_text(each) for each in re.findall(r"<th scope.*?</th>", table[: table.index("</thead>")], re.S)]
    return heads, [[_text(cell) for cell in re.findall(r"<td.*?</td>", row, re.S)] for row in rows]


def _text(cell):
    return html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()


def shown(value):
    """A cell of the file as the page shows it."""
    if value in (None, ""):
        return "–"
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return languages.day(date.fromisoformat(value), "en")
    return str(value)


def amount(text):
    return re.sub(r"[¥,]", "", text)


def same(cell, value):
    """Whether the page and the file tell the same; amounts differ in their sign and their commas only."""
    if cell == shown(value):
        return True
    return re.fullmatch(r"-?[0-9.]+", str(value)) is not None and float(amount(cell)) == float(value)


REPORTS = ("orders", "late", "late?part=delivered", "prices", "savings", "savings?show=extra", "payments")


@pytest.fixture
def busy(company, line, pen, clock):
    """Something stands on every report."""
    ordered(company, line, pen, 1234, days=2)
    dear = ordered(company, line, pen, 7, "蓝海", "=They print, our name", days=1)
    clock.forward(days=3)
    order = buying.received(company, dear)
    (of,) = lines_of_order(order)
    buying.entered(company, order, [buying.Billed(of, 7, Money(3300))])
    buying.entered(company, buying.received(company, ordered(company, line, pen, 300)))
    return company


@pytest.mark.parametrize("report", REPORTS)
def test_the_file_holds_what_the_page_shows(busy, client, report):
    browser, also = client(busy.sam), "&" if "?" in report else "?"

    heads, rows = rows_on(browser.get(f"/purchasing/reports/{report}"))
    plain = browser.get(f"/purchasing/reports/{report}{also}export=csv").data.decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(browser.get(f"/purchasing/reports/{report}{also}export=xlsx").data)).active

    of_csv = list(csv.reader(io.StringIO(plain)))
    of_xlsx = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows and of_csv[0] == list(of_xlsx[0]) == heads
    for found in (of_csv[1:], of_xlsx[1:]):
        assert len(found) == len(rows)
        wrong = [
            (cell, value)
            for row, kept in zip(rows, found, strict=True)
            for cell, value in zip(row, kept, strict=True)
            if not same(cell, value) and f"'{cell}" != value
        ]
        assert wrong == []


def test_filters_narrow_the_page_and_the_file_alike(busy, client):
    browser, of = client(busy.sam), supplier("蓝海").id
    for report, more in (("orders", "&state=received"), ("savings", ""), ("payments", "&age=7&state=differing"), ("prices", "")):
        address = f"/purchasing/reports/{report}?supplier={of}{more}"

        _heads, rows = rows_on(browser.get(address))
        file = browser.get(f"{address}&export=csv").data.decode("utf-8-sig")

        kept = list(csv.reader(io.StringIO(file)))[1:]
        assert len(kept) == len(rows) >= 1, report
        assert all("蓝海" in "".join(row) and "晨光文具" not in row for row in [*kept, *rows]), report


def test_long_lists_go_on_on_a_next_page_and_the_file_holds_all(company, line, pen, client, monkeypatch):
    for _each in range(3):
        buying.entered(company, buying.received(company, ordered(company, line, pen, 5)))
    for module in ("views_reports", "views_prices"):
        monkeypatch.setattr(f"portal.purchasing.{module}.PAGE", 2)
    browser = client(company.sam)
    for report in ("orders", "savings", "payments"):
        first = browser.get(f"/purchasing/reports/{report}")
        older = html.unescape(re.search(r'rel="next" href="([^"]+)"', first.text)[1])
        second = browser.get(older)

        numbers = [[row[0] if report != "savings" else row[1] for row in rows_on(page)[1]] for page in (first, second)]

        assert [len(each) for each in numbers] == [2, 1] and len({*numbers[0], *numbers[1]}) == 3, report
        assert 'rel="next"' not in second.text and 'rel="prev"' in second.text
        assert browser.get(f"/purchasing/reports/{report}?export=csv").text.count("\n") == 4


@pytest.mark.parametrize("asked", ["month=x", "supplier=9", "state=gone", "age=0", "period=1999", "item=0", "before=1", "part=x"])
def test_a_strange_address_shows_the_report_all_the_same(company, client, asked):
    for report in ("orders", "late", "prices", "savings", "payments"):
        assert client(company.sam).get(f"/purchasing/reports/{report}?{asked}").status_code in (200, 404)


def test_the_cashier_sees_open_payments_only_and_the_executive_no_paper_that_is_not_theirs(busy, client):
    grant(busy.bo, "exec_in_charge")
    cai, bo = client(busy.cai), client(busy.bo)

    page = cai.get("/purchasing/reports/payments")

    assert page.status_code == 200 and "/purchasing/reports/orders" not in page.text
    assert cai.get("/purchasing/reports/orders").status_code == 403
    invoice = Case.find("kind = 'supplier_invoice' ORDER BY id LIMIT 1")
    own = f'href="/papers/{invoice.id}"'
    assert own in page.text and own not in bo.get("/purchasing/reports/payments").text
    assert bo.get(f"/papers/{invoice.id}").status_code == 404


def test_reports_of_buying_and_of_the_store_lead_to_each_other(company, client):
    sam = client(company.sam)

    assert 'href="/purchasing/reports/orders"' in sam.get("/supplies/consumption").text
    assert 'href="/supplies/consumption"' in sam.get("/purchasing/reports/orders").text


def test_reports_ask_the_database_few_times(company, line, pen, client):
    def cost(report):
        browser = client(company.sam)
        browser.get(f"/purchasing/reports/{report}")
        with statements() as asked:
            assert browser.get(f"/purchasing/reports/{report}").status_code == 200
        return len(asked)

    buying.entered(company, buying.received(company, ordered(company, line, pen, 5)))
    few = [cost(report) for report in REPORTS]
    for _each in range(3):
        buying.entered(company, buying.received(company, ordered(company, line, pen, 5)))

    assert [cost(report) for report in REPORTS] == few and max(few) <= 12
