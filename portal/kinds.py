"""What the shared pages need of each kind of paper: its form, its fragments, and who may start one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal import attachments, languages
from portal.access import Right, everyone
from portal.fields import PaperForm, PortalForm
from portal.flow import FLOWS, Flow
from portal.persons import Person
from portal.words import Words, _


@dataclass(frozen=True)
class Files:
    """What may be attached to the papers of a kind: the purposes it is kept for, and the sentence that says so."""

    purposes: tuple[str, ...]
    about: Callable[[], Words]

    @property
    def limits(self) -> dict[str, int]:
        """How many bytes a file may have, by its extension."""
        known = [attachments.PURPOSES[each] for each in self.purposes]
        return {extension: each.largest_bytes() for each in known for extension in each.extensions}


def _what_proves() -> Words:
    most = attachments.PURPOSES["paper"].largest_bytes()
    return _("PDF, JPEG, PNG, WebP, XLSX or CSV, %(most)s each", most=languages.size(most))


def _what_is_taken() -> Words:
    most = attachments.PURPOSES["paper"].largest_bytes()
    return _("PDF, OFD, XML, JPEG, PNG, WebP, XLSX or CSV, %(most)s each", most=languages.size(most))


PROOFS = Files(("paper",), _what_proves)
RECEIPTS = Files(("invoice", "paper"), _what_is_taken)


@dataclass(frozen=True)
class Kind:
    """`folder` holds the fragments: `_<flow>.html` the body of the case page and the print (it gets case, paper, lines, and what
    `extra` answers), and, where the plain form does not do, `_<flow>_form.html` the fields between title and files (it gets form
    and case), `_<flow>_rail.html` what stands beside the form (it gets form, case, and what `rail` answers; it is drawn anew
    while one types)."""

    flow: Flow
    form: type[PaperForm]
    folder: str
    new: Words  # what starting one is called: "New spending request"
    about: Words  # when to use it, in a sentence
    may_start: Right = everyone
    extra: Callable[[Any, Person], dict[str, Any]] | None = None
    rail: Callable[[Any, Person], dict[str, Any]] | None = None  # (form, person)
    tone: str = "green"  # of its tile
    write: str = ""  # the page where it is written, where the common form does not do; it takes `paper` and `copy`
    why_not: Callable[[Person], Words] | None = None  # what somebody is told who may not start one
    is_for_another: bool = True  # whom it names besides the applicant is whom it is for; else somebody who signs or answers
    files: Files = PROOFS
    is_typed: bool = True  # by a person; what the portal fills in is not copied
    print_page: str = "papers/print.html"

    @property
    def body(self) -> str:
        return f"{self.folder}/_{self.flow.name}.html"


KINDS: dict[str, Kind] = {}
STEP_FORMS: dict[type, Any] = {}  # dataclass -> StepForm
STEP_PAGES: dict[type, str] = {}  # dataclass -> address of the page where it is filled in, with `%s` for the case


class StepForm(PortalForm):
    """What is typed with a step on a paper; `given` answers the flow's dataclass of it. One whose fields depend on the paper adds
    them where it is made."""

    def __init__(self, formdata: Any = None, case: Any = None, **more: Any) -> None:
        super().__init__(formdata=formdata, **more)
        self.case = case

    def begin(self, case: Any) -> None:
        """Fills in what is most likely, before it is shown for the first time."""

    def given(self) -> Any:
        raise NotImplementedError


def register(kind: Kind) -> None:
    """Makes the kind known to the shared pages; called by the module's views."""
    assert FLOWS[kind.flow.name] is kind.flow
    KINDS[kind.flow.name] = kind


def step_form(given: type, form: type[StepForm]) -> None:
    """The form of a step, for the dataclass its flow names."""
    STEP_FORMS[given] = form


def step_page(given: type, path: str) -> None:
    """The page of a step that asks for more than a form beside the paper holds, such as something for every line."""
    STEP_PAGES[given] = path
