"""QR codes on the pages of a PDF or on a picture: what they say. It works in the process that opens scans."""

from __future__ import annotations

import io
import math
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from portal.marks import Damaged

MOST_PIXELS = 20_000_000
LONGEST_SIDE = 10_000  # pixels
MOST_PAGES = 20
MOST_CODES = 50
LONGEST_CODE = 1000
ENOUGH_SECONDS = 4  # of computing; what is found by then is told
COARSE, FINE, FINER = 110, 200, 400  # dots per inch that pages are drawn with
INVOICE = "01,"  # so begins the code of an invoice; as long as there is none, it is looked for more closely


class TooLarge(Exception):
    """The picture has more pixels than are looked at."""


def on(content: bytes) -> list[str]:
    """What the codes say, page by page, every text once. Raises Damaged, TooLarge, OSError."""
    looks = _pages(content) if content.startswith(b"%PDF-") else _picture(content)
    found: dict[str, None] = {}
    end = time.process_time() + ENOUGH_SECONDS
    for pictures in looks:
        for picture in pictures:
            found |= dict.fromkeys(_codes(picture))
            if len(found) >= MOST_CODES or time.process_time() > end:
                return list(found)[:MOST_CODES]
        if any(text.startswith(INVOICE) for text in found):
            break
    return list(found)


def _codes(picture: Any) -> Iterator[str]:
    import zxingcpp

    kinds = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    seen = zxingcpp.read_barcodes(picture, formats=kinds, text_mode=zxingcpp.TextMode.Plain)
    for code in sorted(seen, key=lambda code: code.position.top_left.y):
        if code.text and len(code.text) <= LONGEST_CODE:
            yield code.text


def _pages(content: bytes) -> Iterator[Iterable[Any]]:
    """All pages, drawn coarsely; then, if asked for more, finely."""
    pdf = _opened(content)
    for dots in (FINE, FINER):
        yield (_drawn(pdf, n, dots) for n in range(min(len(pdf), MOST_PAGES)))


def _opened(content: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        raise Damaged from None


def first_page(content: bytes) -> Any:
    """The first page of a PDF as a picture, as it is looked at on a screen. Raises Damaged."""
    return _drawn(_opened(content), 0, COARSE, in_colour=True)


def _drawn(pdf: Any, n: int, dots: int, in_colour: bool = False) -> Any:
    """The page as a picture, a grey one; one that cannot be drawn is blank."""
    import pypdfium2
    from PIL import Image

    try:
        page = pdf[n]
        width, height = (max(side, 1.0) for side in page.get_size())
        scale = min(dots / 72, math.sqrt(MOST_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))
        return page.render(scale=scale, grayscale=not in_colour).to_pil()
    except pypdfium2.PdfiumError:
        return Image.new("L", (1, 1))


def _picture(content: bytes) -> Iterator[Iterable[Any]]:
    """The picture as it is; then, if asked for more and it is small, twice as large."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"])
    except Image.DecompressionBombError:
        raise TooLarge from None
    if picture.width * picture.height > MOST_PIXELS:
        raise TooLarge
    grey = _on_white(picture)
    yield [grey]
    if grey.width * grey.height * 4 <= MOST_PIXELS:
        yield [grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)]


def _on_white(picture: Any) -> Any:
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    return picture.convert("L")
