"""Pages of the register: the contract's own page, what the archivist writes there, natures and labels."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pytest

from portal import contents, policies, steps
from portal.attachments import Attachment
from portal.cases import Case
from portal.contracts.models import Contract, ContractLink, Nature, Place
from portal.contracts.models_papers import incident_content
from portal.contracts.rules_checks import Result, write_down
from portal.contracts.rules_finding import read_here
from portal.contracts.rules_incidents import INCIDENT
from portal.contracts.rules_links import link
from portal.contracts.rules_natures import retention_years
from portal.contracts.rules_register import amend, change
from portal.contracts.rules_scans import attach_scan
from tests import archive, lending, posts
from tests.counting import statements
from tests.pdfs import PDF
from tests.test_contracts_checks import begun
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401


@pytest.fixture(autouse=True)
def today(clock):
    clock.set("2026-03-02 09:00")


@pytest.fixture
def wen(cast):
    person = archive.archivist(cast)
    type(person).update(language="en").execute()
    return type(person).get_by_id(person.id)


def typed(cast, **more):
    told = {
        "title": "Store fittings 2026", "nature": archive.nature(cast).id, "parties": "Golden Fittings Ltd\nSilver Ltd",
        "amount": "120000", "signed_on": "2026-01-15", "department": cast.department("Marketing").id,
        "responsible": cast.hao.id, "room": "A-101", "cabinet": "3", "box": "7", "originals": "2", "pages": "12",
        "language": "zh-Hans", "fire_proof": "y", "token": "a-key-of-this-very-form",
    }  # fmt: skip
    return told | more


def token_of(browser):
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/password").text)[1]


def test_con_01_the_archivist_registers_and_changes_a_contract(cast, client, wen):
    browser = client(wen)

    first, again = (post(browser, "/contracts/new", typed(cast)) for _each in range(2))
    one = Contract.get()
    shown = browser.get(f"/contracts/{one.id}")
    edit = f"/contracts/{one.id}/edit"
    changed = post(browser, edit, typed(cast, room="B-2", events=str(one.events)))
    late = post(browser, edit, typed(cast, room="C-3", events=str(one.events)))

    assert first.headers["Location"] == again.headers["Location"] == f"/contracts/{one.id}"
    assert "Silver Ltd" in shown.text and "120,000.00" in shown.text and one.number in shown.text
    assert (changed.status_code, late.status_code) == (303, 409)
    assert Contract.get_by_id(one.id).room == "B-2" and Contract.select().count() == 1


def test_con_01_a_mistake_stays_on_the_form_with_what_was_typed(cast, client, wen):
    answer = post(client(wen), "/contracts/new", typed(cast, room="", signed_on="2026-02-31", title="A long title"))

    assert answer.status_code == 422 and "A long title" in answer.text
    assert "Write a real day" in text_of(answer) and "Fill this in." in text_of(answer)


def test_con_13_nobody_else_has_the_forms(cast, client, wen):
    one = archive.contract(cast)

    for person in (cast.ann, cast.hao, cast.mei):
        browser = client(person)
        page = browser.get(f"/contracts/{one.id}").text
        assert "Store fittings 2026" in page
        assert not re.search(rf'action="/contracts/{one.id}/(amend|link|withdraw|scans)"', page) and "/edit" not in page
        for path in ("/contracts/new", f"/contracts/{one.id}/edit", "/contracts/import", "/contracts/labels"):
            assert browser.get(path).status_code == 403
        for step in ("amend", "link", "withdraw", "scans"):
            assert post(browser, f"/contracts/{one.id}/{step}", {"events": "1"}).status_code == 403


def test_con_06_a_confidential_contract_is_not_found_by_others(cast, client, wen):
    secret = archive.contract(cast, "Merger", confidential=True)

    assert [client(person).get(f"/contracts/{secret.id}").status_code for person in (cast.ann, cast.lin)] == [404, 404]
    assert [client(person).get(f"/contracts/{secret.id}").status_code for person in (cast.hao, cast.mei, wen)] == [200] * 3


def test_con_07_scans_are_added_opened_and_removed(cast, client, wen):
    one, browser = archive.contract(cast), client(wen)
    files = {"files": (io.BytesIO(PDF), "scan.pdf"), "csrf_token": token_of(browser)}

    added = browser.post(f"/contracts/{one.id}/scans", data=files, content_type="multipart/form-data")
    kept = Attachment.get()
    opened = [client(person).get(f"/files/{kept.id}").status_code for person in (wen, cast.hao, cast.mei, cast.ann, cast.lin)]
    shown = [f"/files/{kept.id}" in client(person).get(f"/contracts/{one.id}").text for person in (cast.hao, cast.ann)]
    refused = post(client(cast.hao), f"/files/{kept.id}/remove", {})
    removed = post(browser, f"/files/{kept.id}/remove", {})

    assert added.status_code == 303 and opened == [200, 200, 200, 404, 404]
    assert (refused.status_code, removed.headers["Location"]) == (403, f"/contracts/{one.id}#scans")
    assert shown == [True, False]
    assert browser.get(f"/files/{kept.id}").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("scan.pdf", b"no pdf", "does not contain what its name says"),
        ("scan.pdf", PDF.replace(b"/Kids[3 0 R]", b"/Kids[7 0 R]"), "is damaged and cannot be opened"),
        ("../../scan.pdf", PDF, "has folders in it"),
        ("C:\\papers\\scan.pdf", PDF, "has folders in it"),
    ],
)
def test_con_07_a_scan_that_is_none_is_said_beside_its_field(cast, client, wen, name, content, why):
    one, browser = archive.contract(cast), client(wen)
    body = "".join(
        f"--apart\r\nContent-Disposition: form-data; {part}\r\n"
        for part in (
            f'name="csrf_token"\r\n\r\n{token_of(browser)}',
            f'name="files"; filename="{name}"\r\n\r\n{content.decode()}',
        )
    )

    answer = browser.post(
        f"/contracts/{one.id}/scans", data=f"{body}--apart--\r\n", content_type="multipart/form-data; boundary=apart"
    )

    said = re.search(r'aria-invalid="true".*?<p class="err" id="files-err1" role="alert">.*?</p>', answer.text, re.S)
    assert answer.status_code == 422 and said and why in said[0]
    assert Attachment.select().count() == 0


def test_con_01_amendments_ties_and_withdrawal_from_the_page(cast, client, wen):
    one, other, browser = archive.contract(cast), archive.contract(cast, "Lease of the store"), client(wen)

    def send(step, **values):
        return post(browser, f"/contracts/{one.id}/{step}", {"events": str(Contract.get_by_id(one.id).events)} | values)

    amended = send("amend", subject="Prolonged", signed_on="2026-02-01", pages="2", ends="2027-12-31")
    wrong = send("amend", subject="Prolonged", signed_on="2025-02-01", pages="2")
    tied = send("link", number=other.number, note="the rooms")
    unknown = send("link", number="2026-PRJ-9999")
    page = browser.get(f"/contracts/{one.id}").text
    events = str(Contract.get_by_id(one.id).events)
    untied = post(browser, f"/contracts/links/{ContractLink.get().id}/remove", {"contract": str(one.id), "events": events})
    gone = send("withdraw", reason="given back")

    assert [answer.status_code for answer in (amended, wrong, tied, unknown, untied, gone)] == [303, 422, 303, 422, 303, 303]
    assert "It was signed between the contract and today." in text_of(wrong)
    assert "There is no contract and no paper 2026-PRJ-9999" in text_of(unknown)
    assert other.number in page and "Prolonged" in page and "the rooms" in page
    assert Contract.get_by_id(one.id).state == "withdrawn" and ContractLink.select().count() == 0
    assert "Withdrawn from the archive" in text_of(client(cast.ann).get(f"/contracts/{one.id}"))


def test_con_01_the_code_list_is_read_by_all_and_kept_by_the_archivist(cast, client, wen):
    browser = client(wen)
    new = {"code": "TRAVEL", "name": "旅游", "name_en": "Travel", "years_kept": "", "active": "y"}

    years = r'name="years_kept"[^>]*value="(\d*)"'
    proposed = re.findall(years, browser.get("/contracts/natures").text)
    policies.change(cast.mei, retention_years, 12)
    assert proposed + re.findall(years, browser.get("/contracts/natures").text) == ["10", "12"]
    assert post(client(cast.ann), "/contracts/natures", new).status_code == 403
    assert post(browser, "/contracts/natures", new).status_code == 303
    made = Nature.get(Nature.code == "TRAVEL")
    assert "for ever" in text_of(client(cast.ann).get("/contracts/natures"))
    changed = post(browser, f"/contracts/natures/{made.id}", new | {"years_kept": "30", "events": str(made.events)})
    assert changed.status_code == 303 and Nature.get_by_id(made.id).years_kept == 30
    assert "Years kept after the end" in text_of(browser.get(f"/contracts/natures/{made.id}"))


def test_con_02_a_label_carries_the_contracts_own_address(cast, app, client, wen):
    one = archive.contract(cast)
    archive.contract(cast, "Lease of the store", code="LEASE")
    from portal.contracts.views_imports import label_of

    app.config["PORTAL"] = replace(app.config["PORTAL"], url="https://portal.example")
    with app.test_request_context():
        assert label_of(one.id, one.number) == f"https://portal.example/contracts/{one.id}"
    app.config["PORTAL"] = replace(app.config["PORTAL"], url=None)
    with app.test_request_context():
        assert label_of(one.id, one.number) == one.number
    all_of_them, chosen = (client(wen).get(path).text for path in ("/contracts/labels", f"/contracts/labels?id={one.id}"))
    narrowed = client(wen).get("/contracts/labels?q=lease").text
    assert "2026-LEASE-0001" in all_of_them and one.number in all_of_them
    assert one.number in chosen and "2026-LEASE-0001" not in chosen
    assert one.number not in narrowed and "2026-LEASE-0001" in narrowed
    assert "does not know its own address" in chosen


def test_con_02_labels_come_shelf_by_shelf(cast, client, wen):
    rooms = {room: archive.contract(cast, f"In {room}", room=room, signed_on=date(2026, 1, day)).number
             for day, room in enumerate(("C", "A", "B"), 1)}  # fmt: skip

    page = client(wen).get("/contracts/labels").text

    assert sorted(rooms.values(), key=page.index) == [rooms[room] for room in "ABC"]


@pytest.mark.parametrize("user", ["ann", "wen"])
def test_req_46_the_page_of_a_contract_asks_little_and_always_the_same(cast, client, wen, user):
    one = archive.contract(cast, "Store fittings 2026", "A Ltd")
    browser = client(wen if user == "wen" else cast.ann)
    browser.get(f"/contracts/{one.id}")
    lending.lent(cast, one)
    attach_scan(wen, one.id, "scan.pdf", io.BytesIO(PDF))
    change(wen, one.id, Contract.get_by_id(one.id).events, responsible=cast.hao)

    def more(n):
        link(wen, one.id, Contract.get_by_id(one.id).events, archive.contract(cast, f"Tied {n}").number)
        amend(wen, one.id, Contract.get_by_id(one.id).events, date(2026, 2, 1), f"Change {n}", None, None, 1)

    def asked():
        with statements() as sent:
            assert browser.get(f"/contracts/{one.id}").status_code == 200
        return len([each for each in sent if each.startswith("SELECT")])

    more(0)
    before = asked()
    for n in range(1, 6):
        more(n)
    change(wen, one.id, Contract.get_by_id(one.id).events, parties=[f"Party {n}" for n in range(10)])

    assert asked() <= before <= 12


def test_req_46_the_page_asks_at_most_twelve_even_with_everything_on_it_at_once(cast, client, wen):
    one = archive.contract(cast, "Merger", "A Ltd", "B Ltd")
    posts.grant(wen, "dept_manager", cast.department("Marketing"))
    lending.lent(cast, one)
    attach_scan(wen, one.id, "scan.pdf", io.BytesIO(PDF))
    read_here(wen, one.id, cast.hao)
    for more in (
        {"responsible": cast.sam, "confidential": True},
        {"department": cast.department("Office")},
        {"department": cast.department("Marketing")},
    ):
        change(wen, one.id, Contract.get_by_id(one.id).events, **more)
    for n in range(3):
        amend(wen, one.id, Contract.get_by_id(one.id).events, date(2026, 2, 1), f"Change {n}", None, None, 1)
        link(wen, one.id, Contract.get_by_id(one.id).events, archive.contract(cast, f"Tied {n}").number)
    check = begun(wen)
    write_down(wen, check.id, one.id, Result("wrong_place", Place("B-2")))
    incident = contents.create(
        INCIDENT, wen, incident_content(Contract.get_by_id(one.id), "damaged", cast.department("Office"), "wet"), "one"
    )
    steps.take(wen, incident.id, "submit")
    browser = client(wen)
    browser.get(f"/contracts/{one.id}")

    with statements() as sent:
        page = browser.get(f"/contracts/{one.id}").text

    for part in ("check", "loans", "scans", "readings", "amendments", "links", "history"):
        assert f'id="{part}"' in page
    assert Case.get_by_id(incident.id).number in page
    assert len(sent) <= 12


def test_con_01_natures_are_chosen_with_the_code_that_will_stand_in_the_number(cast, client, wen):
    nature = archive.nature(cast)

    page = client(wen).get("/contracts/new").text

    assert f">{nature.code} {nature.name_en or nature.name}</option>" in page
