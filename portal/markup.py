"""The one place that makes HTML from text: sentences with names in them, notes with mentions, and QR codes."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from portal import languages
from portal.words import Name, Words


def spoken(value: Any) -> Any:
    """What Jinja shows of a value: words and names in the reader's language, people's own text set apart by <bdi>."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Words):
        return sentence(value)
    if isinstance(value, Name):
        return _own(value)
    if isinstance(value, bool | float):
        return value
    return languages.here(value)


def sentence(words: Words) -> Any:
    """A sentence; names and texts of people in it stand in <bdi>, so that they neither turn it around nor pass for it."""
    language = languages.reading.get()
    if not words.values:
        return languages.translated(words, language)
    return Markup(escape(languages.translated(words, language))) % {name: _value(value) for name, value in words.values.items()}  # noqa: S704


def _value(value: Any) -> Any:
    if isinstance(value, Words):
        return sentence(value)
    if isinstance(value, str | Name) and str(value):
        return _own(value)
    return languages.here(value)


def _own(value: str | Name) -> Markup:
    return _set_apart(languages.here(value))


@lru_cache(maxsize=4096)
def _set_apart(text: str) -> Markup:
    return Markup(f"<bdi>{escape(text)}</bdi>")  # noqa: S704


def paragraphs(text: str) -> Markup:
    """A person's own long text, its lines kept."""
    lines = Markup("<br>").join(text.split("\n"))
    return Markup("<bdi>%s</bdi>") % lines


@lru_cache(maxsize=256)
def qr(text: str) -> Markup:
    """A QR code as SVG without inline style."""
    import segno

    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, svgclass="qr", lineclass=None, omitsize=True, border=2)
    return Markup(drawn.getvalue().decode())  # noqa: S704
