"""Files: what is taken, what is refused, how they are kept, and who may add and remove them."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from portal import attachments, db, history, policies
from portal.attachments import Attachment
from portal.cases import Case, Task
from portal.refused import Mistyped, NotYours, Refused
from tests.pdfs import PDF, padded

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    attachments.keep_in(tmp_path)
    return tmp_path / "files"


@pytest.fixture
def paper(cast: Any) -> Case:
    """Ann's draft."""
    return _paper(cast.ann)


def _paper(person: Any) -> Case:
    case = Case.create(
        kind="memo", title="A paper", requester=person, preparer=person, beneficiary=person, department=person.department,
        state="draft", created_at=MOMENT, token=f"token{person.id}",
    )  # fmt: skip
    Task.create(case=case, state="draft", wanted=f"#{person.id}", post=f"#{person.id}", tab="draft", opened=MOMENT, due=MOMENT)
    return case


def _store(paper: Case, name: str, content: bytes, person: Any) -> Attachment:
    return attachments.store("case", paper.id, "paper", name, io.BytesIO(content), person)


def _picture(kind: str = "PNG", size: tuple[int, int] = (20, 10), **more: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **more)
    return written.getvalue()


def _png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\0\0\0\x09IDAT"
        + b"\0" * 40
    )


def _workbook(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", parts.pop("types", b"<Types/>"))
        packed.writestr("xl/workbook.xml", b"<workbook/>")
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice.pdf", PDF),
        ("photo.png", _picture()),
        ("photo.JPG", _picture("JPEG")),
        ("photo.jpeg", _picture("JPEG")),
        ("photo.webp", _picture("WEBP")),
        ("lines.xlsx", _workbook()),
        ("lines.csv", "名称,金额\r\n纸,12.50\r\n".encode("gb18030")),
    ],
)
def test_papers_and_pictures_and_tables_can_be_attached(name: str, content: bytes, paper: Case, cast: Any) -> None:
    kept = _store(paper, name, content, cast.ann)

    assert attachments.path_of(kept).stat().st_size == kept.size_bytes
    assert [each.name for each in attachments.of("case", paper.id)] == [name.lower() if name.endswith("JPG") else name]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("photo.png", b"<html><script>alert(1)</script></html>", "photo.png does not contain what its name says."),
        ("photo.png", _picture("JPEG"), "photo.png does not contain what its name says."),
        ("lines.csv", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "lines.csv does not contain what its name says."),
        ("lines.csv", b"a,b\x00c", "lines.csv does not contain what its name says."),
        ("lines.xlsx", PDF, "lines.xlsx does not contain what its name says."),
        ("invoice.pdf", PDF[:-10], "invoice.pdf cannot be read to its end. Save it again and attach it anew."),
        ("photo.png", _picture(size=(200, 200))[:-60], "photo.png cannot be read to its end. Save it again and attach it anew."),
        (
            "photo.jpg",
            _picture("JPEG", (300, 300))[:900],
            "photo.jpg cannot be read to its end. Save it again and attach it anew.",
        ),
        ("photo.png", _png_header(10_000, 5_000), "photo.png has 10000 by 5000 pixels; at most 20 million can be attached."),
        ("photo.png", _png_header(60_000, 60_000), "photo.png has too many pixels; at most 20 million can be attached."),
        ("lines.xlsx", _workbook()[:-30], "lines.xlsx cannot be read to its end. Save it again and attach it anew."),
        ("lines.xlsx", _workbook(xl__sheet=b"\0" * 101 * 1024 * 1024), "lines.xlsx unpacks to more than a workbook may."),
        (
            "lines.xlsx",
            _workbook(**{"xl__vbaProject.bin": b"x"}),
            "lines.xlsx contains macros or other files. Save it as a plain workbook.",
        ),
        ("invoice.pdf", b"", "invoice.pdf is empty."),
        (
            "invoice.pdf",
            PDF.replace(b"/Kids[3 0 R]", b"/Kids[7 0 R]"),
            "invoice.pdf is damaged and cannot be opened. Scan or save it again and attach it anew.",
        ),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes, why: str, paper: Case, cast: Any, folder: Path) -> None:
    with pytest.raises(Mistyped) as refusal:
        _store(paper, name, content, cast.ann)

    assert (str(refusal.value), refusal.value.field) == (why, "file")
    assert not attachments.of("case", paper.id) and not list(folder.rglob("*"))


@pytest.mark.parametrize("name", ["picture.svg", "page.html", "macro.xlsm", "archive.zip", "invoice.pdf.exe", "invoice"])
def test_other_kinds_of_files_are_refused(name: str, paper: Case, cast: Any) -> None:
    with pytest.raises(Mistyped) as refusal:
        _store(paper, name, PDF, cast.ann)

    said = f"{name} is not a kind of file that can be attached; these can: PDF, JPG, JPEG, PNG, WEBP, XLSX, CSV."
    assert str(refusal.value) == said


def test_a_file_too_large_is_told_its_size(paper: Case, cast: Any) -> None:
    with pytest.raises(Mistyped) as refusal:
        _store(paper, "invoice.pdf", PDF + b" " * int(12.3 * 1024 * 1024), cast.ann)

    assert str(refusal.value) == "invoice.pdf is 12.4 MB; at most 10 MB can be attached."


