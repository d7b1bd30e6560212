"""Filings with the mall, and how customer service stands by a campaign (PRO-10 to PRO-12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from portal import access, clock, db, history
from portal.access import any_of, ecom_director, marketing_staff, planner
from portal.attachments import GUARDS, PURPOSES, Attachment, Guard
from portal.cases import Case
from portal.listings.models_promotions import FILINGS, RESULTS, Filing, SupportPlan
from portal.listings.rules_products import only
from portal.persons import Person
from portal.refused import Mistyped, NotThere, SomebodyWasFirst
from portal.words import _

FILES = any_of(ecom_director)
SUPPORTS = any_of(planner, marketing_staff, ecom_director)
MOST = {"mall": 60, "subject": 200, "note": 500}
PURPOSES["support"] = PURPOSES["paper"]


@db.transaction
def file_with_mall(
    person: Person, sort: str, texts: dict[str, str], after_sales_ok: bool, filed_on: date | None, plan: Case | None = None
) -> Filing:
    """What was filed. A shop whose after-sales figures are below the mall's bar cannot join an official campaign (PRO-11)."""
    only(FILES, person, _("Only the marketing director files with the mall."))
    if sort not in FILINGS:
        raise Mistyped(_("Choose one of the list."), "sort")
    _check(texts, filed_on)
    if sort == "campaign" and not after_sales_ok:
        why = _("The shop's after-sales figures must reach the mall's bar before it joins an official campaign.")
        raise Mistyped(why, "after_sales_ok")
    made = Filing.create(
        sort=sort, plan=plan, after_sales_ok=after_sales_ok if sort == "campaign" else None, filed_on=filed_on, by=person,
        at=clock.now(), **texts,
    )  # fmt: skip
    history.record(made, "file", person, data={"sort": sort, **texts})
    return made


def _check(texts: dict[str, str], filed_on: date | None) -> None:
    assert texts.keys() == MOST.keys()
    for name, most in MOST.items():
        if name != "note" and not texts[name]:
            raise Mistyped(_("Fill this in."), name)
        if len(texts[name]) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(texts[name])), name)
    if filed_on is None or filed_on > clock.today():
        raise Mistyped(_("It cannot have been filed on a day to come."), "filed_on")


@db.transaction
def answer(person: Person, filing_id: int, events: int, result: str, note: str) -> Filing:
    """What the mall answered; once."""
    only(FILES, person, _("Only the marketing director files with the mall."))
    filing = Filing.find("id = ?", filing_id)
    if filing is None:
        raise NotThere()
    if result not in RESULTS or not result:
        raise Mistyped(_("Choose one of the list."), "result")
    if len(note) > MOST["note"]:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=MOST["note"], are=len(note)), "note")
    known = Filing.update(result=result, result_on=clock.today(), note=note)
    if filing.events != events or known.where(Filing.id == filing.id, Filing.result == "").execute() != 1:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    history.record(filing, "answer", person, data={"result": result, "note": note})
    return Filing.get_by_id(filing.id)


# ---- customer service -----------------------------------------------------------------------------------------------


@db.transaction
def support(person: Person, plan: Case, text: str) -> SupportPlan:
    """How customer service stands by the campaign, from its approval on."""
    only(SUPPORTS, person, _("Only planners, marketing staff and the director write the plan of support."))
    if plan.kind != "promotion" or plan.state != "approved":
        raise NotThere()
    if len(text) > 4000:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=4000, are=len(text)), "text")
    known = SupportPlan.find("case_id = ?", plan.id)
    if known is None:
        known = SupportPlan.create(case=plan, text=text, by=person, at=clock.now())
    else:
        SupportPlan.update(text=text, by=person, at=clock.now()).where(SupportPlan.id == known.id).execute()
    history.record(known, "write", person, data={"plan": plan.id})
    return SupportPlan.get_by_id(known.id)


def _may_change(_plan: Any, person: Person) -> bool:
    return SUPPORTS.allows(access.posts_of(person))


def _may_read(_attachment: Attachment, _plan: Any, posts: Iterable[str]) -> bool:
    return bool(list(posts))


GUARDS["supportplan"] = Guard(
    may_attach=_may_change,
    may_remove=lambda _attachment, plan, person: _may_change(plan, person),
    may_read=_may_read,
    page="/products/campaigns#support-%s",
)
