"""Who did what when on the site, as the section specialist and the administrator write it down (INF-16)."""

from __future__ import annotations

from datetime import date

from portal import access, clock, db
from portal.persons import Person
from portal.publishing.models import KEEPS_UP, PARTS, Upkeep
from portal.publishing.models_papers import LONG
from portal.refused import Mistyped, NotYours
from portal.words import _


@db.transaction
def write_upkeep(person: Person, done_on: date, part: str, text: str, token: str) -> Upkeep:
    """An entry of the log; the same token answers the same one."""
    if not KEEPS_UP.allows(access.posts_of(person)):
        raise NotYours(_("Only section specialists and administrators keep the log of the site."))
    if known := Upkeep.find("token = ?", token):
        return known
    if done_on > clock.today():
        raise Mistyped(_("That day is still to come."), "done_on")
    if part not in PARTS:
        raise Mistyped(_("Choose one of the list."), "part")
    if not text:
        raise Mistyped(_("Fill this in."), "text")
    if len(text) > LONG:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=LONG, are=len(text)), "text")
    return Upkeep.add(done_on=done_on, part=part, text=text, by=person, at=clock.now(), token=token)
