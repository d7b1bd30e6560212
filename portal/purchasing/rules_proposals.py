"""What runs low is proposed to be bought: one draft for all of it, however often anybody looks (SUP-07)."""

from __future__ import annotations

import secrets
from datetime import time, timedelta

from portal import access, contents, db, languages, notices
from portal.cases import Case, let_read
from portal.flow import index
from portal.jobs import job
from portal.persons import Person
from portal.purchasing.models_proposals import estimates, in_whole_packs, line_for
from portal.purchasing.models_purchases import Wanted, office_keeper, purchase_content, running_short
from portal.purchasing.rules_asking import MOST_LINES
from portal.purchasing.rules_purchases import PURCHASE
from portal.stock.models import Item
from portal.stock.rules import hidden_from
from portal.supplies.models_catalogue import entries
from portal.words import Words, _, _n

NOBODY = _("Nobody is office clerk: nothing was proposed.")
LONGEST_TITLE = 120


@db.transaction
def propose(person: Person | None = None) -> Case | None:
    """One draft for everything that runs low and is not on the way, in the name of who asks for it now; the portal drafts it in
    the name of the office clerk. Drafts are on the way too, so that nothing is proposed twice; what stood on a draft that was
    cancelled, and still runs low, is proposed again the next time. None where nothing is to be proposed."""
    keeper = person or office_keeper()
    wanted = _wanted(keeper) if keeper else []
    if keeper is None or not wanted:
        return None
    why = {"cause": "low_stock", "reason": "", "needed_by": None, "in_place_of": None, "away": ""}
    title = _title(wanted, keeper.language or languages.reading.get())
    content = purchase_content(keeper.department, why | {"line": line_for(keeper.department)}, wanted, title)
    case = contents.create(PURCHASE, keeper, content, secrets.token_urlsafe(18), by_portal=person is None)
    let_read(case, {access.office_clerk.key})
    index(case)
    text = _n("%(n)s item runs low: a draft proposes it.", "%(n)s items run low: a draft proposes them.", len(wanted))
    notices.tell({each.id for each in access.holders("office_clerk")} - {person.id if person else 0}, "low stock", text, case)
    return case


def _wanted(keeper: Person) -> list[Wanted]:
    """What runs low, in whole purchase units. What the person counts just now waits: a draft would tell what the shelf holds."""
    hidden = hidden_from(keeper)
    short = {item: each for item, each in running_short().items() if item not in hidden}
    known = sorted(entries(short).values(), key=lambda each: each.code)[:MOST_LINES]
    quantities = {each.id: in_whole_packs(short[each.id].lacking, each.per_purchase) for each in known}
    costs = estimates(quantities)
    items = {each.id: each for each in Item.select().where(Item.id.in_(list(quantities) or [0]))}
    return [Wanted(items[key], quantity, costs[key]) for key, quantity in quantities.items()]


def _title(wanted: list[Wanted], language: str) -> str:
    items = ", ".join(languages.text(each.item.called, language) for each in wanted)
    title = languages.say(_("Low stock: %(items)s", items=items), language)
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


@job("propose_purchases", every=timedelta(days=1), at=time(7), about=_("Drafts an application to buy what runs low"))
def propose_daily() -> Words:
    if office_keeper() is None:
        return NOBODY
    case = propose()
    if case is None:
        return _("Nothing is to be proposed.")
    lines = db.row("SELECT COUNT(*) FROM purchase_lines WHERE case_id = ?", case.id)
    return _n("%(n)s item was proposed.", "%(n)s items were proposed.", int(lines[0]) if lines else 0)
