"""What the tables of the shop and of publishing refuse, whoever writes past the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import peewee
import pytest

from portal import clock, contents, db, steps
from portal.flow import FLOWS
from portal.listings.models import (
    CompetitorPrice,
    ContentFile,
    GoodsNote,
    GoodsNoteLine,
    OpenProposal,
    OpenShelfRequest,
    Price,
    PriceLine,
    PriceProposal,
    Product,
    ProductContent,
    ShelfLine,
    ShelfRequest,
    ShopPrice,
    SpecialPrice,
    TakeDown,
)
from portal.listings.models_arrangements import Arrangement
from portal.listings.models_goods import note_content
from portal.listings.models_promotions import Filing, PromotionPlan, SupportPlan, TreatmentLine
from portal.listings.models_tasks import ContentTask, task_content
from portal.listings.rules_arrangements import place
from portal.listings.rules_competitors import bring_shop_file, enter_competitor
from portal.listings.rules_filings import file_with_mall, support
from portal.money import Money
from portal.publishing.models import Manuscript, ManuscriptText, Publication, Upkeep
from portal.publishing.rules import take_down_product, write_upkeep
from tests import manuscripts, promoting, shop
from tests.cast import Cast


def refuses(write: Any) -> None:
    with pytest.raises(peewee.IntegrityError), db.db.atomic():
        write.execute()


def keeps(*tables: type[db.Table]) -> None:
    """What stands in them is neither changed nor taken away."""
    for table in tables:
        field = next(each for each in table._meta.sorted_fields if not each.primary_key)
        assert table.select().exists(), table
        for write in (table.update({field: field}), table.delete()):
            with pytest.raises(peewee.DatabaseError, match="append-only"), db.db.atomic():
                write.execute()


def again(row: db.Table, **changed: Any) -> Any:
    """The same row once more, with other values."""
    told = {field: row.__data__[field.name] for field in row._meta.sorted_fields if field.name not in {"id", *changed}}
    return type(row).insert(told | {type(row)._meta.fields[name]: value for name, value in changed.items()})


def test_shf_02_a_product_stands_on_the_shelf_as_a_whole_or_not_at_all(cast: Cast) -> None:
    product, other = shop.on_shelf(cast), shop.draft(cast, "HAT")
    ours = Product.id == product.id

    refuses(Product.update(shown_version=None).where(ours))
    refuses(Product.update(is_archived=True).where(ours))
    refuses(Product.update(off_kind="normal", off_at=clock.now()).where(ours))
    refuses(Product.update(off_kind="normal").where(Product.id == other.id))
    refuses(Product.update(off_kind="lost", off_at=clock.now()).where(Product.id == other.id))
    refuses(Product.update(checked_at=None).where(ours))
    refuses(Product.update(season="sometime").where(ours))
    refuses(Product.update(cost=-1).where(ours))
    refuses(Product.update(item=other.item).where(ours))


def test_what_was_said_and_priced_once_stays(cast: Cast) -> None:
    product, pan = shop.on_shelf(cast), shop.staff(cast, "pan")
    texts = {"competitor": "Jia", "their_product": "A cup", "source": "seen"}
    enter_competitor(pan, product, texts, Money(9900), clock.today())
    bring_shop_file(pan, "shop.csv", [("CUP", Money(9900))])
    take_down_product(shop.staff(cast, "shu"), product.id, manuscripts.down(cast))

    keeps(ProductContent, ContentFile, Price, CompetitorPrice, ShopPrice, TakeDown)
    refuses(again(ProductContent.get()))
    for empty in ("competitor", "their_product", "source"):
        refuses(again(CompetitorPrice.get(), **{empty: ""}))
    refuses(again(CompetitorPrice.get(), fen=0))
    refuses(again(TakeDown.get(), reason=""))


def test_pri_03_nobody_publishes_the_price_they_agreed_to(cast: Cast) -> None:
    shop.priced(cast)
    price, other = Price.get(), shop.proposal(cast, {"HAT": 5})

    refuses(again(price))
    refuses(again(price, case=other.id, by=price.approved_by_id))
    refuses(again(price, case=other.id, fen=0))


def test_lines_of_a_proposal_name_each_product_once_with_an_amount(cast: Cast) -> None:
    case = shop.proposal(cast, {"CUP": 100})
    line = PriceLine.get()

    refuses(again(line, product=shop.draft(cast, "HAT").id))
    refuses(again(line, n=2))
    for name, value in (("new_fen", 0), ("old_fen", 0), ("cost", -1)):
        refuses(PriceLine.update({name: value}))
    refuses(PriceProposal.update(cause="whim"))
    steps.take(shop.staff(cast, "pan"), case.id, "submit")
    refuses(again(OpenProposal.get()))


def test_lines_of_a_request_name_each_product_once(cast: Cast) -> None:
    shop.ready(cast)
    case = shop.request(cast, "CUP")
    line = ShelfLine.get()

    refuses(again(line, product=shop.draft(cast, "HAT").id))
    refuses(again(line, n=2))
    refuses(ShelfRequest.update(way="up"))
    steps.take(shop.staff(cast, "shu"), case.id, "submit")
    refuses(again(OpenShelfRequest.get()))


def test_pro_03_a_treatment_is_a_price_or_a_gift_for_a_time_once(cast: Cast) -> None:
    shop.priced(cast)
    plan = promoting.passed(cast)
    promoting.applied(cast, plan, {"CUP": 80})
    line = TreatmentLine.get()
    for table in (TreatmentLine, SpecialPrice):
        refuses(table.update(fen=None))
        refuses(table.update(fen=0))
        refuses(table.update(ends_at=table.starts_at))

    refuses(again(SpecialPrice.get()))
    refuses(again(line, n=2))
    refuses(again(line, product=shop.draft(cast, "HAT").id))
    for changed in ({"sort": "whim"}, {"target": "moon"}, {"ends_at": PromotionPlan.starts_at}):
        refuses(PromotionPlan.update(changed))


def test_pro_11_what_is_filed_reaches_the_bar_and_is_answered_with_its_day(cast: Cast) -> None:
    dee, plan = shop.staff(cast, "dee"), promoting.passed(cast)
    file_with_mall(dee, "campaign", {"mall": "Tmall", "subject": "11.11", "note": ""}, True, clock.today())
    support(dee, plan, "answer")

    for changed in ({"after_sales_ok": False}, {"sort": "party"}, {"mall": ""}, {"subject": ""}, {"result": "granted"}):
        refuses(Filing.update(changed))
    refuses(Filing.update(result="perhaps", result_on=clock.today()))
    refuses(again(SupportPlan.get()))


def test_a_note_moves_each_product_once_and_a_task_needs_what_there_is(cast: Cast) -> None:
    product, pan = shop.draft(cast), shop.staff(cast, "pan")
    contents.create(
        FLOWS["goods_note"], shop.staff(cast, "kun"), note_content("In", "in", clock.today(), [(product, 5)]), "a note"
    )
    contents.create(FLOWS["content_task"], pan, task_content("Task", "page", "a page", about="Sale"), "a task of the test")
    line = GoodsNoteLine.get()

    refuses(again(line, n=2))
    refuses(again(line, product=shop.draft(cast, "HAT").id))
    refuses(GoodsNoteLine.update(quantity=-1))
    refuses(GoodsNote.update(way="up"))
    refuses(ContentTask.update(needs="song"))


def test_shf_11_nobody_looks_at_the_own_arrangement(cast: Cast) -> None:
    shu, product = shop.staff(cast, "shu"), shop.draft(cast)
    place(shu, {product.id: (0, 5)})

    refuses(Arrangement.update(reviewed_by=shu, reviewed_at=clock.now()))
    refuses(Arrangement.update(reviewed_by=shop.staff(cast, "pan")))
    refuses(Arrangement.update(what="song"))
    refuses(Arrangement.update(thing="case"))


def test_inf_11_what_was_published_and_done_stays_on_record(cast: Cast) -> None:
    shu = shop.staff(cast, "shu")
    case = manuscripts.published(cast)
    write_upkeep(shu, clock.today(), "layout", "New order", "a" * 20)

    keeps(Publication, Upkeep)
    refuses(again(Publication.get(), confirmed=""))
    for changed in ({}, {"token": "b" * 20, "text": ""}, {"token": "b" * 20, "part": "roof"}):
        refuses(again(Upkeep.get(), **changed))
    refuses(again(ManuscriptText.get(ManuscriptText.case == case)))


def test_a_manuscript_is_of_what_there_is(cast: Cast) -> None:
    manuscripts.published(cast)
    slot = manuscripts.published(cast, "slot")
    news = Manuscript.kind == "news"

    for changed in (
        {"kind": "poem"}, {"topic": "gossip"}, {"channel": "birds"}, {"place": "headline"}, {"vouched_at": None},
        {"published_version": None},
    ):  # fmt: skip
        refuses(Manuscript.update(changed).where(news))
    refuses(Manuscript.update(place="ceiling").where(Manuscript.case == slot))
    refuses(Manuscript.update(ends_on=date(2020, 1, 1)).where(Manuscript.case == slot))
