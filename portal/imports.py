"""Tables that people bring: an uploaded CSV or XLSX read into rows of plain text, each with its number."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from portal import contained
from portal.attachments import clean_name, in_mb
from portal.exports import unguarded
from portal.money import Money
from portal.refused import Mistyped
from portal.words import Words, _

T = TypeVar("T")

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED_BYTES = 40 * 1024 * 1024
MOST_PACKED_BYTES = 3 * 1024 * 1024
MOST_ROWS = 10_000
MOST_EMPTY_ROWS = 100_000
MOST_COLUMNS = 100
MOST_TITLES = 10  # rows above the headings: what the table is, as of which day
LONGEST_CELL = 2000
LONGEST_TEXT = 20_000  # of a field whose lines are kept
FIRST_OF_SPREADSHEETS = date(1899, 12, 30)
_MONEY_SIGNS = re.compile(r"^(人民币|RMB|CNY)\s*|\s*元整?$", re.IGNORECASE)
_WHOLE = re.compile(r"-?[0-9]{1,12}", re.ASCII)
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Zl", "Zp"}


class RowError(Exception):
    """What is wrong in one cell, or in a row where `field` is empty; `row` is its number in the file."""

    def __init__(self, row: int, field: str, words: Words) -> None:
        super().__init__(f"{row} {field}: {words}")
        self.row, self.field, self.words = row, field, words


class RowErrors(Exception):
    """All that is wrong in a row, said together."""

    def __init__(self, found: list[RowError]) -> None:
        super().__init__(found)
        self.found = found


@dataclass(frozen=True)
class Row:
    """One row of the file; its number is the one a spreadsheet shows. A column that is not there reads as empty."""

    number: int
    values: dict[str, str]

    def text(self, field: str) -> str:
        return self.values.get(field, "")

    def needed(self, field: str) -> str:
        """Raises RowError where the cell is empty, as the readers below do where they cannot read it."""
        if not self.text(field):
            raise RowError(self.number, field, _("This cell is empty."))
        return self.text(field)

    def money(self, field: str) -> Money:
        typed = self.needed(field)
        try:
            return Money.parse(_MONEY_SIGNS.sub("", typed))
        except ValueError:
            raise RowError(self.number, field, _("%(typed)s is not an amount such as 1200.50.", typed=typed)) from None

    def whole(self, field: str) -> int:
        typed = self.needed(field)
        if not _WHOLE.fullmatch(typed):
            raise RowError(self.number, field, _("%(typed)s is not a whole number.", typed=typed))
        return int(typed)

    def day(self, field: str) -> date:
        typed = self.needed(field)
        if re.fullmatch(r"[2-6][0-9]{4}", typed, re.ASCII):  # as a spreadsheet counts it, in a cell that says it is a number
            return FIRST_OF_SPREADSHEETS + timedelta(days=int(typed))
        found = re.fullmatch(r"([0-9]{4})\s?[-/.年]\s?([0-9]{1,2})\s?[-/.月]\s?([0-9]{1,2})\s?日?", typed, re.ASCII)
        try:
            day = date(*map(int, found.groups())) if found else None
        except ValueError:
            day = None
        if day is None or not 1949 <= day.year <= 2100:
            raise RowError(self.number, field, _("Write a real day as year-month-day, such as 2026-11-30."))
        return day


def each(rows: Iterable[Row], take: Callable[[Row], T]) -> tuple[list[T], list[RowError]]:
    """What `take` made of every row, and the errors it raised."""
    taken, errors = [], []
    for row in rows:
        try:
            taken.append(take(row))
        except RowError as error:
            errors.append(error)
        except RowErrors as several:
            errors += several.found
    return taken, errors


def read(
    name: str,
    stream: BinaryIO,
    headings: Mapping[str, str],
    needed: Iterable[str] = (),
    unread: list[str] | None = None,
    long: Container[str] = (),
) -> list[Row]:
    """The rows that are not empty, by field. `headings` says which field a heading in any language means; other columns are
    left out and named in `unread`, the `needed` fields must be there, `long` ones keep their lines. Raises Mistyped ("file")."""
    label = clean_name(name)
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _refusal(_("%(file)s is larger than %(most)s MB.", file=label, most=in_mb(MOST_BYTES)))
    known = {_heading(text): field for text, field in headings.items()}
    cells = _rows_of_workbook(label, content) if content.startswith(b"PK") else _rows_of_text(label, content, known)
    rows = _from_headings(list(_numbered(label, cells)), known)
    if not rows:
        raise _refusal(_("%(file)s is empty.", file=label))
    if unread is not None:
        unread += [text for text in rows[0][1] if text and _heading(text) not in known]
    return list(_by_field(label, rows, known, headings, set(needed), long))


def packed(name: str, rows: Iterable[Row]) -> str:
    """The rows so small that a form carries them, also where they hold long texts. Raises Mistyped (field "file")."""
    text = json.dumps([[row.number, row.values] for row in rows], ensure_ascii=False)
    small = base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()
    if len(small) > MOST_PACKED_BYTES:
        raise _refusal(_("%(file)s holds more text than can be looked at in one go. Bring it in parts.", file=clean_name(name)))
    return small


def _unpacked(text: str) -> str:
    """Also as plain JSON. Raises ValueError, and does not unpack more than a file may hold."""
    if text.startswith("["):
        return text
    unpacking = zlib.decompressobj()
    try:
        told = unpacking.decompress(base64.urlsafe_b64decode(text), MOST_UNPACKED_BYTES)
    except zlib.error as error:
        raise ValueError from error
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise ValueError(len(told))
    return told.decode()


def carried(text: str, fields: Container[str], long: Container[str] = ()) -> list[Row]:
    """The rows as a preview sent them through the browser, trusted no more than the file. Raises Mistyped (field "file")."""
    try:
        rows = [Row(*_carried(number, values, fields, long)) for number, values in json.loads(_unpacked(text))]
    except (AttributeError, RecursionError, TypeError, ValueError):
        raise _refusal(_("Choose a file.")) from None
    if not 0 < len(rows) <= MOST_ROWS:
        raise _refusal(_("Choose a file."))
    return rows


def _carried(number: Any, values: Any, fields: Container[str], long: Container[str]) -> tuple[int, dict[str, str]]:
    if type(number) is not int or not 0 < number <= MOST_EMPTY_ROWS:
        raise ValueError(number)
    return number, {field: _kept(field, _seen(text), long) for field, text in values.items() if field in fields}


def _refusal(why: Words) -> Mistyped:
    return Mistyped(why, "file")


def _heading(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("*", "").strip()


def _from_headings(rows: list[tuple[int, list[str]]], known: Mapping[str, str]) -> list[tuple[int, list[str]]]:
    """Without the rows above the headings: those are the first row that says most of what is known."""
    first = rows[:MOST_TITLES]
    meant = [sum(_heading(text) in known for text in texts) for _number, texts in first]
    return rows[meant.index(max(meant)) :] if meant else rows


def _numbered(label: str, cells: Iterable[Sequence[Any]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, with their numbers."""
    found = 0
    for number, row in enumerate(cells, 1):
        is_blank = all(value is None for value in row)
        texts = [] if is_blank else [_clean(value) for value in islice(row, MOST_COLUMNS)]
        found += any(texts)
        if found > MOST_ROWS + 1 or number > MOST_EMPTY_ROWS:
            raise _refusal(_("%(file)s has more than %(most)s rows. Bring it in parts.", file=label, most=MOST_ROWS))
        if any(texts):
            yield number, texts


