"""The one place that makes HTML from text: sentences with names in them, notes with mentions, Markdown, and QR codes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup, escape

from portal import languages
from portal.words import Name, Words


def spoken(value: Any) -> Any:
    """What Jinja shows of a value: words and names in the reader's language, people's own text set apart by <bdi>."""
    kind = type(value)
    if kind is str or kind is Markup or kind is int:
        return value
    if value is None:
        return ""
    if isinstance(value, Words):
        return sentence(value)
    if isinstance(value, Name):
        return _own(value)
    if isinstance(value, str | bool | float):
        return value
    return languages.here(value)


@pass_environment
def drawn(environment: Environment, fragment: str, /, **values: Any) -> Markup:
    """A fragment that shows these values and nothing else, not even the time: drawn once for all who read the same."""
    fixed = {key: tuple(value) if type(value) is list else value for key, value in values.items()}
    return _draw(environment)(environment, fragment, languages.reading.get(), **fixed)


@pass_environment
def drawn_each(environment: Environment, fragment: str, rows: Iterable[Any], /, **values: Any) -> Markup:
    """The same fragment for each row: many of them cost little."""
    draw, language = _draw(environment), languages.reading.get()
    return Markup("\n".join([draw(environment, fragment, language, row=row, **values) for row in rows]))  # noqa: S704


def _draw(environment: Environment) -> Callable[..., Markup]:
    return _drawn.__wrapped__ if environment.auto_reload else _drawn  # whoever writes templates wants to see them


@lru_cache(maxsize=4096, typed=True)
def _drawn(environment: Environment, fragment: str, language: str, /, **values: Any) -> Markup:
    return Markup(environment.get_template(fragment).render(values).strip())  # noqa: S704


@cache
def icon(sprite: str, name: str, small: bool = False) -> Markup:
    """A picture from the sprite; it says nothing to a screen reader, the words beside it do."""
    kind = "i i-s" if small else "i"
    return Markup('<svg class="%s" aria-hidden="true"><use href="%s#%s"/></svg>') % (kind, sprite, name)


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


def plain(value: Any) -> str:
    """A value as an attribute takes it: in the reader's language, without the marks around names."""
    if isinstance(value, Markup):
        return value.striptags()
    return "" if value is None else languages.here(value)


def paragraphs(text: str) -> Markup:
    """A person's own long text, its lines kept."""
    lines = Markup("<br>").join(text.split("\n"))
    return Markup("<bdi>%s</bdi>") % lines


_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "ul", "ol", "li", "blockquote", "pre", "code", "a", "img",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "loading"}, "ol": {"start"}}


@lru_cache(maxsize=256)
def markdown(text: str, pictures: tuple[str, ...] = ()) -> Markup:
    """A person's own text written in Markdown: headings, lists, tables, links to other sites, and its own pictures, of which
    `![what it shows](1)` is the first, by their addresses. Whatever else stands in it is shown as it was typed, or left out."""
    import nh3

    tokens = _markdown().parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"  # the page has its own first heading
        for inner in token.children or ():
            if inner.type == "image":
                _own_picture(inner, pictures)
    drawn = _markdown().renderer.render(tokens, _markdown().options, {})

    def kept(tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return value if value.startswith(("http://", "https://")) else None
        return None if name == "src" and value not in pictures else value

    clean = nh3.clean(drawn, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=kept, link_rel="noopener noreferrer nofollow")
    return Markup('<div class="prose own">%s</div>') % Markup(clean)  # noqa: S704


def _own_picture(token: Any, pictures: tuple[str, ...]) -> None:
    """Only the text's own pictures are shown, by their number; of another the words stay."""
    number = str(token.attrs.get("src", ""))
    if re.fullmatch(r"[1-9][0-9]?", number, re.ASCII) and int(number) <= len(pictures):
        token.attrs = {"src": pictures[int(number) - 1], "alt": "", "loading": "lazy"}
        return
    token.type, token.tag = "text", ""


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@lru_cache(maxsize=256)
def qr(text: str) -> Markup:
    """A QR code as SVG without inline style."""
    import segno

    drawn = io.BytesIO()
    code = segno.make(text, error="m")
    code.save(drawn, kind="svg", xmldecl=False, svgns=True, svgclass="qr", lineclass=None, omitsize=True, border=2)
    return Markup(drawn.getvalue().decode())  # noqa: S704
