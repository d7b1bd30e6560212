"""What the process that opens scans does: it has little memory and little time, and knows neither database nor settings.

`python -m portal.opening text|copy` is that process; `portal.scans` starts it and tells it everything by its input.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from portal.marks import A4, Copy, Damaged, Sheets
from portal.signs import CJK

MB = 1024 * 1024
LONGEST_TEXT = 400_000
MOST_MEMORY, MOST_WRITTEN = 1024 * MB, 400 * MB
PDF = "application/pdf"
ENCRYPTED, BROKEN, TOO_LONG, TOO_LARGE = 3, 4, 5, 6  # how it ends where a scan cannot be opened


def main(told: list[str]) -> int:
    work, most_pages, seconds = told[0], int(told[1]), int(told[2])
    _bound(seconds)
    try:
        return {"text": _text, "copy": _copy}[work](most_pages)
    except MemoryError:
        return TOO_LARGE
    except RecursionError:
        return BROKEN


def _bound(seconds: int) -> None:
    import resource

    limits = (resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, MOST_WRITTEN)
    for limit, most in (*limits, (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # a system that knows no such limit still has the clock of the parent
            resource.setrlimit(limit, (most, most))


def _text(most_pages: int) -> int:
    reader, ended = _opened(sys.stdin.buffer)
    if reader is None:
        return ended
    try:
        pages = len(reader.pages)
        text = clean(_texts(reader, min(pages, most_pages)))
    except _damages():
        return BROKEN
    sys.stdout.write(json.dumps({"text": text, "pages": pages}))
    return 0


def _opened(stream: Any) -> tuple[Any, int]:
    from pypdf import PdfReader

    try:
        reader = PdfReader(stream)
        if reader.is_encrypted and not reader.decrypt(""):
            return None, ENCRYPTED
    except _damages() as error:
        return None, ENCRYPTED if "crypt" in str(error).lower() else BROKEN
    return reader, 0


def _damages() -> tuple[type[Exception], ...]:
    """What readers of files raise at what they cannot make sense of; of a mistake of ours tests tell."""
    import struct
    import zlib

    from PIL import UnidentifiedImageError
    from pypdf.errors import PyPdfError

    return (
        PyPdfError, UnidentifiedImageError, Damaged, ValueError, LookupError, TypeError, AttributeError, AssertionError,
        ArithmeticError, NotImplementedError, OSError, EOFError, SyntaxError, struct.error, zlib.error,
    )  # fmt: skip


def _texts(reader: Any, pages: int) -> Iterator[str]:
    """A page that says nothing sensible is passed over."""
    left = LONGEST_TEXT
    for n in range(pages):
        if left <= 0:
            return
        try:
            text = reader.pages[n].extract_text()[:left]
        except _damages():
            continue
        left -= len(text)
        yield text


_BETWEEN = re.compile(rf"(?<=[{CJK}])\s+(?=[{CJK}])")


def clean(texts: Iterable[str]) -> str:
    """One text without signs that no database keeps; Chinese signs set apart by a scanner stand together again."""
    whole = "\n".join(texts).encode("utf-8", "ignore").decode()
    seen = "".join(each if each >= " " or each in "\n\t" else " " for each in whole)
    return _BETWEEN.sub("", seen).strip()


# ---- marked copies --------------------------------------------------------------------------------------------------


def _copy(most_pages: int) -> int:
    from pypdf import PdfWriter

    told = json.load(sys.stdin.buffer)
    copy = Copy(**told)
    writer = PdfWriter()
    sheet = Sheets(writer, copy)
    sheet.cover()
    pages = 0
    for path, kind in copy.files:
        with Path(path).open("rb") as file:
            reader, ended = _opened(file if kind == PDF else _as_pdf(file))
            if reader is None:
                return ended
            try:
                pages += len(reader.pages)
                if pages > most_pages:
                    return TOO_LONG
                for page in reader.pages:
                    sheet.mark(page)
            except _damages():
                return BROKEN
    writer.write(sys.stdout.buffer)
    return 0


def _as_pdf(file: IO[bytes]) -> IO[bytes]:
    """A picture as a page of A4 size, each frame of a TIFF as one."""
    from PIL import Image, ImageSequence

    written = io.BytesIO()
    try:
        picture = Image.open(file, formats=["JPEG", "PNG", "WEBP", "TIFF"])
        frames = [_on_white(frame) for frame in ImageSequence.Iterator(picture)]
        dots = max(max(frame.width / A4[0], frame.height / A4[1]) for frame in frames) * 72
        frames[0].save(written, "PDF", save_all=True, append_images=frames[1:], resolution=dots)
    except _damages():
        return io.BytesIO()
    return written


def _on_white(frame: Any) -> Any:
    from PIL import Image

    if frame.mode in ("L", "RGB", "1"):
        return frame.copy()
    ground = Image.new("RGBA", frame.size, "white")
    ground.alpha_composite(frame.convert("RGBA"))
    return ground.convert("RGB")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
