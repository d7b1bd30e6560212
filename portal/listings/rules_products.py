"""Products are entered and described: every text and picture stands in a version, somebody vouches for it (SHF-08 to SHF-16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal import access, attachments, clock, db, history
from portal.access import any_of, copywriter, designer, planner, section_specialist
from portal.attachments import Attachment
from portal.listings.models import KIND, SEASONS, ContentFile, Product, ProductContent
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
TEXTS = {"name": 120, "name_en": 120, "brand": 60, "description": 20_000, "description_en": 20_000}
MOST_FILES = 30
UNIT, PLACE = "件", "仓库"  # where a file says nothing of them


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
    _check_cost(cost)
    item = add_item(person, KIND, code, whole["name"], whole["name_en"], category, unit, place)
    product = Product.create(item=item, cost=cost, created_at=clock.now(), token=token)
    history.record(product, "add", person, data={"code": code, "cost": cost})
    return _write(product, person, whole, [])


def _check_cost(cost: Money | None) -> None:
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
    content = ProductContent.create(product=product, n=n, by=person, at=clock.now(), **texts)
    for place, file in enumerate(files, 1):
        ContentFile.create(content=content, n=place, attachment=file)
    Product.update(version=n).where(Product.id == product.id, Product.version == n - 1).execute()
    item = product.item
    if (item.name, item.name_en) != (texts["name"], texts["name_en"]):
        change_item(person, item.id, item.events, name=texts["name"], name_en=texts["name_en"])
    history.record(product, "write", person, data={"version": n, "files": list(files)})
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
    now = clock.now()
    kept = Product.update(checked_version=version, checked_by=person, checked_at=now)
    if kept.where(Product.id == product_id, Product.version == version).execute() != 1:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    product = Product.get_by_id(product_id)
    history.record(product, "vouch", person, data={"version": version})
    return Product.get_by_id(product_id)


# ---- marks ----------------------------------------------------------------------------------------------------------


@db.transaction
def change_product(person: Person, product_id: int, events: int, **changed: Any) -> Product:
    """Changes season, is_main, cost as it was shown (its count of events). What follows from approvals is not changed here."""
    assert changed.keys() <= {"season", "is_main", "cost"}, changed.keys()
    only(ENTERS, person, _("Only planners and section specialists enter products."))
    product = Product.find("id = ?", product_id)
    if product is None:
        raise NotThere()
    if product.events != events:
        raise SomebodyWasFirst(_("Somebody else changed this first. Reload to see it."))
    if changed.get("season", "") not in SEASONS:
        raise Mistyped(_("Choose one of the list."), "season")
    _check_cost(changed.get("cost"))
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
