"""What a file really contains: an allow-list of kinds, known by extension and by content alike."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from portal import elements, opening, scans
from portal.elements import Element
from portal.refused import Mistyped
from portal.words import Words, _

KB = 1024
MB = KB * KB
TYPES = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".xml": "application/xml",
    ".ofd": "application/ofd",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
MOST_PIXELS = 20_000_000
MOST_UNPACKED_BYTES = 100 * 1024 * 1024
MOST_PACKED_FILES = 2000


def checked(label: str, content: bytes, extensions: tuple[str, ...]) -> bytes:
    """The content as it may be kept: pictures are written anew without what else they carried. Raises Mistyped."""
    extension = "." + label.rpartition(".")[2]
    assert extension in extensions
    if _kind(content) != _STARTS_LIKE.get(extension, TYPES[extension]):
        raise Mistyped(_("%(file)s does not contain what its name says.", file=label), "file")
    return _CHECKS[TYPES[extension]](label, content)


def _kind(content: bytes) -> str:
    """The type that the first bytes tell; what begins with a tag may be XML, whatever else reads as plain text CSV."""
    for start, kind in _SIGNATURES:
        if content.startswith(start) and (kind != TYPES[".webp"] or content[8:12] == b"WEBP"):
            return kind
    if content[4:8] == b"ftyp":
        return TYPES[".mp4"]
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return TYPES[".xml"]
    return TYPES[".csv"] if _is_text(content) else ""


_SIGNATURES = (
    (b"%PDF-", TYPES[".pdf"]),
    (b"\xff\xd8\xff", TYPES[".jpg"]),
    (b"\x89PNG\r\n\x1a\n", TYPES[".png"]),
    (b"RIFF", TYPES[".webp"]),
    (b"PK\x03\x04", TYPES[".xlsx"]),
    (b"\x1a\x45\xdf\xa3", TYPES[".webm"]),
)
_STARTS_LIKE = {".ofd": TYPES[".xlsx"]}  # both are packed; what is in them tells them apart


def _is_text(content: bytes) -> bool:
    """Text, and no page or picture written as text."""
    text = as_text(content)
    if text is None or text.lstrip("\ufeff \t\r\n").startswith("<"):
        return False
    return not any(each < " " and each not in "\t\r\n" for each in text)


def as_text(content: bytes) -> str | None:
    """Read as UTF-8 or as GB18030, which spreadsheets write in China; None if it is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _pdf(label: str, content: bytes) -> bytes:
    if b"%%EOF" not in content[-1024:] or b"startxref" not in content[-2048:]:
        raise Mistyped(_cut_off(label), "file")
    try:
        scans.look(content)
    except scans.Unreadable as end:
        raise unread(label, end) from None
    return content


def unread(label: str, end: scans.Unreadable) -> Mistyped:
    """Why the file cannot be opened, with its name."""
    return Mistyped(_UNREAD[end.ended].having(file=label), "file")


_UNREAD = {
    opening.ENCRYPTED: _("%(file)s is locked with a password or against copying. Save it unlocked and attach it anew."),
    opening.BROKEN: _("%(file)s is damaged and cannot be opened. Scan or save it again and attach it anew."),
    opening.NO_PAGES: _("%(file)s has no pages. Scan or save it again and attach it anew."),
    opening.TOO_LARGE: _("%(file)s takes more time or memory to open than a file may. Attach it in several parts."),
}


def _csv(_label: str, content: bytes) -> bytes:
    return content


def _cut_off(label: str) -> Words:
    return _("%(file)s cannot be read to its end. Save it again and attach it anew.", file=label)


# ---- pictures -------------------------------------------------------------------------------------------------------

_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


def _picture(label: str, content: bytes) -> bytes:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"])
        width, height = picture.size
    except Image.DecompressionBombError:
        raise Mistyped(_("%(file)s has too many pixels; at most 20 million can be attached.", file=label), "file") from None
    except _UNREADABLE:
        raise Mistyped(_cut_off(label), "file") from None
    if width * height > MOST_PIXELS:
        text = _(
            "%(file)s has %(width)s by %(height)s pixels; at most 20 million can be attached.",
            file=label,
            width=width,
            height=height,
        )
        raise Mistyped(text, "file")
    try:
        return _written_anew(picture, len(content))
    except _UNREADABLE:
        raise Mistyped(_cut_off(label), "file") from None


