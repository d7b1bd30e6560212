"""Pictures of many products brought at once, each file named by the SKU of its product (SHF-08, SHF-15)."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

from portal import attachments, contained, db
from portal.attachments import PURPOSES
from portal.listings.models import Product
from portal.listings.rules_files import OF_PRODUCTS
from portal.listings.rules_products import DRAWS, only, write_content
from portal.persons import Person
from portal.refused import Mistyped
from portal.words import _

MOST_PICTURES = 200  # at once
MOST_NAMED = 10  # of the files that are not right
PURPOSE = OF_PRODUCTS[0]
_FURTHER = re.compile(r"(.+?)(?:[-_ ]([0-9]{1,2})| ?\(([0-9]{1,2})\))", re.ASCII)  # CUP-01-2.jpg, CUP-01 (2).jpg: its second


class Picture(NamedTuple):
    """A file as it was chosen: its name and what is in it."""

    name: str
    content: bytes

    @property
    def stem(self) -> str:
        return attachments.clean_name(self.name).rpartition(".")[0].upper()


class Pictured(NamedTuple):
    """What came of them: how many products have a new version, and how many pictures stood there already."""

    products: int
    known: int


@db.transaction
def bring_pictures(person: Person, pictures: Sequence[Picture]) -> Pictured:
    """One new version of each product that is named, with the new pictures behind those it has; of all of them or of none.
    Raises Mistyped ("file") that names what is not right."""
    only(DRAWS, person, _("Only section specialists, designers and copywriters change pictures."))
    if not 0 < len(pictures) <= MOST_PICTURES:
        raise Mistyped(_("Choose from 1 to %(most)s pictures.", most=MOST_PICTURES), "file")
    for each in pictures:
        attachments.purpose_of(each.name, [PURPOSE])
    named = _named(pictures)
    brought: dict[int, list[Picture]] = {}
    for _place, product, picture in sorted((place, key, each) for each, (key, place) in zip(pictures, named, strict=True)):
        brought.setdefault(product, []).append(picture)
    added = [_add(person, product, found) for product, found in brought.items()]
    return Pictured(sum(each > 0 for each in added), len(pictures) - sum(added))


def _named(pictures: Sequence[Picture]) -> list[tuple[int, int]]:
    """The product of each picture, and which of its pictures it is."""
    read = [(each.stem, _FURTHER.fullmatch(each.stem)) for each in pictures]
    codes = sorted({stem for stem, _further in read} | {further[1] for _stem, further in read if further})
    sql = (
        f"SELECT UPPER(i.code), p.id FROM products p JOIN items i ON i.id = p.item_id WHERE UPPER(i.code) IN ({db.marks(codes)})"
    )
    products = dict(db.rows(sql, *codes))
    found = [_read(products, stem, further) for stem, further in read]
    strange = [attachments.clean_name(each.name) for each, one in zip(pictures, found, strict=True) if one is None]
    if strange:
        names = ", ".join(strange[:MOST_NAMED]) + (" …" if len(strange) > MOST_NAMED else "")
        raise Mistyped(_("No product has the SKU these files are named by: %(files)s.", files=names), "file")
    return [one for one in found if one]


def _read(products: dict[str, int], stem: str, further: re.Match[str] | None) -> tuple[int, int] | None:
    """A SKU that itself ends in a number is that of the first picture."""
    if stem in products:
        return products[stem], 1
    if further and further[1] in products:
        return products[further[1]], int(further[2] or further[3])
    return None


def _add(person: Person, product_id: int, pictures: Sequence[Picture]) -> int:
    """Puts those that are not there yet behind what stands in the version; answers how many."""
    product = Product.get_by_id(product_id)
    standing = db.rows(_STANDING, product.id, product.version)
    known = {sha256 for _file, sha256 in standing}
    new = [each for each in pictures if not known or _digest(each) not in known]
    files = [attachments.store("product", product.id, PURPOSE, each.name, io.BytesIO(each.content), person).id for each in new]
    if files:
        write_content(person, product.id, product.version, files=[*(file for file, _sha256 in standing), *files])
    return len(files)


_STANDING = """
SELECT f.attachment_id, a.sha256 FROM content_files f JOIN product_contents t ON t.id = f.content_id
JOIN attachments a ON a.id = f.attachment_id WHERE t.product_id = ? AND t.n = ? AND a.removed_at IS NULL ORDER BY f.n
"""


def _digest(picture: Picture) -> str:
    """As it would be kept."""
    label = attachments.clean_name(picture.name)
    return hashlib.sha256(contained.checked(label, picture.content, PURPOSES[PURPOSE].extensions)).hexdigest()
