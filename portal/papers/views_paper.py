"""The page of a paper: what it says, its comments and files, and its print."""

from __future__ import annotations

from typing import Any

from flask import Response, request, send_file

from portal import attachments, clock, db, steps, thumbnails
from portal.access import everyone
from portal.attachments import Attachment
from portal.cases import Case
from portal.contained import TYPES
from portal.fields import clean
from portal.offers import roles_in
from portal.papers.rules import company_logo, mentioned
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.showing import Refusal, Tried, case_values, kind_of, paper_values, read
from portal.steps import longest_note
from portal.timeline import told
from portal.web import Pages, absolute, find, find_case, go, go_to, is_fragment, me, my_posts, page, tell
from portal.words import _

pages = Pages("papers")
INLINE = ("image/", "video/", "application/pdf")


@pages.get("/papers/<case_id>", may=everyone)
def show(case_id: str) -> Any:
    fragment = "papers/_pane.html" if "pane" in request.args else "papers/_paper.html"
    return page("papers/show.html", fragment=fragment, **paper_values(case_id))


# ---- comments -------------------------------------------------------------------------------------------------------


@pages.post("/papers/<case_id>/comments", may=everyone)
def comment(case_id: str) -> Any:
    case = find_case(case_id)
    text = clean(request.form.get("note"), lines=True)
    try:
        steps.comment(me(), case.id, text, mentioned(text) if len(text) <= longest_note() else [])
    except Mistyped as refusal:
        return _again(case, Refusal("comment", refusal.why, "note", text), refusal.status)
    if is_fragment():
        return page("papers/show.html", fragment="papers/_paper.html", **paper_values(case_id))
    return go("papers.show", case_id=case.id, _anchor="talk")


def _again(case: Case, refusal: Refusal, status: int) -> Any:
    return page("papers/show.html", status, fragment="papers/_paper.html", **paper_values(case.id, Tried(refusal)))


# ---- files ----------------------------------------------------------------------------------------------------------


@pages.post("/papers/<case_id>/files", may=everyone)
def attach(case_id: str) -> Any:
    case = find_case(case_id)
    chosen = [file for file in request.files.getlist("files") if file.filename]
    try:
        if not chosen:
            raise Mistyped(_("Choose a file first."), "file")
        for file in chosen:
            purpose = attachments.purpose_of(file.filename or "", kind_of(case).files.purposes)
            attachments.store("case", case.id, purpose, file.filename or "", file.stream, me())  # type: ignore[arg-type]
    except NotYours:
        raise
    except Refused as refusal:
        return _again(case, Refusal("attach", refusal.why, "file"), refusal.status)
    return go("papers.show", case_id=case.id, _anchor="attachments")


@pages.get("/files/<file_id>", may=everyone)
def file(file_id: str) -> Any:
    kept = _find_file(file_id)
    inline = kept.type.startswith(INLINE)
    answer = send_file(
        attachments.path_of(kept), mimetype=kept.type, as_attachment=not inline, download_name=kept.name, etag=False
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/files/<file_id>/page", may=everyone)
def file_page(file_id: str) -> Any:
    """The first page of a PDF as a picture, to be looked at beside what is said of it."""
    kept = _find_file(file_id)
    if kept.type != TYPES[".pdf"]:
        raise NotThere()
    answer = send_file(thumbnails.page_of(kept), mimetype=thumbnails.TYPE, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/files/<file_id>/remove", may=everyone)
def remove_file(file_id: str) -> Any:
    kept = _find_file(file_id)
    attachments.remove(kept, me())
    tell(_("%(file)s was removed.", file=kept.name))
    return go_to(attachments.page_of(kept))


def _find_file(file_id: str) -> Attachment:
    """The file, if what it belongs to lets this person read it."""
    kept = find(Attachment, file_id)
    if not attachments.readable(kept, my_posts()):
        raise NotThere()
    return kept


@pages.get("/logo", may=everyone)
def logo() -> Response:
    """The company's logo, as printed papers show it."""
    kept = Attachment.get_or_none(Attachment.id == company_logo(), Attachment.type.startswith("image/"))
    if kept is None:
        raise NotThere()
    return send_file(attachments.path_of(kept), mimetype=kept.type, etag=False)


# ---- print ----------------------------------------------------------------------------------------------------------


@pages.get("/papers/<case_id>/print", may=everyone)
def print_(case_id: str) -> Any:
    with db.remembering():
        shown = read(case_id)
        values = case_values(shown)
        return page(values["kind"].print_page, **values, **_printed(shown.case, values["is_withheld"]))


def _printed(case: Case, is_withheld: bool) -> dict[str, Any]:
    """What stands on paper besides the body: decisions, where to find it, who printed it when."""
    return {
        "decisions": [each for each in told(case, is_withheld) if each.is_move],
        "address": absolute(f"/papers/{case.id}"),
        "has_logo": company_logo() > 0,
        "signing": list(dict.fromkeys(who.label for who in roles_in(kind_of(case).flow))),
        "now": clock.now(),
        "printer": me().called,
        "files": [] if is_withheld else attachments.of("case", case.id),
        "is_print": True,
    }
