"""The demo company is made through the rules, is alike on one day, and shows every state."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import portal.demo
from portal import access, attachments, checks, create_app, db, demo, modules, passwords, search
from portal import clock as portal_clock
from portal.books.models_months import published_months
from portal.books.rules_figures import kept
from portal.cases import Case
from portal.config import Settings
from portal.contracts import models_loans
from portal.demo import budget, buying, large, past, supplies
from portal.demo import company as company_story
from portal.expenses.models_advances import Chosen, open_advances
from portal.listings.models_prices import last_file, mismatches, waiting
from portal.listings.models_products import Sought, every
from portal.listings.models_promotions import plans
from portal.persons import Person
from portal.publishing.models_desk import Wanted, listed
from portal.storefront.models import everything
from portal.supplies import models_catalogue, models_reports

FOLDER = Path(portal.demo.__file__).parent
IN_BULK = "large.py"
WRITES = {
    "save",
    "insert",
    "insert_many",
    "bulk_create",
    "add",
    "run",
    "rows",
    "row",
    "execute",
    "execute_sql",
    "update",
    "delete",
}
FOUNDED = datetime(2026, 3, 20, 11, 0, tzinfo=portal_clock.SHANGHAI)

pytestmark = pytest.mark.slow


@pytest.fixture
def company(demo_company: Callable[[datetime], Path]) -> Iterator[None]:
    _open(demo_company(FOUNDED))
    yield
    db.disconnect()


def _open(folder: Path) -> None:
    db.connect(f"sqlite:///{folder}/portal.db")
    attachments.keep_in(folder)
    modules.load()


@pytest.mark.no_database
def test_the_demo_writes_no_rows_itself() -> None:
    written = []

    for path in FOLDER.glob("*.py"):
        if path.name == IN_BULK:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and (node.attr in WRITES or node.attr == "create"):
                written.append(f"{path.name}:{node.lineno} {ast.unparse(node)}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "INSERT " in node.value.upper():
                written.append(f"{path.name}:{node.lineno} {node.value}")

    assert [each for each in written if not each.endswith(ALLOWED)] == []


ALLOWED = ("contents.create", "picture.save")


@pytest.mark.no_database
def test_everything_in_the_demo_company_adds_up(company: None) -> None:
    with portal_clock.at(FOUNDED):
        found = checks.findings(deep=True)

    assert found == []


@pytest.mark.no_database
def test_goods_that_come_on_the_day_of_a_count_are_not_missing_from_it(tmp_path: Path) -> None:
    day = datetime(2027, 1, 14, 11, 0, tzinfo=portal_clock.SHANGHAI)
    counted = "2026-08-26"  # when everything was counted
    _open(tmp_path)
    db.migrate()

    with portal_clock.at(day):
        now = past.present()
        stories = (budget.budgets(2027, now), supplies.supplies(now), buying.buying(now))
        past.tell(chain(company_story.found(date(2025, 11, 4), now), *stories), now)
        differing = {code for (code,) in db.rows(DIFFERING)}
        came = db.row("SELECT COUNT(*) FROM receipts WHERE day = ?", counted)
        found = checks.findings()
    db.disconnect()

    assert found == []
    assert came and came[0] >= 2
    assert differing and differing <= {*supplies.LOST, *supplies.FOUND}


DIFFERING = "SELECT i.code FROM count_lines l JOIN items i ON i.id = l.item_id WHERE l.entry_id IS NOT NULL"


@pytest.mark.no_database
def test_spending_requests_stand_in_every_state(company: None) -> None:
    states = Counter(state for (state,) in db.rows("SELECT state FROM cases WHERE kind = 'spending' AND number IS NOT NULL"))
    marks = {mark for (mark,) in db.rows("SELECT mark FROM cases WHERE kind = 'spending'")}

    assert {"draft", "submitted", "approved", "rejected", "cancelled", "lapsed"} <= set(states)
    assert marks == {"", "over_budget", "exception", "in_stead"}
    assert 190 <= sum(states.values()) <= 250


def _states(kind: str) -> Counter[str]:
    found = db.rows("SELECT state, COUNT(*) FROM cases WHERE kind = ? GROUP BY state", kind)
    return Counter(dict(found))


@pytest.mark.no_database
def test_supplies_stand_in_every_state(company: None) -> None:
    wishes, drawn, counts = _states("wish"), _states("draw"), _states("count")

    assert set(wishes) == {
        "draft", "submitted", "suggested", "filed", "arrived", "unmet", "answered", "rejected",
    }  # fmt: skip
    assert set(drawn) == {
        "draft", "special", "submitted", "waiting", "approved", "issued", "received", "declined", "cancelled", "rejected",
    }  # fmt: skip
    assert drawn["received"] > 80
    assert counts == {"counting": 1, "verifying": 1, "closed": 2}
    assert set(_states("goods_in")) == {"draft", "submitted", "confirmed", "rejected"}
    assert _states("limits") == {"submitted": 1, "approved": 2, "rejected": 1}


@pytest.mark.no_database
def test_supplies_show_what_is_out_of_the_ordinary(company: None) -> None:
    with portal_clock.at(FOUNDED):
        without = [each.department.name for each in models_catalogue.keepers() if each.custodian is None]
        low = models_reports.count_low()
        (late,) = db.row(
            "SELECT COUNT(*) FROM tasks t JOIN cases k ON k.id = t.case_id WHERE k.kind = 'draw' AND k.state = 'issued'"
            " AND t.closed IS NULL AND t.due < ?", db.to_ms(FOUNDED),
        )  # fmt: skip
    differences = db.row("SELECT COUNT(*) FROM count_lines WHERE entry_id IS NOT NULL")
    answers = Counter(answer for (answer,) in db.rows("SELECT answer FROM suggestions"))
    declined = db.row("SELECT COUNT(*) FROM draw_lines WHERE declined > 0 AND declined < issued")

    assert without == ["广州业务部"]
    assert low >= 3
    assert late >= 1
    assert differences and differences[0] >= 4
    assert answers == {"added": 1, "declined": 1, "": 1}
    assert declined and declined[0] >= 2


@pytest.mark.no_database
def test_an_employee_has_a_wish_in_hand_and_something_on_the_desk(company: None) -> None:
    mine = "kind = 'wish' AND requester_id = ? ORDER BY id DESC LIMIT 4"
    states = [case.state for case in Case.where(mine, Person.get(Person.user == "qinfeng").id)]

    assert states[0] == "submitted"
    assert "arrived" in states


@pytest.mark.no_database
def test_the_archive_holds_contracts_of_many_years_and_of_every_nature(company: None) -> None:
    states = Counter(dict(db.rows("SELECT state, COUNT(*) FROM contracts GROUP BY state")))
    natures = [n for (n,) in db.rows("SELECT COUNT(*) FROM contracts GROUP BY nature_id")]
    years = {year for (year,) in db.rows("SELECT year FROM contracts")}
    known = {name: db.row(f"SELECT COUNT(*) FROM contracts WHERE {name}") for name in ("confidential", "former_number <> ''")}

    assert set(states) == {"in_archive", "flagged", "withdrawn", "destroyed"}
    assert 780 <= sum(states.values()) <= 820
    assert len(natures) == 8 and min(natures) >= 15
    assert len(years) >= 12
    assert all(found and found[0] >= 8 for found in known.values())


@pytest.mark.no_database
def test_papers_of_the_archive_stand_in_every_state(company: None) -> None:
    loans, incidents = _states("loan"), _states("incident")

    assert set(loans) == {
        "draft", "submitted", "confidential", "special", "approved", "lent", "extending", "extending_by_gm", "returned", "lost",
        "rejected", "cancelled",
    }  # fmt: skip
    assert loans["returned"] > 30
    assert set(incidents) == {"opened", "closing", "closed"}
    assert _states("archive_check") == {"counting": 1, "closed": 2}
    assert set(_states("intake")) == {"draft", "submitted", "registered", "rejected"}
    assert _states("handover") == {"closed": 1}
    assert _states("destruction") == {"submitted": 1, "destroyed": 1}


@pytest.mark.no_database
def test_the_archive_shows_what_is_out_of_the_ordinary(company: None) -> None:
    with portal_clock.at(FOUNDED):
        late = models_loans.loans(["gm"], "overdue")
        soon = db.row("SELECT COUNT(*) FROM contracts WHERE reminded_for IS NOT NULL")
    results = {result for (result,) in db.rows("SELECT DISTINCT result FROM check_lines")}
    scans = Counter(dict(db.rows("SELECT state, COUNT(*) FROM scan_texts GROUP BY state")))

    assert [each.is_red for each in late].count(True) >= 1
    assert len(late) >= 2
    assert soon and soon[0] >= 10
    assert results == {"", "present", "missing", "damaged", "wrong_place", "on_loan"}
    assert set(scans) == {"read"} and scans["read"] >= 20
    assert search.find("违约金", ["gm"], thing="scan")
    for table in ("readings", "amendments", "contract_links", "saved_searches"):
        assert db.row(f"SELECT COUNT(*) >= 3 FROM {table}") == (1,), table


@pytest.mark.no_database
def test_the_shop_shows_some_two_hundred_products_with_pictures_and_prices(company: None) -> None:
    with portal_clock.at(FOUNDED):
        shown = list(everything(FOUNDED))
        states = Counter(row.state for row in every(Sought(), ["gm"]))

    assert 200 <= len(shown) <= 240 and len({each.category_id for each in shown}) == 4
    assert all(each.pictures and each.price and each.on_hand > 0 for each in shown)
    assert any(each.is_main for each in shown) and any(each.shown.gifts for each in shown)
    assert 10 <= sum(each.shown.is_special for each in shown) <= 20
    assert states.keys() == {"up", "planned", "draft", "normal", "abnormal"}
    assert states["normal"] >= 3 and states["planned"] == 2


@pytest.mark.no_database
def test_promotions_are_over_running_and_to_come(company: None) -> None:
    with portal_clock.at(FOUNDED):
        running = [(plan.is_running, plan.starts_at > FOUNDED) for plan in plans("running")]
        over = [plan.ends_at < FOUNDED for plan in plans("ended")]

    assert sorted(running) == [(False, True), (True, False)] and over == [True]
    assert _states("promotion") == {"submitted": 1, "approved": 2, "ended": 1}
    assert _states("treatment") == {"submitted": 1, "applied": 2, "closed": 1}
    assert _states("artwork") == {"approved": 1}
    assert db.row("SELECT COUNT(*), COUNT(result_on) FROM filings") == (2, 1)


@pytest.mark.no_database
def test_papers_of_the_shop_wait_and_some_are_late(company: None) -> None:
    with portal_clock.at(FOUNDED):
        proposals = {state: [each.is_late for each in waiting(state)] for state in ("submitted", "approved")}
        manuscripts = {each.state: each.tone for each in listed(Wanted("waiting"), ["gm"])}
        to_publish = sorted(each.tone for each in listed(Wanted("publish"), ["gm"]))
        differing = mismatches(last_file())

    assert proposals == {"submitted": [False], "approved": [True]}
    assert set(_states("price_proposal")) == {"submitted", "approved", "published", "rejected"}
    assert set(_states("shelf_request")) == {"submitted", "approved", "done"}
    assert manuscripts.keys() == {"submitted", "with_gm"}
    assert to_publish == ["late", "soon"] and _states("manuscript")["published"] == 5
    assert {"MUG", "THROW", "LAMP"} >= {each.code.split("-")[0] for each in differing if each.theirs} != set()


@pytest.mark.no_database
def test_storefront_and_feeds_of_the_demo_answer(demo_company: Callable[[datetime], Path]) -> None:
    folder = demo_company(FOUNDED)
    nobody = create_app(Settings(data=folder, database=f"sqlite:///{folder}/portal.db")).test_client()
    with portal_clock.at(FOUNDED):
        shown = len(list(everything(FOUNDED)))
        page, rows = nobody.get("/shop"), nobody.get("/shop/feed.json?limit=500").json["products"]
        told = ElementTree.fromstring(nobody.get("/shop/feed.xml").data).findall("channel/item")
        picture = nobody.get(urlsplit(rows[0]["images"][0]).path + "?small")
        product = nobody.get(f"/shop/products/{rows[0]['id']}")
        news = nobody.get("/shop?q=马克杯")
    db.disconnect()

    assert [each.status_code for each in (page, picture, product, news)] == [200] * 4
    assert len(rows) == len(told) == shown and picture.mimetype.startswith("image/")
    assert rows[0]["name"] in product.text and "马克杯" in news.text and "一只杯子的诞生" in page.text


@pytest.mark.no_database
def test_two_people_hold_every_role_but_the_general_managers(company: None) -> None:
    with portal_clock.at(FOUNDED):
        held: Counter[str] = Counter()
        for person in Person.select():
            held.update({access.split_post(post)[0] for post, acting in access.posts_of(person).items() if not acting})

    assert held["gm"] == 1
    assert {role: held[role] for role in access.ROLES if held[role] < 2} == {"gm": 1}


@pytest.mark.no_database
def test_the_accounts_printed_are_those_that_can_sign_in(company: None) -> None:
    people = {person.user: person for person in Person.select()}

    accounts = demo.accounts()

    assert len(accounts) >= 40
    assert all(passwords.why_not(each["password"], people[each["user"]]) is None for each in accounts)
    assert passwords.matches(people["zhoumin"], accounts[0]["password"])
    with portal_clock.at(FOUNDED):
        assert not any(passwords.is_expired(people[each["user"]]) for each in accounts)
        for each in accounts:
            posts = access.posts_of(people[each["user"]])
            steady = {access.split_post(post)[0] for post, acting in posts.items() if not acting} - {"#"}
            assert steady == set(each["roles"])


@pytest.mark.no_database
def test_the_demo_company_is_the_same_all_day(company: None, demo_company: Callable[[datetime], Path]) -> None:
    query = "SELECT number, title, state, amount, submitted_at, closed_at FROM cases ORDER BY id"
    first = list(db.rows(query))

    _open(demo_company(FOUNDED.replace(hour=17)))

    assert list(db.rows(query)) == first


@pytest.mark.no_database
def test_papers_written_in_bulk_are_as_whole_as_those_told(company: None) -> None:
    (before,) = db.row("SELECT COUNT(*) FROM cases")

    with portal_clock.at(FOUNDED):
        large.fill(300)
        found = checks.findings()

    assert found == []
    assert db.row("SELECT COUNT(*) FROM cases") == (before + 300,)
    assert list(db.rows("PRAGMA foreign_key_check")) == []
    (numbered,) = db.row("SELECT MAX(number) FROM cases WHERE kind = 'spending'")
    words = numbered.lower().split("-")
    assert len(search.find(" ".join(words), ["gm"])) == 1
    assert db.row("SELECT last FROM counters WHERE kind = 'SR' AND year = ?", int(words[1])) == (int(words[2]),)


@pytest.mark.no_database
def test_money_goes_from_the_slip_to_the_published_month(company: None) -> None:
    with portal_clock.at(FOUNDED):
        told = Counter((case.kind, case.state) for case in Case.where("kind NOT IN ('wish', 'draw')"))
        figures = [kept(month) for month in published_months()]

    assert (told["opening", "confirmed"], told["close", "published"], len(figures)) == (1, 12, 12)
    assert told["claim", "posted"] > 60 and told["advance", "settled"] > 6 and told["allowance", "posted"] > 20
    assert told["cash_report", "acknowledged"] > 240 and told["money_note", "posted"] > 80
    assert (told["adjustment", "posted"], told["penalty", "confirmed"]) == (1, 1)
    assert all(each is not None and each.income > each.expense > 0 for each in figures)


@pytest.mark.no_database
def test_the_month_in_progress_has_money_waiting_for_each_who_handles_it(company: None) -> None:
    with portal_clock.at(FOUNDED):
        told = Counter((case.kind, case.state) for case in Case.where("closed_at IS NULL"))
        late = [row for row in open_advances(["gm"], Chosen()) if row.days_late]

    assert told["claim", "submitted"] and told["penalty", "submitted"] and told["spending", "provisional"]
    assert told["claim", "signed"] and told["claim", "payable"]
    assert told["claim", "paid"] and told["cash_report", "submitted"] and told["money_note", "recorded"]
    assert late
