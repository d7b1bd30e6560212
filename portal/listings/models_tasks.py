"""Tasks for the designer and the copywriter: pictures, words or a page, of a product or of something else (SHF-08, PRO-13)."""

from __future__ import annotations

from datetime import date

from peewee import CharField, DateField, ForeignKeyField, IntegerField

from portal.cases import Detail
from portal.contents import Content
from portal.listings.models import Product
from portal.words import Words, _

NEEDS: dict[str, Words] = {
    "pictures": _("Pictures"),
    "description": _("Title and description"),
    "page": _("A page or poster"),
}


class ContentTask(Detail):
    """`about` names what is not a product: a promotion, a page. `asked_version` is the version of the product's contents when
    it was asked for, `made_version` the one that was handed in."""

    product = ForeignKeyField(Product, null=True)
    about = CharField(max_length=120, default="")
    needs = CharField(max_length=12, default="pictures")
    brief = CharField(max_length=2000, default="")
    due_on = DateField(null=True)
    asked_version = IntegerField(null=True)
    made_version = IntegerField(null=True)

    class Meta:
        table_name = "content_tasks"


def task_content(
    title: str, needs: str, brief: str, product: Product | None = None, about: str = "", due_on: date | None = None
) -> Content:
    """The contents of a task. One of a promotion has that paper as its parent: `contents.create(…, parent=…)`."""
    detail = {"product": product, "about": about, "needs": needs, "brief": brief, "due_on": due_on}
    return Content(title, detail)