def _clean(value: Any) -> str:
    """The cell as text: NFC, without invisible signs and blanks around it, and without the apostrophe of our own exports."""
    return unguarded(_seen(_plain(value)))


def _seen(text: str) -> str:
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    seen = "".join(
        " " if sign == "\t" else sign for sign in composed if sign in "\t\n" or unicodedata.category(sign) not in _INVISIBLE
    )
    return seen.strip()[:LONGEST_TEXT]


def _kept(field: str | None, text: str, long: Container[str]) -> str:
    """A long text with its lines; any other in one line."""
    return text if field in long else " ".join(text.split())[:LONGEST_CELL]


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.15g}"
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
    return str(value)


def _by_field(
    label: str,
    rows: list[tuple[int, list[str]]],
    known: dict[str, str],
    headings: Mapping[str, str],
    needed: set[str],
    long: Container[str],
) -> Iterator[Row]:
    (_number, first), *rest = rows
    fields = [known.get(_heading(text)) for text in first]
    there = [field for field in fields if field]
    for field in sorted(needed - set(there)):
        expected = " / ".join(text for text, meant in headings.items() if meant == field)
        raise _refusal(_("%(file)s has no column %(column)s.", file=label, column=expected))
    for field in there:
        if there.count(field) > 1:
            twice = " / ".join(text for text, meant in zip(first, fields, strict=True) if meant == field)
            raise _refusal(_("%(file)s has the same column twice: %(column)s.", file=label, column=twice))
    for number, texts in rest:
        yield Row(number, {field: _kept(field, text, long) for field, text in zip(fields, texts, strict=False) if field})


# ---- text -----------------------------------------------------------------------------------------------------------


def _rows_of_text(label: str, content: bytes, known: Mapping[str, str]) -> Iterator[list[str]]:
    text = contained.as_text(content)
    if text is None or "\0" in text:
        raise _refusal(_unreadable(label))
    separator = max(",;\t", key=lambda each: _known_headings(text, each, known))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error:
        raise _refusal(_unreadable(label)) from None


def _known_headings(text: str, separator: str, known: Mapping[str, str]) -> int:
    """How many headings of the first rows that hold something are understood with this separator."""
    first = list(islice((line for line in io.StringIO(text) if line.strip()), MOST_TITLES))
    try:
        return sum(_heading(each) in known for row in csv.reader(first, delimiter=separator) for each in row)
    except csv.Error:
        return 0


def _unreadable(label: str) -> Words:
    return _("%(file)s cannot be read as a table. Save it as XLSX, or as CSV in UTF-8.", file=label)


# ---- workbooks ------------------------------------------------------------------------------------------------------


def _rows_of_workbook(label: str, content: bytes) -> Iterator[Sequence[Any]]:
    """The first sheet, read as a stream after the list of its parts was looked at."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    contained.checked_workbook(label, content, MOST_UNPACKED_BYTES)
    unreadable = (
        AttributeError, EOFError, IndexError, KeyError, OSError, SyntaxError, TypeError, ValueError,
        InvalidFileException, struct.error, zipfile.BadZipFile, zlib.error,
    )  # fmt: skip
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        yield from sheet.iter_rows(max_row=MOST_EMPTY_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    except unreadable:
        raise _refusal(_unreadable(label)) from None
