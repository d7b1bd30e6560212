"""Pages of the register: a contract's own page, what the archivist writes there, natures and labels."""

from __future__ import annotations

from portal.contracts.models import Contract, is_seen
from portal.refused import NotThere
from portal.web import Pages, find, my_posts

pages = Pages("contracts")


def find_contract(text: str | int) -> Contract:
    """The contract of that id, if this person may know of it. Raises NotThere otherwise."""
    contract = find(Contract, text)
    if not is_seen(contract, my_posts()):
        raise NotThere()
    return contract
