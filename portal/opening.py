"""What the process that opens scans does: it has little memory and little time, and knows neither database nor settings.

`python -m portal.opening look|text|codes|page|copy` is that process; `portal.scans` starts it and tells it all by its input.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

from portal import codes
from portal.marks import A4, Copy, Damaged, Sheets
from portal.signs import CJK

MB = 1024 * 1024
LONGEST_TEXT = 400_000
MOST_WRITTEN = 400 * MB
PDF = "application/pdf"
ENCRYPTED, BROKEN, TOO_LONG, TOO_LARGE, NO_PAGES = 3, 4, 5, 6, 7  # how it ends where a scan cannot be opened


class Unopened(Exception):
    """The scan cannot be opened; `why` is what the process ends with."""

    def __init__(self, why: int) -> None:
        super().__init__(why)
        self.why = why


def main(told: list[str]) -> int:
    work, (most_pages, seconds, most_memory) = told[0], map(int, told[1:])
    _bound(seconds, most_memory)
    try:
        {"look": _look, "text": _text, "codes": _codes, "page": _page, "copy": _copy}[work](most_pages)
    except Unopened as end:
        return end.why
    except (MemoryError, codes.TooLarge):
        return TOO_LARGE
    except _ends() as error:
        return _why(error)
    return 0


def _bound(seconds: int, most_memory: int) -> None:
    import resource

    limits = (resource.RLIMIT_AS, most_memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, MOST_WRITTEN)
    for limit, most in (*limits, (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # a system that knows no such limit still has the clock of the parent
            resource.setrlimit(limit, (most, most))


def _look(most_pages: int) -> None:
    """Whether its pages are all there, each with what is drawn on it. What readers put up with is no damage."""
    reader = _opened(sys.stdin.buffer)
    pages, told = len(reader.pages), int(reader.root_object["/Pages"].get("/Count", 0))
    if not pages and told <= 0:
        raise Unopened(NO_PAGES)
    if pages < told or not all(_is_whole(page) for page in islice(reader.pages, most_pages)):
        raise Damaged


def _is_whole(page: Any) -> bool:
    """It has a size, and what is drawn on it is there."""
    contents = page.get_contents()
    if contents is not None:
        contents.get_data()
    elif "/Contents" in page:
        return False
    pictures = _held(_held(page, "/Resources"), "/XObject")
    return len(page.cropbox) == 4 and all(_held(pictures, name) for name in pictures)


def _held(holder: Any, name: str) -> Any:
    """What stands there under the name, empty where nothing does."""
    held = holder.get(name)
    held = held.get_object() if held is not None else None
    return held if isinstance(held, dict) else {}


def _text(most_pages: int) -> None:
    reader = _opened(sys.stdin.buffer)
    pages = len(reader.pages)
    text = clean(_texts(reader, min(pages, most_pages)))
    sys.stdout.write(json.dumps({"text": text, "pages": pages}))


def _codes(_most_pages: int) -> None:
    sys.stdout.write(json.dumps(codes.on(sys.stdin.buffer.read())))


def _page(_most_pages: int) -> None:
    """The first page as a picture."""
    codes.first_page(sys.stdin.buffer.read()).save(sys.stdout.buffer, "WEBP", quality=80)


def _opened(stream: Any) -> Any:
    from pypdf import PdfReader

    reader = PdfReader(stream)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unopened(ENCRYPTED)
    return reader


def _why(error: Exception) -> int:
    from pypdf.errors import LimitReachedError

    if isinstance(error, LimitReachedError):
        return TOO_LARGE
    return ENCRYPTED if "crypt" in str(error).lower() else BROKEN


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


def _ends() -> tuple[type[Exception], ...]:
    """What ends an opening: damage, or what takes more than there is here, such as a cipher of its own."""
    from pypdf.errors import DependencyError

    return (*_damages(), DependencyError, RecursionError)


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


def _copy(most_pages: int) -> None:
    from pypdf import PdfWriter

    told = json.load(sys.stdin.buffer)
    copy = Copy(**told)
    writer = PdfWriter()
    sheet = Sheets(writer, copy)
    sheet.cover()
    pages = 0
    for path, kind in copy.files:
        with Path(path).open("rb") as file:
            reader = _opened(file if kind == PDF else _as_pdf(file))
            pages += len(reader.pages)
            if pages > most_pages:
                raise Unopened(TOO_LONG)
            for page in reader.pages:
                sheet.mark(page)
    writer.write(sys.stdout.buffer)


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
