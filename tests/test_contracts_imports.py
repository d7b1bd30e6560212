"""A register brought as a table: numbers that are kept, open loans, mistakes with their row, an export that changes nothing."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import date, timedelta

import pytest

from portal import checks, clock, db, exports, imports, languages
from portal.cases import Case
from portal.contracts.models import Contract, Loan, Nature
from portal.contracts.models_register import COLUMNS, exported, listed
from portal.contracts.rules_imports import BROUGHT, bring, preview
from portal.contracts.rules_register import withdraw
from portal.imports import Row
from portal.persons import Person
from portal.refused import NotYours, Refused
from tests import archive, lending
from tests.test_spending_pages import everybody_reads_english, text_of  # noqa: F401

PLAIN = {
    "nature": "PRJ", "title": "Fittings", "parties": "Golden Fittings Ltd", "signed_on": "2024-05-06", "department": "市场部",
    "responsible": "hao", "room": "A-101", "pages": "12",
}  # fmt: skip

LENT = {"borrower": "ann", "lent_on": "2026-02-25"}


@pytest.fixture(autouse=True)
def today(clock, cast):
    clock.set("2026-03-02 09:00")
    archive.nature(cast)


@pytest.fixture
def wen(cast):
    return archive.archivist(cast)


def rows(*told):
    return [Row(number, PLAIN | values) for number, values in enumerate(told, 2)]


def numbers():
    return [(each.number, each.former_number) for each in Contract.select().order_by(Contract.number)]


def test_con_01_numbers_that_fit_and_are_free_are_kept_and_others_are_former_numbers(cast, wen):
    found = bring(
        wen,
        rows(
            {"number": "2024-PRJ-0042"},
            {"number": "合同2024第7号"},
            {"number": "2023-PRJ-0003"},
            {"number": "2024-PRJ-9"},
            {},
            {"number": "2024-PRJ-0007", "nature": ""},
            {"number": "2024-PRJ-0000"},
        ),
    )

    assert (found.count("new"), found.kept) == (7, 2)
    assert numbers() == [
        ("2024-PRJ-0007", ""), ("2024-PRJ-0042", ""), ("2024-PRJ-0043", "合同2024第7号"), ("2024-PRJ-0044", "2023-PRJ-0003"),
        ("2024-PRJ-0045", "2024-PRJ-9"), ("2024-PRJ-0046", ""), ("2024-PRJ-0047", "2024-PRJ-0000"),
    ]  # fmt: skip
    assert checks.findings() == []


def test_con_01_numbers_that_are_kept_come_before_those_that_are_given(cast, wen):
    bring(wen, rows({}, {"number": "2024-PRJ-0001"}))

    assert numbers() == [("2024-PRJ-0001", ""), ("2024-PRJ-0002", "")]


def test_con_01_a_name_that_two_people_have_is_nobodys(cast, wen):
    Person.update(name="安妮").where(Person.user == "bo").execute()

    found = preview(wen, rows({"responsible": "安妮"}, {"responsible": "ann"}))

    assert [(each.row, each.field) for each in found.errors] == [(2, "responsible")]


def test_con_01_a_number_that_is_taken_means_that_contract(cast, wen):
    one = archive.contract(cast, "Fittings", signed_on=date(2024, 5, 6))

    found = preview(wen, rows({"number": one.number, "room": "B-2"}))

    (difference,) = found.differences
    assert (difference.kind, difference.changed["room"]) == ("changed", ("A-101", "B-2"))


def test_con_01_a_second_row_with_the_same_number_is_a_mistake(cast, wen):
    found = preview(wen, rows({"number": "2024-PRJ-0001"}, {"number": "2024-PRJ-0001"}))

    assert [(each.row, each.field, str(each.words)) for each in found.errors] == [(3, "number", "Row 2 has the same number.")]


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        ({"title": ""}, "title", "This cell is empty."),
        ({"nature": "XXX"}, "nature", "There is no nature XXX in the code list."),
        ({"department": "Moon"}, "department", "There is no department Moon."),
        ({"responsible": "nobody"}, "responsible", "There is nobody called nobody, or more than one."),
        ({"signed_on": "2024-02-31"}, "signed_on", "Write a real day as year-month-day, such as 2026-11-30."),
        ({"ends": "9999-12-31"}, "ends", "Write a real day as year-month-day, such as 2026-11-30."),
        ({"signed_on": "2027-01-01"}, "signed_on", "It cannot have been signed on a day to come."),
        ({"ends": "2024-05-05"}, "ends", "It cannot end before it begins."),
        ({"pages": "many"}, "pages", "many is not a whole number."),
        ({"amount": "x"}, "amount", "x is not an amount such as 1200.50."),
        ({"confidential": "maybe"}, "confidential", "Write yes or no."),
        ({"room": "r" * 41}, "room", "That is too long: at most 40 characters."),
        ({"borrower": "nobody"}, "borrower", "There is nobody called nobody, or more than one."),
        ({"borrower": "ann"}, "lent_on", "Say on which day it was lent; that day is not still to come."),
        (LENT | {"lent_on": "2026-03-03"}, "lent_on", "Say on which day it was lent; that day is not still to come."),
        (LENT | {"due_on": "2026-02-24"}, "due_on", "It cannot be due before it was lent."),
        (LENT | {"loan_form": "microfilm"}, "loan_form", "Choose one of the list."),
        (LENT | {"copy_number": "0"}, "copy_number", "Write a whole number from 1 to 9999."),
        (
            LENT | {"confidential": "yes"},
            "borrower",
            "安妮 may not know of a confidential contract: bring it with its loan first, and mark it afterwards.",
        ),
        (LENT | {"borrower": "lin"}, "borrower", "林 has left."),
        ({"language": "Klingon"}, "language", "Choose one of the list."),
        ({"nature": "LEASE", "borrower": ""}, "nature", "租赁 is not in use any more."),
        ({"parties": " ; "}, "parties", "Name at least one party."),
    ],
)
def test_con_01_each_mistake_is_told_with_its_row_and_nothing_is_written(cast, wen, wrong, field, why):
    Person.update(active=False).where(Person.user == "lin").execute()
    Nature.update(active=False).where(Nature.id == archive.nature(cast, "LEASE").id).execute()
    told = rows({"number": "2024-PRJ-0001"}, wrong)

    found = preview(wen, told)

    assert [(each.row, each.field, str(each.words)) for each in found.errors] == [(3, field, why)]
    with pytest.raises(Refused, match="Row 3"):
        bring(wen, told)
    assert numbers() == []


@pytest.mark.parametrize(
    ("told", "field", "why"),
    [
        ({"nature": "LEASE", "borrower": ""}, "nature", "The nature stands in its number and stays."),
        (LENT | {"copy_number": "1"}, "copy_number", "There is a copy 1 of it already."),
        (LENT | {"loan_form": "original"}, "borrower", "波 asked for the original before (CL-2026-0002)."),
    ],
)
def test_con_01_a_mistake_about_what_is_there_is_told_with_its_row(cast, wen, told, field, why):
    archive.nature(cast, "LEASE")
    one = archive.contract(cast, "Fittings", signed_on=date(2024, 5, 6))
    lending.lent(cast, one)
    lending.asked(cast.bo, one, "original")

    found = preview(wen, rows({"number": one.number} | told | ({"borrower": "cai"} if "lent_on" in told else {})))

    assert [(each.row, each.field, str(each.words)) for each in found.errors] == [(2, field, why)]


def test_con_01_what_left_the_archive_is_not_lent_and_what_is_destroyed_not_changed(cast, wen):
    one = archive.contract(cast, "Fittings", signed_on=date(2024, 5, 6))
    withdraw(wen, one.id, one.events, "given back")
    (lent,) = preview(wen, rows({"number": one.number} | LENT)).errors
    Contract.update(state="destroyed").execute()
    (changed,) = preview(wen, rows({"number": one.number, "room": "B-2"})).errors

    assert [str(each.words) for each in (lent, changed)] == [
        "It is not in the archive any more.", "It was destroyed: its record stays as it is.",
    ]  # fmt: skip


def test_con_01_all_mistakes_of_a_row_are_told_at_once(cast, wen):
    found = preview(wen, rows({"title": "", "signed_on": "soon", "amount": "much", "borrower": "nobody"}, {"nature": ""}))

    assert [(each.row, each.field) for each in found.errors] == [
        (2, "title"), (2, "signed_on"), (2, "amount"), (2, "borrower"), (3, "nature"),
    ]  # fmt: skip
    assert str(found.errors[-1].words) == "Write the code or the name of the nature, such as PRJ."


def test_con_01_cells_are_understood_as_registers_have_them(cast, wen):
    messy = {"signed_on": "45418", "ends": "长期", "amount": "¥36,800元", "starts": "2024 年 5 月 7 日"}

    (one,) = preview(wen, rows(messy)).differences

    assert (one.values["signed_on"], one.values["starts"]) == (date(2024, 5, 6), date(2024, 5, 7))
    assert (one.values["ends"], int(one.values["amount"])) == (None, 3_680_000)


def test_con_01_a_sum_below_the_rows_is_no_contract(cast, wen):
    found = preview(wen, [*rows({}), Row(9, {"amount": "120000", "note": "合计"})])

    assert (len(found.differences), found.passed_over, found.errors) == (1, (9,), [])


def test_con_01_a_row_without_a_number_that_is_there_already_is_told(cast, wen):
    bring(wen, rows({}))

    again, third, other = preview(wen, rows({}, {"title": "New"}, {"title": "New"})).differences

    assert [str(each.alike) for each in (again, third, other)] == ["2024-PRJ-0001", "", "row 3"]


def test_con_01_only_the_archivist_brings_a_register(cast):
    for person in (cast.ann, cast.mei, cast.sam):
        for take in (preview, bring):
            with pytest.raises(NotYours):
                take(person, rows({}))


def taken_away(kind="csv"):
    """The register as the archivist takes it away, read as an import reads it."""
    shown = map(exported, listed(["contract_archivist"], more="ORDER BY c.id"))
    made = exports.table("contracts", list(COLUMNS.values()), shown, kind, languages.here)
    headings = {languages.here(label): field for field, label in BROUGHT.items()}
    return imports.read(made.filename, io.BytesIO(b"".join(made.content)), headings)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_con_01_an_export_brought_back_changes_nothing(cast, wen, kind):
    from portal.money import Money

    archive.contract(cast, "=1+1", "A Ltd", "B Ltd", amount=Money(1250), starts=date(2026, 2, 1), ends=date(2027, 1, 31))
    archive.contract(cast, "Merger", confidential=True, fire_proof=True, language="en", former_number="旧-7", keywords="k, l")
    gone = archive.contract(cast, "Gone", note="a note", group_file="G-1")
    withdraw(wen, gone.id, gone.events, "given back")
    events = db.row("SELECT COUNT(*) FROM events")

    found = bring(wen, taken_away(kind))

    assert (found.differences, found.unchanged, found.errors) == ([], 3, [])
    assert db.row("SELECT COUNT(*) FROM events") == events


def test_con_01_a_register_brought_twice_is_there_once(cast, wen):
    told = rows({"number": "旧-1"}, {"number": "2024-PRJ-0005"})
    bring(wen, told)

    assert bring(wen, told).unchanged == 2 and len(numbers()) == 2


def test_con_10_loans_that_were_open_are_open(cast, wen):
    told = rows(
        {"number": "2024-PRJ-0001", "borrower": "ann", "lent_on": "2026-02-25", "due_on": "2026-03-10", "copy_number": "3"},
        {"number": "2024-PRJ-0002", "borrower": "Bo", "lent_on": "2026-02-25", "loan_form": "original"},
    )

    found = bring(wen, told)

    assert found.loans == 2
    first, second = Loan.select().order_by(Loan.case)
    assert [Case.get_by_id(each.case_id).state for each in (first, second)] == ["lent", "lent"]
    assert (first.form, first.copy_number, first.due_on, first.pages_out) == ("copy", 3, date(2026, 3, 10), 12)
    assert (second.form, second.copy_number, second.due_on) == ("original", None, date(2026, 2, 25) + timedelta(days=7))
    assert Contract.get_by_id(first.contract_id).copies == 3 and clock.local(second.lent_at).date() == date(2026, 2, 25)
    assert bring(wen, told).unchanged == 2 and Loan.select().count() == 2


# ---- in the browser -------------------------------------------------------------------------------------------------


def test_con_01_a_file_is_looked_at_and_written(cast, client, wen):
    type(wen).update(language="en").execute()
    browser = client(type(wen).get_by_id(wen.id))
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/contracts/import").text)[1]
    table = "编号,项目性质,合同名称,对方单位,签订日期,所属部门,责任人,库房,页数\n"
    table += "旧-1,PRJ,装修合同,甲公司；乙公司,2024/5/6,市场部,郝,A-101,12\n"

    def send(content):
        files = {"file": (io.BytesIO(content.encode()), "register.csv"), "csrf_token": csrf}
        return browser.post("/contracts/import", data=files, content_type="multipart/form-data")

    seen = send(table)
    carried = re.search(r'name="rows" value="([^"]*)"', seen.text)[1].replace("&#34;", '"')
    written = browser.post("/contracts/import/confirm", data={"rows": carried, "name": "register.csv", "csrf_token": csrf})
    again = send(table)
    wrong = send(table.replace("市场部", "月球"))

    assert seen.status_code == 200 and "gets a new number" in text_of(seen) and "A-101" in text_of(seen)
    assert written.status_code == 303 and numbers() == [("2024-PRJ-0001", "旧-1")]
    assert "装修合同" in browser.get(written.location).text and "entered_from=2026-03-02" in written.location
    assert "The file changes nothing" in text_of(again)
    assert wrong.status_code == 422 and "There is no department" in text_of(wrong)
    assert browser.get("/contracts/import/template/xlsx").status_code == 200


def test_con_01_columns_that_are_not_read_are_named(cast, client, wen):
    type(wen).update(language="en").execute()
    browser = client(type(wen).get_by_id(wen.id))
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/contracts/import").text)[1]
    table = "合同编号,项目性质,合同名称,对方单位,签订日期,所属部门,责任人,库房,页数,保密,税率,<b>审批人</b>\n"
    table += "旧-1,PRJ,装修合同,甲公司,2024/5/6,市场部,郝,A-101,12,是,13%,陈\n"

    def send(content):
        files = {"file": (io.BytesIO(content.encode()), "register.csv"), "csrf_token": csrf}
        return browser.post("/contracts/import", data=files, content_type="multipart/form-data")

    seen, whole = send(table), send(table.replace(",税率,<b>审批人</b>", "").replace(",13%,陈", ""))
    carried = json.loads(html.unescape(re.search(r'name="rows" value="([^"]*)"', seen.text)[1]))

    assert "These columns are not read:" in seen.text and "税率 · &lt;b&gt;审批人&lt;/b&gt;" in seen.text
    assert seen.status_code == 200 and carried[0][1]["confidential"] == "是" and carried[0][1]["number"] == "旧-1"
    assert "These columns are not read" not in whole.text
