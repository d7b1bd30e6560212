"""The floor of a page: bare Flask and Jinja that answer the same HTML, its rows written in a loop from tuples of text."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise
from typing import Any

from flask import Flask, render_template
from jinja2 import DictLoader

ROW = re.compile(r"<(li|tr)\b[^>]*\bdata-row.*?</\1>", re.DOTALL)
TEXT = re.compile(r'>([^<>\s][^<>]*)<|="([^"]+)"')  # what stands between tags, and in attributes


def floor_of(page: str) -> Any:
    """A WSGI application that answers the page."""
    rows = list(ROW.finditer(page))
    source, told = "", []
    kinds: dict[str, int] = {}
    for row in rows:
        shape, values = _taken_apart(row.group(), "r")
        told.append([kinds.setdefault(shape, len(kinds)), *values])
    if rows:
        loop = "".join(f"{{% {'elif' if n else 'if'} r[0] == {n} %}}{shape}" for shape, n in kinds.items())
        source = _plain(page[: rows[0].start()]) + "{% for r in rows %}" + loop + "{% endif %}{% endfor %}"
        source += _plain(_between(page, rows)) + _plain(page[rows[-1].end() :])
        values = []
    else:
        source, values = _taken_apart(page, "v", 0)
    app = Flask(__name__)
    app.jinja_env.loader = DictLoader({"page.html": source})
    app.jinja_env.trim_blocks = False
    app.add_url_rule("/", "page", lambda: render_template("page.html", rows=told, v=values))
    return app.wsgi_app


def _taken_apart(html: str, name: str, first: int = 1) -> tuple[str, list[str]]:
    """The HTML as a template of its own texts."""
    shape, end = "", 0
    values: list[str] = []
    for found in TEXT.finditer(html):
        group = 1 if found.group(1) is not None else 2
        shape += _plain(html[end : found.start(group)]) + f"{{{{ {name}[{len(values) + first}] }}}}"
        values.append(unescape(found.group(group)))
        end = found.end(group)
    return shape + _plain(html[end:]), values


def _between(page: str, rows: list[Any]) -> str:
    """Headings and the like that stand between rows: they come after them here."""
    return "".join(page[one.end() : other.start()] for one, other in pairwise(rows))


def _plain(html: str) -> str:
    return re.sub(r"[{}]+", lambda found: f"{{{{ '{found.group()}' }}}}", html)
