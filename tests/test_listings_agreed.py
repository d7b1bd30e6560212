"""What was agreed to is what is applied, to whom and until when it was agreed to, whoever tries otherwise (PRO, PRI, SHF)."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import partial

import pytest

from portal import attachments, contents, steps
from portal import clock as now
from portal.cases import Case
from portal.flow import FLOWS
from portal.listings.models import SpecialPrice
from portal.listings.models_goods import note_content
from portal.listings.models_promotions import artwork_content
from portal.listings.models_shown import shown_price
from portal.listings.models_tasks import task_content
from portal.listings.rules import archive, change_product
from portal.listings.rules_promotions import end_by_clock
from portal.money import Money
from portal.refused import NotYours, Refused, SomebodyWasFirst
from portal.storefront.models import by_key
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
