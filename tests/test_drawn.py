"""Fragments drawn once: for each language, for each value, and never a text as if it were HTML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from portal import languages, markup

pytestmark = pytest.mark.no_database
PERSONAL = re.compile(r"csrf_token|may_open|with_filters|flashes|\{[{%][^}\"']*\bme\b")
TEMPLATES = Path(__file__).parent.parent / "templates"


@pytest.fixture
def environment():
    templates = {"_row.html": "<b>{{ row }}</b>{{ told() }}"}
    environment = Environment(loader=DictLoader(templates), autoescape=True, auto_reload=False, finalize=markup.spoken)
    environment.globals.update(told=languages.reading.get)
    return environment


def in_language(code, draw):
    kept = languages.reading.set(code)
    try:
        return draw()
    finally:
        languages.reading.reset(kept)


def test_a_fragment_is_drawn_once_for_the_same_values(environment):
    first = markup.drawn(environment, "_row.html", row=("a", 1))

    again = markup.drawn(environment, "_row.html", row=("a", 1))

    assert again is first


def test_each_language_gets_its_own_fragment(environment):
    english = in_language("en", lambda: markup.drawn(environment, "_row.html", row=1))

    chinese = in_language("zh-Hans", lambda: markup.drawn(environment, "_row.html", row=1))

    assert (english, chinese) == ("<b>1</b>en", "<b>1</b>zh-Hans")


def test_a_text_never_gets_what_was_drawn_for_html_of_the_same_signs(environment):
    trusted = in_language("en", lambda: markup.drawn(environment, "_row.html", row=Markup("<i>x</i>")))

    typed = in_language("en", lambda: markup.drawn(environment, "_row.html", row="<i>x</i>"))

    assert (trusted, typed) == ("<b><i>x</i></b>en", "<b>&lt;i&gt;x&lt;/i&gt;</b>en")


def test_rows_are_drawn_each_by_the_same_fragment(environment):
    rows = in_language("en", lambda: markup.drawn_each(environment, "_row.html", ["<a>", "<b>"]))

    assert rows == "<b>&lt;a&gt;</b>en\n<b>&lt;b&gt;</b>en"


def test_what_is_drawn_for_all_holds_nothing_of_one_person():
    told = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    drawn_once = set(re.findall(r'drawn(?:_each)?\("([^"]+)"', told))

    assert len(drawn_once) > 5
    for name in drawn_once:
        assert not PERSONAL.search((TEMPLATES / name).read_text()), name
