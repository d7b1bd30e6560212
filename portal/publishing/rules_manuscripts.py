"""What a manuscript says: who writes which sort, what it must have, how it is guarded, its texts by version (INF-01 to 08)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal import access, attachments, clock, db
from portal.access import ecom_director, gm
from portal.attachments import Attachment, Part
from portal.cases import Case, let_read
from portal.contents import Content
from portal.flow import FLOWS, Act, index, objection
from portal.persons import Person
from portal.publishing.models import (
    CHANNELS,
    COLLECTS,
    KINDS,
    PASSED,
    PLACES,
    READS,
    TOPICS,
    WRITERS,
    Manuscript,
)
from portal.publishing.models_papers import LENGTHS, TEXTS, gaps
from portal.refused import Mistyped, NotYours
from portal.words import Words, _

MOST_FILES = 30
_LINK = re.compile(r"https?://[^\s/][^\s]*|/(?![/\\])[^\s\\]*")


def check_manuscript(person: Person, content: Content) -> None:
    detail, (text,) = content.detail, content.lines
    posts = access.posts_of(person)
    if not COLLECTS.allows(posts):
        raise NotYours(_("Copywriters, section specialists and marketing staff collect what is published."))
    if detail["kind"] not in KINDS:
        raise Mistyped(_("Choose one of the list."), "kind")
    if not WRITERS[detail["kind"]].allows(posts):
        raise NotYours(_("Somebody else writes this kind: %(kind)s.", kind=KINDS[detail["kind"]]))
    assert all(detail.get(mark, True) for mark in ("confidential", "copyrighted")), "contents take no mark off"
    for name, known in (("topic", TOPICS), ("channel", CHANNELS), ("place", PLACES)):
        if detail[name] and detail[name] not in known:
            raise Mistyped(_("Choose one of the list."), name)
    _check_lengths(detail, text)
    _check_slot(detail)


def _check_lengths(detail: Mapping[str, Any], text: Mapping[str, str]) -> None:
    for values, lengths in ((detail, LENGTHS), (text, TEXTS)):
        for name, most in lengths.items():
            if len(values[name]) > most:
                raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(values[name])), name)
    if detail["link"] and not _LINK.fullmatch(detail["link"]):
        raise Mistyped(_("Write a whole address, or one of this site that begins with /."), "link")


def _check_slot(detail: Mapping[str, Any]) -> None:
    if detail["kind"] != "slot":
        if detail["place"] or detail["starts_on"] or detail["ends_on"] or detail["link"]:
            raise Mistyped(_("Only a headline or an advertisement has a place and days."), "place")
        return
    if detail["on_news"]:
        raise Mistyped(_("A headline or an advertisement stands on the first page or in the storefront."), "on_news")
    if detail["starts_on"] and detail["ends_on"] and detail["ends_on"] < detail["starts_on"]:
        raise Mistyped(_("It ends before it starts."), "ends_on")


# ---- what it must have ----------------------------------------------------------------------------------------------


_HAS_PICTURE = """
SELECT 1 FROM attachments WHERE thing = 'case' AND thing_id = ? AND removed_at IS NULL AND type LIKE 'image/%' LIMIT 1
"""


def gaps_of(act: Act) -> list[Words]:
    """The same of a paper as it is kept."""
    text = act.lines[0].__data__ if act.lines else {"body": ""}
    return gaps(act.paper.__data__, text, db.row(_HAS_PICTURE, act.case.id) is not None)


@objection(_("something is missing"))
def incomplete(act: Act) -> Words | None:
    return next(iter(gaps_of(act)), None)


@objection(_("nothing is written yet"))
def unwritten(act: Act) -> Words | None:
    return None if act.lines and act.lines[0].body else _("Write the text.")


@objection(_("it announces a plan that is not agreed to"))
def plan_not_agreed(act: Act) -> Words | None:
    """PRO-07: a campaign is announced only after its plan has passed."""
    plan = act.paper.plan
    if plan is None or plan.state in PASSED:
        return None
    return _("The plan %(number)s is not agreed to.", number=plan.number or plan.title)


# ---- marks, and who may read ----------------------------------------------------------------------------------------


def settle(act: Act) -> None:
    """What follows from contents that were kept: the mark on lists, who may read, and the files the version has."""
    _mark(act.case, act.paper)
    if act.paper.confidential:
        narrow(act.case)
    _note_version(act.case, act.person)


def _mark(case: Case, paper: Manuscript) -> None:
    case.mark = "confidential" if paper.confidential else "copyrighted" if paper.copyrighted else ""
    db.run("UPDATE cases SET mark = ? WHERE id = ?", case.mark, case.id)


def narrow(case: Case) -> None:
    """A confidential manuscript is read by its author and handler, the director and the general manager; by whoever publishes it
    once it is approved."""
    may = {f"#{case.requester_id}", f"#{case.preparer_id}", ecom_director.key, gm.key}
    db.run(f"DELETE FROM readers WHERE case_id = ? AND post NOT IN ({db.marks(may)})", case.id, *sorted(may))


def open_up(act: Act) -> None:
    """Whoever works on what is published may read what is not confidential."""
    if not act.paper.confidential:
        let_read(act.case, {role.key for role in READS})


def remark(act: Act) -> None:
    """The director adds a mark or takes one off; nobody below does."""
    marks = {"confidential": act.given.confidential, "copyrighted": act.given.copyrighted}
    act.data |= {name: int(value) for name, value in marks.items()}
    Manuscript.update(**marks).where(Manuscript.case == act.case).execute()
    del act.paper
    _mark(act.case, act.paper)
    if act.paper.confidential:
        narrow(act.case)
    else:
        open_up(act)
    index(act.case)


# ---- by whom it is written ------------------------------------------------------------------------------------------


def classify(act: Act) -> None:
    """Whoever classifies it handles it from then on."""
    Manuscript.update(topic=act.given.topic).where(Manuscript.case == act.case).execute()
    assert act.person is not None
    act.case.preparer = act.person


def vouch(act: Act) -> None:
    Manuscript.update(vouched_by=act.person, vouched_at=clock.now()).where(Manuscript.case == act.case).execute()


# ---- files and versions ---------------------------------------------------------------------------------------------


def _may_change(case: Case, person: Person) -> bool:
    """Files are part of what is agreed to: they change while the text may be changed, and no longer."""
    return FLOWS[case.kind].state_of(case).editable and person.id in (case.requester_id, case.preparer_id)


_COPY = """
INSERT INTO manuscript_texts (case_id, version, n, title, title_en, body, body_en)
SELECT case_id, version + 1, n, title, title_en, body, body_en FROM manuscript_texts WHERE case_id = ? AND version = ?
"""
_LAST = "SELECT by_id FROM events WHERE thing = 'case' AND thing_id = ? ORDER BY n DESC LIMIT 1"


def next_version(_file: Attachment, case: Case) -> None:
    """A file came or went: a new version, so that whoever looked at the last one decides about this one."""
    if len(attachments.of("case", case.id)) > MOST_FILES:
        raise Mistyped(_("At most %(most)s files stand on a manuscript.", most=MOST_FILES), "file")
    db.run(_COPY, case.id, case.version)
    case.version += 1
    db.run("UPDATE cases SET version = ? WHERE id = ?", case.version, case.id)
    (by,) = db.row(_LAST, case.id) or (None,)
    _note_version(case, by)


def _note_version(case: Case, by: Person | int | None) -> None:
    files = ",".join(str(each.id) for each in attachments.of("case", case.id))
    person = by.id if isinstance(by, Person) else by
    sql = "UPDATE manuscript_texts SET files = ?, by_id = ?, at = ? WHERE case_id = ? AND version = ?"
    db.run(sql, files, person, db.to_ms(clock.now()), case.id, case.version)


attachments.PARTS["manuscript"] = Part(_may_change, next_version)
