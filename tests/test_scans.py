"""What a PDF must hold to be taken, and that opening one takes neither more time nor memory nor pages than it may."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest

from portal import opening, scans
from portal.opening import BROKEN, ENCRYPTED, NO_PAGES, TOO_LARGE
from tests.pdfs import PDF, padded, pdf_of

pytestmark = pytest.mark.no_database

TEXT = pdf_of("first page " * 20, "second page", "third page")


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the policies have them, and nothing known from before."""
    monkeypatch.setattr(scans, "scan_pages", lambda: 500)
    monkeypatch.setattr(scans, "scan_seconds", lambda: 60)
    scans._whole.clear()


def ended(content: bytes) -> int:
    with pytest.raises(scans.Unreadable) as refusal:
        scans.look(content)
    return refusal.value.ended


def scanned(pages: int) -> bytes:
    """Pictures of pages, as a scanner puts them into one PDF."""
    from PIL import Image

    sheets = [Image.effect_noise((120, 160), 90).convert("RGB") for _n in range(pages)]
    written = io.BytesIO()
    sheets[0].save(written, "PDF", save_all=True, append_images=sheets[1:])
    return written.getvalue()


def without(content: bytes, begin: float, end: float) -> bytes:
    """The file with a part of its middle gone, its ends as they were."""
    return content[: int(len(content) * begin)] + content[int(len(content) * end) :]


def blanked(content: bytes, number: int) -> bytes:
    """The file with spaces where one of its objects stood."""
    return re.sub(rb"\n%d 0 obj.*?endobj" % number, lambda each: b"\n" + b" " * (len(each[0]) - 1), content, flags=re.S)


def locked(password: str, owner: str = "owner", **more: Any) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(TEXT))
    writer.encrypt(password, owner, **more)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


BAD = {
    "nothing but its ends": (b"%PDF-1.7\n" + b"junk " * 50 + b"\nstartxref\n9\n%%EOF", BROKEN),
    "no catalogue": (blanked(TEXT, 3), BROKEN),
    "junk for a body": (TEXT[:15] + b"junk " * (len(TEXT) // 5 - 120) + TEXT[-580:], BROKEN),
    "its middle gone": (without(scanned(4), 0.3, 0.5), BROKEN),
    "a page gone": (blanked(TEXT, 10), BROKEN),
    "fewer pages than it tells of": (PDF.replace(b"/Count 1", b"/Count 3"), BROKEN),
    "what stands on a page gone": (blanked(TEXT, 9), BROKEN),
    "pages that lead in a circle": (PDF.replace(b"Kids[3 0 R]", b"Kids[2 0 R]"), BROKEN),
    "no pages": (pdf_of(), NO_PAGES),
    "a password": (locked("secret"), ENCRYPTED),
}
GOOD = {
    "the smallest": PDF,
    "text": TEXT,
    "pictures": scanned(2),
    "a wrong address of its table": re.sub(rb"startxref\s+\d+", b"startxref\n9", TEXT),
    "a table whose addresses are wrong": re.sub(
        rb"\n(\d{10}) 00000 n", lambda each: b"\n%010d 00000 n" % (int(each[1]) + 7), TEXT
    ),
    "rights kept back, but no password to read it": locked("", algorithm="RC4-128"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_pdf_whole_only_at_its_ends_is_known_as_that(name: str) -> None:
    content, why = BAD[name]

    assert ended(content) == why


@pytest.mark.parametrize("name", GOOD)
def test_a_pdf_that_readers_can_make_sense_of_is_taken(name: str) -> None:
    scans.look(GOOD[name])


def test_a_cipher_nobody_here_can_read_is_a_lock_and_no_damage() -> None:
    """Its dictionary tells of a cipher for which nothing is installed."""
    cipher = b"/Encrypt<</Filter/Standard/V 5/R 6/Length 256/P -4/O(" + b"o" * 48 + b")/U(" + b"u" * 48 + b")/OE(" + b"e" * 32
    cipher += b")/UE(" + b"e" * 32 + b")/Perms(" + b"p" * 16 + b")/StmF/StdCF/StrF/StdCF/CF<</StdCF<</CFM/AESV3/Length 32>>>>>>"
    content = PDF.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/ID[<00><00>]" + cipher + b">>")

    assert ended(content) == ENCRYPTED


# ---- limits ---------------------------------------------------------------------------------------------------------


def swollen() -> bytes:
    """A page that unpacks to 60 MB."""
    return pdf_of("x", loops=True)


def read(tmp_path: Any, content: bytes) -> scans.Text:
    (tmp_path / "scan.pdf").write_bytes(content)
    return scans.read_text(tmp_path / "scan.pdf")


def test_no_more_memory_is_taken_than_may_be(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MOST_MEMORY", 100 * scans.MB)
    content = swollen()

    assert ended(content) == TOO_LARGE
    with pytest.raises(scans.Unreadable) as refusal:
        read(tmp_path, content)
    assert refusal.value.ended == TOO_LARGE


def test_no_more_time_is_taken_than_may_be(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "scan_seconds", lambda: 1)

    begun = time.monotonic()
    with pytest.raises(scans.Unreadable) as refusal:
        read(tmp_path, swollen())

    assert refusal.value.ended == TOO_LARGE
    assert time.monotonic() - begun < 15


def test_a_look_takes_less_time_than_reading_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody waits for it, and one of few threads with them."""
    monkeypatch.setattr(scans, "LOOK_SECONDS", 0)

    assert ended(TEXT) == TOO_LARGE


def test_no_more_pages_are_read_than_may_be(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "scan_pages", lambda: 2)

    found = read(tmp_path, TEXT)

    assert found.pages == 3
    assert "second page" in found.text and "third page" not in found.text


def test_no_longer_text_is_kept_than_may_be(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    long = pdf_of(*["word " * 4000] * 25)

    assert opening.LONGEST_TEXT < 25 * 4000 * 5
    assert len(read(tmp_path, long).text) <= opening.LONGEST_TEXT + 25


# ---- once -----------------------------------------------------------------------------------------------------------


def test_the_same_file_chosen_again_is_not_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scans.look(PDF)
    monkeypatch.setattr(scans, "LOOK_SECONDS", 0)

    scans.look(PDF)

    assert [ended(padded(1)), ended(padded(1))] == [TOO_LARGE, TOO_LARGE]
