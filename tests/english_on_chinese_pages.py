"""Finds English words on a page that is shown in Chinese, outside people's own text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

OWN = ["bdi", "code", "kbd", "textarea"]  # people's own text, and what is to be typed as it stands
UNMARKED = ["title", "option"]  # no mark may stand in them
MARKED = {"id", "own"}  # the classes of numbers, codes and user names, and of long texts that people wrote
SILENT = ["script", "style", "template"]
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
    "PDF", "JPEG", "PNG", "WebP", "XLSX", "CSV", "Excel", "UTF", "QR", "KB", "MB", "GB", "IT", "PostgreSQL", "Chrome", "Firefox",
    "Safari", "Edge", "Windows", "Linux", "macOS", "Android", "iPhone", "MP", "WebM",
}  # fmt: skip


def english_words(page: BeautifulSoup, own: frozenset[str] = frozenset()) -> list[str]:
    """Every English word with what stands around it. `own` are words that people chose, such as user names."""
    typed = own | _words_of_people(page)
    found = [f"{word} in “{text}”" for text in _texts(page) for word in _words(text)]
    for text in _unmarked(page):
        found += [f"{word} in “{text}”" for word in _words(text) if word not in typed]
    return found


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(MARKS.sub("", text)) if word not in KNOWN]


def _texts(page: BeautifulSoup) -> Iterator[str]:
    for text in page.find_all(string=True):
        if not isinstance(text, PreformattedString) and text.strip() and not _is_apart(text):
            yield " ".join(text.split())


def _is_apart(text: NavigableString | Tag) -> bool:
    """Own text of people, or said in another language on purpose."""
    return any(_stands_apart(each) for each in text.parents)


def _stands_apart(each: Tag) -> bool:
    return (
        each.name in OWN + SILENT + UNMARKED
        or each.get("lang", "zh").startswith("en")
        or not MARKED.isdisjoint(each.get("class", ()))
    )


def _unmarked(page: BeautifulSoup) -> Iterator[str]:
    """Titles, options and attributes hold no marks, so a word in them may also be one of those that people wrote."""
    yield from (" ".join(each.get_text().split()) for each in page.find_all(UNMARKED))
    for each in page.find_all(True):
        if not (each.get("lang") or "").startswith("en"):
            yield from (str(each[name]) for name in SPOKEN if each.get(name))


def _words_of_people(page: BeautifulSoup) -> set[str]:
    marked = [each.get_text() for each in page.find_all(OWN) + page.find_all(class_=list(MARKED))]
    filled_in = [each.get("value", "") for each in page.find_all("input")]
    return {word for text in marked + filled_in for word in WORD.findall(text)}
