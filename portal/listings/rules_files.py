"""Pictures, videos and documents of products: who attaches them, how large they may be, who may open them (SHF-15)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from portal import access, attachments, db, policies
from portal.attachments import GUARDS, PARTS, PURPOSES, Attachment, Guard, Part, Purpose
from portal.cases import Case
from portal.contained import KB, MB
from portal.flow import FLOWS
from portal.listings.models import SEES, ContentFile, Product
from portal.listings.rules_products import DRAWS
from portal.persons import Person
from portal.words import _

upload_image_bytes = policies.declare(
    "upload_image_bytes", 500 * KB, "ecom_director", _("Largest picture of a product"), unit=_("bytes"), minimum=50 * KB,
    maximum=10 * MB, rule="SHF-15",
)  # fmt: skip
upload_video_bytes = policies.declare(
    "upload_video_bytes", 30 * MB, "ecom_director", _("Largest video of a product"), unit=_("bytes"), minimum=MB,
    maximum=50 * MB, rule="SHF-15",
)  # fmt: skip
upload_document_bytes = policies.declare(
    "upload_document_bytes", MB, "ecom_director", _("Largest document of a product"), unit=_("bytes"), minimum=100 * KB,
    maximum=10 * MB, rule="SHF-15",
)  # fmt: skip
PURPOSES |= {
    "product_picture": Purpose(upload_image_bytes, (".jpg", ".jpeg", ".png", ".webp")),
    "product_video": Purpose(upload_video_bytes, (".mp4", ".webm")),
    "product_document": Purpose(upload_document_bytes, (".pdf",)),
}
OF_PRODUCTS = ("product_picture", "product_video", "product_document")


def limits() -> dict[str, int]:
    """How many bytes a file of a product may have, by its extension."""
    return {each: PURPOSES[purpose].largest_bytes() for purpose in OF_PRODUCTS for each in PURPOSES[purpose].extensions}


def attach(person: Person, product_id: int, name: str, stream: BinaryIO) -> Attachment:
    """Keeps a file beside the product; it is shown once it stands in a version of the contents. Raises as `attachments.store`."""
    return attachments.store("product", product_id, attachments.purpose_of(name, OF_PRODUCTS), name, stream, person)


def _may_change(product: Product, person: Person) -> bool:
    return not product.is_archived and DRAWS.allows(access.posts_of(person))


def _may_remove(attachment: Attachment, product: Product, person: Person) -> bool:
    """Only what stands in no version: what was shown once stays for the record."""
    stands = ContentFile.select().where(ContentFile.attachment == attachment).exists()
    return not stands and _may_change(product, person)


def _may_read(_attachment: Attachment, _product: Product, posts: Iterable[str]) -> bool:
    return SEES.allows(posts)


GUARDS["product"] = Guard(
    may_attach=_may_change,
    may_remove=_may_remove,
    may_read=_may_read,
    page="/products/%s#files",
    why_not_removed=_("It stands in a version of the product: write a new version without it."),
)


# ---- artwork --------------------------------------------------------------------------------------------------------


def _may_change_artwork(case: Case, person: Person) -> bool:
    """Its files are what is agreed to: they change while the artwork may be changed, and no longer."""
    return FLOWS[case.kind].state_of(case).editable and person.id in (case.requester_id, case.preparer_id)


def _next_version(_file: Attachment, case: Case) -> None:
    """A file came or went: who looked at the version before decides about that one alone (PRO-08)."""
    case.version += 1
    db.run("UPDATE cases SET version = ? WHERE id = ?", case.version, case.id)


PARTS["artwork"] = Part(_may_change_artwork, _next_version)
