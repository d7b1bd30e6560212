"""Content tasks as pages show them, and where the designer and the copywriter find theirs (SHF-08, PRO-13)."""

from __future__ import annotations

from typing import Any

from portal import kinds
from portal.access import any_of, copywriter, designer
from portal.cases import Case
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.listings.forms_products import TaskForm
from portal.listings.models import SEES
from portal.listings.models_tasks import NEEDS, ContentTask
from portal.listings.rules_products import ENTERS
from portal.listings.rules_tasks import TASK
from portal.persons import Person
from portal.web import my_posts
from portal.words import _

WORKING_LISTS += [
    WorkingList(_("Pictures and pages to make"), "content_task", "drawing", any_of(designer), "image"),
    WorkingList(_("Descriptions to write"), "content_task", "writing", any_of(copywriter), "pencil"),
]


def body(case: Case, _person: Person) -> dict[str, Any]:
    paper = ContentTask.get_by_id(case.id)
    return {
        "item": paper.product.item if paper.product else None,
        "needed": NEEDS[paper.needs],
        "may_open_product": SEES.allows(my_posts()),
    }


kinds.register(
    Kind(
        flow=TASK,
        form=TaskForm,
        folder="listings",
        new=_("Ask for pictures or words"),
        about=_("What the shop still needs from the designer or the copywriter, for a product or a promotion."),
        may_start=ENTERS,
        extra=body,
        tone="rose",
        why_not=lambda _person: _("Only planners and section specialists ask for contents."),
    )
)
