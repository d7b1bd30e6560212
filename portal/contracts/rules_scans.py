"""Scans of contracts: the archivist attaches them, few may open them, and their text is found (CON-06, CON-07)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from portal import access, attachments, db, policies
from portal.access import contract_archivist
from portal.attachments import GUARDS, MB, PURPOSES, Attachment, Guard, Purpose
from portal.contracts.models import Contract, may_open_scans
from portal.contracts.rules_natures import only_the_archivist
from portal.contracts.rules_register import index_scans, seen
from portal.opening import PDF
from portal.persons import Person
from portal.refused import Refused
from portal.words import _

upload_scan_bytes = policies.declare(
    "upload_scan_bytes", 50 * MB, "it_admin", _("Largest scan of a contract"), unit=_("bytes"), minimum=MB, maximum=50 * MB
)
SCAN = PURPOSES["scan"] = Purpose(upload_scan_bytes, (".pdf", ".jpg", ".jpeg", ".png"))


def attach_scan(person: Person, contract_id: int, name: str, stream: BinaryIO) -> Attachment:
    """A scan on the contract's page. Raises NotThere, NotYours, Refused, Mistyped (field "file")."""
    contract = seen(person, contract_id)
    only_the_archivist(person)
    if contract.state == "destroyed":
        raise Refused(_("It was destroyed: its record stays as it is."))
    return attachments.store("contract", contract.id, "scan", name, stream, person)


def is_archivist(person: Person) -> bool:
    return contract_archivist.key in access.posts_of(person)


def _may_read(attachment: Attachment, contract: Contract, posts: Iterable[str]) -> bool:
    return may_open_scans(contract, posts)


def _changed(attachment: Attachment, contract: Any) -> None:
    """A scan came or went: what came waits to be read, what went is found no more."""
    if attachment.removed_at is None and attachment.type == PDF:
        db.run("INSERT INTO scan_texts (attachment_id) VALUES (?) ON CONFLICT (attachment_id) DO NOTHING", attachment.id)
    index_scans(Contract.get_by_id(contract.id))


GUARDS["contract"] = Guard(
    may_attach=lambda contract, person: contract.state != "destroyed" and is_archivist(person),
    may_remove=lambda _attachment, contract, person: contract.state != "destroyed" and is_archivist(person),
    may_read=_may_read,
    page="/contracts/%s#scans",
    changed=_changed,
    why_not_removed=_("Only the contract archivist adds and removes scans."),
)
