"""PDF files as scanners, and as those who mean harm, write them."""

from __future__ import annotations

import io
import zlib
from typing import Any


def _smallest() -> bytes:
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Length 15>>stream\n0 0 m 9 9 l S  \nendstream",
    )
    written, places = b"%PDF-1.7\n", []
    for n, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj%s\nendobj\n" % (n, part)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)


PDF = _smallest()


def padded(size_bytes: int, sign: bytes = b" ") -> bytes:
    """The smallest PDF with that much between its pages and its end."""
    return PDF + sign * size_bytes + b"\n" + PDF[PDF.rindex(b"startxref") :]


def pdf_of(*pages: str, password: str = "", rotate: int = 0, loops: bool = False) -> bytes:
    """A page for each text, in a font whose signs any reader knows."""
    from pypdf import PdfReader, PdfWriter

    from portal.marks import Copy, Sheets, _line

    writer = PdfWriter()
    sheets = Sheets(writer, Copy("", "", (), "", "", False, ()))
    for text in pages:
        sheets._page(400, 600, b"", [_line(text, 20, 500, 12)] if text else [], None)
    if rotate:
        for page in writer.pages:
            page.rotate(rotate)
    if loops:
        _never_ends(writer)
    if password:
        writer.encrypt(password)
    written = io.BytesIO()
    writer.write(written)
    assert password or len(PdfReader(io.BytesIO(written.getvalue())).pages) == len(pages)
    return written.getvalue()


def _never_ends(writer: Any) -> None:
    """A page that unpacks to more than anybody waits for."""
    from pypdf.generic import NameObject, StreamObject

    stream = StreamObject()
    stream._data = zlib.compress(b"q 1 0 0 1 0 0 cm BT /Latin 9 Tf (x) Tj ET Q\n" * 1_500_000, 1)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)


def picture(width: int = 300, height: int = 200, kind: str = "PNG") -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(written, kind)
    return written.getvalue()
