"""XML that others wrote, read element by element: without entities or document types, and never more than fits."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_BYTES = 5 * 1024 * 1024
MOST_ELEMENTS = 50_000
DEEPEST = 60
_CHINESE = re.compile(rb"""^<\?xml[^>]{1,100}encoding\s*=\s*["'](gbk|gb2312|gb18030)["']""", re.IGNORECASE)


class Broken(Exception):
    """It is no XML, or not to its end."""


class Forbidden(Exception):
    """It declares a document type or entities, which could stand for anything."""


class TooMuch(Exception):
    """It is larger, deeper or of more parts than is read."""


@dataclass(frozen=True)
class Element:
    """`path` has the names from the root to the element, without their namespaces."""

    path: str
    attributes: dict[str, str]
    text: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def read(content: bytes) -> list[Element]:
    """All elements in the order in which they end; the last is the root. Raises Broken, Forbidden, TooMuch."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if len(content) > MOST_BYTES:
        raise TooMuch
    given, encoding = _in_unicode(content)
    parser = DefusedXMLParser(target=_Kept(), encoding=encoding, forbid_dtd=True)
    try:
        parser.feed(given)
        return parser.close()
    except DefusedXmlException:
        raise Forbidden from None
    except (SyntaxError, ValueError, LookupError):
        raise Broken from None


def _in_unicode(content: bytes) -> tuple[bytes, str | None]:
    """The parser knows no Chinese encodings; those are read before."""
    if not _CHINESE.match(content):
        return content, None
    try:
        return content.decode("gb18030").encode(), "utf-8"
    except UnicodeDecodeError:
        raise Broken from None


class _Kept:
    """Keeps what the parser comes upon, as long as it fits."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, dict[str, str], list[str]]] = []
        self.found: list[Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.opened) >= DEEPEST or len(self.opened) + len(self.found) >= MOST_ELEMENTS:
            raise TooMuch
        path = f"{self.opened[-1][0]}/{_local(name)}" if self.opened else _local(name)
        self.opened.append((path, {_local(each): value for each, value in attributes.items()}, []))

    def data(self, text: str) -> None:
        self.opened[-1][2].append(text)

    def end(self, _name: str) -> None:
        path, attributes, texts = self.opened.pop()
        self.found.append(Element(path, attributes, "".join(texts).strip()))

    def close(self) -> list[Element]:
        return self.found


def _local(name: str) -> str:
    return name.rpartition("}")[2]
