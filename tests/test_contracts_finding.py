"""Finding contracts: text, filters, order, paging and export; searches that are kept; who read what on site; text of scans."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest

from portal import attachments, clock, db, modules, scans
from portal.contracts.models import EVERYONE, Reading, SavedSearch, ScanText
from portal.contracts.models_finding import Key, Sought, every, found, scans_of
from portal.contracts.rules_finding import MOST_SEARCHES, drop_search, keep_search, read_here, read_waiting
from portal.contracts.rules_register import change, withdraw
from portal.money import Money
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from tests.archive import archivist, contract
from tests.counting import statements
from tests.pdfs import pdf_of, picture
from tests.posts import grant
from tests.test_spending_pages import everybody_reads_english, text_of  # noqa: F401

ALL = [EVERYONE]


@pytest.fixture(autouse=True)
def keep_files(tmp_path):
    modules.load()
    attachments.keep_in(tmp_path / "data")


@pytest.fixture
def shelf(cast):
    """Three contracts by title, oldest first."""
    one = contract(cast, "会议室装修合同", "金装有限公司", amount=Money(100_000), signed_on=date(2024, 5, 1), room="A-101")
    two = contract(
        cast, "Lease of the shop", "North Lane Ltd", department="IT", code="LEASE", signed_on=date(2025, 6, 1), room="B-2",
        ends=date(2027, 6, 1), amount=Money(900_000),
    )  # fmt: skip
    three = contract(cast, "Printers", "Ink Ltd", "North Lane Ltd", signed_on=date(2025, 6, 1), former_number="HT/88-12")
    return one, two, three


def titles(cast, person=None, **sought):
    from portal.access import posts_of

    return [row.title for row in found(Sought(**sought), posts_of(person or cast.bo))]


# ---- text and filters -----------------------------------------------------------------------------------------------


def test_con_06_the_newest_signed_stands_first(cast, shelf):
    assert titles(cast) == ["Printers", "Lease of the shop", "会议室装修合同"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("装修", ["会议室装修合同"]), ("金装", ["会议室装修合同"]), ("north", ["Printers", "Lease of the shop"]),
        ("2025-LEASE-0001", ["Lease of the shop"]), ("HT/88-12", ["Printers"]), ("修会", []), ("!", []), ("a" * 300, []),
    ],
)  # fmt: skip
def test_con_06_one_box_finds_number_title_and_party_in_either_script(cast, shelf, text, expected):
    assert titles(cast, text=text) == expected


def test_con_06_every_filter_narrows(cast, shelf):
    one, two, _three = shelf

    assert titles(cast, number="2024-prj") == [one.title]
    assert titles(cast, number="88-12") == ["Printers"]
    assert titles(cast, year=2024) == [one.title]
    assert titles(cast, nature=two.nature_id) == [two.title]
    assert titles(cast, party="lane", department=two.department_id) == [two.title]
    assert titles(cast, party="%") == []
    assert titles(cast, least=Money(100_000), most=Money(100_000)) == [one.title]
    assert titles(cast, signed_from=date(2024, 5, 1), signed_until=date(2024, 5, 1)) == [one.title]
    assert titles(cast, ends_from=date(2027, 6, 1), ends_until=date(2027, 6, 1)) == [two.title]
    assert titles(cast, place="b-2") == [two.title]
    assert titles(cast, text="north", year=2024) == []


def test_con_06_a_state_narrows_and_what_left_the_archive_is_still_found(cast, shelf):
    one = shelf[0]
    withdraw(archivist(cast), one.id, one.events, "Moved to the head office")

    assert titles(cast, state="withdrawn") == [one.title]
    assert titles(cast, state="in_archive") == ["Printers", "Lease of the shop"]
    assert titles(cast, text="装修") == [one.title]


def test_con_06_pages_follow_one_another_without_gap_or_double(cast):
    made = [contract(cast, f"Number {n}", signed_on=date(2025, 1, 1 + n % 3)) for n in range(7)]

    shown = [row.id for row in every(Sought(), ALL, at_once=2)]

    assert sorted(shown) == sorted(each.id for each in made)
    assert shown == [row.id for row in found(Sought(), ALL)]


def test_con_06_who_may_not_know_of_a_contract_does_not_find_it(cast):
    secret = contract(cast, "Takeover of Lanwan", "Lanwan Ltd", confidential=True)
    contract(cast, "Paper")

    assert [titles(cast, person, text="lanwan") for person in (cast.ann, cast.bo, cast.lin)] == [[], [], []]
    assert [titles(cast, person, text="lanwan") for person in (archivist(cast), cast.hao, cast.mei)] == [[secret.title]] * 3
    assert titles(cast, cast.ann) == ["Paper"]
    assert titles(cast, cast.ann, party="Lanwan") == titles(cast, cast.ann, number=secret.number) == []


def test_con_06_who_learns_of_it_no_more_finds_it_no_more(cast):
    once = contract(cast, "Takeover of Lanwan")
    assert titles(cast, cast.ann, text="lanwan") == [once.title]

    change(archivist(cast), once.id, once.events, confidential=True)

    assert titles(cast, cast.ann, text="lanwan") == []


def test_con_06_two_thousand_contracts_are_found_along_indexes(cast):
    """The plan of each statement on SQLite names an index, or the key; 50,000 are measured by `python -m bench contracts`."""
    if db.is_postgres():
        pytest.skip("plans of PostgreSQL depend on its statistics")
    many(cast, 2000)

    asked = (Sought(), Sought(year=2024), Sought(text="装修"), Sought(party="金装"), Sought(before=Key(date(2024, 3, 1), 9)))
    for sought in asked:
        condition, values = sought.condition(ALL)
        sql = f"SELECT c.id FROM contracts c WHERE {condition} ORDER BY c.signed_on DESC, c.id DESC LIMIT 51"
        plan = [row[3] for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
        assert [step for step in plan if re.fullmatch(r"SCAN c", step)] == [], plan
        assert any(re.search(r"^(SCAN|SEARCH) c USING (INDEX|INTEGER PRIMARY KEY)", step) for step in plan), plan
        assert len(found(sought, ALL)) > 0


@db.transaction
def many(cast, count):
    """Rows as the register writes them, without their events."""
    first = contract(cast, "会议室装修合同", "金装有限公司", signed_on=date(2024, 1, 1))
    columns = [each for each in columns_of("contracts") if each not in ("id", "number", "seq", "signed_on", "token", "title")]
    sql = (
        f"INSERT INTO contracts ({', '.join(columns)}, number, seq, signed_on, title) "
        f"SELECT {', '.join(columns)}, ?, ?, ?, ? FROM contracts WHERE id = ?"
    )
    for n in range(2, count + 1):
        db.run(sql, f"2024-PRJ-{n:04d}", n, (date(2024, 1, 1) + timedelta(days=n % 365)).isoformat(), f"Order {n}", first.id)


def columns_of(table):
    return [column.name for column in db.db.get_columns(table)]


# ---- the page -------------------------------------------------------------------------------------------------------


def test_con_06_the_page_shows_what_fits_and_takes_the_same_away(cast, client, shelf):
    bo = client(cast.bo)

    page = bo.get("/contracts?q=north&department=")
    table = bo.get("/contracts/export/csv?q=north")

    assert shown_titles(page) == ["Printers", "Lease of the shop"]
    assert [row["title"] for row in rows_of(table)] == shown_titles(page)
    assert bo.get("/contracts/export/xlsx?q=north").mimetype.endswith("sheet")
    assert bo.get("/contracts/export/pdf").status_code == 404


def rows_of(answer):
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    return [{"number": line[0], "title": line[3]} for line in lines[1:]]


def shown_titles(answer):
    return re.findall(r'<tr data-row><td class="nm"><a href="/contracts/\d+"><bdi>([^<]*)', answer.text)


def test_con_06_search_as_you_type_answers_the_rows_alone(cast, client, shelf):
    answer = client(cast.bo).get("/contracts?q=装修", headers={"HX-Request": "true"})

    assert answer.text.lstrip().startswith('<div id="rows">')
    assert shown_titles(answer) == ["会议室装修合同"]


def test_con_06_what_the_address_says_wrongly_narrows_nothing_and_breaks_nothing(cast, client, shelf):
    bo = client(cast.bo)

    for asked in ("before=x", "before=2025-99-99.1", "before=2025-06-01.99999999999", "year=20x5", "least=much", "signed_from=1",
                  "state=gone", "most=-", "ends_until=2025-02-30"):  # fmt: skip
        assert bo.get(f"/contracts?{asked}").status_code in (200, 404), asked
    answer = bo.get("/contracts?least=much&state=gone&signed_from=1")
    assert len(shown_titles(answer)) == 3
    assert "Not understood, and not looked for: Amount from · Signed from" in text_of(answer)
    assert "Not understood" not in bo.get("/contracts?least=1%2C000").text


def test_con_06_what_has_the_very_number_stands_first(cast, client, shelf):
    contract(cast, "Of the same words", signed_on=date(2025, 12, 1), note="HT/88-12 came before", former_number="12/HT/88")

    assert shown_titles(client(cast.bo).get("/contracts?q=HT/88-12")) == ["Printers", "Of the same words"]
    assert shown_titles(client(cast.bo).get("/contracts?q=HT/88-12&year=2024")) == []


def test_con_06_what_came_into_the_register_lately_is_found(cast, clock):
    clock.set("2026-03-04 23:00")
    contract(cast, "Of yesterday")
    clock.set("2026-03-05 01:00")
    contract(cast, "Old but new here", signed_on=date(2020, 1, 1))

    assert titles(cast, entered_from=date(2026, 3, 5)) == ["Old but new here"]
    assert len(titles(cast, entered_from=date(2026, 3, 6))) == 0


def test_con_06_a_page_costs_at_most_eight_statements_whatever_it_shows(cast, client, shelf):
    bo = client(cast.bo)
    bo.get("/contracts")
    with statements() as few:
        bo.get("/contracts?q=north")
    for n in range(20):
        contract(cast, f"More {n}", "North Lane Ltd")

    with statements() as many_rows:
        bo.get("/contracts?q=north")

    assert len(many_rows) == len(few)
    assert len([each for each in many_rows if each.startswith(("SELECT", "WITH"))]) <= 8 + of_every_page(bo)


def of_every_page(browser):
    """What each page asks besides: who somebody is, what waits for them."""
    with statements() as asked:
        browser.get("/help/keys")
    return len(asked)


def test_con_06_the_list_goes_on_by_its_last_row(cast, client):
    for n in range(53):
        contract(cast, f"Number {n:02d}")
    bo = client(cast.bo)

    first = bo.get("/contracts")
    link = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")

    assert len(shown_titles(first)) == 50
    assert shown_titles(bo.get(link)) == ["Number 02", "Number 01", "Number 00"]


# ---- searches that are kept -----------------------------------------------------------------------------------------


def test_con_06_a_search_is_kept_for_its_person_and_removed(cast, client, app, shelf):
    app.config["WTF_CSRF_ENABLED"] = False
    bo = client(cast.bo)

    bo.post("/contracts/searches", data={"name": "Lanes", "query": "?q=north&year=2025&before=1&evil=1"})

    kept = SavedSearch.get()
    assert (kept.person_id, kept.name, kept.query) == (cast.bo.id, "Lanes", "q=north&year=2025")
    assert "Lanes" in bo.get("/contracts").text
    assert "Lanes" not in client(cast.ann).get("/contracts").text
    assert client(cast.ann).post(f"/contracts/searches/{kept.id}/remove").status_code == 404
    assert bo.post(f"/contracts/searches/{kept.id}/remove").status_code == 303
    assert SavedSearch.select().count() == 0


def test_con_06_a_name_is_kept_once_and_not_without_end(cast):
    for n in range(MOST_SEARCHES):
        keep_search(cast.bo, f"Search {n}", "q=x")

    with pytest.raises(Mistyped, match="of this name already"):
        keep_search(cast.bo, "Search 1", "q=y")
    with pytest.raises(Mistyped, match="Give it a name"):
        keep_search(cast.bo, "", "q=y")
    with pytest.raises(Mistyped, match="Search for something first"):
        keep_search(cast.bo, "Nothing", "")
    with pytest.raises(Refused, match="At most"):
        keep_search(cast.bo, "One more", "q=y")
    with pytest.raises(NotThere):
        drop_search(cast.ann, SavedSearch.get().id)


# ---- readings on site -----------------------------------------------------------------------------------------------


def test_con_07_an_employee_says_i_read_it_here_and_the_archivist_says_it_of_others(cast):
    one, wen = contract(cast), archivist(cast)

    read_here(cast.bo, one.id)
    read_here(wen, one.id, cast.ann, "With the auditor")

    assert [(each.person.user, each.by.user, each.note) for each in Reading.select().order_by(Reading.id)] == [
        ("bo", "bo", ""), ("ann", "wen", "With the auditor"),
    ]  # fmt: skip


def test_con_07_nobody_else_speaks_for_others_and_what_is_gone_is_not_read(cast):
    one, wen = contract(cast), archivist(cast)
    secret = contract(cast, "Takeover", confidential=True)

    with pytest.raises(NotYours):
        read_here(cast.bo, one.id, cast.ann)
    with pytest.raises(NotThere):
        read_here(cast.bo, secret.id)
    with pytest.raises(Mistyped, match="may not read this contract"):
        read_here(wen, secret.id, cast.ann)
    Person.update(active=False).where(Person.id == cast.ann.id).execute()
    with pytest.raises(Mistyped, match="has left"):
        read_here(wen, one.id, cast.ann)
    withdraw(wen, one.id, one.events, "Moved")
    with pytest.raises(Refused, match="not in the archive"):
        read_here(cast.bo, one.id)
    assert Reading.select().count() == 0


def test_con_07_a_reading_is_never_changed_or_taken_back(cast):
    import peewee

    made = read_here(cast.bo, contract(cast).id)

    for change_ in (lambda: made.delete_instance(), lambda: Reading.update(note="x").execute()):
        with pytest.raises(peewee.PeeweeException, match="append-only"):
            db.transaction(change_)()


def test_con_07_who_read_it_is_seen_by_archivist_owners_head_and_gm(cast, client, app):
    app.config["WTF_CSRF_ENABLED"] = False
    one = contract(cast)
    assert client(cast.bo).post(f"/contracts/{one.id}/readings").status_code == 303
    address = f"/contracts/{one.id}/readings"
    grant(cast.lin, "dept_manager", cast.department("Finance"))

    statuses = {
        each.user: client(each).get(address).status_code for each in (cast.ann, cast.hao, cast.mei, cast.lin, archivist(cast))
    }
    report = {each.user: client(each).get("/contracts/readings") for each in (cast.hao, cast.mei, cast.lin, cast.ann)}

    assert statuses == {"ann": 403, "hao": 200, "mei": 200, "lin": 403, "wen": 200}
    assert {user: answer.status_code for user, answer in report.items()} == {"hao": 200, "mei": 200, "lin": 200, "ann": 403}
    assert {user: one.number in answer.text for user, answer in report.items()} == {"hao": 1, "mei": 1, "lin": 0, "ann": 0}
    assert one.number in client(cast.hao).get("/contracts/readings?export=csv").text
    assert one.number not in client(cast.hao).get("/contracts/readings?since=2020-01-01&until=2020-02-01").text


# ---- text of scans --------------------------------------------------------------------------------------------------


def scan(cast, one, name="scan.pdf", content=None):
    content = pdf_of("违约金条款 penalty clause") if content is None else content
    return attachments.store("contract", one.id, "scan", name, io.BytesIO(content), archivist(cast))


def test_con_06_text_in_a_scan_is_found_by_who_may_open_it_and_by_nobody_else(cast):
    one = contract(cast)
    scan(cast, one)

    assert read_waiting() == 1

    assert [titles(cast, each, text="违约金") for each in (archivist(cast), cast.hao, cast.mei)] == [[one.title]] * 3
    assert [titles(cast, each, text=word) for each in (cast.ann, cast.bo) for word in ("违约", "penalty")] == [[]] * 4
    assert read_waiting() == 0


def test_con_06_a_removed_scan_is_found_no_more(cast):
    one = contract(cast)
    kept = scan(cast, one)
    read_waiting()

    attachments.remove(kept, archivist(cast))

    assert titles(cast, cast.mei, text="违约金") == []


def test_con_06_a_scan_that_cannot_be_read_says_so_and_stops_nothing(cast):
    one = contract(cast)
    broken = scan(cast, one, "broken.pdf", b"%PDF-1.7\n" + b"junk " * 50 + b"\nstartxref\n9\n%%EOF")
    locked = scan(cast, one, "locked.pdf", pdf_of("secret words", password="x"))
    blank = scan(cast, one, "blank.pdf", pdf_of(""))
    shown = scan(cast, one, "photo.png", picture())
    good = scan(cast, one, "good.pdf")

    assert read_waiting() == 4

    states = {each.attachment_id: each.state for each in ScanText.select()}
    notes = {key: words.message % words.values for key, words in ((each.id, each.note) for each in scans_of(one.id))}
    assert (states[broken.id], states[locked.id], states[blank.id], states[good.id]) == ("failed", "failed", "empty", "read")
    assert "damaged" in notes[broken.id]
    assert "password" in notes[locked.id]
    assert "no text" in notes[blank.id]
    assert "picture" in notes[shown.id]
    assert titles(cast, cast.mei, text="penalty") == [one.title]


def test_con_06_a_scan_that_takes_too_much_is_given_up(cast, monkeypatch):
    """A child that never ends is ended: by its own limit, and where the system knows none, by the parent's clock."""
    monkeypatch.setattr(scans, "scan_seconds", lambda: 1)
    kept = scan(cast, contract(cast), content=pdf_of("x", loops=True))

    begun = clock.now()
    read_waiting()

    assert ScanText.get_by_id(kept.id).state == "failed"
    assert clock.now() - begun < timedelta(seconds=15)


def test_con_06_the_child_is_told_nothing_of_the_portal(monkeypatch):
    monkeypatch.setenv("PORTAL_DATABASE", "postgresql://secret")

    assert set(scans._environment()) == {"PYTHONPATH", "PATH", "PYTHONDONTWRITEBYTECODE"}
