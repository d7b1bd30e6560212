"""Writing a paper: a new one, one like an earlier one, or the next version of a draft."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, request
from jinja2 import TemplateNotFound

from portal import access, attachments, db, kinds, steps
from portal.access import everyone
from portal.cases import Case
from portal.fields import PaperForm, form_key
from portal.flow import Act
from portal.kinds import Kind
from portal.offers import forecast
from portal.papers.rules import keep, unsaved, way_forward
from portal.papers.views_paper import pages
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.showing import kind_of
from portal.timeline import role_label
from portal.web import confirm_first, filled, find_case, go, go_to, me, my_posts, page, tell, with_query
from portal.words import Words, _


@pages.form("/papers/new/<name>", may=everyone)
def new(name: str) -> Any:
    kind = _startable(name)
    if kind.write:
        return go_to(with_query(kind.write, request.args.to_dict()))
    form = _opened(kind)
    if request.method == "POST":
        return _sent(kind, form, None)
    if "copy" in request.args:
        _fill(kind, form, find_case(request.args["copy"]))
    return _write(kind, form, None)


@pages.form("/papers/<case_id>/edit", may=everyone)
def edit(case_id: str) -> Any:
    case = find_case(case_id)
    kind = kind_of(case)
    if access.withheld(my_posts(), [case]):
        raise NotThere()
    if me().id not in (case.requester_id, case.preparer_id):
        raise NotYours()
    if not kind.flow.state_of(case).editable:
        raise Refused(_("It can no longer be changed: it is %(state)s.", state=kind.flow.state_of(case).label))
    if kind.write:
        return go_to(with_query(kind.write, {"paper": case.id}))
    form = _opened(kind)
    if request.method == "POST":
        return _sent(kind, form, case)
    _fill(kind, form, case)
    form.version.data = str(case.version)
    return _write(kind, form, case)


@pages.post("/papers/rail/<name>", may=everyone)
def rail(name: str) -> Any:
    """What stands beside the form, for what is typed so far."""
    kind = _startable(name)
    form = _opened(kind)
    return page("papers/_rail.html", **_rail_values(kind, form), case=None)


def _startable(name: str) -> Kind:
    kind = kinds.KINDS.get(name)
    if kind is None:
        raise NotThere()
    if not kind.may_start.allows(my_posts()):
        raise NotYours(kind.why_not(me()) if kind.why_not else None)
    return kind


def _opened(kind: Kind) -> PaperForm:
    form = filled(kind.form)
    form.prepare(me())
    form.token.data = form_key(form.token.data)
    return form


def _fill(kind: Kind, form: PaperForm, case: Case) -> None:
    if case.kind != kind.flow.name or access.withheld(my_posts(), [case]):
        raise NotThere()
    act = Act(case, me())
    form.fill(case, act.paper, act.lines)


# ---- sent -----------------------------------------------------------------------------------------------------------


def _sent(kind: Kind, form: PaperForm, case: Case | None) -> Any:
    if "add_line" in request.form and hasattr(form, "lines"):
        form.lines.add()
        return _write(kind, form, case)
    if "remove_line" in request.form and hasattr(form, "lines"):
        form.lines.remove(request.form["remove_line"])
        return _write(kind, form, case)
    if request.form.get("do") == "look":
        return _write(kind, form, case)
    is_submitted = request.form.get("do") == "submit"
    if not is_submitted:
        form.allow_gaps()
    if not form.validate():
        return _write(kind, form, case, 422)
    return _kept(kind, form, case, is_submitted)


def _kept(kind: Kind, form: PaperForm, case: Case | None, is_submitted: bool) -> Any:
    try:
        kept = keep(kind.flow, me(), form.content(me()), form.token.data, case, _version(form))
    except NotYours:
        raise
    except Refused as refusal:
        return _refused(kind, form, case, refusal)
    try:
        kept = _attach(kind, kept)
        if is_submitted:
            return _submit(kind, form, kept)
    except NotYours:
        raise
    except Refused as refusal:
        kept = find_case(kept.id)
        form.version.data = str(kept.version)
        return _refused(kind, form, kept, refusal, saved=True)
    tell(_("Draft saved"))
    return go("papers.show", case_id=kept.id)


def _submit(kind: Kind, form: PaperForm, kept: Case) -> Any:
    way = way_forward(kept, me())
    if way is None or way.form:  # sent before, or more is asked: its page says so
        return go("papers.show", case_id=kept.id)
    if way.confirm:
        confirm_first()
    moved = steps.take(me(), kept.id, way.name, (kept.state, kept.version))
    tell(_("%(number)s %(title)s: %(what)s.", number=moved.number or "", title=moved.title, what=way.said(me().called)))
    return go("papers.show", case_id=kept.id)


def _attach(kind: Kind, case: Case) -> Case:
    """Files chosen on the form; the draft is kept even where one of them is refused. Answers the paper as it is then."""
    chosen = [file for file in request.files.getlist("files") if file.filename]
    for file in chosen:
        purpose = attachments.purpose_of(file.filename or "", kind.files.purposes)
        attachments.store("case", case.id, purpose, file.filename or "", file.stream, me())  # type: ignore[arg-type]
    return find_case(case.id) if chosen else case


def _version(form: PaperForm) -> int:
    typed = form.version.data or ""
    return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII) else -1


def _refused(kind: Kind, form: PaperForm, case: Case | None, refusal: Refused, saved: bool = False) -> Any:
    form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
    return _write(kind, form, case, refusal.status, saved)


# ---- shown ----------------------------------------------------------------------------------------------------------


def _write(kind: Kind, form: PaperForm, case: Case | None, status: int = 200, saved: bool = False) -> Any:
    with db.remembering():
        rail = _rail_values(kind, form)
    way = way_forward(case or unsaved(kind.flow, me()), me())
    return page(
        "papers/form.html",
        status,
        case=case,
        saved=saved,
        submit=way and way.label,
        heading=_heading(kind, case),
        files=attachments.of("case", case.id) if case else [],
        taken=kind.files,
        fields=[field for field in form if field.name not in ("token", "version", "lines") and field.type != "HiddenField"],
        has_own_form=_has(f"{kind.folder}/_{kind.flow.name}_form.html"),
        **rail,
    )


def _heading(kind: Kind, case: Case | None) -> Words:
    return _("Change %(number)s", number=case.number or case.title) if case else kind.new


def _rail_values(kind: Kind, form: PaperForm) -> dict[str, Any]:
    own = f"{kind.folder}/_{kind.flow.name}_rail.html"
    values = kind.rail(form, me()) if kind.rail else {}
    return {
        "kind": kind,
        "form": form,
        "ahead": forecast(unsaved(kind.flow, me())),
        "own_rail": own if _has(own) else None,
        "role_of": role_label,
    } | values


def _has(template: str) -> bool:
    try:
        current_app.jinja_env.get_template(template)
    except TemplateNotFound:
        return False
    return True
