"""Promotions: a plan passes, goods are treated, it runs and ends by the clock, and the old price is back (PRO-01 to PRO-13)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import attachments, contents, db, policies, steps
from portal import clock as now
from portal.cases import Case
from portal.flow import FLOWS
from portal.listings.models import Price, SpecialPrice
from portal.listings.models_promotions import Filing, SupportPlan, artwork_content, least_margin, overlaps
from portal.listings.models_shown import shown_price
from portal.listings.rules_filings import answer, file_with_mall
from portal.listings.rules_promotions import end_by_clock
from portal.money import Money
from portal.refused import Mistyped, NotYours, Refused
from tests import posts, promoting, shop
from tests.cast import Cast
from tests.test_spending_pages import everybody_reads_english  # noqa: F401

START = "2026-03-02 09:00"


@pytest.fixture(autouse=True)
def forms_without_tokens(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app").config["WTF_CSRF_ENABLED"] = False


def test_pro_01_only_the_planner_plans(cast: Cast) -> None:
    from portal.listings.models_promotions import plan_content

    content = plan_content("Sale", now.now(), now.now() + timedelta(days=1))

    with pytest.raises(NotYours):
        contents.create(FLOWS["promotion"], shop.staff(cast, "shu"), content, "by shu")


def test_pro_02_nothing_is_treated_before_the_plan_has_passed(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    plan = promoting.plan(cast)

    with pytest.raises(Mistyped, match="passed"):
        promoting.treatment(cast, plan, {"CUP": 80})


def test_pro_03_04_two_approvals_then_the_shop_shows_the_promotion_price(cast: Cast, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    case = promoting.agreed(cast, promoting.passed(cast), {"CUP": 80})
    assert shown_price(product.id).price == 10000

    steps.take(shop.staff(cast, "shu"), case.id, "apply")

    shown = shown_price(product.id)
    assert (shown.price, shown.own, shown.case) == (8000, 10000, case.id)


def test_who_agreed_never_applies(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    dee = shop.staff(cast, "dee")
    posts.grant(dee, "section_specialist")
    case = promoting.agreed(cast, promoting.passed(cast), {"CUP": 80})

    posts.cannot(dee, case, "apply")


def test_the_old_price_returns_by_the_clock_and_the_specialist_verifies_it(cast: Cast, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    case = promoting.applied(cast, promoting.passed(cast, days=2), {"CUP": 80})
    clock.forward(days=2)
    assert shown_price(product.id).price == 10000  # no job has run

    end_by_clock.work()
    end_by_clock.work()

    case = Case.get_by_id(case.id)
    assert case.state == "ended" and posts.waiting(case) == [("section_specialist", "section_specialist", False)]
    assert steps.take(shop.staff(cast, "shu"), case.id, "verify").state == "closed"


def test_a_stop_of_the_portal_is_caught_up_with(cast: Cast, clock) -> None:
    clock.set(START)
    shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast, days=2)
    promoting.applied(cast, plan, {"CUP": 80})
    clock.forward(days=40)

    assert "2" in str(end_by_clock.work())
    assert "0" in str(end_by_clock.work())
    assert Case.get_by_id(plan.id).state == "ended"


def test_a_price_that_is_not_better_is_refused(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    case = promoting.treatment(cast, promoting.passed(cast), {"CUP": 100})

    with pytest.raises(Refused, match="not below"):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_below_cost_needs_a_reason(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)  # its cost is 30
    plan = promoting.passed(cast)
    with pytest.raises(Refused, match="below its cost"):
        steps.take(shop.staff(cast, "shu"), promoting.treatment(cast, plan, {"CUP": 20}).id, "submit")

    case = promoting.treatment(cast, plan, {"CUP": 20}, reason="to clear the shelf")

    assert steps.take(shop.staff(cast, "shu"), case.id, "submit").state == "submitted"


def test_below_the_margin_of_the_company_needs_a_reason(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    policies.change(shop.staff(cast, "dee"), least_margin, 50)
    case = promoting.treatment(cast, promoting.passed(cast), {"CUP": 50})

    with pytest.raises(Refused, match="margin"):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_a_line_lies_within_the_time_of_the_plan(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast, days=2)

    with pytest.raises(Mistyped, match="within"):
        promoting.treatment(cast, plan, {"CUP": 80}, ends_at=now.now() + timedelta(days=9))


def test_pro_08_nothing_is_applied_before_the_artwork_is_final(cast: Cast, settings) -> None:
    attachments.keep_in(settings.data)
    shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast, needs_artwork=True)
    case = promoting.agreed(cast, plan, {"CUP": 80})
    with pytest.raises(Refused, match="artwork"):
        steps.take(shop.staff(cast, "shu"), case.id, "apply")

    yao = shop.staff(cast, "yao")
    art = contents.create(FLOWS["artwork"], yao, artwork_content("Poster", "poster", plan), "a poster")
    with pytest.raises(Refused, match="Attach"):
        steps.take(yao, art.id, "submit")
    attachments.store("case", art.id, "paper", "poster.png", io.BytesIO(shop.picture()), yao)
    steps.take(yao, art.id, "submit")
    posts.cannot(yao, Case.get_by_id(art.id), "approve")
    steps.take(shop.staff(cast, "dee"), art.id, "approve")

    assert steps.take(shop.staff(cast, "shu"), case.id, "apply").state == "applied"


def test_the_director_cancels_a_plan_and_what_runs_comes_off_at_once(cast: Cast, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast)
    running, waiting = promoting.applied(cast, plan, {"CUP": 80}), promoting.agreed(cast, plan, {"CUP": 70})
    assert shown_price(product.id).price == 8000

    steps.take(shop.staff(cast, "dee"), plan.id, "cancel", note="recalled")

    assert shown_price(product.id).price == 10000
    assert [Case.get_by_id(each.id).state for each in (running, waiting)] == ["ended", "cancelled"]
    clock.forward(days=30)
    assert "0" in str(end_by_clock.work())


def test_an_applied_treatment_is_applied_once(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    case = promoting.agreed(cast, promoting.passed(cast), {"CUP": 80})
    steps.take(shop.staff(cast, "shu"), case.id, "apply", (case.state, case.version))

    with pytest.raises(Refused):
        steps.take(shop.staff(cast, "shu"), case.id, "apply", (case.state, case.version))

    assert SpecialPrice.select().count() == 1


def test_overlaps_are_named_while_planning(cast: Cast) -> None:
    product = shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast)
    first = promoting.applied(cast, plan, {"CUP": 80})

    found = overlaps([(product.id, now.now(), now.now() + timedelta(days=1))])

    assert [(each.case, each.fen) for each in found] == [(first.id, 8000)]
    assert overlaps([(product.id, now.now() + timedelta(days=30), now.now() + timedelta(days=31))]) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.tuples(st.integers(0, 40), st.integers(50, 100)), min_size=1, max_size=4),
    specials=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30), st.integers(20, 110), st.integers(0, 45)), max_size=5),
)
def test_at_every_instant_the_shown_price_is_the_rules_price(cast: Cast, prices: Any, specials: Any) -> None:
    """Against a plain model: the last price published, and the best of the promotions that run then."""
    product, start, shu = shop.draft(cast), now.now(), shop.staff(cast, "shu")
    with _undone():
        papers = iter([shop.proposal(cast, {"CUP": 5}) for _each in range(len(prices) + len(specials))])
        for hour, yuan in prices:
            Price.add(
                product=product, fen=Money(yuan * 100), from_at=start + timedelta(hours=hour), case=next(papers), by=shu,
                approved_by=shop.staff(cast, "dee"),
            )  # fmt: skip
        for hour, length, yuan, cancelled in specials:
            begins = start + timedelta(hours=hour)
            SpecialPrice.add(
                product=product, case=next(papers), fen=Money(yuan * 100), starts_at=begins,
                ends_at=begins + timedelta(hours=length), by=shu, at=start,
                cancelled_at=start + timedelta(hours=cancelled) if cancelled > hour else None,
            )  # fmt: skip

        for hour in range(-1, 75, 2):
            at = start + timedelta(hours=hour, minutes=30)
            assert shown_price(product.id, at).price == _model(prices, specials, hour + 0.5)


def _model(prices: Any, specials: Any, hour: float) -> int | None:
    published = [(at, n, yuan) for n, (at, yuan) in enumerate(prices) if at <= hour]
    if not published:
        return None
    own = max(published)[2]
    running = [
        yuan
        for at, length, yuan, cancelled in specials
        if at <= hour < at + length and not (cancelled > at and hour >= cancelled)
    ]
    return 100 * min([own, *running])


@contextmanager
def _undone() -> Iterator[None]:
    """What is written inside is gone afterwards."""
    with db.db.atomic() as written:
        yield
        written.rollback()


# ---- filings, customer service, pages -------------------------------------------------------------------------------


def test_pro_11_a_shop_below_the_bar_joins_no_official_campaign(cast: Cast) -> None:
    texts = {"mall": "Tmall", "subject": "11.11", "note": ""}
    with pytest.raises(Mistyped, match="after-sales"):
        file_with_mall(shop.staff(cast, "dee"), "campaign", texts, False, now.today())
    with pytest.raises(NotYours):
        file_with_mall(shop.staff(cast, "pan"), "campaign", texts, True, now.today())

    made = file_with_mall(shop.staff(cast, "dee"), "campaign", texts, True, now.today())

    assert answer(shop.staff(cast, "dee"), made.id, made.events, "granted", "").result == "granted"


def test_pro_12_customer_service_reads_the_summary_and_the_plan_of_support(cast: Cast, client) -> None:
    plan = promoting.passed(cast)
    client(shop.staff(cast, "pan")).post(
        f"/products/campaigns/{plan.id}/support",
        data={"text": "answer within an hour", "files": (io.BytesIO(shop.picture()), "plan.png")},
    )
    kept = SupportPlan.get()
    file = attachments.of("supportplan", kept.id)[0]
    ann = client(cast.ann)

    page = ann.get("/products/campaigns").text

    assert "cups are cheaper" in page and "answer within an hour" in page and ann.get(f"/files/{file.id}").status_code == 200
    assert ann.post(f"/products/campaigns/{plan.id}/support", data={"text": "no"}).status_code == 403


def test_a_promotion_runs_as_one_bar_through_each_week_of_the_calendar(cast: Cast, client, clock) -> None:
    clock.set("2026-03-02 09:00")
    promoting.passed(cast, now.now() + timedelta(days=4), days=5)  # from Friday until Wednesday

    page = client(shop.staff(cast, "pan")).get("/products/promotions/calendar?month=2026-03").text

    assert re.findall(r'class="run k-rose ([^"]*)"', page) == ["d5 n3 on", "d1 n3 before"]


def test_a_promotion_in_the_browser_from_the_plan_to_the_verified_old_price(cast: Cast, client, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    pan, dee, shu = (client(shop.staff(cast, user)) for user in ("pan", "dee", "shu"))
    typed = promoting.SAID | {
        "title": "Spring sale", "sort": "festival", "target": "both", "starts_at": "2026-03-02T10:00",
        "ends_at": "2026-03-04T10:00", "token": "a-token-of-a-plan", "version": "0", "do": "submit",
    }  # fmt: skip
    assert pan.post("/papers/new/promotion", data=typed).status_code == 303
    plan = Case.get(Case.kind == "promotion")
    _step(dee, plan, "approve")
    assert f"/papers/new/treatment?plan={plan.id}" in shu.get(f"/papers/{plan.id}").text
    treated = {
        "title": "Cups", "plan": str(plan.id), "lines-0-code": "CUP", "lines-0-fen": "80", "token": "a-token-of-a-treatment",
        "version": "0", "do": "submit",
    }  # fmt: skip
    assert shu.post("/papers/new/treatment", data=treated).status_code == 303
    case = Case.get(Case.kind == "treatment")
    _step(dee, case, "approve")
    _step(shu, case, "apply")
    clock.set("2026-03-02 11:00")
    assert shown_price(product.id).price == 8000
    pan = client(shop.staff(cast, "pan"))
    assert "Spring sale" in pan.get("/products/promotions/calendar?month=2026-03").text
    assert "Spring sale" in pan.get("/products/promotions").text

    clock.set("2026-03-04 10:00")
    end_by_clock.work()
    _step(client(shop.staff(cast, "shu")), case, "verify")

    assert Case.get_by_id(case.id).state == "closed" and shown_price(product.id).price == 10000


def _step(browser: Any, case: Case, name: str) -> None:
    case = Case.get_by_id(case.id)
    answer = browser.post(f"/papers/{case.id}/steps", data={"step": name, "state": case.state, "version": case.version})
    assert answer.status_code == 303, answer.text[-3000:]


def test_a_filing_is_written_down_and_answered_in_the_browser(cast: Cast, client) -> None:
    dee = client(shop.staff(cast, "dee"))
    typed = {"sort": "campaign", "mall": "Tmall", "subject": "11.11", "filed_on": date(2026, 1, 5).isoformat()}
    refused = dee.post("/products/filings/new", data=typed)
    assert refused.status_code == 422 and "after-sales" in refused.text

    assert dee.post("/products/filings/new", data=typed | {"after_sales_ok": "y"}).status_code == 303
    filing = Filing.get()
    dee.post(f"/products/filings/{filing.id}", data={"result": "granted", "events": str(filing.events)})

    assert "Granted" in dee.get("/products/filings").text