def _written_anew(picture: object, most_bytes: int) -> bytes:
    """The pixels alone, the right way up: no place, camera, or hidden content. No larger than it came, as far as that goes: who
    was let in by its size is not kept out by it later."""
    from PIL import Image, ImageOps

    assert isinstance(picture, Image.Image)
    kind = picture.format
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if kind == "JPEG" and upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGB")
    plain = Image.new(upright.mode, upright.size)
    if upright.mode == "P":
        plain.putpalette(upright.getpalette("RGB") or [])
    plain.paste(upright)
    more = {"transparency": upright.info["transparency"]} if kind == "PNG" and "transparency" in upright.info else {}
    ways: list[dict[str, Any]] = (
        [{}, {"optimize": True}] if kind == "PNG" else [{"quality": each} for each in (90, 80, 70, 60, 50)]
    )
    for way in ways:
        written = io.BytesIO()
        plain.save(written, kind, **way, **more)
        if written.tell() <= most_bytes:
            break
    return written.getvalue()


# ---- workbooks ------------------------------------------------------------------------------------------------------


def _workbook(label: str, content: bytes) -> bytes:
    return checked_workbook(label, content, MOST_UNPACKED_BYTES)


def checked_workbook(label: str, content: bytes, most_unpacked_bytes: int) -> bytes:
    """Looks at the list of what is packed, before anything is unpacked. Raises Mistyped."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            types = packed.getinfo("[Content_Types].xml")
            named = packed.read(types) if types.file_size < 1024 * 1024 else b""
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error):
        raise Mistyped(_cut_off(label), "file") from None
    if sum(part.file_size for part in parts) > most_unpacked_bytes or len(parts) > MOST_PACKED_FILES:
        raise Mistyped(_("%(file)s unpacks to more than a workbook may.", file=label), "file")
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.xml" not in names:
        raise Mistyped(_("%(file)s does not contain what its name says.", file=label), "file")
    if b"macro" in named.lower() or any(_is_foreign(name) for name in names):
        raise Mistyped(_("%(file)s contains macros or other files. Save it as a plain workbook.", file=label), "file")
    return content


def _is_foreign(name: str) -> bool:
    return "vbaproject" in name or "/macrosheets/" in name or "/embeddings/" in name or "/activex/" in name


# ---- invoices -------------------------------------------------------------------------------------------------------

INVOICES = ("EInvoice", "eInvoice", "xbrl")  # the root of what tax bureaus, older services and the railways write
MOST_XML_BYTES = 20 * 1024 * 1024  # of all XML in one OFD


def _xml(label: str, content: bytes) -> bytes:
    if elements_of(label, content)[-1].name not in INVOICES:
        raise Mistyped(_("%(file)s does not hold the data of an invoice.", file=label), "file")
    return content


def elements_of(label: str, content: bytes) -> list[Element]:
    """The elements of XML, its root last. Raises Mistyped."""
    try:
        return elements.read(content)
    except elements.Broken:
        raise Mistyped(_cut_off(label), "file") from None
    except elements.Forbidden:
        raise Mistyped(_points_elsewhere(label), "file") from None
    except elements.TooMuch:
        raise too_much(label) from None


def too_much(label: str) -> Mistyped:
    return Mistyped(_("%(file)s holds more than the data of an invoice.", file=label), "file")


def _points_elsewhere(label: str) -> Words:
    return _("%(file)s holds what could point to other files. Attach the invoice as the seller sent it.", file=label)


def _ofd(label: str, content: bytes) -> bytes:
    parts = parts_of(label, content)
    if elements_of(label, parts["OFD.xml"])[-1].name != "OFD":
        raise Mistyped(_("%(file)s does not contain what its name says.", file=label), "file")
    return content


def parts_of(label: str, content: bytes) -> dict[str, bytes]:
    """The XML parts of an OFD by their names; looked at before anything is unpacked. Raises Mistyped."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            _refuse_packing(label, parts)
            read = {part.filename: packed.read(part) for part in parts if part.filename.lower().endswith(".xml")}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error):
        raise Mistyped(_cut_off(label), "file") from None
    if "OFD.xml" not in read:
        raise Mistyped(_("%(file)s does not contain what its name says.", file=label), "file")
    if any(b"\0" in text or b"<!DOCTYPE" in text or b"<!ENTITY" in text for text in read.values()):
        raise Mistyped(_points_elsewhere(label), "file")
    return read


