"""Products are entered and described: every text and picture stands in a version, somebody vouches for it (SHF-08 to SHF-16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from portal import access, attachments, clock, db, history, search
from portal.access import any_of, copywriter, designer, planner, section_specialist
from portal.attachments import Attachment
from portal.listings.models import COSTS, KIND, PLACE, SEASONS, SEES, TEXTS, UNIT, ContentFile, Product, ProductContent
from portal.money import HIGHEST, Money
from portal.persons import Person
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst
from portal.stock.models import ItemCategory
from portal.stock.rules import add_item, change_item
from portal.words import Words, _

ENTERS = any_of(planner, section_specialist)
WRITES = any_of(section_specialist, copywriter)
DRAWS = any_of(section_specialist, designer, copywriter)  # may change the pictures
VOUCHES = any_of(section_specialist)
MOST_FILES = 30


def only(right: access.Right, person: Person, why: Words) -> None:
    if not right.allows(access.posts_of(person)):
        raise NotYours(why)


@db.transaction
def add_product(
    person: Person,
    code: str,
    category: ItemCategory | int,
    texts: dict[str, str],
    cost: Money | None = None,
    unit: str = UNIT,
    place: str = PLACE,
    token: str | None = None,
) -> Product:
    """A new product with the first version of its contents; nothing of it is shown yet. The same token answers the same one."""
    only(ENTERS, person, _("Only planners and section specialists enter products."))
    if token and (known := Product.find("token = ?", token)):
        return known
    whole = _texts(texts)
    _check_cost(person, cost)
    item = add_item(person, KIND, code, whole["name"], whole["name_en"], category, unit, place)
    product = Product.add(item=item, cost=cost, created_at=clock.now(), token=token)
    history.record(product, "add", person, data={"code": code, "cost": cost})
    return _write(product, person, whole, [])


def _check_cost(person: Person, cost: Money | None) -> None:
    if cost is not None and not COSTS.allows(access.posts_of(person)):
        raise NotYours(_("What goods cost is entered by those who may know it."))
    if cost is not None and not 0 <= cost < HIGHEST:
        raise Mistyped(_("That is more than the portal can count."), "cost")


def _texts(texts: dict[str, str]) -> dict[str, str]:
    whole = dict.fromkeys(TEXTS, "") | texts
    assert whole.keys() == TEXTS.keys(), whole.keys() ^ TEXTS.keys()
    if not whole["name"]:
        raise Mistyped(_("Give it a name."), "name")
    for name, most in TEXTS.items():
        if len(whole[name]) > most:
            raise Mistyped(_("At most %(most)s characters; these are %(are)s.", most=most, are=len(whole[name])), name)
    return whole


# ---- contents -------------------------------------------------------------------------------------------------------


@db.transaction
def write_content(
    person: Person, product_id: int, version: int, texts: dict[str, str] | None = None, files: Sequence[int] | None = None
) -> Product:
    """A new version of texts, or files in their order (ids of attachments of the product), against the version shown. What the
    shop shows stays until the new version is approved. Who only draws changes files alone."""
    product = Product.find("id = ?", product_id)
    if product is None:
        raise NotThere()
    if texts is not None:
        only(WRITES, person, _("Only section specialists and copywriters write what the shop says."))
    only(DRAWS, person, _("Only section specialists, designers and copywriters change pictures."))
    if product.version != version:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    if product.is_archived:
        raise Refused(_("It is archived: its contents stay as they are."))
    before = content_of(product)
    kept = [file.attachment_id for file in files_of(before)]
    whole = _texts({name: getattr(before, name) for name in TEXTS} | (texts or {}))
    chosen = kept if files is None else _own_files(product, files)
    if chosen == kept and all(getattr(before, name) == text for name, text in whole.items()):
        return product
    return _write(product, person, whole, chosen)


def _own_files(product: Product, files: Sequence[int]) -> list[int]:
    """The files, each once; only those that were attached to this product."""
    if len(files) > MOST_FILES:
        raise Mistyped(_("At most %(most)s files stand on a product.", most=MOST_FILES), "files")
    known = {file.id for file in attachments.of("product", product.id)}
    if set(files) - known:
        raise NotThere()
    return list(dict.fromkeys(files))


def _write(product: Product, person: Person, texts: dict[str, str], files: Sequence[int]) -> Product:
    n = product.version + 1
    content = ProductContent.add(product=product, n=n, by=person, at=clock.now(), **texts)
    for place, file in enumerate(files, 1):
        ContentFile.add(content=content, n=place, attachment=file)
    db.run("UPDATE products SET version = ? WHERE id = ? AND version = ?", n, product.id, n - 1)
    item = product.item
    if (item.name, item.name_en) != (texts["name"], texts["name_en"]):
        change_item(person, item.id, item.events, name=texts["name"], name_en=texts["name_en"])
    history.record(product, "write", person, data={"version": n, "files": list(files)})
    search.put("product", product.id, [item.code, *texts.values()], SEES.roles)
    return Product.get_by_id(product.id)


def content_of(product: Product, n: int | None = None) -> Any:
    """That version of its contents, the newest where none is named."""
    return ProductContent.find("product_id = ? AND n = ?", product.id, n or product.version)


def files_of(content: ProductContent) -> list[ContentFile]:
    return ContentFile.where("content_id = ? ORDER BY n", content.id)


def pictures_of(content: ProductContent) -> list[Attachment]:
    """The pictures of a version, in their order."""
    sql = (
        """id IN (SELECT attachment_id FROM content_files WHERE content_id = ?) AND type LIKE 'image/%' AND removed_at IS NULL"""
    )
    order = {file.attachment_id: file.n for file in files_of(content)}
    return sorted(Attachment.where(sql, content.id), key=lambda each: order[each.id])


@db.transaction
def vouch(person: Person, product_id: int, version: int) -> Product:
    """Somebody has read this version and says that all of it is right, with name and time (SHF-16, PRI-08)."""
    only(VOUCHES, person, _("Only the section specialist vouches for what the shop says."))
    if not _vouch(person, product_id, version):
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    return Product.get_by_id(product_id)


def _vouch(person: Person, product_id: int, version: int) -> bool:
    kept = Product.update(checked_version=version, checked_by=person, checked_at=clock.now())
    if kept.where(Product.id == product_id, Product.version == version, ~Product.is_archived).execute() != 1:
        return False
    history.record(Product.get_by_id(product_id), "vouch", person, data={"version": version})
    return True


_TO_VOUCH = """
SELECT p.id, p.version FROM products p JOIN product_contents t ON t.product_id = p.id AND t.n = p.version
WHERE p.id IN (%s) AND t.id <= ? AND NOT p.is_archived AND COALESCE(p.checked_version, 0) <> p.version ORDER BY p.id
"""


@db.transaction
def vouch_for(person: Person, product_ids: Iterable[int], latest: int) -> int:
    """The same for many at once, each with its event. `latest` is the last version of contents there was when they were read:
    what was written since is left out, as is what somebody vouched for already. Answers how many."""
    only(VOUCHES, person, _("Only the section specialist vouches for what the shop says."))
    chosen = sorted(set(product_ids))
    found = db.rows(_TO_VOUCH % db.marks(chosen), *chosen, latest) if chosen else []
    return sum(_vouch(person, product, version) for product, version in found)


# ---- marks ----------------------------------------------------------------------------------------------------------


@db.transaction
def change_product(person: Person, product_id: int, events: int, **changed: Any) -> Product:
    """Changes season, is_main, cost, image_links, and the place of its item, as it was shown (its count of events). What follows
    from approvals is not changed here."""
    place = changed.pop("place", None)
    assert changed.keys() <= {"season", "is_main", "cost", "image_links"}, changed.keys()
    only(ENTERS, person, _("Only planners and section specialists enter products."))
    product = Product.find("id = ?", product_id)
    if product is None:
        raise NotThere()
    if product.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    if changed.get("season", "") not in SEASONS:
        raise Mistyped(_("Choose one of the list."), "season")
    if "cost" in changed and changed["cost"] != product.cost:
        _check_cost(person, changed["cost"] or Money(0))
    item = product.item
    if place is not None and place != item.place:
        change_item(person, item.id, item.events, place=place)
    before = {name: getattr(product, name) for name in changed}
    differing = {name: value for name, value in changed.items() if before[name] != value}
    if differing:
        Product.update(**differing).where(Product.id == product.id).execute()
        told = {
            "before": {name: _plain(before[name]) for name in differing},
            "after": {n: _plain(v) for n, v in differing.items()},
        }
        history.record(product, "change", person, data=told)
    return Product.get_by_id(product.id)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
