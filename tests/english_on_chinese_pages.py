"""Finds English words on a page that is shown in Chinese, outside people's own text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import Element
from lxml.html import HtmlElement

OWN = ["bdi", "code", "kbd", "textarea"]  # people's own text, and what is to be typed as it stands
UNMARKED = ["title", "option"]  # no mark may stand in them
MARKED = {"id", "own"}  # the classes of numbers, codes and user names, and of long texts that people wrote
SILENT = ["script", "style", "template"]
APART = {*OWN, *UNMARKED, *SILENT}
SPOKEN = [
    "placeholder",
    "aria-label",
    "title",
    "alt",
    "aria-description",
    "data-label",
    "data-confirm",
    "data-guard",
    "data-too-large",
]
MARKS = re.compile(r"(?<![A-Za-z])[A-Z]{2,4}-\d[\d-]*|\{[a-z]+\}")  # numbers of papers and of rules, places of values
WORD = re.compile(r"[A-Za-z]{2,}")
KNOWN = {
    "PDF", "JPEG", "PNG", "WebP", "XLSX", "CSV", "OFD", "XML", "Excel", "UTF", "QR", "KB", "MB", "GB", "IT", "PostgreSQL",
    "Chrome", "Firefox", "Safari", "Edge", "Windows", "Linux", "macOS", "Android", "iPhone", "MP", "WebM",
}  # fmt: skip


def english_words(page: HtmlElement, own: frozenset[str] = frozenset()) -> list[str]:
    """Every English word with what stands around it. `own` are words that people chose, such as user names."""
    typed = own | _words_of_people(page)
    found = [f"{word} in “{text}”" for text in _texts(page) for word in _words(text)]
    for text in _unmarked(page):
        found += [f"{word} in “{text}”" for word in _words(text) if word not in typed]
    return found


def _texts(element: HtmlElement) -> Iterator[str]:
    """What stands in it, but not what is people's own or said in another language on purpose."""
    if _stands_apart(element):
        return
    yield _in_a_row(element.text)
    for each in element:
        yield from _texts(each)
        yield _in_a_row(each.tail)


def _stands_apart(each: HtmlElement) -> bool:
    marks = each.get("class", "").split()
    return each.tag in APART or each.get("lang", "").startswith("en") or not MARKED.isdisjoint(marks)


def _in_a_row(text: str | None) -> str:
    return " ".join(text.split()) if text else ""


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(MARKS.sub("", text)) if word not in KNOWN]


def _unmarked(page: HtmlElement) -> Iterator[str]:
    """Titles, options and attributes hold no marks, so a word in them may also be one of those that people wrote."""
    yield from (_in_a_row(each.text_content()) for each in page.iter(*UNMARKED))
    for each in page.iter(Element):
        if not each.get("lang", "").startswith("en"):
            yield from (each.get(name) for name in SPOKEN if name in each.attrib)


def _words_of_people(page: HtmlElement) -> set[str]:
    marked = [
        each.text_content() for each in [*page.iter(*OWN), *(each for name in sorted(MARKED) for each in page.find_class(name))]
    ]
    filled_in = [each.get("value", "") for each in page.iter("input")]
    return {word for text in marked + filled_in for word in WORD.findall(text)}
