"""How a page looks to everybody: nothing that axe objects to in either light, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


class Look(NamedTuple):
    """A light, a width, and what is looked for then; nothing is everything."""

    scheme: Literal["light", "dark"]
    width: int
    rules: tuple[str, ...] = ()


WIDE, NARROW = 1440, 360
LOOKS = (  # what is the same in any light is looked for once
    Look("light", WIDE),
    Look("dark", WIDE, ("color-contrast",)),
    Look("dark", NARROW, ("color-contrast", "target-size", "scrollable-region-focusable")),
)
IN_WORDS = (  # what may be wrong in one language alone: a name that is not there, words that need more room
    Look(
        "light", WIDE,
        ("button-name", "link-name", "input-button-name", "label", "select-name", "image-alt", "role-img-alt", "svg-img-alt",
         "summary-name", "aria-command-name", "aria-input-field-name", "aria-toggle-field-name", "aria-dialog-name",
         "document-title", "html-has-lang", "html-lang-valid", "valid-lang", "empty-heading", "empty-table-header",
         "landmark-unique"),
    ),
    Look("light", NARROW, ("target-size",)),
)  # fmt: skip
AXE = Axe().axe_script
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LEAVE_ROWS_UNLIKE = """() => {
    const seen = new Set();
    for (const row of document.querySelectorAll("main tr, main li, main [data-row]")) {
        const parts = [row, ...row.querySelectorAll("*")];
        const look = parts.map(each => each.tagName + "." + each.getAttribute("class")).join(" ");
        if (seen.has(look)) row.remove();
        seen.add(look);
    }
}"""
TWICE = """() => {
    const ids = [...document.querySelectorAll("[id]")].map(each => each.id);
    return ids.filter((each, n) => ids.indexOf(each) !== n);
}"""
FRAME = """() => [...document.querySelectorAll("body *")]
    .filter(each => !each.closest("main") && !each.querySelector("main"))
    .map(each => each.tagName + "." + each.getAttribute("class")).filter((each, n, all) => all.indexOf(each) === n).join(" ")"""
RUN = """([where, asked]) => axe.run(where && document.querySelector(where) ? {include: [[where]]} : document, asked)
    .then(found => found.violations)"""


def looked_at(page: Page, paths: Iterable[str], looks: Iterable[Look] = LOOKS) -> dict[str, list[str]]:
    """What is wrong, by path. Each page is loaded once; what stands round it and was looked at is left out in further lights."""
    frames: set[str] = set()
    found = {path: _wrong_on(page, path, tuple(looks), frames) for path in paths}
    return {path: wrong for path, wrong in found.items() if wrong}


def _wrong_on(page: Page, path: str, looks: tuple[Look, ...], frames: set[str]) -> list[str]:
    page.emulate_media(color_scheme=looks[0].scheme, reduced_motion="reduce")
    widen(page, NARROW)
    answer = page.goto(path)
    assert answer is not None
    wrong = [] if answer.ok else [f"answers {answer.status}"]
    wrong += [f"id {each} stands twice" for each in page.evaluate(TWICE)]
    for width in sorted({each.width for each in looks}):
        widen(page, width)
        wide = page.evaluate(TOO_WIDE)
        wrong += [f"{wide} px too wide at {width} px"] if wide > 1 else []
    page.evaluate(LEAVE_ROWS_UNLIKE)
    page.evaluate(AXE)
    frame = page.evaluate(FRAME)
    for n, each in enumerate(looks):
        page.emulate_media(color_scheme=each.scheme)
        widen(page, each.width)
        wrong += _objections(page, each, "main" if n and frame in frames else None)
    frames.add(frame)
    return wrong


def widen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 780 if width < 500 else 900})


def _objections(page: Page, look: Look, where: str | None) -> Iterator[str]:
    """What axe says against that part of the page by the rules of the look."""
    asked: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": list(look.rules)} if look.rules else {})
    for each in page.evaluate(RUN, [where, asked]):
        parts = "; ".join(node["html"][:120] for node in each["nodes"][:3])
        yield f"{each['id']} ({look.scheme}, {look.width} px): {each['help']} ({len(each['nodes'])}): {parts}"
