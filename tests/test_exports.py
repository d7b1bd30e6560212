"""Lists taken away: readable by spreadsheets, and never a formula."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from portal.exports import Export, guarded, table, unguarded
from portal.money import Money
from portal.words import _

COLUMNS = [_("Title"), _("Amount")]
VALUES = [
    ["纸", Money(1250)],
    [None, 7],
    [True, date(2026, 3, 2)],
    [_("Only %(left)s is left.", left="1"), datetime(2026, 3, 1, 18, tzinfo=UTC)],
]


def _table(rows: Any, kind: str) -> Export:
    return table("Budget 2026 / 市场部", COLUMNS, rows, kind, str)


def _content(export: Export) -> bytes:
    return b"".join(export.content)


def _sheet(export: Export) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(_content(export))).worksheets[0].iter_rows())


def test_a_csv_opens_as_utf_8_with_its_headings(clock: Any) -> None:
    clock.set("2026-03-02 09:00")

    export = _table(VALUES, "csv")

    text = _content(export).decode()
    assert text.startswith("\ufeffTitle,Amount\r\n")
    assert list(csv.reader(text.splitlines()))[1:] == [
        ["纸", "12.50"],
        ["", "7"],
        ["Yes", "2026-03-02"],
        ["Only 1 is left.", "2026-03-02 02:00"],
    ]
    assert (export.filename, export.mimetype) == ("Budget-2026-市场部-20260302.csv", "text/csv")


def test_a_workbook_holds_money_as_numbers_and_the_rest_as_text() -> None:
    _heading, *rows = _sheet(_table(VALUES, "xlsx"))

    assert [tuple(cell.value for cell in row) for row in rows] == [
        ("纸", 12.5),
        (None, 7),
        ("Yes", "2026-03-02"),
        ("Only 1 is left.", "2026-03-02 02:00"),
    ]
    assert rows[0][1].number_format == "0.00"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1", "''@x", "-1+cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text
    ((_first,), *_rest) = [row[:1] for row in _sheet(_table([[text, None]], "xlsx"))[1:]]
    assert _first.data_type == "s"


@pytest.mark.parametrize("text", ["12.50", "-12.50", "0", "it's", "'quoted'", "纸 = 12", ""])
def test_plain_text_and_numbers_stay_as_they_are(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_list_takes_no_more_memory_than_a_short_one(kind: str) -> None:
    def rows(count: int) -> Iterator[list[Any]]:
        return ([f"Paper number {n} with a long title", Money(n)] for n in range(count))

    def most(count: int) -> int:
        tracemalloc.start()
        for _chunk in _table(rows(count), kind).content:
            pass
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(10)
    assert most(8000) < most(2000) + 500_000
