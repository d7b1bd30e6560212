"""Any list as a table to take away: CSV or XLSX, written row by row."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from typing import IO, Any, NamedTuple

from portal import clock
from portal.contained import TYPES
from portal.money import Money
from portal.refused import Refused
from portal.words import Words, _

Say = Callable[[Words], str]

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_CHUNK = 64 * 1024
MOST_ROWS_OF_A_WORKBOOK = 1_000_000
LONGEST_CELL = 32_767


class Export(NamedTuple):
    filename: str
    mimetype: str
    content: Iterator[bytes]


def table(name: str, columns: Sequence[Words], rows: Iterable[Sequence[Any]], kind: str, say: Say) -> Export:
    """The rows under their headings; `kind` is csv or xlsx, `say` puts messages into the reader's language.

    A CSV asks for its rows while it is sent; a workbook is whole before its first byte.
    """
    headings = [say(each) for each in columns]
    write = {"csv": _csv, "xlsx": _xlsx}[kind]
    label = re.sub(r"[^\w-]+", "-", name).strip("-")
    filename = f"{label}-{clock.today():%Y%m%d}.{kind}"
    return Export(filename, TYPES[f".{kind}"], write(headings, rows, say))


def as_text(value: Any, say: Say) -> str:
    """A value as a cell shows it."""
    match value:
        case None:
            return ""
        case bool():
            return say(_("Yes") if value else _("No"))
        case Words():
            return say(value)
        case datetime():
            return f"{clock.local(value):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
    return str(value)


def guarded(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it; see `unguarded`."""
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text as it was before `guarded`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _csv(headings: list[str], rows: Iterable[Sequence[Any]], say: Say) -> Iterator[bytes]:
    written = io.StringIO()
    writer = csv.writer(written)
    written.write("\ufeff")  # so that spreadsheets read it as UTF-8
    writer.writerow([guarded(heading) for heading in headings])
    for row in rows:
        writer.writerow([guarded(as_text(value, say)) for value in row])
        if written.tell() >= _CHUNK:
            yield written.getvalue().encode()
            written.seek(0)
            written.truncate()
    yield written.getvalue().encode()


def _xlsx(headings: list[str], rows: Iterable[Sequence[Any]], say: Say) -> Iterator[bytes]:
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.TemporaryFile())
        _write_workbook(file, headings, rows, say)
        return _chunks(file, opened.pop_all())


def _chunks(file: IO[bytes], opened: ExitStack) -> Iterator[bytes]:
    with opened:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write_workbook(file: IO[bytes], headings: list[str], rows: Iterable[Sequence[Any]], say: Say) -> None:
    from xlsxwriter import Workbook

    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, plain) as book:
        sheet = book.add_worksheet()
        bold, yuan = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.set_column(column, column, max(12, min(40, 2 * len(heading))))
            sheet.write_string(0, column, guarded(heading), bold)
        for n, row in enumerate(rows, 1):
            if n > MOST_ROWS_OF_A_WORKBOOK:
                raise Refused(_("There are more rows than a workbook holds. Narrow the list, or take it as CSV."))
            for column, value in enumerate(row):
                _write_cell(sheet, n, column, value, yuan, say)


def _write_cell(sheet: Any, n: int, column: int, value: Any, yuan: Any, say: Say) -> None:
    """Money and whole numbers as numbers, everything else as text."""
    if isinstance(value, Money):
        sheet.write_number(n, column, int(value) / 100, yuan)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        sheet.write_number(n, column, value)
    elif text := as_text(value, say):
        sheet.write_string(n, column, guarded(text)[:LONGEST_CELL])