def _refuse_packing(label: str, parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    xml_bytes = sum(part.file_size for part in parts if part.filename.lower().endswith(".xml"))
    size_bytes = sum(part.file_size for part in parts)
    if size_bytes > MOST_UNPACKED_BYTES or xml_bytes > MOST_XML_BYTES or len(parts) > MOST_PACKED_FILES:
        raise Mistyped(_("%(file)s unpacks to more than an invoice may.", file=label), "file")
    if any(_leads_out(name) or name.lower().endswith(_NO_PART) for name in names) or len({*names}) < len(names):
        raise Mistyped(_("%(file)s contains files that no invoice has. Attach it as the seller sent it.", file=label), "file")


_NO_PART = (
    ".exe",
    ".dll",
    ".js",
    ".vbs",
    ".bat",
    ".cmd",
    ".htm",
    ".html",
    ".svg",
    ".zip",
    ".rar",
    ".7z",
    ".jar",
    ".docm",
    ".xlsm",
)


def _leads_out(name: str) -> bool:
    """Its way goes up, begins at a root, or has signs that no way in an OFD has."""
    return name.startswith("/") or ".." in name.split("/") or any(sign in name for sign in "\\:\0")


# ---- videos ---------------------------------------------------------------------------------------------------------

_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"}
_DOCTYPE = b"\x42\x82\x84webm"


def _mp4(label: str, content: bytes) -> bytes:
    """Boxes one behind the other until the end; the first says that it is a film, and one holds its index."""
    if content[8:12] not in _BRANDS:
        raise Mistyped(_("%(file)s does not contain what its name says.", file=label), "file")
    at, found = 0, set()
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        if size == 1 and at + 16 <= len(content):
            (size,) = struct.unpack(">Q", content[at + 8 : at + 16])
        if size == 0:
            size = len(content) - at
        if size < 8:
            break
        found.add(kind)
        at += size
    if at != len(content) or not {b"moov", b"mdat"} <= found:
        raise Mistyped(_cut_off(label), "file")
    return content


def _webm(label: str, content: bytes) -> bytes:
    """A header that says WebM - others use the same wrapping - and a segment that is all there."""
    if _DOCTYPE not in content[:64]:
        raise Mistyped(_("%(file)s does not contain what its name says.", file=label), "file")
    header, start = _ebml_size(content, 4)
    segment, begins = _ebml_size(content, start + header + 4)
    is_there = content[start + header : start + header + 4] == b"\x18\x53\x80\x67"
    if not is_there or (segment >= 0 and begins + segment > len(content)):
        raise Mistyped(_cut_off(label), "file")
    return content


def _ebml_size(content: bytes, at: int) -> tuple[int, int]:
    """How long what follows is, -1 where that is not said, and where it begins."""
    first = content[at] if at < len(content) else 0
    width = 9 - first.bit_length()
    if not first or at + width > len(content):
        return len(content), at
    value = int.from_bytes(content[at : at + width], "big") & ((1 << 7 * width) - 1)
    return (-1 if value == (1 << 7 * width) - 1 else value), at + width


_CHECKS: dict[str, Callable[[str, bytes], bytes]] = {
    TYPES[".pdf"]: _pdf,
    TYPES[".jpg"]: _picture,
    TYPES[".png"]: _picture,
    TYPES[".webp"]: _picture,
    TYPES[".xlsx"]: _workbook,
    TYPES[".csv"]: _csv,
    TYPES[".xml"]: _xml,
    TYPES[".ofd"]: _ofd,
    TYPES[".mp4"]: _mp4,
    TYPES[".webm"]: _webm,
}


def measured(size_bytes: int) -> str:
    """612 KB, from a megabyte on 1.2 MB, rounded up."""
    return f"{-(-size_bytes // KB)} KB" if size_bytes < MB else f"{in_mb(size_bytes)} MB"


def in_mb(size_bytes: int) -> str:
    """Tenths of a megabyte, rounded up: a file is never said to be smaller than it is."""
    tenths = -(-size_bytes * 10 // MB)
    return f"{tenths // 10}.{tenths % 10}".removesuffix(".0")
