"""The page where prices of many products are changed alike: of those chosen in the register, or of all that fit its filters."""

from __future__ import annotations

from typing import Any

from flask import request

from portal.fields import form_key
from portal.listings.forms_prices import AlikeForm
from portal.listings.forms_products import ids_of
from portal.listings.models_prices import Changeable, changeable
from portal.listings.models_products import MOST_CHOSEN, ids
from portal.listings.rules_prices import PROPOSES
from portal.listings.rules_prices_alike import Alike, propose_alike
from portal.listings.views_register import filters_asked, sought_in
from portal.listings.views_shop import pages
from portal.refused import Mistyped, NotYours, Refused
from portal.web import filled, go, me, my_posts, page
from portal.words import _


@pages.form("/products/prices/alike", may=PROPOSES)
def prices_alike() -> Any:
    """How many it is about is said before; what comes of it is a draft, looked through before it is submitted."""
    form, found = filled(AlikeForm), _found()
    form.token.data = form_key(form.token.data)
    if request.method == "GET":
        return _page(form, found)
    if not form.validate():
        return _page(form, found, 422)
    try:
        if len(found) > MOST_CHOSEN:
            raise Mistyped(_("At most %(most)s products can be chosen at once: narrow the list.", most=MOST_CHOSEN), "")
        case = propose_alike(
            me(), found, Alike(form.percent.data, int(form.to.data)), form.title.data, form.cause.data, form.reason.data,
            form.note.data or "", form.token.data,
        )  # fmt: skip
    except NotYours:
        raise
    except Refused as refusal:
        form.say(refusal.why, refusal.field if isinstance(refusal, Mistyped) else None)
        return _page(form, found, refusal.status)
    return go("papers.show", case_id=case.id)


def _found() -> list[Changeable]:
    """What the address names: products by their ids, or the filters of the register."""
    chosen = ids_of(request.args.getlist("product"))
    return changeable(chosen or ids(sought_in(filters_asked()), my_posts()))


def _page(form: AlikeForm, found: list[Changeable], status: int = 200) -> Any:
    return page(
        "listings/prices_alike.html",
        status,
        form=form,
        changing=sum(each.own is not None and not each.stands_in for each in found),
        unpriced=sum(each.own is None for each in found),
        elsewhere=sum(each.own is not None and bool(each.stands_in) for each in found),
    )
