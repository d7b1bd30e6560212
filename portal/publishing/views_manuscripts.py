"""Manuscripts on their own pages: the form with its preview, the body of the paper, and its versions side by side."""

from __future__ import annotations

import json
from typing import Any

from flask import request

from portal import attachments, clock, kinds
from portal.access import everyone
from portal.cases import Case, open_tasks
from portal.differences import differences
from portal.fields import clean
from portal.flow import Act
from portal.kinds import Files, Kind
from portal.languages import size
from portal.listings.rules_files import OF_PRODUCTS, upload_document_bytes, upload_image_bytes, upload_video_bytes
from portal.offers import forecast
from portal.papers.rules import unsaved
from portal.persons import Person
from portal.publishing.forms_manuscripts import ClassifiedForm, ConfirmedForm, ManuscriptForm, MarksForm, VouchedForm
from portal.publishing.models import (
    CHANNELS,
    COLLECTS,
    KINDS,
    PASSED,
    PLACES,
    PUBLISHER,
    SHOWN_IN,
    TO_PUBLISH,
    TOPICS,
    Manuscript,
    urgency,
)
from portal.publishing.models_desk import Version, concerned, names_of, publications, take_downs_of, versions
from portal.publishing.models_papers import PROHIBITED, Classified, Confirmed, Down, Marks, Vouched
from portal.publishing.rules_flow import MANUSCRIPT
from portal.publishing.rules_manuscripts import gaps_of
from portal.publishing.views_desk import pages
from portal.refused import NotThere
from portal.web import find_case, page
from portal.words import Words, _

LABELS: dict[str, dict[str, Words]] = {
    "sorts": KINDS, "topics": TOPICS, "channels": CHANNELS, "places": PLACES, "shown_names": SHOWN_IN, "prohibited": PROHIBITED,
}  # fmt: skip


def _taken() -> Words:
    return _(
        "Pictures up to %(picture)s, videos (MP4, WebM) up to %(video)s, PDF up to %(document)s",
        picture=size(upload_image_bytes()), video=size(upload_video_bytes()), document=size(upload_document_bytes()),
    )  # fmt: skip


def body(case: Case, person: Person) -> dict[str, Any]:
    """What the body of a manuscript shows beside its own columns."""
    act, names = Act(case, person), concerned(case.id)
    files = attachments.of("case", case.id)
    due = next((task.due for task in open_tasks(case) if task.state in TO_PUBLISH), None)
    was_out = case.state in ("published", "taken_down", "retired") or case.version > 1
    return LABELS | {
        "pictures": pictures_of(files),
        "names": names,
        "plan_has_passed": names.plan_state in PASSED,
        "publish_due": due,
        "publish_tone": urgency(due - clock.now()) if due else "",
        "gaps": gaps_of(act) if MANUSCRIPT.state_of(case).editable and act.lines else [],
        "publications": [(each, json.loads(each.confirmed)) for each in publications(case.id)] if was_out else [],
        "downs": take_downs_of("manuscript", case.id) if was_out else [],
    }


def pictures_of(files: Any) -> tuple[str, ...]:
    """The addresses of the pictures among them, by which the text names them: 1 is the first."""
    return tuple(f"/files/{each.id}" for each in files if each.type.startswith("image/"))


def beside(form: ManuscriptForm, person: Person) -> dict[str, Any]:
    """What is still missing, and whom it will need."""
    kind = form.kind.data if form.kind.data in KINDS else "news"
    publishers = [who.label for who in MANUSCRIPT.states[PUBLISHER[kind]].waits_for]
    guarded = bool(form.confidential.data or form.copyrighted.data)
    typed = Manuscript(**form.content(person).detail | {"kind": kind})
    return {
        "gaps": form.gaps(True) if form.kind.data in KINDS else [],
        "publishers": publishers,
        "guarded": guarded,
        "ahead": forecast(unsaved(MANUSCRIPT, person), paper=typed),
    }


kinds.step_form(Classified, ClassifiedForm)
kinds.step_form(Vouched, VouchedForm)
kinds.step_form(Marks, MarksForm)
kinds.step_form(Confirmed, ConfirmedForm)
kinds.step_page(Down, "/publishing/%s/take-down")
kinds.register(
    Kind(
        flow=MANUSCRIPT,
        form=ManuscriptForm,
        folder="publishing",
        new=_("New manuscript"),
        about=_("What is to be published: written, approved by the marketing director, and published within the hours."),
        may_start=COLLECTS,
        extra=body,
        rail=beside,
        tone="blue",
        why_not=lambda person: _("Copywriters, section specialists and marketing staff collect what is published."),
        files=Files(OF_PRODUCTS, _taken),
    )
)


@pages.page("/publishing/preview", COLLECTS, ("POST",), quiet=True)
def preview() -> Any:
    """The text as it will look, while one types; with the pictures of the paper it belongs to."""
    paper = request.args.get("paper")
    files = attachments.of("case", find_case(paper).id) if paper else []
    body, body_en = (clean(request.form.get(name, "")[:20_000], lines=True) for name in ("body", "body_en"))
    return page("publishing/_preview.html", pictures=pictures_of(files), body=body, body_en=body_en)


@pages.get("/publishing/<case_id>/versions", may=everyone)
def compare(case_id: str) -> Any:
    """Two versions of a manuscript side by side: what is gone, what is new (INF-07)."""
    case = find_case(case_id)
    if case.kind != MANUSCRIPT.name:
        raise NotThere()
    found = versions(case.id)
    new = _asked_version("to", found, found[0])
    old = _asked_version("from", found, next((each for each in found if each.n < new.n), new))
    return page(
        "publishing/versions.html",
        case=case,
        versions=found,
        old=old,
        new=new,
        parts=[(label, differences(getattr(old, name), getattr(new, name))) for name, label in _TEXTS.items()],
        files=_files(old, new),
    )


_TEXTS: dict[str, Words] = {
    "title": _("Title"), "title_en": _("English title"), "body": _("Text"), "body_en": _("English text"),
}  # fmt: skip


def _asked_version(name: str, found: list[Version], otherwise: Version) -> Version:
    return next((each for each in found if str(each.n) == request.args.get(name)), otherwise)


def _files(old: Version, new: Version) -> list[tuple[str, str]]:
    """Which files both have, which are gone and which are new: (sort, name)."""
    names = names_of((old.files, new.files))
    before, after = ([each for each in version.files.split(",") if each] for version in (old, new))
    sorts = [("same" if each in after else "gone", each) for each in before]
    sorts += [("new", each) for each in after if each not in before]
    return [(sort, names.get(each, each)) for sort, each in sorts]
