"""The code list of natures: what a contract's number is made of besides its year (CON-01), and how long its papers are kept."""

from __future__ import annotations

import re
from typing import Any

from portal import access, db, history, policies
from portal.access import contract_archivist
from portal.contracts.models import Nature
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, SomebodyWasFirst
from portal.words import _

CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}", re.ASCII)
MOST_YEARS = 100

retention_years = policies.declare(
    "contract_retention_years", 10, "gm", _("Years a contract is kept after its end, where its nature does not say otherwise"),
    unit=_("years"), minimum=1, maximum=MOST_YEARS,
)  # fmt: skip


def only_the_archivist(person: Person) -> None:
    """Raises NotYours for everybody else: number, place, state and pages are the archivist's to write."""
    if contract_archivist.key not in access.posts_of(person):
        raise NotYours(_("Only the contract archivist keeps the register."))


@db.transaction
def add_nature(person: Person, code: str, name: str, name_en: str = "", years_kept: int | None = None) -> Nature:
    """A new code; `years_kept` empty means for ever."""
    only_the_archivist(person)
    if not CODE.fullmatch(code):
        raise Mistyped(_("A code is 2 to 8 capital letters and digits, a letter first."), "code")
    if other := Nature.find("code = ?", code):
        raise Mistyped(_("There is a nature %(code)s %(name)s already.", code=code, name=other.called), "code")
    _check(None, name, name_en, years_kept)
    nature = Nature.create(code=code, name=name, name_en=name_en, years_kept=years_kept)
    told = {"code": code, "name": name, "name_en": name_en, "years_kept": years_kept}
    history.record(nature, "add", person, data={"after": told})
    return nature


@db.transaction
def change_nature(person: Person, nature_id: int, events: int, **changed: Any) -> Nature:
    """Changes name, name_en, years_kept or active, as it was shown (its count of events). The code stays: numbers carry it."""
    only_the_archivist(person)
    nature = Nature.get_or_none(Nature.id == nature_id)
    if nature is None:
        raise NotThere()
    if nature.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    assert changed.keys() <= {"name", "name_en", "years_kept", "active"}
    wanted = {name: changed.get(name, getattr(nature, name)) for name in ("name", "name_en", "years_kept")}
    _check(nature, wanted["name"], wanted["name_en"], wanted["years_kept"])
    differing = [name for name in changed if changed[name] != getattr(nature, name)]
    if differing:
        before = {name: getattr(nature, name) for name in differing}
        after = {name: changed[name] for name in differing}
        Nature.update(**after).where(Nature.id == nature.id).execute()
        history.record(nature, "change", person, data={"before": before, "after": after})
    return Nature.get_by_id(nature_id)


def _check(nature: Nature | None, name: str, name_en: str, years_kept: int | None) -> None:
    if not name:
        raise Mistyped(_("Give it a name."), "name")
    for field, text in (("name", name), ("name_en", name_en)):
        if len(text) > 60:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=60, are=len(text)), field)
    other = Nature.find("name = ?", name)
    if other and (nature is None or other.id != nature.id):
        raise Mistyped(_("There is a nature %(code)s %(name)s already.", code=other.code, name=other.called), "name")
    if years_kept is not None and not 1 <= years_kept <= MOST_YEARS:
        raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_YEARS), "years_kept")
