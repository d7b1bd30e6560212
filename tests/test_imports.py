"""Tables that people bring: read in any usual shape, refused with a sentence, never executed or unpacked blindly."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from portal import exports, imports
from portal.imports import Row, RowError
from portal.money import Money
from portal.refused import Mistyped
from portal.words import _

pytestmark = pytest.mark.no_database

HEADINGS = {
    "Department": "department", "部门": "department", "部門": "department",
    "Amount": "amount", "金额": "amount", "金額": "amount",
}  # fmt: skip


def _read(content: bytes, name: str = "budget.csv", needed: tuple[str, ...] = ("department", "amount")) -> list[Row]:
    return imports.read(name, io.BytesIO(content), HEADINGS, needed)


def _workbook(*rows: list[Any]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(written)
    return written.getvalue()


def _values(rows: list[Row]) -> list[tuple[int, str, str]]:
    return [(row.number, row.text("department"), row.text("amount")) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_of_any_spreadsheet_is_read(encoding: str, separator: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=separator).writerows([["部门", "Note, or; so", "金额"], ["市场部", "x", "1200.50"]])

    assert _values(_read(written.getvalue().encode(encoding))) == [(2, "市场部", "1200.50")]


@pytest.mark.parametrize("headings", [["Department", "Amount"], ["部门", "金额"], ["部門", "金額"], [" department ", "AMOUNT *"]])
def test_headings_are_understood_in_every_language(headings: list[str]) -> None:
    assert _values(_read(_workbook(headings, ["Office", 12]), "budget.xlsx")) == [(2, "Office", "12")]


def test_cells_of_a_workbook_are_plain_text() -> None:
    rows = _read(
        _workbook(["Department", "Amount"], [2026, 0.1 + 0.2], [date(2026, 3, 2), 1234567890.12], [True, None]), "a.xlsx"
    )

    assert _values(rows) == [(2, "2026", "0.3"), (3, "2026-03-02", "1234567890.12"), (4, "True", "")]


def test_a_table_may_have_its_title_above_the_headings() -> None:
    titled = _workbook(["Budget of Cloud Spruce"], [None, "as of 2 March"], ["Department", None, "Amount"], ["Office", 1, 12])

    assert _values(_read(titled, "a.xlsx")) == [(4, "Office", "12")]
    assert _values(_read("预算表;;\n部门;;金额\n市场部;x;1\n".encode("gb18030"))) == [(3, "市场部", "1")]


@pytest.mark.parametrize("typed", ["¥1,200.50", "1200.50元", "人民币1,200.50元整", "RMB 1200.5"])
def test_an_amount_may_say_its_currency(typed: str) -> None:
    assert Row(2, {"amount": typed}).money("amount") == Money(120050)


def test_empty_rows_are_passed_over_and_numbers_stay_those_of_the_file() -> None:
    assert _values(_read(b"\nDepartment,Amount\n,\nOffice,1\n\n  ,\nIT,2\n")) == [(4, "Office", "1"), (7, "IT", "2")]


def test_text_is_composed_stripped_and_free_of_invisible_signs() -> None:
    rows = _read("Department,Amount\n\u200b Cafe\u0301\u202e\u00a0 ,1\n".encode())

    assert rows[0].text("department") == "Caf\u00e9"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("text", ["=1+1", "'=1", "-x", "+86 10", "@home", "it's", 'Office, "big"; new'])
def test_bringing_back_an_export_changes_nothing(kind: str, text: str) -> None:
    columns = [_("Department"), _("Amount")]
    taken = exports.table("budget", columns, [[text, Money(120050)]], kind, str)

    rows = _read(b"".join(taken.content), taken.filename)

    assert [(row.text("department"), row.money("amount")) for row in rows] == [(text, Money(120050))]


def test_every_wrong_row_is_named() -> None:
    rows = _read(b"Department,Amount\nOffice,12\nIT,twelve\n,3\nHR,1e5\n")

    taken, errors = imports.each(rows, lambda row: (row.needed("department"), row.money("amount")))

    assert taken == [("Office", Money(1200))]
    assert [(error.row, error.field, str(error.words)) for error in errors] == [
        (3, "amount", "twelve is not an amount such as 1200.50."),
        (4, "department", "This cell is empty."),
        (5, "amount", "1e5 is not an amount such as 1200.50."),
    ]


def test_a_whole_number_is_digits_alone() -> None:
    assert Row(2, {"year": "2026"}).whole("year") == 2026
    for typed in ("2_026", "２０２６", "2026.0", "x"):
        with pytest.raises(RowError) as error:
            Row(2, {"year": typed}).whole("year")
        assert str(error.value.words) == f"{typed} is not a whole number."


def _bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.xml", b" " * 41 * 1024 * 1024)
    return written.getvalue()


def _entities() -> bytes:
    """A workbook whose sheet grows out of entities."""
    plain, written = zipfile.ZipFile(io.BytesIO(_workbook(["Department", "Amount"], ["Office", 1]))), io.BytesIO()
    evil = b'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(written, "w") as packed:
        for part in plain.namelist():
            packed.writestr(part, (evil if part.endswith("sheet1.xml") else b"") + plain.read(part))
    return written.getvalue()


UNREADABLE = " cannot be read as a table. Save it as XLSX, or as CSV in UTF-8."


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "a.csv is empty."),
        ("a.csv", b"\n\n", "a.csv is empty."),
        ("a.csv", b"Department\nOffice\n", "a.csv has no column Amount / 金额 / 金額."),
        ("a.csv", "Department,部门,Amount\n".encode(), "a.csv has the same column twice: Department / 部门."),
        ("a.csv", b'Department,Amount\n"Office,1\n', "a.csv" + UNREADABLE),
        ("a.csv", b"\xff\xfeD\x00e\x00", "a.csv" + UNREADABLE),
        ("a.csv", b"\x80\x00", "a.csv" + UNREADABLE),
        ("a.csv", b"Department,Amount\n" + b"x,1\n" * 10_001, "a.csv has more than 10000 rows. Bring it in parts."),
        ("a.csv", b"x" * (10 * 1024 * 1024 + 1), "a.csv is larger than 10 MB."),
        (
            "a.xlsx",
            _workbook(["Department", "Amount"])[:-40],
            "a.xlsx cannot be read to its end. Save it again and attach it anew.",
        ),
        ("a.xlsx", _bomb(), "a.xlsx unpacks to more than a workbook may."),
        ("a.xlsx", _entities(), "a.xlsx" + UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Mistyped) as refusal:
        _read(content, name)

    assert (str(refusal.value), refusal.value.field) == (why, "file")


def test_ten_thousand_rows_are_read() -> None:
    assert len(_read(b"Department,Amount\n" + b"x,1\n" * 10_000)) == 10_000


@pytest.mark.parametrize("typed", ["2026-11-30", "2026/11/30", "2026.11.30", "2026年11月30日", "46356"])
def test_days_are_read_as_people_and_spreadsheets_write_them(typed: str) -> None:
    assert Row(2, {"day": typed}).day("day") == date(2026, 11, 30)


@pytest.mark.parametrize("typed", ["", "2026-02-30", "30.11.2026", "1948-01-01", "soon"])
def test_days_are_read_only_where_they_are_real(typed: str) -> None:
    with pytest.raises(RowError):
        Row(2, {"day": typed}).day("day")
