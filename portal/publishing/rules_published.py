"""What was approved goes out: the list of what must not stand there is confirmed, and who is late is told (INF-10 to INF-17)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from portal import access, attachments, checks, clock, db, notices
from portal.attachments import Attachment
from portal.cases import Case, open_tasks
from portal.flow import Act, objection
from portal.jobs import job
from portal.listings.rules_files import upload_document_bytes, upload_image_bytes, upload_video_bytes
from portal.publishing.models import TO_PUBLISH, Manuscript, Publication, in_hours, publish_hours
from portal.words import Words, _, _n


@objection(_("a file is larger than it may be"))
def file_too_large(act: Act) -> Words | None:
    for file in attachments.of("case", act.case.id):
        if file.size_bytes > (most := largest(file)):
            size, limit = attachments.measured(file.size_bytes), attachments.measured(most)
            return _("%(file)s is %(size)s; at most %(most)s can be attached.", file=file.name, size=size, most=limit)
    return None


def largest(file: Attachment) -> int:
    """How many bytes such a file may have (INF-17)."""
    sort = file.type.partition("/")[0]
    limit = {"image": upload_image_bytes, "video": upload_video_bytes}.get(sort, upload_document_bytes)
    return int(limit())


def publish(act: Act) -> None:
    """Keeps who published which version by when it was due, and what was confirmed."""
    due = next((task.due for task in open_tasks(act.case)), clock.now())
    confirmed = json.dumps(list(act.given.ticked))
    Publication.add(case=act.case, version=act.case.version, by=act.person, at=clock.now(), due_at=due, confirmed=confirmed)
    act.data["confirmed"] = list(act.given.ticked)


def put_out(act: Act) -> None:
    """It stands there: this version, and no other."""
    now = clock.now()
    Manuscript.update(published_at=now, published_version=act.case.version).where(Manuscript.case == act.case).execute()


def take_in(act: Act) -> None:
    Manuscript.update(published_at=None, published_version=None).where(Manuscript.case == act.case).execute()


# ---- in time --------------------------------------------------------------------------------------------------------


def in_time(_act: Act) -> datetime:
    """Within so many hours of the last approval, day and night (INF-10)."""
    return clock.now() + timedelta(hours=publish_hours())


in_time.about = in_hours  # type: ignore[attr-defined]

_LATE = """
SELECT DISTINCT k.id FROM tasks t JOIN cases k ON k.id = t.case_id JOIN manuscripts m ON m.case_id = k.id
WHERE t.closed IS NULL AND t.state IN ({}) AND t.due < ? AND COALESCE(m.told_late, 0) <> t.due ORDER BY k.id
"""


@job("publish_clock", every=timedelta(minutes=10), about=_("Tells whoever publishes and approved what is not published in time"))
def tell_late() -> Words:
    found = [case for (case,) in db.rows(_LATE.format(db.marks(TO_PUBLISH)), *TO_PUBLISH, db.to_ms(clock.now()))]
    told = sum(_tell_late(case) for case in found)
    return _n("%(n)s manuscript is late.", "%(n)s manuscripts are late.", told)


@db.transaction
def _tell_late(case_id: int) -> bool:
    """Tells publisher and approvers; once for each deadline, however often it runs."""
    case, paper = Case.get_by_id(case_id), Manuscript.get_by_id(case_id)
    tasks = [task for task in open_tasks(case) if task.state in TO_PUBLISH and task.due < clock.now()]
    if not tasks or paper.told_late == tasks[0].due:
        return False
    told = {person for task in tasks for person in access.holder_ids(task.post)} | set(approvers(case))
    text = _(
        "%(number)s %(title)s should have been published by %(due)s.", number=case.number, title=case.title, due=tasks[0].due
    )
    notices.tell(told, "late", text, case)
    Manuscript.update(told_late=tasks[0].due).where(Manuscript.case == case).execute()
    return True


_APPROVED = "SELECT by_id, before FROM events WHERE thing = 'case' AND thing_id = ? AND action = 'approve' AND version = ?"


def approvers(case: Case) -> list[int]:
    """Who approved it as it is now."""
    return [person for person, _before in db.rows(_APPROVED, case.id, case.version)]


# ---- what must always hold ------------------------------------------------------------------------------------------


_OUT = """
SELECT k.id, k.number, k.state, m.published_version, m.confidential OR m.copyrighted
FROM manuscripts m JOIN cases k ON k.id = m.case_id
WHERE m.published_at IS NOT NULL OR k.state = 'published' ORDER BY k.id
"""


@checks.register
def verify() -> Any:
    """A sentence for whatever stands published without the approvals it needs, or in another version than they are about."""
    for case, number, state, version, guarded in db.rows(_OUT):
        agreed = {before for _person, before in db.rows(_APPROVED, case, version or 0)}
        if state != "published" or version is None:
            yield f"manuscript {number} counts as published and is {state}"
        elif not {"submitted", "with_gm"} <= agreed if guarded else "submitted" not in agreed:
            yield f"manuscript {number} is published without its approvals"
