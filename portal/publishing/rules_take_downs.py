"""What must not stand there comes down at once, without asking: a manuscript or a product, as it stood (INF-15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal import access, attachments, clock, db, notices
from portal.cases import Case
from portal.flow import Act
from portal.listings.models import Product, TakeDown
from portal.listings.models_shown import shown_price
from portal.listings.rules_products import content_of, files_of
from portal.listings.rules_shown import take_off
from portal.persons import Person
from portal.publishing.models import TAKES_DOWN
from portal.publishing.models_papers import Down
from portal.refused import NotThere, NotYours, Refused
from portal.words import Words, _, data_to_json


def take_down(act: Act) -> None:
    """Keeps the manuscript as it stood, and tells who answers for it."""
    paper, text = act.paper, act.lines[0]
    snapshot = {name: text.__data__[name] for name in ("title", "title_en", "body", "body_en")}
    snapshot |= {"kind": paper.kind, "shown_in": paper.shown_in, "version": act.case.version, "place": paper.place}
    snapshot["files"] = [each.name for each in attachments.of("case", act.case.id)]
    assert act.person is not None
    kept = _keep("manuscript", act.case.id, act.case.title, snapshot, act.given, act.person)
    act.data |= {"take_down": kept.id, "reason": act.given.reason, "responsible": act.given.responsible.id}
    what = _("%(number)s %(title)s", number=act.case.number, title=act.case.title)
    readable = access.may_read(access.posts_of(act.given.responsible), act.case)
    _tell(act.given, act.person, what, act.case if readable else None)


@db.transaction
def take_down_product(person: Person, product_id: int, given: Down) -> TakeDown:
    """The product leaves the shelf now; only a new request with its approval puts it up again."""
    if not TAKES_DOWN.allows(access.posts_of(person)):
        raise NotYours(_("Only section specialists and administrators take something down without asking."))
    product = Product.find("id = ?", product_id)
    if product is None:
        raise NotThere()
    given.why_not()
    snapshot = _snapshot(product)
    if not take_off(product.id, "unlawful", given.reason[:500], person):
        raise Refused(_("%(product)s does not stand on the shelf.", product=product.item.code))
    kept = _keep("product", product.id, snapshot["title"], snapshot, given, person)
    _tell(given, person, _("%(number)s %(title)s", number=product.item.code, title=product.item.called), None)
    return kept


def _snapshot(product: Product) -> dict[str, Any]:
    """What the shop showed of it at that moment."""
    content = content_of(product, product.shown_version)
    told: dict[str, Any] = {"title": content.name, "title_en": content.name_en, "brand": content.brand}
    told |= {"body": content.description, "body_en": content.description_en}
    files = [attachments.Attachment.get_by_id(each.attachment_id).name for each in files_of(content)]
    return told | {"code": product.item.code, "version": content.n, "files": files, "price": shown_price(product.id).price}


def _keep(thing: str, key: int, title: str, snapshot: Mapping[str, Any], given: Down, by: Person) -> TakeDown:
    return TakeDown.add(
        thing=thing, thing_id=key, title=title, snapshot=data_to_json(dict(snapshot)), reason=given.reason,
        responsible=given.responsible, by=by, at=clock.now(),
    )  # fmt: skip


def _tell(given: Down, by: Person, what: Words, case: Case | None) -> None:
    assert given.responsible is not None
    text = _("%(who)s took down %(what)s and names you as responsible: %(reason)s", who=by.called, what=what, reason=given.reason)
    notices.tell([given.responsible.id], "taken down", text, case)