def test_a_person_attaches_no_more_than_the_day_allows(paper: Case, cast: Any) -> None:
    policies.change(cast.bo, attachments.upload_day_bytes, 10 * attachments.MB)
    _store(paper, "first.pdf", padded(9 * attachments.MB), cast.ann)

    with pytest.raises(Refused) as refusal:
        _store(paper, "second.pdf", padded(2 * attachments.MB), cast.ann)

    assert str(refusal.value) == "You have attached 9.1 MB today; at most 10 MB a day can be attached. Go on tomorrow."


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\papers\\发票.PDF", "发票.pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp.exe.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        (" .pdf", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_only_a_clean_label(typed: str, label: str) -> None:
    assert attachments.clean_name(typed) == label


@pytest.mark.parametrize("typed", ["../../invoice.pdf", "papers\\invoice.pdf", "C:invoice.pdf", "invoice\0.pdf"])
def test_a_name_that_is_a_path_is_refused(typed: str, paper: Case, cast: Any, folder: Path) -> None:
    with pytest.raises(Mistyped) as refusal:
        _store(paper, typed, PDF, cast.ann)

    assert refusal.value.field == "file" and "has folders in it, or a sign that no name has" in str(refusal.value)
    assert not attachments.of("case", paper.id) and not list(folder.rglob("*"))


def test_pictures_lose_what_they_carried_besides(paper: Case, cast: Any) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "taken at home", 6

    kept = _store(paper, "photo.jpg", _picture("JPEG", (20, 10), exif=exif, comment=b"hidden"), cast.ann)

    content = attachments.path_of(kept).read_bytes()
    with Image.open(io.BytesIO(content)) as picture:
        assert (dict(picture.getexif()), picture.size) == ({}, (10, 20))
    assert b"taken at home" not in content and b"hidden" not in content


def test_the_same_content_is_kept_once(paper: Case, cast: Any, folder: Path) -> None:
    first = _store(paper, "one.pdf", PDF, cast.ann)
    second = _store(paper, "two.pdf", PDF, cast.ann)

    assert attachments.path_of(first) == attachments.path_of(second)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [first.sha256]


def test_attaching_and_removing_are_told_by_the_paper(paper: Case, cast: Any) -> None:
    kept = _store(paper, "invoice.pdf", PDF, cast.ann)
    attachments.remove(kept, cast.ann)

    told = [(event.action, event.by, event.facts()["file"], event.after) for event in history.history_of(paper)]
    assert told == [("attach", cast.ann, "invoice.pdf", "draft"), ("detach", cast.ann, "invoice.pdf", "draft")]
    assert not attachments.of("case", paper.id) and attachments.path_of(kept).exists()
    assert not list(history.verify())


def test_a_file_is_removed_once(paper: Case, cast: Any) -> None:
    kept = _store(paper, "invoice.pdf", PDF, cast.ann)
    attachments.remove(kept, cast.ann)

    with pytest.raises(Refused) as refusal:
        attachments.remove(kept, cast.ann)

    assert str(refusal.value) == "This file was removed already. Reload to see it."


def test_strangers_neither_attach_nor_remove(paper: Case, cast: Any) -> None:
    kept = _store(paper, "invoice.pdf", PDF, cast.ann)

    with pytest.raises(NotYours):
        _store(paper, "mine.pdf", PDF, cast.bo)
    with pytest.raises(NotYours):
        attachments.remove(kept, cast.bo)

    assert len(attachments.of("case", paper.id)) == 1


def test_who_can_act_on_it_attaches_and_who_is_barred_does_not(paper: Case, cast: Any) -> None:
    Task.create(case=paper, state="submitted", wanted="gm", post="gm", barred=f",{cast.sam.id},", opened=MOMENT, due=MOMENT)

    assert attachments.may_attach(paper, cast.mei, {"gm"})
    assert not attachments.may_attach(paper, cast.sam, {"gm"})


def test_nothing_is_attached_to_a_closed_paper(paper: Case, cast: Any) -> None:
    Case.update(closed_at=MOMENT).execute()

    with pytest.raises(NotYours):
        _store(paper, "invoice.pdf", PDF, cast.ann)


def test_what_was_decided_upon_stays_attached(paper: Case, cast: Any) -> None:
    kept = _store(paper, "invoice.pdf", PDF, cast.ann)
    Task.delete().execute()
    _step(paper, cast.ann)

    with pytest.raises(NotYours) as refusal:
        attachments.remove(kept, cast.ann)

    assert str(refusal.value) == "Only who attached it may remove it, and only until the next step is taken."


@db.transaction
def _step(paper: Case, person: Any) -> None:
    history.record(Case.get_by_id(paper.id), "submit", person, before="draft", after="submitted")


def test_files_that_no_row_tells_of_are_swept_after_an_hour(paper: Case, cast: Any, folder: Path) -> None:
    kept = _store(paper, "invoice.pdf", PDF, cast.ann)
    old, new = folder / kept.sha256[:2] / ("f" * 64), folder / kept.sha256[:2] / ("e" * 64)
    for path in (old, new):
        path.write_bytes(b"orphan")
    os.utime(old, (0, 0))
    os.utime(attachments.path_of(kept), (0, 0))

    swept = attachments.sweep()

    assert (swept, old.exists(), new.exists(), attachments.path_of(kept).exists()) == (1, False, True, True)


def test_a_refused_row_leaves_no_attachment(cast: Any) -> None:
    """The file is written before the row: without the row it is an orphan, never the other way round."""
    policies.change(cast.bo, attachments.upload_day_bytes, 10 * attachments.MB)
    paper = _paper(cast.hao)
    _store(paper, "first.pdf", padded(9 * attachments.MB), cast.hao)

    with pytest.raises(Refused):
        _store(paper, "second.pdf", padded(2 * attachments.MB, b"1"), cast.hao)

    assert [each.name for each in attachments.of("case", paper.id)] == ["first.pdf"]
