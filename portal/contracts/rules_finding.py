"""Who read a contract at the archive is written down (CON-07), searches are kept, and the text of scans is read (CON-06)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal import access, attachments, clock, db, scans
from portal.access import contract_archivist
from portal.attachments import Attachment
from portal.contracts.models import Contract, Reading, SavedSearch, is_seen, may_open_scans
from portal.contracts.models_loans import OUT, open_loans_of
from portal.contracts.models_register import around
from portal.contracts.rules_register import index_scans, seen
from portal.jobs import job
from portal.opening import PDF
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.words import Words, _, _n, to_json

MOST_SEARCHES = 30
MOST_AT_ONCE = 50  # scans read in one run
LONGEST_RUN_SECONDS = 240.0


# ---- readings on site -----------------------------------------------------------------------------------------------


@db.transaction
def read_here(by: Person, contract_id: int, reader: Person | None = None, note: str = "") -> Reading:
    """`reader` read the contract at the archive: the archivist says so of anybody, everybody else of themselves."""
    contract, reader = seen(by, contract_id), reader or by
    if reader.id != by.id and not is_archivist(access.posts_of(by)):
        raise NotYours(_("Only the contract archivist says who else has read a contract."))
    if why := why_not_read(contract):
        raise Refused(why)
    if not reader.active:
        raise Mistyped(_("%(person)s has left.", person=reader.called), "reader")
    if not is_seen(contract, access.posts_of(reader)):
        raise Mistyped(_("%(person)s may not read this contract.", person=reader.called), "reader")
    if len(note) > 200:
        raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=200, are=len(note)), "note")
    return Reading.create(contract=contract, person=reader, by=by, at=clock.now(), note=note)


def why_not_read(contract: Contract) -> Words | None:
    """Why nobody can read it at the archive now."""
    if contract.state not in ("in_archive", "flagged"):
        return _("It is not in the archive any more.")
    loans = open_loans_of(contract.id) if around(contract.id).papers else []
    is_out = any(each.form == "original" and each.state in OUT for each in loans)
    return _("Its original is on loan.") if is_out else None


def may_see_readings(contract: Contract, posts: Iterable[str]) -> bool:
    """The archivist, the head of the owner's department and the general manager."""
    return may_open_scans(contract, posts)


def is_archivist(posts: Iterable[str]) -> bool:
    return contract_archivist.key in posts


# ---- searches that are kept -----------------------------------------------------------------------------------------


@db.transaction
def keep_search(person: Person, name: str, query: str) -> SavedSearch:
    """Keeps the filters of the list under a name of the person's own."""
    if not name or len(name) > 60:
        raise Mistyped(_("Give it a name of at most %(most)s characters.", most=60), "name")
    if not query or len(query) > 500:
        raise Mistyped(_("Search for something first, then keep it."), "name")
    kept = SavedSearch.where("person_id = ?", person.id)
    if any(each.name == name for each in kept):
        raise Mistyped(_("You keep a search of this name already."), "name")
    if len(kept) >= MOST_SEARCHES:
        raise Refused(_("At most %(most)s searches can be kept. Remove one first.", most=MOST_SEARCHES))
    return SavedSearch.create(person=person, name=name, query=query)


@db.transaction
def drop_search(person: Person, search_id: int) -> None:
    """Raises NotThere for somebody else's."""
    if not SavedSearch.delete().where(SavedSearch.id == search_id, SavedSearch.person == person).execute():
        raise NotThere()


# ---- text of scans --------------------------------------------------------------------------------------------------

_WAITING = """
SELECT a.id FROM attachments a LEFT JOIN scan_texts t ON t.attachment_id = a.id
WHERE a.thing = 'contract' AND a.purpose = 'scan' AND a.type = ? AND a.removed_at IS NULL
    AND COALESCE(t.state, 'waiting') = 'waiting'
ORDER BY a.id LIMIT ?
"""
_TOLD = """
INSERT INTO scan_texts (attachment_id, state, text, pages, at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (attachment_id) DO UPDATE SET state = excluded.state, text = excluded.text, pages = excluded.pages, at = excluded.at
"""


@job("read scans", every=timedelta(minutes=1), about=_("Reads the text in new scans of contracts, so that it is found"))
def read_scans() -> Words:
    return _n("%(n)s scan read.", "%(n)s scans read.", read_waiting())


def read_waiting(reads: Callable[[Path], Any] = scans.read_text) -> int:
    """Reads the scans that wait, as far as there is time; what cannot be read is said once and not tried again."""
    begun, done = time.monotonic(), 0
    for (key,) in db.rows(_WAITING, PDF, MOST_AT_ONCE):
        if time.monotonic() - begun > LONGEST_RUN_SECONDS:
            break
        _read(Attachment.get_by_id(key), reads)
        done += 1
    return done


def _read(scan: Attachment, reads: Callable[[Path], Any]) -> None:
    try:
        found = reads(attachments.path_of(scan))
    except scans.Unreadable as error:
        _tell(scan, "failed", to_json(error.why), None)
    except FileNotFoundError:
        _tell(scan, "failed", to_json(_("Its file is missing.")), None)
    else:
        _tell(scan, "read" if found.text else "empty", found.text, found.pages)


@db.transaction
def _tell(scan: Attachment, state: str, text: str, pages: int | None) -> None:
    db.run(_TOLD, scan.id, state, text, pages, db.to_ms(clock.now()))
    if contract := Contract.get_or_none(Contract.id == scan.thing_id):
        index_scans(contract)
