"""Workbooks nobody saved: a small file does not keep the portal busy, and reads nothing of the machine."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from portal import imports
from portal.refused import Mistyped

pytestmark = pytest.mark.no_database
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
ROW = '<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def workbook(sheet: str) -> io.BytesIO:
    """A workbook with this in place of its sheet."""
    whole, made = io.BytesIO(), io.BytesIO()
    Workbook().save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for each in source.infolist():
            is_sheet = each.filename.endswith("sheet1.xml")
            target.writestr(each.filename, sheet if is_sheet else source.read(each))
    made.seek(0)
    return made


def test_a_row_far_below_is_refused_soon() -> None:
    far = workbook(SHEET % (ROW.format(n=1, text="code") + ROW.format(n=999_999_999, text="x")))
    began = time.process_time()

    with pytest.raises(Mistyped, match="has more than 10000 rows"):
        imports.read("far.xlsx", far, {"code": "code"})

    assert time.process_time() - began < 10


@pytest.mark.parametrize("entity", ['<!ENTITY x SYSTEM "file:///etc/hostname">', '<!ENTITY a "aaaa"><!ENTITY x "&a;&a;&a;">'])
def test_entities_read_no_file_of_the_machine(entity: str) -> None:
    evil = workbook(f"<!DOCTYPE s [{entity}]>" + SHEET % (ROW.format(n=1, text="code") + ROW.format(n=2, text="&x;")))

    try:
        rows = imports.read("evil.xlsx", evil, {"code": "code"})
    except Mistyped:
        rows = []

    with open("/etc/hostname") as told:
        assert told.read().strip() not in [row.text("code") for row in rows]
