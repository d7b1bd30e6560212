"""Walks through the portal as a reader would: from the first page along every link, a few pages of each kind."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from werkzeug.exceptions import HTTPException

ENOUGH = {"papers.show": 12}  # pages of one kind that are looked at, where two do not show everything
FEW = 2
LINKED = XPath("//@href | //@hx-get")
FORMS = XPath("//form[@method='post'][starts-with(@action, '/')]")
FIELDS = XPath(".//input[@name] | .//select[@name] | .//textarea[@name]")


def pages(app: Any, browser: Any, start: str = "/") -> Iterator[tuple[str, HtmlElement]]:
    """Path and contents of each page that links lead to."""
    waiting, known, seen = deque([start]), {start}, Counter[tuple[str, ...]]()
    while waiting:
        path = waiting.popleft()
        kind = kind_of(app, path)
        if kind is None or seen[kind] >= ENOUGH.get(kind[0], FEW):
            continue
        seen[kind] += 1
        answer = browser.get(path, buffered=True)
        assert answer.status_code in (200, 204, 303), f"{path} answers {answer.status_code}"
        if answer.status_code == 303 and answer.location not in known:
            known.add(answer.location)
            waiting.append(answer.location)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = taken_apart(answer.text)
            yield path, page
            new = [each for each in links(page) if each not in known]
            known.update(new)
            waiting.extend(new)


def taken_apart(text: str) -> HtmlElement:
    """A page of HTML as its elements; a fragment stands in a page of its own."""
    return document_fromstring(text, HTMLParser(remove_comments=True))


def is_whole(page: HtmlElement) -> bool:
    return page.find("head") is not None


def kind_of(app: Any, path: str) -> tuple[str, ...] | None:
    """The route, and which filter is set; nothing for what is not a page of the portal, nor for filters together."""
    parts = urlsplit(path)
    try:
        endpoint, values = app.url_map.bind("localhost").match(parts.path, method="GET")
    except HTTPException as error:
        raise AssertionError(f"a link leads to {path}: {error!r}") from error
    if endpoint == "static":
        return None
    named = tuple(str(value) for value in values.values() if not isinstance(value, int) and not str(value).isdigit())
    asked = sorted(name for name, _value in parse_qsl(parts.query))
    if len(asked) > 1:
        return None
    return (endpoint, *named, *asked)


def links(page: HtmlElement) -> list[str]:
    found = map(str, LINKED(page))
    return [each.partition("#")[0] for each in found if each.startswith("/") and not each.startswith(("//", "/static"))]


@dataclass(frozen=True, order=True)
class Form:
    """Where a form is sent to, what may be typed in it, and what it carries along."""

    action: str
    names: tuple[str, ...]
    carried: tuple[tuple[str, str], ...]

    @property
    def hidden(self) -> dict[str, str]:
        return dict(self.carried)


def forms(page: HtmlElement) -> list[Form]:
    """The forms of a page that change something."""
    return [_form(each) for each in FORMS(page)]


def _form(form: HtmlElement) -> Form:
    fields = [each for each in FIELDS(form) if each.get("name") != "csrf_token"]
    hidden = {each.get("name"): each.get("value", "") for each in fields if each.get("type") == "hidden"}
    names = {each.get("name") for each in fields} - set(hidden)
    return Form(form.get("action"), tuple(sorted(names)), tuple(sorted(hidden.items())))
