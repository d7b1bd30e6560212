"""What was agreed to is what is applied, to whom and until when it was agreed to, whoever tries otherwise (PRO, PRI, SHF)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import attachments, contents, db, steps
from portal import clock as now
from portal.cases import Case
from portal.flow import FLOWS
from portal.history import Event
from portal.listings.models import SpecialPrice
from portal.listings.models_goods import note_content
from portal.listings.models_promotions import artwork_content
from portal.listings.models_shown import shown_price
from portal.listings.models_tasks import task_content
from portal.listings.rules import archive, change_product
from portal.listings.rules_promotions import end_by_clock
from portal.money import Money
from portal.refused import NotYours, Refused, SomebodyWasFirst
from portal.storefront.models import by_key, on_sale_one
from tests import manuscripts, posts, promoting, shop
from tests.at_once import at_once
from tests.cast import Cast
from tests.test_spending_pages import everybody_reads_english  # noqa: F401

START = "2026-03-02 09:00"


@pytest.fixture(autouse=True)
def forms_without_tokens(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app").config["WTF_CSRF_ENABLED"] = False


def test_pro_06_what_distribution_customers_pay_is_not_the_shops_price(cast: Cast) -> None:
    product = shop.on_shelf(cast, "CUP", 100)
    promoting.applied(cast, promoting.passed(cast, target="distribution"), {"CUP": 60})

    alone = shown_price(product.id)
    promoting.applied(cast, promoting.passed(cast, target="both"), {"CUP": 80})

    assert (alone.price, alone.is_special, by_key(now.now())[0].price) == (10000, False, 8000)


def test_what_was_never_applied_is_stopped_when_its_plan_is_over(cast: Cast, clock) -> None:
    clock.set(START)
    shop.priced(cast, "CUP", 100)
    shop.priced(cast, "HAT", 100)
    plan = promoting.passed(cast)
    agreed = promoting.agreed(cast, plan, {"CUP": 80})
    waiting = steps.take(shop.staff(cast, "shu"), promoting.treatment(cast, plan, {"HAT": 80}).id, "submit")
    clock.forward(days=8)

    end_by_clock.work()
    end_by_clock.work()

    assert [Case.get_by_id(each.id).state for each in (plan, agreed, waiting)] == ["ended", "cancelled", "cancelled"]


def test_what_is_archived_is_not_treated(cast: Cast) -> None:
    product = shop.priced(cast, "CUP", 100)
    case = promoting.treatment(cast, promoting.passed(cast), {"CUP": 80})
    archive(shop.staff(cast, "shu"), product.id)

    with pytest.raises(Refused, match="CUP is archived"):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_a_cost_that_rose_meanwhile_needs_a_reason_when_it_is_submitted_again(cast: Cast) -> None:
    product = shop.priced(cast, "CUP", 100)
    case = steps.take(shop.staff(cast, "shu"), promoting.treatment(cast, promoting.passed(cast), {"CUP": 80}).id, "submit")
    steps.take(shop.staff(cast, "dee"), case.id, "return", note="look at the cost")
    change_product(shop.staff(cast, "pan"), product.id, product.events, cost=Money(9000))

    with pytest.raises(Refused, match="below its cost"):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_pro_08_a_picture_that_was_changed_meanwhile_is_not_agreed_to_unseen(cast: Cast, settings) -> None:
    attachments.keep_in(settings.data)
    yao, dee = shop.staff(cast, "yao"), shop.staff(cast, "dee")
    art = contents.create(FLOWS["artwork"], yao, artwork_content("Poster", "poster"), "a poster")
    first = attachments.store("case", art.id, "paper", "first.png", io.BytesIO(shop.picture()), yao)
    seen = steps.take(yao, art.id, "submit")
    with pytest.raises(NotYours):
        attachments.store("case", art.id, "paper", "other.png", io.BytesIO(shop.picture(9)), yao)
    with pytest.raises(NotYours):
        attachments.remove(first, yao)
    steps.take(yao, art.id, "withdraw")
    attachments.store("case", art.id, "paper", "other.png", io.BytesIO(shop.picture(9)), yao)
    steps.take(yao, art.id, "submit")

    with pytest.raises(SomebodyWasFirst):
        steps.take(dee, art.id, "approve", (seen.state, seen.version))


def test_pro_13_a_task_begun_on_a_plan_is_due_when_the_plan_begins(cast: Cast, client, clock) -> None:
    clock.set(START)
    plan = promoting.passed(cast, now.now() + timedelta(days=3))
    address = f"/papers/new/content_task?plan={plan.id}"
    shu = client(shop.staff(cast, "shu"))

    form = shu.get(address).text

    assert address in shu.get(f"/papers/{plan.id}").text
    assert f'value="{plan.number} Spring sale"' in form and f'value="{(now.today() + timedelta(days=3)).isoformat()}"' in form
    assert shu.get("/papers/new/content_task?plan=99999").status_code == 200


def test_two_specialists_who_apply_at_once_apply_once(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    case = promoting.agreed(cast, promoting.passed(cast), {"CUP": 80})
    posts.grant(cast.bo, "section_specialist")
    first, second = shop.staff(cast, "shu"), cast.bo

    answers = at_once(*(partial(steps.take, each, case.id, "apply", (case.state, case.version)) for each in (first, second)))

    assert SpecialPrice.select().count() == 1 and sum(isinstance(each, SomebodyWasFirst) for each in answers) == 1


# ---- whoever wrote a draft and holds the post no more ---------------------------------------------------------------


def _drafts(cast: Cast) -> list[tuple[Case, str, str, str]]:
    """A draft of each kind: with who wrote it, in which post, and the step that sends it on."""
    shop.ready(cast, "CUP")
    plan = promoting.passed(cast)
    kun, yao, shu = (shop.staff(cast, each) for each in ("kun", "yao", "shu"))
    lines = [(shop.draft(cast, "CUP"), 5)]
    note = contents.create(FLOWS["goods_note"], kun, note_content("In", "in", now.today(), lines), "note")
    art = contents.create(FLOWS["artwork"], yao, artwork_content("Poster", "poster"), "art")
    task = contents.create(FLOWS["content_task"], shu, task_content("Look", "pictures", "blue", shop.draft(cast, "CUP")), "task")
    return [
        (shop.proposal(cast, {"CUP": 90}), "pan", "planner", "submit"),
        (promoting.plan(cast), "pan", "planner", "submit"),
        (promoting.treatment(cast, plan, {"CUP": 80}), "shu", "section_specialist", "submit"),
        (shop.request(cast, "CUP"), "shu", "section_specialist", "submit"),
        (task, "shu", "section_specialist", "submit"),
        (note, "kun", "warehouse", "book"),
        (art, "yao", "designer", "submit"),
        (manuscripts.draft(cast), "cui", "copywriter", "hand_in"),
    ]


@pytest.mark.parametrize("n", range(8))
def test_a_draft_is_not_sent_on_by_who_holds_its_post_no_more(cast: Cast, n: int) -> None:
    case, user, role, step = _drafts(cast)[n]
    posts.take_away(shop.staff(cast, user), role)

    posts.cannot(shop.staff(cast, user), case, step)


def test_a_draft_of_a_lost_post_may_still_be_dropped(cast: Cast) -> None:
    case = next(each for each, _user, _role, step in _drafts(cast) if step == "book")
    posts.take_away(shop.staff(cast, "kun"), "warehouse")

    assert steps.take(shop.staff(cast, "kun"), case.id, "cancel", note="not mine any more").state == "cancelled"


# ---- by the clock, through the rules --------------------------------------------------------------------------------


@given(data=st.data())
@hypothesis_settings(max_examples=8)
def test_shop_and_feeds_show_the_rules_price_while_the_clock_moves(cast: Cast, clock, data: Any) -> None:
    """Prices are published and promotions applied, overlapping, stopped and ended, as the days go by: at every step pages and
    feeds say what a plain model says."""
    with _undone():
        clock.set(START)
        product, own, running = shop.on_shelf(cast, "CUP", 100), 100, []
        for _step in range(data.draw(st.integers(3, 7))):
            what = data.draw(st.sampled_from(["price", "promotion", "stop", "wait", "job"]))
            if what == "price":
                own = data.draw(st.integers(61, 120))
                shop.priced(cast, "CUP", own)
            if what == "promotion":
                yuan, days = data.draw(st.integers(40, 60)), data.draw(st.integers(1, 4))
                begins = now.now() + timedelta(hours=data.draw(st.integers(0, 30)))
                case = promoting.applied(cast, promoting.passed(cast, begins, days), {"CUP": yuan})
                running.append((case, yuan, begins, begins + timedelta(days=days)))
            if what == "stop" and running:
                case, *_told = running.pop()
                if Case.get_by_id(case.id).state == "applied":
                    steps.take(shop.staff(cast, "dee"), case.id, "cancel", note="stopped")
            if what == "job":
                end_by_clock.work()
            clock.forward(minutes=data.draw(st.integers(1, 60 * 40)))

            at = now.now()
            wanted = 100 * min([own, *(yuan for _case, yuan, begins, ends in running if begins <= at < ends)])
            assert shown_price(product.id).price == by_key(at)[0].price == on_sale_one(product.id).price == wanted


@contextmanager
def _undone() -> Iterator[None]:
    """What is written inside is gone afterwards."""
    with db.db.atomic() as written:
        yield
        written.rollback()


def test_two_specialists_who_put_up_at_once_put_up_once(cast: Cast) -> None:
    product = shop.ready(cast, "CUP")
    case = shop.request(cast, "CUP")
    steps.take(shop.staff(cast, "shu"), case.id, "submit")
    case = steps.take(shop.staff(cast, "dee"), case.id, "approve")
    posts.grant(cast.bo, "section_specialist")
    first, second = shop.staff(cast, "shu"), cast.bo

    answers = at_once(*(partial(steps.take, each, case.id, "put_up", (case.state, case.version)) for each in (first, second)))

    assert sum(isinstance(each, SomebodyWasFirst) for each in answers) == 1
    assert [each.action for each in Event.where("thing = 'product' AND thing_id = ? AND action = 'put_up'", product.id)] == [
        "put_up"
    ]


def test_a_planner_who_stands_in_as_director_and_specialist_does_nothing_alone(cast: Cast) -> None:
    """One person with every post of the shop: others agree to the own paper, and publish the own price."""
    pan = shop.staff(cast, "pan")
    for role in ("ecom_director", "section_specialist", "designer"):
        posts.grant(pan, role, acting=True, ends=date(2099, 1, 1))
    shop.ready(cast, "CUP")
    price = steps.take(pan, shop.proposal(cast, {"CUP": 90}).id, "submit")
    shelf_request = steps.take(pan, shop.request(cast, "CUP", by="pan").id, "submit")
    plan = steps.take(pan, promoting.plan(cast).id, "submit")

    for case in (price, shelf_request, plan):
        posts.cannot(pan, case, "approve")
    agreed = steps.take(shop.staff(cast, "dee"), price.id, "approve")
    posts.cannot(pan, agreed, "publish")


def test_who_approved_while_standing_in_does_not_carry_out_after_the_stand_in_has_ended(cast: Cast, clock) -> None:
    shu, mei = shop.staff(cast, "shu"), cast.mei
    shop.ready(cast, "CUP")
    posts.take_away(shop.staff(cast, "dee"), "ecom_director")
    posts.grant(shu, "ecom_director", acting=True, ends=date(2099, 1, 1))
    price = steps.take(shop.staff(cast, "pan"), shop.proposal(cast, {"CUP": 90}).id, "submit")
    agreed = steps.take(shu, price.id, "approve")
    posts.take_away(shu, "ecom_director")

    posts.cannot(shu, agreed, "publish")
    posts.cannot(mei, agreed, "publish")
