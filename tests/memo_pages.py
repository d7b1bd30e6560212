"""The pages of the kind of paper that exists only in tests: a form and one fragment, as any module brings them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, FileSystemLoader

from portal import kinds
from portal.cases import Case
from portal.contents import Content
from portal.fields import Amount, LineForm, Lines, PaperForm, Text, Whole
from portal.kinds import Kind, StepForm
from portal.money import total
from portal.words import Words
from tests import memo

TEMPLATES = Path(__file__).parent / "templates"


class MemoLineForm(LineForm):
    item = Text(Words("Item"), most=80)
    price = Amount(Words("Price"))


class MemoForm(PaperForm):
    wish = Text(Words("Wish"), most=200)
    lines = Lines(Words("Things"), MemoLineForm)

    def content(self, person: Any) -> Content:
        lines = [{"item": line.item.data, "price": line.price.data} for line in self.lines.filled()]
        return Content(self.title.data, {"wish": self.wish.data}, lines, total(line["price"] for line in lines))


class PartForm(StepForm):
    pieces = Whole(Words("Pieces"), least=0, most=100)

    def given(self) -> memo.Part:
        return memo.Part(self.pieces.data)


@contextmanager
def known(app: Any) -> Iterator[None]:
    """The kind is registered, and its fragment found, as long as this lasts."""
    loader = app.jinja_loader
    app.jinja_loader = ChoiceLoader([loader, FileSystemLoader(TEMPLATES)])
    kinds.register(Kind(memo.flow, MemoForm, "memos", Words("New memo"), Words("For whatever is wished.")))
    kinds.step_form(memo.Part, PartForm)
    yield
    del kinds.KINDS["memo"], kinds.STEP_FORMS[memo.Part]
    app.jinja_loader = loader


@pytest.fixture(name="pages")
def portal_with_memos(app, memos):
    """The portal with the tests' own kind of paper in it; forged forms are tested apart."""
    app.config["WTF_CSRF_ENABLED"] = False
    with known(app):
        yield app


@pytest.fixture(name="browser_of")
def english_browsers(pages, client):
    """A browser of that person, who reads English."""

    def signed_in(person):
        browser = client(person)
        browser.set_cookie("language", "en")
        return browser

    return signed_in


def typed(**other):
    contents = {"title": "A lamp", "wish": "light", "lines-0-item": "Lamp", "lines-0-price": "12.50", "token": "a" * 20}
    return contents | {"do": "submit"} | other


def number_in(answer) -> str:
    return re.search(r"ME-\d{4}-\d{4}", answer.text).group()


def decide(browser, case, step, **given):
    case = Case.get_by_id(case.id)
    shown = {"step": step, "state": case.state, "version": case.version}
    return browser.post(f"/papers/{case.id}/steps", data=shown | given)


def steps_on(answer) -> list[str]:
    """The steps that the page offers as buttons one may press."""
    buttons = re.findall(r"<button[^>]*name=\"step\"[^>]*>", answer.text)
    return [re.search(r'value="(\w+)"', each).group(1) for each in buttons if "disabled" not in each]
