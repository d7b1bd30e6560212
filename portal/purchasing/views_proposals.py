"""What runs low is proposed at once, by whoever of the office looks at it."""

from __future__ import annotations

from typing import Any

from portal.access import any_of, office_clerk, office_manager
from portal.purchasing.rules_proposals import propose as propose_now
from portal.purchasing.views_base import pages
from portal.web import go, me, tell
from portal.words import _

PROPOSES = any_of(office_clerk, office_manager)


@pages.post("/purchasing/propose", may=PROPOSES)
def propose() -> Any:
    """One draft for everything that runs low and is not on the way, in the name of who asks."""
    case = propose_now(me())
    if case is None:
        tell(_("Nothing is to be proposed: what runs low is on the way."), "blue")
        return go("supplies.low")
    tell(_("This draft proposes what runs low: check it and submit it."))
    return go("papers.show", case_id=case.id)
