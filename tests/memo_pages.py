"""The pages of the kind of paper that exists only in tests: a form and one fragment, as any module brings them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader

from portal import kinds
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
