"""Pages of a marked copy: a cover sheet, and pages of a scan under a sentence that says what for and for whom they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import hypot
from typing import Any

from portal.signs import CJK

A4 = (595.0, 842.0)
MARGIN = 56.0


class Damaged(Exception):
    """A page that cannot be one."""


@dataclass(frozen=True)
class Copy:
    """What a marked copy consists of: a cover sheet, then each page of the files under the mark and over the footer."""

    heading: str
    sentence: str
    rows: tuple[tuple[str, str], ...]
    closing: str
    footer: str
    is_traditional: bool
    files: tuple[tuple[str, str], ...]  # path, type


class Sheets:
    """Writes the pages of a copy. Each page of a scan is drawn as a picture of itself: nothing on it runs or leads away."""

    def __init__(self, writer: Any, copy: Copy) -> None:
        self._writer, self._copy = writer, copy
        self._fonts = self._made_fonts(copy.is_traditional)

    def _made_fonts(self, is_traditional: bool) -> Any:
        """Fonts that every reader of PDF has for these signs; none is carried along."""
        name, order, encoding = (
            ("MSung-Light", "CNS1", "UniCNS-UTF16-H") if is_traditional else ("STSong-Light", "GB1", "UniGB-UTF16-H")
        )
        descriptor = _pdf({
            "Type": "/FontDescriptor", "FontName": f"/{name}", "Flags": 6, "FontBBox": [-25, -254, 1000, 880], "ItalicAngle": 0,
            "Ascent": 880, "Descent": -120, "CapHeight": 880, "StemV": 93,
        })  # fmt: skip
        system = _pdf({"Registry": "Adobe", "Ordering": order, "Supplement": 4 if order == "GB1" else 0})
        below = _pdf({
            "Type": "/Font", "Subtype": "/CIDFontType0", "BaseFont": f"/{name}", "CIDSystemInfo": system, "DW": 1000,
            "FontDescriptor": self._writer._add_object(descriptor),
        })  # fmt: skip
        signs = _pdf({
            "Type": "/Font", "Subtype": "/Type0", "BaseFont": f"/{name}-{encoding}", "Encoding": f"/{encoding}",
            "DescendantFonts": [self._writer._add_object(below)],
        })  # fmt: skip
        latin = _pdf({"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica", "Encoding": "/WinAnsiEncoding"})
        return _pdf({"Latin": self._writer._add_object(latin), "Signs": self._writer._add_object(signs)})

    def cover(self) -> None:
        copy, (width, height) = self._copy, A4
        drawn = [_line(copy.heading, MARGIN, height - 110, 22)]
        y = height - 160
        for line in wrapped(copy.sentence, 15, width - 2 * MARGIN):
            drawn.append(_line(line, MARGIN, y, 15))
            y -= 23
        y -= 18
        for label, value in copy.rows:
            drawn.append(_line(label, MARGIN, y, 10, grey=0.4))
            for line in wrapped(value, 11, width - 2 * MARGIN - 130)[:6]:
                drawn.append(_line(line, MARGIN + 130, y, 11))
                y -= 17
            y -= 8
        for line in wrapped(copy.closing, 10, width - 2 * MARGIN):
            drawn.append(_line(line, MARGIN, y - 16, 10, grey=0.3))
            y -= 16
        self._page(width, height, b"", drawn, None)

    def mark(self, page: Any) -> None:
        """The page as it is looked at, turned and cropped, under the mark."""
        from pypdf.generic import NameObject, NumberObject

        box = [float(page.cropbox[n]) for n in range(4)]
        width, height, turned = _upright(box, page.rotation % 360)
        if not (1 < width < 20_000 and 1 < height < 20_000):
            raise Damaged
        contents = page.get_contents()
        picture = _stream(contents.get_data() if contents is not None else b"")
        picture.update(_pdf({"Type": "/XObject", "Subtype": "/Form", "BBox": box}))
        picture[NameObject("/FormType")] = NumberObject(1)
        for source, name in (("/Resources", "/Resources"), ("/Group", "/Group")):
            held = page.get(source) if source in page else page["/Parent"].get(source) if "/Parent" in page else None
            if held is not None:
                picture[NameObject(name)] = held.get_object().clone(self._writer)
        self._page(width, height, turned + b" cm /Scan Do", self._over(width, height), self._writer._add_object(picture))

    def _over(self, width: float, height: float) -> list[bytes]:
        """The sentence across the page, and at its foot with whom the copy is for."""
        size = max(6.0, min(9.0, width / 70))
        room = width - 4 * size
        feet = [*wrapped(self._copy.sentence, size, room)[:2], *wrapped(self._copy.footer, size, room)[:2]]
        foot = [_line(line, 2 * size, size * (1 + 1.3 * (len(feet) - n)), size, grey=0.25) for n, line in enumerate(feet, 1)]
        return [*_across(self._copy.sentence, width, height), *foot]

    def _page(self, width: float, height: float, under: bytes, over: list[bytes], picture: Any) -> None:
        from pypdf.generic import NameObject

        page = self._writer.add_blank_page(width, height)
        resources = _pdf({"ExtGState": _pdf({"Faint": _pdf({"Type": "/ExtGState", "ca": 0.28})})})
        resources[NameObject("/Font")] = self._fonts
        if picture is not None:
            resources[NameObject("/XObject")] = _pdf({"Scan": picture})
        page[NameObject("/Resources")] = resources
        page[NameObject("/Contents")] = self._writer._add_object(_stream(b"q " + under + b" Q\n" + b"\n".join(over)))


def _pdf(values: dict[str, Any]) -> Any:
    from pypdf.generic import DictionaryObject, NameObject

    return DictionaryObject({NameObject(f"/{name}"): _value(value) for name, value in values.items()})


def _value(value: Any) -> Any:
    from pypdf.generic import ArrayObject, FloatObject, NameObject, NumberObject, TextStringObject

    match value:
        case list():
            return ArrayObject([_value(each) for each in value])
        case str():
            return NameObject(value) if value.startswith("/") else TextStringObject(value)
        case int():
            return NumberObject(value)
        case float():
            return FloatObject(round(value, 3))
    return value


def _stream(content: bytes) -> Any:
    from pypdf.generic import StreamObject

    stream = StreamObject()
    stream.set_data(content)
    return stream.flate_encode()


def _upright(box: list[float], turn: int) -> tuple[float, float, bytes]:
    """Width and height as the page is looked at, and how its own coordinates are laid onto that."""
    left, low, right, high = box
    matrix = {
        0: (1, 0, 0, 1, -left, -low),
        90: (0, -1, 1, 0, -low, right),
        180: (-1, 0, 0, -1, right, high),
        270: (0, 1, -1, 0, high, -left),
    }[turn]
    width, height = right - left, high - low
    sides = (height, width) if turn in (90, 270) else (width, height)
    return (*sides, " ".join(f"{each:.3f}" for each in matrix).encode())


# ---- signs on a page ------------------------------------------------------------------------------------------------

NARROW, WIDE = frozenset("iljtfrI.,:;'|!()[]/- "), frozenset("mwMW@%")


def long(text: str, size: float) -> float:
    """About how long the text is."""
    return sum(1.0 if each > "~" else 0.33 if each in NARROW else 0.9 if each in WIDE else 0.6 for each in text) * size


def wrapped(text: str, size: float, room: float) -> list[str]:
    """The text in lines: broken between words, or between Chinese signs."""
    lines, line = [], ""
    for part in re.findall(rf"[^\s{CJK}]{{1,40}}|\s+|[{CJK}]", text):
        if line.strip() and long((line + part).rstrip(), size) > room:
            lines.append(line.strip())
            line = ""
        line += part
    return [*lines, line.strip()] if line.strip() else lines


def balanced(text: str, size: float, room: float) -> list[str]:
    """In as few lines as there is room for, about as long as one another: no last sign stands alone."""
    lines = wrapped(text, size, room)
    narrower = wrapped(text, size, max(long(text, size) / max(len(lines), 1) * 1.08, size))
    return narrower if len(narrower) == len(lines) else lines


def _shown(text: str, size: float) -> bytes:
    """Latin signs in the one font, all others in the other."""
    shown = b""
    for plain, other in re.findall(r"([ -~]+)|([^ -~]+)", text):
        if plain:
            told = "(" + re.sub(r"([()\\])", r"\\\1", plain) + ")"
            shown += f"/Latin {size:.1f} Tf {told} Tj ".encode()
        else:
            shown += f"/Signs {size:.1f} Tf <{other.encode('utf-16-be', 'ignore').hex()}> Tj ".encode()
    return shown


def _line(text: str, x: float, y: float, size: float, grey: float = 0.0) -> bytes:
    return f"q {grey:.2f} g BT 1 0 0 1 {x:.2f} {y:.2f} Tm ".encode() + _shown(text, size) + b"ET Q"


def _across(text: str, width: float, height: float) -> list[bytes]:
    """The text from corner to corner, in at most three lines, faint enough to read through."""
    corner = hypot(width, height)
    cosine, sine, room = width / corner, height / corner, corner * 0.66
    size = max(10.0, min(width / 14, room * 1.6 / max(long(text, 1), 1)))
    lines = balanced(text, size, room)
    if len(lines) > 3:
        lines = [*lines[:2], lines[2][:-1] + "…"]
    drawn = []
    for n, line in enumerate(lines):
        back, down = long(line, size) / 2, (n - (len(lines) - 1) / 2) * size * 1.4 + size * 0.35
        x, y = width / 2 - back * cosine + down * sine, height / 2 - back * sine - down * cosine
        turned = f"{cosine:.4f} {sine:.4f} {-sine:.4f} {cosine:.4f} {x:.2f} {y:.2f}"
        drawn.append(f"q /Faint gs 0.75 0.1 0.1 rg BT {turned} Tm ".encode() + _shown(line, size) + b"ET Q")
    return drawn
